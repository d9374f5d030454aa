"""Direct PV offset: what the kWh of the sun took off a generator that would have made them.

Marginal fuel (DESIGN §10): litres = slope of the curve at the running point × kWh, only while a
generator would have run. The engine's no-load litres are not saved by a kWh more from the sun.

- A set ran in the minute: the running point is its own power, the slope that of the piece of its
  curve from there upwards (several sets share by the power that they gave). PV energy that was sent
  back to the grid is left out.
- None ran, no grid was there, and the baseline's sets would have run: their point at that load less
  the PV, for at most the load. What PV put into a battery beyond the load is left out: when that
  comes out again it may serve hours in which nothing would have run.
- A grid was there and no set ran: PV took the grid's place, no fuel.
"""

from collections.abc import Sequence
from math import fsum
from typing import NamedTuple

from reporting.fuel import slope_l_per_kwh
from reporting.measured.model import MINUTE_MS
from reporting.worth.baseline import Plan
from reporting.worth.facts import GENERATOR, GRID, HOUR_MS, LOAD, PV, Facts, RunningSet

RUNS_KW = 0.1
"""A set or a grid that gives less in a minute's mean is not there."""


METHOD = (
    "Each kWh of PV that took a generator's place, at the slope of the fuel curve where that "
    "generator ran, or the baseline's would have run."
)


class Offset(NamedTuple):
    """What PV did, unrounded. `hours` is how long PV alone carried the load while the baseline
    would have run; `unseen_h` how long PV was there and nobody knows what it took the place of."""

    pv_kwh: float
    ran_kwh: float
    ran_l: float
    baseline_kwh: float
    baseline_l: float
    hours: float
    grid_kwh: float
    unseen_h: float


class _Part(NamedTuple):
    """One minute: how PV's kWh counted."""

    where: str
    kwh: float
    litres: float
    alone: bool = False


def offset(facts: Facts, plan: Plan | None) -> Offset:
    """The offset of a time; without a plan only what sets that ran were spared."""
    total: list[float] = []
    parts: list[tuple[_Part, float]] = []
    for index, window in enumerate(facts.window_ms):
        pv = facts.kw(PV, index)
        if pv is None or pv <= 0 or not window:
            continue
        hours = window / HOUR_MS
        total.append(pv * hours)
        parts.append((_minute(facts, plan, index, pv, hours), hours))

    def of(where: str) -> tuple[float, float]:
        kwh = fsum(part.kwh for part, _ in parts if part.where == where)
        return kwh, fsum(part.litres for part, _ in parts if part.where == where)

    return Offset(
        fsum(total),
        *of("ran"),
        *of("baseline"),
        fsum(hours for part, hours in parts if part.alone),
        of("grid")[0],
        fsum(hours for part, hours in parts if part.where == "unseen"),
    )


def _minute(facts: Facts, plan: Plan | None, index: int, pv: float, hours: float) -> _Part:
    generator = facts.kw(GENERATOR, index)
    grid = facts.kw(GRID, index)
    if (GENERATOR in facts.flows and generator is None) or (GRID in facts.flows and grid is None):
        return _Part("unseen", 0.0, 0.0)
    used = max(0.0, pv + min(0.0, grid or 0.0))
    if generator is not None and generator >= RUNS_KW:
        slope = running_slope(facts.sets, index, facts.starts_ms[index])
        if slope is None:
            return _Part("unseen", 0.0, 0.0)
        return _Part("ran", used * hours, used * hours * slope)
    if grid is not None and abs(grid) >= RUNS_KW:
        return _Part("grid", used * hours, 0.0)
    load = facts.kw(LOAD, index)
    if load is None:
        return _Part("unseen", 0.0, 0.0)
    team = None if plan is None else plan.at(facts.starts_ms[index])
    if team is None:
        return _Part("none", 0.0, 0.0)
    served = min(max(0.0, load), team.rated_kw)
    kwh = min(used, served) * hours
    slope = team.slope(max(0.0, served - used))
    return _Part("baseline", kwh, kwh * slope, alone=0 < load <= used)


def running_slope(sets: Sequence[RunningSet], index: int, at_ms: int) -> float | None:
    """Litres of one kWh more from the sets that ran in a minute, by the power that each gave; None
    when the curve of one of them is not known."""
    there = [one for one in sets if one.from_ms < at_ms + MINUTE_MS and at_ms < one.to_ms]
    running = [(one, kw) for one in there if (kw := one.power.mean_kw(index)) and kw > 0]
    if not running or any(not one.curve for one, _ in running):
        return None
    total = fsum(kw for _, kw in running)
    return fsum(slope_l_per_kwh(one.curve, kw) * kw / total for one, kw in running)
