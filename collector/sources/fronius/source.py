"""One Fronius device: an inverter (or a meter alone), and the smart meters beside it."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from collector.errors import NotConnected, SourceError
from collector.model.assets import Device
from collector.sources.base import DeviceImage
from collector.sources.fronius.meters import pinned_units
from collector.sources.fronius.night import SWITCHES_OFF, Night
from collector.sources.fronius.rest import Rest
from collector.sources.fronius.run import ModbusRun
from collector.sources.fronius.session import Session
from collector.sources.fronius.solar.beside import Beside
from collector.sources.fronius.solar.host import (
    LEAST_LIMIT_S,
    LIMIT_S,
    NoApi,
    SolarHost,
    SolarHosts,
)
from collector.sources.fronius.solar.means import Means
from collector.sources.fronius.solar.run import TOPIC, SolarRun
from collector.sources.fronius.sun import Where, nowhere
from collector.sources.fronius.writer import Complaints
from collector.sources.modbus.clock import SYSTEM, Clock
from collector.sources.modbus.errors import Asleep, NoAnswer
from collector.sources.modbus.gateway import Gateways
from collector.sources.modbus.poll import Pace

TIMEOUT_S = 3.0
"""A Datamanager asks over a serial ring; 5 s have been seen, under 1 s loses answers."""
FALL_BACK_S = 60.0
"""So long a device that was read by Modbus is waited for before its Solar API is read."""
BACK_S = 60.0
"""How often Modbus is tried while the Solar API is read."""


class FroniusSource:
    """Reads `device` through `gateways`, or where its Modbus is off by its Solar API (`hosts`; ADR
    32). `place` tells where it stands.

    An inverter that its gateway reaches no more, or that is silent while its meter answers, sleeps
    if it rested before or it is night (`fronius.rest`): then it is live with 0 W. Else it is gone,
    and tried slowly. When nothing answers, `run` raises.
    """

    def __init__(
        self,
        device: Device,
        gateways: Gateways,
        clock: Clock = SYSTEM,
        place: Where = nowhere,
        hosts: SolarHosts | None = None,
    ) -> None:
        self.device = device
        self.clock = clock
        self.place = place
        self.timeout_s = device.timeout_s or TIMEOUT_S
        self.limit_s = max(LEAST_LIMIT_S, device.timeout_s or LIMIT_S)
        self.rest = Rest()
        self.gateways = gateways
        self.hosts = hosts or SolarHosts()
        self._modbus_s: float | None = None
        """When Modbus told something useful last, on the steady clock."""
        self._told: Collection[str] = ()
        """What the inverter had values of."""
        gateways.reserve(device.host, device.port, device.unit, device.id)

    async def run(self, image: DeviceImage, ready: Callable[[], None]) -> None:
        """See `collector.sources.base.Source`."""
        device = self.device
        for unit in pinned_units(image):
            self.gateways.reserve(device.host, device.port, unit, device.id)
        while True:
            image.reset()
            try:
                await self._by_modbus(image, ready)
            except (NotConnected, NoAnswer) as error:
                await self._without_modbus(image, ready, error)

    async def _without_modbus(
        self, image: DeviceImage, ready: Callable[[], None], why: SourceError
    ) -> None:
        """Until Modbus is worth another try. Raises `why` where nothing else is known."""
        try:
            if not self._may_fall_back():
                raise why
            await self._by_solar_api(image, ready, why)
        except (NotConnected, NoAnswer):
            night = Night(self.device, image, self.rest, self.place, self.clock, self._told)
            if not night.believed():
                raise
            image.reset()
            image.note("", TOPIC, "")
            await first(night.forever(ready), self._modbus_back())

    # -- by Modbus ---------------------------------------------------------------------------

    async def _by_modbus(self, image: DeviceImage, ready: Callable[[], None]) -> None:
        """Until Modbus fails; never returns."""
        image.note("", TOPIC, "")
        image.note("", "asleep", "")
        known = asyncio.Event()

        def heard() -> None:
            self._modbus_s = self.clock.mono()
            if run.identified:
                known.set()
                self._learn(image, run)
            ready()

        device = self.device
        async with self.gateways.use(device.host, device.port, device.id) as gateway:
            session = Session(
                device=device,
                image=image,
                gateways=self.gateways,
                gateway=gateway,
                clock=self.clock,
                timeout_s=self.timeout_s,
                pace=Pace(image, device.interval_s, self.timeout_s),
                complaints=Complaints(image),
                ready=heard,
            )
            run = ModbusRun(session, self.rest, self.place)
            if device.solar_api == "off":
                await run.both()
                return
            async with self.hosts.use(device.host, device.solar_api_port) as api:
                beside = Beside(device, image, api, self.clock, self.limit_s, run.powers_w)
                check = device.solar_api == "check"
                await first(run.both(), beside.forever(known, check=check))

    def _learn(self, image: DeviceImage, run: ModbusRun) -> None:
        if run.switches_off:
            image.pin(SWITCHES_OFF, "yes")
        self._told = run.told

    # -- by the Solar API --------------------------------------------------------------------

    def _may_fall_back(self) -> bool:
        if self.device.solar_api == "off":
            return False
        return self._modbus_s is None or self.clock.mono() - self._modbus_s >= FALL_BACK_S

    async def _by_solar_api(
        self, image: DeviceImage, ready: Callable[[], None], why: SourceError
    ) -> None:
        """Until Modbus answers. Raises `why` when there is no Solar API."""
        device = self.device
        async with self.hosts.use(device.host, device.solar_api_port) as api:
            try:
                await api.version(self.limit_s)
            except NoApi as error:
                raise type(why)(f"{why} Nor does its Solar API help: {error}") from error
            image.reset()
            run = self._solar_run(image, api)
            self._told = run.told
            await first(run.forever(ready), self._modbus_back())

    def _solar_run(self, image: DeviceImage, api: SolarHost) -> SolarRun:
        return SolarRun(
            Means(
                device=self.device,
                image=image,
                gateways=self.gateways,
                api=api,
                clock=self.clock,
                limit_s=self.limit_s,
                rest=self.rest,
                place=self.place,
                complaints=Complaints(image),
            )
        )

    async def _modbus_back(self) -> None:
        """Returns once Modbus answers, be it that its inverter sleeps."""
        device = self.device
        async with self.gateways.use(device.host, device.port, device.id) as gateway:
            while True:
                await self.clock.sleep(BACK_S)
                try:
                    await gateway.read(device.unit, 40000, 2, timeout_s=self.timeout_s)
                except Asleep:
                    return
                except SourceError:
                    continue
                return


async def first(*works: Coroutine[Any, Any, None]) -> None:
    """Run all until one of them ends, or raises; the others are cancelled."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
