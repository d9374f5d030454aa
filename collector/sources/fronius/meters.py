"""The smart meters beside an inverter: found, and each polled for itself.

The primary one is at unit 200 (GEN24 and its kin) or 240 (Datamanager), further ones behind it. A
gateway may show one meter under several unit ids: its serial number tells, and it is read once.
"""

import asyncio
from collections.abc import Iterator

from collector.errors import BadDevice, NotConnected, SourceError
from collector.model.kinds import AssetKind
from collector.sources.base import DeviceImage
from collector.sources.fronius.session import RETRY_S, Session
from collector.sources.fronius.station import Station

METER = "meter"
METER_UNIT = "meter_unit"
"""The pinned fact by which a smart meter stays the same device's, when several share a gateway;
those of further meters have their unit id behind it."""
METER_UNITS = (200, 240)
"""Unit id of the primary smart meter: GEN24 and its kin; Datamanager."""
METERS = {200: 8, 240: 4}
"""How many there can be from there on: Fronius' manuals of the smart meters allow seven secondary
ones beside a GEN24 and three beside a SnapINverter."""
MISSING = 2
"""So many unit ids without a meter in a row end the search."""
SEARCH_S = (60.0, 600.0)
SEARCH_MORE_S = 3600.0
FURTHER = (
    "A further smart meter: it is taken for one of a load, unless kind in registry.toml says what "
    "it measures."
)


def pinned_units(image: DeviceImage) -> Iterator[int]:
    """The units of the smart meters that were this device's before."""
    for unit in (unit for base, count in METERS.items() for unit in range(base, base + count)):
        if image.pinned(f"{METER_UNIT}_{unit}"):
            yield unit
    primary = image.pinned(METER_UNIT)
    if primary.isdecimal():
        yield int(primary)


class Meters:
    """The smart meters of one run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stations: dict[int, Station] = {}
        self._polls: dict[int, int] = {}

    async def forever(self) -> None:
        """Search, and poll what is found, until cancelled."""
        tasks: dict[int, asyncio.Task[None]] = {}
        pause = SEARCH_S[0]
        try:
            while True:
                for unit, task in list(tasks.items()):
                    if task.done():
                        task.result()
                        del tasks[unit]
                for station in await self._search():
                    tasks[station.unit.number] = asyncio.ensure_future(self._poll(station))
                    pause = SEARCH_S[0]
                if self._complete():
                    await asyncio.wait(
                        tasks.values(),
                        timeout=SEARCH_MORE_S,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                else:
                    await self._session.clock.sleep(pause)
                    pause = min(SEARCH_S[1], 2 * pause)
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)

    def powers_w(self) -> dict[str, float | None]:
        """What each said last, by its serial number."""
        return {s.unit.who.serial: s.power_w for s in self._stations.values() if s.heard}

    async def answers(self) -> bool:
        """Whether a smart meter answers now, this device's or another's, on the connection on
        which the inverter does not."""
        session = self._session
        known = list(self._stations.values())
        others = [unit for unit in METER_UNITS if unit != session.device.unit]
        for station in known or [session.station(METER, unit) for unit in others]:
            try:
                await session.open(station)
            except NotConnected:
                return False
            except SourceError:
                continue  # the caller raises what the inverter's silence was
            if station.unit.is_meter:
                return True
        return False

    def _complete(self) -> bool:
        """Whether the primary meter is read, and each one that was this device's before."""
        primary = any(station.role == METER for station in self._stations.values())
        before = set(pinned_units(self._session.image))
        return primary and before <= self._stations.keys()

    # -- finding -----------------------------------------------------------------------------

    async def _search(self) -> list[Station]:
        """Smart meters that are not polled yet."""
        found: list[Station] = []
        for base, count in METERS.items():
            missing = 0
            for unit in range(base, base + count):
                if unit in self._stations:
                    missing = 0
                    continue
                try:
                    station = await self._look(unit)
                except NotConnected:
                    return found
                missing = missing + 1 if station is None else 0
                if station is not None:
                    self._stations[unit] = station
                    found.append(station)
                if missing == MISSING:
                    break
        return found

    async def _look(self, unit: int) -> Station | None:
        """The smart meter at a unit; None where there is none, or one that is read already. Raises
        NotConnected."""
        session = self._session
        if unit == session.device.unit or not session.holds(unit):
            return None
        role = self._role(unit)
        station = session.station(role, unit)
        try:
            await session.open(station)
        except NotConnected:
            raise
        except SourceError:
            return None  # most sites have no meter, or at the other unit id
        if not station.unit.is_meter or not station.claims():
            return None
        if role != METER and not station.unit.who.serial:
            detail = f"{station.unit.where} has no serial number: it may be the first one again"
            session.image.drop("meter without serial", detail)
            return None
        return station

    def _role(self, unit: int) -> str:
        taken = any(station.role == METER for station in self._stations.values())
        return METER if unit in METER_UNITS and not taken else f"{METER}-{unit}"

    # -- polling -----------------------------------------------------------------------------

    async def _poll(self, station: Station) -> None:
        """Poll one smart meter until it shows that it is none, or another's."""
        session, role, unit = self._session, station.role, station.unit.number
        pause = RETRY_S[0]
        while True:
            before = self._polls.get(unit, 0)
            try:
                await session.poller(role).run(station.once, lambda: self._heard(station))
            except SourceError as error:
                session.image.drop(getattr(error, "reason", "meter"), str(error))
                if self._polls.get(unit):
                    session.image.present(role, False, str(error))
                station.silent()
                if isinstance(error, BadDevice):
                    del self._stations[unit]
                    return
            alive = self._polls.get(unit, 0) > before
            pause = RETRY_S[0] if alive else min(RETRY_S[1], 2 * pause)
            await session.clock.sleep(pause)

    def _heard(self, station: Station) -> None:
        session, unit = self._session, station.unit.number
        session.image.present(station.role, True)
        if not self._polls.get(unit):
            self._keep(station)
        self._polls[unit] = self._polls.get(unit, 0) + 1
        session.ready()

    def _keep(self, station: Station) -> None:
        """The meter is this device's from now on, though another on the gateway may look too."""
        session, unit = self._session, station.unit.number
        session.reserve(unit)
        if station.role == METER:
            session.image.pin(METER_UNIT, str(unit))
            return
        session.image.pin(f"{METER_UNIT}_{unit}", str(unit))
        taken_for_load = station.kind is AssetKind.LOAD
        session.image.note(station.role, "kind of meter", FURTHER if taken_for_load else "")
