"""When what happens at the scripted show."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from msgspec import Struct

from collector.model.event import Event
from collector.model.said import LogKind
from collector.simulator.event.crew import Crew
from collector.simulator.event.terms import ZONE, draft
from collector.simulator.faults import FaultKind
from collector.simulator.physics.genset import GensetSpec

MINUTE_S = 60.0
SPARE = GensetSpec(kva=80, tank_l=420, first_fuel_pct=88, first_hours=1312.4)
"""The set that comes from the yard."""
FAILS_ABOVE_PCT = 55.0
"""Charge of the battery at which the main stage's set fails: enough until another one is there."""


def _always(_crew: Crew) -> bool:
    return True


class Step(Struct, frozen=True, kw_only=True):
    """What happens at `at_ms` (UTC), or at the first tick from then on at which `when` is true.
    `act` gives it in words."""

    at_ms: int
    act: Callable[[Crew], Awaitable[str]]
    when: Callable[[Crew], bool] = _always


class Script(Struct, frozen=True, kw_only=True):
    """A show: collecting begins at `begin_ms`, the sun's hour being `hour` then. The steps are in
    order."""

    begin_ms: int
    hour: float
    steps: tuple[Step, ...]


def clocks_back(before: date) -> date:
    """The newest Sunday before that day on which clocks in the United States went back: the first
    of November (Energy Policy Act of 2005)."""
    for year in (before.year, before.year - 1):
        first = date(year, 11, 1)
        sunday = first + timedelta(days=(6 - first.weekday()) % 7)
        if sunday < before:
            return sunday
    raise AssertionError("a year has a November")


def weekend(sunday: date) -> Script:
    """Two show days with the night on which the clocks go back (`clocks_back`) between them."""
    saturday = sunday - timedelta(days=1)
    begin_ms = _at(saturday, "06:30")
    planned = draft(_at(saturday, "08:00"), _at(sunday, "22:00"))
    return Script(
        begin_ms=begin_ms,
        hour=6.5,
        steps=(
            *_first_day(saturday, planned),
            Step(at_ms=_at(saturday, "17:30"), act=_fail, when=_may_fail),
            Step(at_ms=_at(saturday, "17:31"), act=_swap, when=_failed_long_ago),
            *_first_night(saturday),
            *_second_day(sunday, begin_ms),
            *_last_evening(sunday),
        ),
    )


def _first_day(saturday: date, planned: Event) -> list[Step]:
    return _steps(
        saturday,
        ("07:00", Crew.commission),
        ("07:05", lambda crew: crew.create(planned)),
        ("07:55", partial(_dips, devices=("bess-1", "bess-2"))),
        ("08:00", Crew.start),
        ("08:00:12", lambda crew: crew.join("bess-1", "bess-2", "load-1")),
        ("09:00", lambda crew: crew.join("bess-3")),
        ("10:30:30", lambda crew: crew.join("bess-4")),
        ("11:20", lambda crew: crew.fault(FaultKind.GX_REBOOT, "bess-3", 75)),
        ("13:05", lambda crew: crew.fault(FaultKind.LINK_DOWN, "bess-4", 36 * MINUTE_S)),
        ("15:00", lambda crew: crew.fuel("bess-2", 110, "docket 20871")),
    )


def _first_night(saturday: date) -> list[Step]:
    return _steps(
        saturday,
        ("22:35", partial(_dips, devices=("bess-2",))),
        ("22:40:07", lambda crew: crew.leave("bess-2")),
        ("23:45", lambda crew: crew.leave("load-1")),
    )


def _second_day(sunday: date, turned_ms: int) -> list[Step]:
    """A CT has been turned since `turned_ms` (UTC)."""
    return _steps(
        sunday,
        ("06:40", lambda crew: crew.fuel("bess-1", 60, "docket 20884")),
        ("09:10", partial(_dips, devices=("bess-2",))),
        ("09:15", lambda crew: crew.join("bess-2")),
        ("09:40", lambda crew: crew.turn_back("load-1", turned_ms)),
        ("10:00", lambda crew: crew.join("load-1")),
        ("12:10", lambda crew: crew.fuel("bess-2", 45, "docket 20890")),
        ("14:00", _handover),
    )


def _last_evening(sunday: date) -> list[Step]:
    return _steps(
        sunday,
        ("17:30", lambda crew: crew.leave("bess-4")),
        ("21:50", partial(_dips, devices=("bess-1", "bess-2"))),
        ("21:52:40", lambda crew: crew.leave("load-1")),
        ("21:55:10", lambda crew: crew.leave("bess-1")),
        ("22:00:19", Crew.end),
    )


def _at(day: date, clock: str) -> int:
    """UTC ms of a time of the event's zone, as HH:MM or HH:MM:SS."""
    local = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(ZONE))
    return int(local.timestamp()) * 1000


def _steps(day: date, *said: tuple[str, Callable[[Crew], Awaitable[str]]]) -> list[Step]:
    return [Step(at_ms=_at(day, clock), act=act) for clock, act in said]


async def _handover(crew: Crew) -> str:
    said = "day shift to evening shift, all in order"
    return await crew.log(LogKind.HANDOVER, "", None, "", said)


async def _dips(crew: Crew, devices: tuple[str, ...]) -> str:
    return "; ".join([await crew.dip(device) for device in devices])


def _may_fail(crew: Crew) -> bool:
    """The set runs, and the battery carries the stage until another one is there."""
    charge = crew.spot("bess-1").plan.bess.battery.soc_pct
    return crew.genset("bess-1").ready and charge > FAILS_ABOVE_PCT


async def _fail(crew: Crew) -> str:
    crew.failed_ms = crew.node.now_ms()
    return await crew.fault(FaultKind.GENERATOR_FAILED, "bess-1")


def _failed_long_ago(crew: Crew) -> bool:
    return crew.failed_ms is not None and crew.node.now_ms() - crew.failed_ms > 95 * 60_000


async def _swap(crew: Crew) -> str:
    return await crew.swap("bess-1", "gen-1", SPARE, "G-204")
