"""Time-shifting: energy taken from the grid at one time and used at another, and what that saved.

For each minute the import without the battery (`reporting.worth.without`) and the import with it,
each at the minute's price. What was charged counts with its losses, for it was imported. *Stored*
settles what the battery brought along or took away:

- It ends with D kWh less: D of the kWh that it kept from being imported were not bought in this
  time. They count at the mean price of those kWh: a battery that arrives full, charges nothing and
  leaves empty saves nothing.
- It ends with more: D kWh at the mean price of what was imported for it, never more than that cost.
"""

from collections.abc import Sequence
from math import fsum
from typing import NamedTuple

from reporting.worth.facts import GRID, HOUR_MS, Facts
from reporting.worth.prices import Prices
from reporting.worth.without import grid_without

METHOD = (
    "Import with and without the battery, each minute at its price; less what the battery had "
    "brought along, at the mean price of what it replaced."
)


class Band(NamedTuple):
    """Import in one band, kWh."""

    number: int | None
    with_kwh: float
    without_kwh: float


class Shift(NamedTuple):
    """The comparison, unrounded. Costs are None where a price is missing. `seen_h`: how long all
    that it takes was seen."""

    bands: Sequence[Band]
    with_kwh: float
    without_kwh: float
    with_cost: float | None
    without_cost: float | None
    stored_cost: float | None
    moved_kwh: float | None
    seen_h: float


class _Minute(NamedTuple):
    band: int | None
    price: float | None
    with_kwh: float
    without_kwh: float
    hours: float


def shift(facts: Facts, prices: Prices) -> Shift | None:
    """The comparison; None when what the grid would have given cannot be told."""
    without, _ = grid_without(facts)
    if not any(kw is not None for kw in without):
        return None
    minutes = list(_minutes(facts, prices, without))
    bands = _by_band(minutes)
    priced = all(m.price is not None for m in minutes if m.with_kwh or m.without_kwh)
    drawn = facts.drawn_kwh()
    down, down_cost = _sum(minutes, -1)
    up, up_cost = _sum(minutes, +1)
    stored_cost, kept = None, None
    if drawn is not None:
        part = 0.0 if drawn <= 0 else 1.0 if drawn >= down else drawn / down
        kept = 1.0 - part
        stored_cost = part * down_cost if drawn >= 0 else -min(1.0, _of(-drawn, up)) * up_cost
    moved = fsum(max(0.0, band.without_kwh - band.with_kwh) for band in bands)
    return Shift(
        bands=bands,
        with_kwh=fsum(m.with_kwh for m in minutes),
        without_kwh=fsum(m.without_kwh for m in minutes),
        with_cost=fsum((m.price or 0.0) * m.with_kwh for m in minutes) if priced else None,
        without_cost=fsum((m.price or 0.0) * m.without_kwh for m in minutes) if priced else None,
        stored_cost=stored_cost if priced else None,
        moved_kwh=None if kept is None else moved * kept,
        seen_h=fsum(m.hours for m in minutes),
    )


def _minutes(facts: Facts, prices: Prices, without: Sequence[float | None]) -> Sequence[_Minute]:
    found = []
    for index, kw in enumerate(without):
        grid = facts.kw(GRID, index)
        window = facts.window_ms[index]
        if kw is None or grid is None or not window:
            continue
        band = prices.bands.at(facts.starts_ms[index])
        hours = window / HOUR_MS
        found.append(
            _Minute(band, prices.of(band), max(0.0, grid) * hours, max(0.0, kw) * hours, hours)
        )
    return found


def _by_band(minutes: Sequence[_Minute]) -> list[Band]:
    numbers = sorted({m.band for m in minutes}, key=lambda n: (n is None, n or 0))
    return [
        Band(
            number,
            fsum(m.with_kwh for m in minutes if m.band == number),
            fsum(m.without_kwh for m in minutes if m.band == number),
        )
        for number in numbers
    ]


def _sum(minutes: Sequence[_Minute], sign: int) -> tuple[float, float]:
    """kWh and money of the minutes in which the import was greater (+1) or smaller (−1)."""
    some = [(sign * (m.with_kwh - m.without_kwh), m.price or 0.0) for m in minutes]
    kwh = fsum(more for more, _ in some if more > 0)
    return kwh, fsum(more * price for more, price in some if more > 0)


def _of(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0
