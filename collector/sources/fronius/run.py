"""One run with a Fronius device over Modbus: its inverter (or a meter alone), and its meters."""

import asyncio
from collections.abc import Collection, Mapping
from types import MappingProxyType

from collector.errors import SourceError
from collector.model.kinds import AssetKind
from collector.sources.fronius.events import is_gen24
from collector.sources.fronius.meters import Meters
from collector.sources.fronius.rest import Rest
from collector.sources.fronius.session import RETRY_S, Session
from collector.sources.fronius.station import NoValues
from collector.sources.fronius.sun import Where, elevation_deg
from collector.sources.modbus.errors import Asleep, NoAnswer
from collector.sources.modbus.poll import FATAL

LAST_INVERTER = 100
"""Unit ids up to it are inverters, above it string controls and meters."""
OUT_OF_RING = 11
"""The Modbus exception by which a Datamanager says that an inverter is switched off or away."""

_WORD: Mapping[type[SourceError], str] = MappingProxyType({
    Asleep: "by its gateway's word it is switched off (Modbus exception 11).",
    NoValues: "its gateway has no values of it.",
})  # fmt: skip


class ModbusRun:
    """One run. What is known of the inverter's `rest` outlives it; `place` tells where it
    stands."""

    def __init__(self, session: Session, rest: Rest, place: Where) -> None:
        self._session = session
        self._device = session.device
        self._clock = session.clock
        self._image = session.image
        self._gateway = session.gateway
        self._rest = rest
        self._place = place
        self._main = session.station("", session.device.unit)
        self._meters = Meters(session)
        self._told = ""
        self._dozing = False
        """The inverter sleeps in silence: it lives as long as its gateway answers others."""
        self._admitted = asyncio.Event()
        """The main unit was identified, or is known to be asleep: its meters may be used."""

    async def both(self) -> None:
        """Main asset and meters, each for itself, until one of them cannot go on."""
        tasks = {
            asyncio.ensure_future(self._main_forever()),
            asyncio.ensure_future(self._meters_forever()),
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

    @property
    def identified(self) -> bool:
        """Whether the main unit has said who it is, and something that is used."""
        return self._main.heard

    @property
    def told(self) -> Collection[str]:
        """The keys that the main unit had values of."""
        return self._main.told

    @property
    def switches_off(self) -> bool:
        """Whether the main unit is an inverter that goes off the network at night with its
        Datamanager, unless that is set to night mode: every one before the GEN24 that has no
        battery."""
        main = self._main
        return not (main.unit.is_meter or main.hybrid or is_gen24(main.unit.who.model))

    def powers_w(self) -> dict[str, float | None]:
        """What each unit said last, by its serial number, and the main one under ""; empty before
        anything was said."""
        said = self._meters.powers_w()
        if self._main.heard:
            said[""] = self._main.power_w
        return said

    async def _meters_forever(self) -> None:
        await self._admitted.wait()
        if self._main.unit.is_meter:
            await asyncio.Event().wait()
        await self._meters.forever()

    async def _main_forever(self) -> None:
        poller = self._session.poller("")
        while True:
            try:
                await poller.run(self._main_once, self._main_heard)
            except FATAL:
                raise
            except SourceError as error:
                if not isinstance(error, Asleep) and not await self._meters.answers():
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
                self._rest.heard(self._clock.mono(), resting=self._main.resting)
            self._dozing = False
            self._image.present("", True)
            self._tell("")
        return good

    def _main_heard(self) -> None:
        self._session.ready()
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
        place = self._place()
        sun = None if place is None else elevation_deg(self._clock.wall(), place)
        return self._rest.believed(self._clock.mono(), sun)

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
                await self._session.open(self._main)
            except FATAL:
                raise
            except Asleep as again:
                error = again
            except SourceError as again:
                if not await self._meters.answers():
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
