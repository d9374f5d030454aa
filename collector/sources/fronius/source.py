"""One Fronius device: an inverter (or a meter alone), and the smart meter beside it."""

import asyncio
from collections.abc import Callable

from collector.errors import NotConnected, SourceError
from collector.model.assets import Device
from collector.model.kinds import AssetKind
from collector.sources.base import DeviceImage
from collector.sources.fronius.station import Station
from collector.sources.fronius.unit import Unit
from collector.sources.modbus.clock import SYSTEM, Clock
from collector.sources.modbus.errors import Asleep, BadFrame, Busy, NoAnswer
from collector.sources.modbus.gateway import Gateway, Gateways
from collector.sources.modbus.poll import Poller, silence_limit_s

TIMEOUT_S = 3.0
"""A Datamanager asks over a serial ring; 5 s have been seen, under 1 s loses answers."""
METER = "meter"
METER_UNITS = (200, 240)
"""Unit id of the smart meter: GEN24 and its kin; Datamanager."""
SLEEP_S = 60.0
SEARCH_S = (60.0, 600.0)
RETRY_S = (5.0, 60.0)


class FroniusSource:
    """Reads `device` through `gateways`.

    An inverter that its gateway reaches no more, or that is silent while its meter answers, is
    asleep: shown so and tried slowly. When nothing answers, `run` raises.
    """

    def __init__(self, device: Device, gateways: Gateways, clock: Clock = SYSTEM) -> None:
        self._device = device
        self._gateways = gateways
        self._clock = clock
        self._timeout_s = device.timeout_s or TIMEOUT_S

    async def run(self, image: DeviceImage, ready: Callable[[], None]) -> None:
        """See `collector.sources.base.Source`."""
        image.reset()
        image.silence_limit(silence_limit_s(self._device.interval_s, self._timeout_s))
        async with self._gateways.use(
            self._device.host, self._device.port, self._device.id
        ) as gateway:
            run = _Run(self._device, image, ready, gateway, self._timeout_s, self._clock)
            await run.both()


class _Run:
    """One run of the source."""

    def __init__(
        self,
        device: Device,
        image: DeviceImage,
        ready: Callable[[], None],
        gateway: Gateway,
        timeout_s: float,
        clock: Clock,
    ) -> None:
        self._device = device
        self._image = image
        self._ready = ready
        self._gateway = gateway
        self._timeout_s = timeout_s
        self._clock = clock
        self._main = self._station("", device.unit)
        self._meter: Station | None = None
        self._meter_polls = 0
        self._admitted = asyncio.Event()
        """The main unit was identified, or is known to be asleep: the meter may be used."""

    async def both(self) -> None:
        """Main asset and meter, each for itself, until one of them cannot go on."""
        tasks = {
            asyncio.ensure_future(self._main_forever()),
            asyncio.ensure_future(self._meter_forever()),
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _station(self, role: str, unit: int) -> Station:
        asked = Unit(self._gateway.where, unit, self._timeout_s)
        return Station(self._image, self._device, role, self._gateway, asked, self._clock)

    async def _open(self, station: Station) -> None:
        async with self._gateway.turn() as turn:
            await station.unit.open(turn)

    def _poller(self, role: str) -> Poller:
        return Poller(
            self._image,
            role,
            interval_s=self._device.interval_s,
            timeout_s=self._timeout_s,
            clock=self._clock,
        )

    # -- the inverter ------------------------------------------------------------------------

    async def _main_forever(self) -> None:
        poller = self._poller("")
        while True:
            try:
                await poller.run(self._main.once, self._main_heard)
            except Asleep as error:
                reason = f"asleep: {error}"
            except NoAnswer as error:
                if not await self._meter_answers():
                    raise
                reason = f"asleep: it is silent and its meter answers. {error}"
            await self._sleep(reason)

    def _main_heard(self) -> None:
        self._ready()
        self._admitted.set()

    async def _sleep(self, reason: str) -> None:
        """Until the inverter answers again. Raises when its gateway or its meter is gone too."""
        self._image.declare("", self._device.asset_kind or AssetKind.PV)
        self._image.present("", False, reason)
        self._main.silent()
        self._admitted.set()
        self._ready()
        while True:
            await self._clock.sleep(SLEEP_S)
            try:
                await self._open(self._main)
            except Asleep:
                self._image.alive("")
            except (NoAnswer, BadFrame, Busy):
                if not await self._meter_answers():
                    raise
            else:
                self._image.present("", True)
                return

    # -- the smart meter ---------------------------------------------------------------------

    async def _meter_forever(self) -> None:
        await self._admitted.wait()
        if self._main.unit.is_meter:
            await asyncio.Event().wait()
        pause = RETRY_S[0]
        while True:
            station = await self._found()
            before = self._meter_polls
            try:
                await self._poller(METER).run(station.once, self._on_meter)
            except SourceError as error:
                self._image.drop(getattr(error, "reason", "meter"), str(error))
                if self._meter_polls:
                    self._image.present(METER, False, str(error))
                station.silent()
            pause = RETRY_S[0] if self._meter_polls > before else min(RETRY_S[1], 2 * pause)
            await self._clock.sleep(pause)

    def _on_meter(self) -> None:
        self._image.present(METER, True)
        self._meter_polls += 1
        self._ready()

    async def _found(self) -> Station:
        """The station of the smart meter, searched until there is one."""
        pause = SEARCH_S[0]
        while self._meter is None:
            self._meter = await self._search()
            if self._meter is None:
                await self._clock.sleep(pause)
                pause = min(SEARCH_S[1], 2 * pause)
        return self._meter

    async def _search(self) -> Station | None:
        for number in METER_UNITS:
            if number == self._device.unit:
                continue
            station = self._station(METER, number)
            try:
                await self._open(station)
            except NotConnected:
                return None
            except SourceError:
                continue  # most sites have no meter, or at the other unit id
            if station.unit.is_meter:
                return station
        return None

    async def _meter_answers(self) -> bool:
        """Whether the smart meter answers now, on the connection on which the inverter does not."""
        if self._meter is None:
            return await self._search() is not None
        try:
            await self._open(self._meter)
        except SourceError:
            return False  # the caller raises what the inverter's silence was
        return True
