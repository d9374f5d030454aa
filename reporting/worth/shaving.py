"""Peak shaving: the greatest demand on the grid with the battery and without it.

Demand windows as everywhere (clock-aligned in the event's zone, valid from 80 % good time on); both
series are of the same minutes, so that a gap takes the same windows from both. The demand charge is
the tariff's price of a kW of the highest demand of the time; energy is not part of it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from reporting.figures.clock import LocalClock
from reporting.figures.column import Column
from reporting.figures.demand import Window, greatest, windows
from reporting.measured.model import MINUTE_MS
from reporting.worth.facts import GRID, Facts
from reporting.worth.without import grid_without

PER_KW = 10_000
METHOD = (
    "The highest demand window on the grid with the battery, against the same windows without it."
)


class Shaved(NamedTuple):
    """The greatest window with and without the battery, in kW (never below 0)."""

    with_kw: float
    with_ms: int
    without_kw: float
    without_ms: int


def shave(facts: Facts) -> Shaved | None:
    """The comparison; None when no demand window has both."""
    without, _ = grid_without(facts)
    clock = LocalClock(facts.event.timezone, facts.from_ms, facts.to_ms)
    length = facts.event.terms.demand_window_min * MINUTE_MS
    seen = [index for index, kw in enumerate(without) if kw is not None]
    real = [facts.kw(GRID, index) or 0.0 for index in seen]
    other = [without[index] or 0.0 for index in seen]
    found = [
        greatest(windows(_column(facts, seen, values), clock, length)) for values in (real, other)
    ]
    ours, theirs = found
    if ours is None or theirs is None:
        return None
    return Shaved(_kw(ours), ours.from_ms, _kw(theirs), theirs.from_ms)


def _kw(window: Window) -> float:
    return max(0.0, window.mean / PER_KW)


def _column(facts: Facts, seen: Sequence[int], values: Sequence[float]) -> Column:
    """Minutes as demand windows take them: good for as long as the grid was."""
    good = [facts.flows[GRID].good_ms[index] for index in seen]
    starts = [facts.starts_ms[index] for index in seen]
    quanta = [round(kw * PER_KW) for kw in values]
    return Column(
        from_ms=[max(start, facts.from_ms) for start in starts],
        to_ms=[min(start + MINUTE_MS, facts.to_ms) for start in starts],
        good_ms=good,
        integral=[one * ms for one, ms in zip(quanta, good, strict=True)],
        least=quanta,
        greatest=quanta,
    )
