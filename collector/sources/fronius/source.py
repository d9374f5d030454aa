"""One Fronius device: an inverter (or a meter alone), and the smart meter beside it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from collector.errors import BadDevice, NotConnected, SourceError
from collector.model.assets import Device
from collector.model.kinds import AssetKind
from collector.sources.base import DeviceImage
from collector.sources.fronius.rest import Rest
from collector.sources.fronius.station import NoValues, Station
from collector.sources.fronius.sun import Place, elevation_deg
from collector.sources.fronius.unit import Unit
from collector.sources.modbus.clock import SYSTEM, Clock
from collector.sources.modbus.errors import Asleep, NoAnswer
from collector.sources.modbus.gateway import Gateway, Gateways
from collector.sources.modbus.poll import FATAL, Pace, Poller

TIMEOUT_S = 3.0
"""A Datamanager asks over a serial ring; 5 s have been seen, under 1 s loses answers."""
METER = "meter"
METER_UNIT = "meter_unit"
"""The pinned fact by which a smart meter stays the same device's, when several share a gateway."""
METER_UNITS = (200, 240)
"""Unit id of the smart meter: GEN24 and its kin; Datamanager."""
LAST_INVERTER = 100
"""Unit ids up to it are inverters, above it string controls and meters."""
OUT_OF_RING = 11
"""The Modbus exception by which a Datamanager says that an inverter is switched off or away."""
SEARCH_S = (60.0, 600.0)
RETRY_S = (5.0, 60.0)


_WORD: Mapping[type[SourceError], str] = MappingProxyType({
    Asleep: "by its gateway's word it is switched off (Modbus exception 11).",
    NoValues: "its gateway has no values of it.",
})  # fmt: skip


class FroniusSource:
    """Reads `device` through `gateways`. `place` is where it stands, None when not known.

    An inverter that its gateway reaches no more, or that is silent while its meter answers, sleeps
    if it rested before or it is night (`fronius.rest`): then it is live with 0 W. Else it is gone,
    and tried slowly. When nothing answers, `run` raises.
    """

    def __init__(
        self,
        device: Device,
        gateways: Gateways,
        clock: Clock = SYSTEM,
        place: Place | None = None,
    ) -> None:
        self.device = device
        self.clock = clock
        self.place = place
        self.timeout_s = device.timeout_s or TIMEOUT_S
        self.rest = Rest()
        self.gateways = gateways
        gateways.reserve(device.host, device.port, device.unit, device.id)

    async def run(self, image: DeviceImage, ready: Callable[[], None]) -> None:
        """See `collector.sources.base.Source`."""
        image.reset()
        device = self.device
        pinned = image.pinned(METER_UNIT)
        if pinned.isdecimal():
            self.gateways.reserve(device.host, device.port, int(pinned), device.id)
        async with self.gateways.use(device.host, device.port, device.id) as gateway:
            await _Run(self, image, ready, gateway).both()


class _Run:
    """One run of the source."""

    def __init__(
        self,
        source: FroniusSource,
        image: DeviceImage,
        ready: Callable[[], None],
        gateway: Gateway,
    ) -> None:
        self._source = source
        self._device = source.device
        self._clock = source.clock
        self._timeout_s = source.timeout_s
        self._image = image
        self._ready = ready
        self._gateway = gateway
        self._pace = Pace(image, self._device.interval_s, self._timeout_s)
        self._main = self._station("", self._device.unit)
        self._told = ""
        self._dozing = False
        """The inverter sleeps in silence: it lives as long as its gateway answers others."""
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
            self._tell("")

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
            pace=self._pace,
            clock=self._clock,
        )

    # -- the inverter ------------------------------------------------------------------------

    async def _main_forever(self) -> None:
        poller = self._poller("")
        while True:
            try:
                await poller.run(self._main_once, self._main_heard)
            except FATAL:
                raise
            except SourceError as error:
                if not isinstance(error, Asleep) and not await self._meter_answers():
                    raise
                await self._out_of_reach(error)

    async def _main_once(self) -> bool:
        try:
            good = await self._main.once()
        except (Asleep, NoValues) as error:
            if self._sleeps(error):
                self._sleep(_WORD[type(error)])
                return True
            if isinstance(error, Asleep):
                raise
            self._image.drop(error.reason, str(error))
            return False
        if good:
            if not self._main.unit.is_meter:
                self._source.rest.heard(self._clock.mono(), resting=self._main.resting)
            self._dozing = False
            self._image.present("", True)
            self._tell("")
        return good

    def _main_heard(self) -> None:
        self._ready()
        self._admitted.set()

    def _sleeps(self, error: SourceError) -> bool:
        """Whether `error`, which came instead of the inverter's values, means that it sleeps."""
        if self._main.unit.is_meter or self._device.unit > LAST_INVERTER:
            return False
        if self._device.asset_kind not in (None, AssetKind.PV):
            return False
        if isinstance(error, Asleep) and error.code != OUT_OF_RING:
            return False
        if not isinstance(error, Asleep | NoAnswer | NoValues):
            return False
        place = self._source.place
        sun = None if place is None else elevation_deg(self._clock.wall(), place)
        return self._source.rest.believed(self._clock.mono(), sun)

    def _sleep(self, why: str) -> None:
        self._main.asleep()
        self._image.present("", True)
        self._tell(f"Asleep, 0 W: {why}")

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._image.note("", "asleep", text)

    async def _out_of_reach(self, error: SourceError) -> None:
        """Until the inverter answers again, or sleeps by its gateway's word. Raises when its
        gateway or its meter is gone too."""
        pause = RETRY_S[0]
        while not (isinstance(error, Asleep) and self._sleeps(error)):
            self._away(error)
            self._main_heard()
            await self._wait(pause)
            pause = min(RETRY_S[1], 2 * pause)
            try:
                await self._open(self._main)
            except FATAL:
                raise
            except Asleep as again:
                error = again
            except SourceError as again:
                if not await self._meter_answers():
                    raise
                error = again
            else:
                break
        self._dozing = False

    async def _wait(self, seconds: float) -> None:
        """Let the time pass; meanwhile answers from its gateway show that a silent sleeper is
        still reached."""
        until = self._clock.mono() + seconds
        while (left := until - self._clock.mono()) > 0:
            answers = self._gateway.answers
            await self._clock.sleep(min(left, self._device.interval_s))
            if self._dozing and self._gateway.answers != answers:
                self._image.alive("")

    def _away(self, error: SourceError) -> None:
        """A silent inverter beside a meter that answers sleeps, or is gone; one that was cut off
        while it delivered is gone."""
        self._dozing = isinstance(error, NoAnswer) and self._sleeps(error)
        if self._dozing:
            self._sleep("silent since it rested or since dark, while its gateway answers others.")
            return
        self._image.declare("", self._device.asset_kind or AssetKind.PV)
        self._main.silent()
        self._tell("")
        self._image.present("", False, f"out of reach: {error}")

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
                if isinstance(error, BadDevice):
                    self._meter = None
                if self._meter_polls:
                    self._image.present(METER, False, str(error))
                station.silent()
            pause = RETRY_S[0] if self._meter_polls > before else min(RETRY_S[1], 2 * pause)
            await self._clock.sleep(pause)

    def _on_meter(self) -> None:
        self._image.present(METER, True)
        if not self._meter_polls and self._meter is not None:
            self._keep(self._meter.unit.number)
        self._meter_polls += 1
        self._ready()

    def _keep(self, unit: int) -> None:
        """The meter is this device's from now on, though another on the gateway may look too."""
        device = self._device
        self._source.gateways.reserve(device.host, device.port, unit, device.id)
        self._image.pin(METER_UNIT, str(unit))

    async def _found(self) -> Station:
        """The station of the smart meter, searched until there is one."""
        pause = SEARCH_S[0]
        while self._meter is None:
            self._meter = await self._search(self._free_units())
            if self._meter is None:
                await self._clock.sleep(pause)
                pause = min(SEARCH_S[1], 2 * pause)
        return self._meter

    def _free_units(self) -> list[int]:
        """Where this device's meter may be: no unit that another one reads."""
        device, gateways = self._device, self._source.gateways
        return [
            number
            for number in METER_UNITS
            if number != device.unit
            and gateways.holder(device.host, device.port, number) in ("", device.id)
        ]

    async def _search(self, units: Iterable[int]) -> Station | None:
        for number in units:
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
        """Whether the smart meter answers now, this device's or another's, on the connection on
        which the inverter does not."""
        if self._meter is None:
            return await self._search(set(METER_UNITS) - {self._device.unit}) is not None
        try:
            await self._open(self._meter)
        except SourceError:
            return False  # the caller raises what the inverter's silence was
        return True
