"""What would have served the load without us: sets and their hours, minute by minute.

Entered before the start. Where nobody did, one set is assumed that is sized by the rule of the
trade, 1.25 × the peak of the minute means, and runs all hours (reports.md §5.4.6). Sets that run
together share the load in proportion to their ratings, as sets in parallel with equal droop do;
what exceeds their ratings they do not serve.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import compress
from math import ceil, fsum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from collector.model.terms import BaselineSet
from reporting.fuel import Curve, curve_fault, default_curve, fuel_l_per_h, slope_l_per_kwh
from reporting.worth.facts import HOUR_MS, LOAD, Facts, means_kw
from reporting.worth.hours import Span, daily

OVERSIZE = 1.25


class Unit(NamedTuple):
    """One or more equal sets."""

    name: str
    rated_kw: float
    sets: int
    curve: Curve


class Team(NamedTuple):
    """The sets that run at one time, and their ratings together."""

    units: Sequence[Unit]
    rated_kw: float
    engines: int

    def l_per_h(self, kw: float) -> float:
        """Litres an hour at a load that they share by rating (at most all of it)."""
        part = min(1.0, max(0.0, kw) / self.rated_kw)
        return fsum(u.sets * fuel_l_per_h(u.curve, part * u.rated_kw) for u in self.units)

    def slope(self, kw: float) -> float:
        """Litres of one kWh more at a load: each set's slope, weighted by its share of the load."""
        part = min(1.0, max(0.0, kw) / self.rated_kw)
        return fsum(
            u.sets * u.rated_kw / self.rated_kw * slope_l_per_kwh(u.curve, part * u.rated_kw)
            for u in self.units
        )


class Plan(Struct, frozen=True, kw_only=True):
    """A baseline: who runs when. `teams` begin at `starts_ms` (None: nobody runs); `default` says
    that nobody entered one. `text` is the whole of it in words, `faults` what could not be used."""

    starts_ms: Sequence[int]
    teams: Sequence[Team | None]
    default: bool
    text: str
    faults: tuple[str, ...] = ()

    def at(self, at_ms: int) -> Team | None:
        """Who runs in the minute that begins then: hours of a baseline begin with a minute."""
        return self.teams[max(0, bisect_right(self.starts_ms, at_ms) - 1)]


class Served(Struct, frozen=True, kw_only=True):
    """What a baseline does with a load. `hours` are of all engines together; `unseen_h` is how long
    nobody knows the load, not even from a counter: these hours are in no figure here."""

    hours: float
    litres: float
    served_kwh: float
    unserved_kwh: float
    seen_h: float
    gap_h: float
    unseen_h: float


def plan(facts: Facts) -> Plan | None:
    """The baseline of an event or system; None when nobody entered one and there is no load that
    one could be sized by."""
    units, faults = _units(facts.baseline.sets)
    if not units:
        return _default(facts, faults)
    zone = ZoneInfo(facts.event.timezone)
    window = Span(facts.from_ms, facts.to_ms)
    spans = [(unit, daily(zone, window, (one.start, one.end))) for unit, one in units]
    marks = {facts.from_ms} | {at for _, some in spans for span in some for at in span}
    starts = sorted(marks)
    teams = [
        _team([u for u, some in spans if any(s.from_ms <= at < s.to_ms for s in some)])
        for at in starts
    ]
    text = "; ".join(_words(unit, one) for unit, one in units)
    if facts.baseline.note:
        text += f" ({facts.baseline.note})"
    return Plan(starts_ms=starts, teams=teams, default=False, text=text, faults=faults)


def serve(facts: Facts, plan: Plan) -> Served:
    """The baseline under the load that was measured, minute by minute through the curves.

    A minute runs as long as it lies in the time, at the mean of what was seen of it. In minutes of
    which nothing was seen, the load is the mean that the counters rose in all of these together:
    as curves bend upwards, that counts rather too little fuel than too much.
    """
    hours: list[float] = []
    litres: list[float] = []
    served: list[float] = []
    unserved: list[float] = []
    load = _load(facts)
    dark = (kw is None for kw in load)
    dark_h = sum(compress(facts.window_ms, dark)) / HOUR_MS
    gap_kwh = facts.gap_load_kwh()
    gap_kw = gap_kwh / dark_h if dark_h and gap_kwh > 0 else None
    for start, window, seen in zip(facts.starts_ms, facts.window_ms, load, strict=True):
        kw = gap_kw if seen is None else max(0.0, seen)
        if kw is None or not window:
            continue
        team, part_h = plan.at(start), window / HOUR_MS
        if team is None:
            unserved.append(kw * part_h)
            continue
        hours.append(team.engines * part_h)
        litres.append(team.l_per_h(kw) * part_h)
        served.append(min(kw, team.rated_kw) * part_h)
        unserved.append(max(0.0, kw - team.rated_kw) * part_h)
    total_h = sum(facts.window_ms) / HOUR_MS
    return Served(
        hours=fsum(hours),
        litres=fsum(litres),
        served_kwh=fsum(served),
        unserved_kwh=fsum(unserved),
        seen_h=total_h - dark_h,
        gap_h=dark_h if gap_kw is not None else 0.0,
        unseen_h=0.0 if gap_kw is not None else dark_h,
    )


def _units(
    sets: Sequence[BaselineSet],
) -> tuple[list[tuple[Unit, BaselineSet]], tuple[str, ...]]:
    """The sets that can be used, and what is wrong with the others."""
    found, faults = [], []
    for one in sets:
        if not (0 < one.rated_kw < 1e6) or one.count < 1:
            faults.append(f"{one.name}: no set has a rating of {one.rated_kw:g} kW × {one.count}")
            continue
        curve = one.fuel_curve or default_curve(one.rated_kw)
        if fault := curve_fault(curve):
            faults.append(f"{one.name}: {fault}; the usual curve of its size stands in for it")
            curve = default_curve(one.rated_kw)
        found.append((Unit(one.name, one.rated_kw, one.count, curve), one))
    return found, tuple(faults)


def _team(units: Sequence[Unit]) -> Team | None:
    if not units:
        return None
    return Team(units, fsum(u.sets * u.rated_kw for u in units), sum(u.sets for u in units))


def _words(unit: Unit, one: BaselineSet) -> str:
    count = f"{unit.sets} × " if unit.sets > 1 else ""
    name = f"{one.name}: " if one.name else ""
    all_day = one.start == "00:00" and one.end == "24:00"
    when = "all hours" if all_day else f"{one.start} to {one.end} each day"
    curve = "its own curve" if one.fuel_curve else "the usual curve of its size"
    return f"{name}{count}{unit.rated_kw:g} kW, {when}, {curve}"


def _load(facts: Facts) -> Sequence[float | None]:
    """The mean of the load in each minute; None where it was not seen."""
    flow = facts.flows.get(LOAD)
    return [None] * len(facts.starts_ms) if flow is None else means_kw(flow)


def _default(facts: Facts, faults: tuple[str, ...]) -> Plan | None:
    peak = max((kw for kw in _load(facts) if kw is not None), default=0.0)
    if peak <= 0:
        return None
    rated = float(ceil(round(OVERSIZE * peak, 6)))
    unit = Unit("", rated, 1, default_curve(rated))
    return Plan(
        starts_ms=[facts.from_ms],
        teams=[_team([unit])],
        default=True,
        text=(
            f"No baseline was entered. Assumed: one diesel set of {rated:g} kW (1.25 × the highest "
            f"minute of {peak:.1f} kW, to the next kW), running all hours, with the usual curve of "
            "its size"
        ),
        faults=faults,
    )
