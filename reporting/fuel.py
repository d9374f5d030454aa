"""Litres from power: the fuel curve of a generator, where no meter and no log tells.

A curve is points (kW, litres an hour), rising in both; between two points it is a straight line.
It is an estimate of what an engine burns while it runs: an engine that stands burns nothing, so
whoever integrates a curve needs the running time, not the load alone (HOMER Pro 3.12, "fuel curve
intercept coefficient": F = F0 · rating + F1 · power while running, 0 when off).
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import fsum, inf, isfinite
from typing import NamedTuple

L_PER_US_GALLON = 3.785411784
"""By definition: 231 cubic inches of 2.54 cm."""
HOUR_MS = 3_600_000

Curve = tuple[tuple[float, float], ...]
"""Points (kW, litres an hour)."""

CHART_SOURCE = "Diesel Service & Supply type chart of diesel consumption, interpolated by size"

_LOADS = (0.25, 0.5, 0.75, 1.0)
_CHART: tuple[tuple[float, tuple[float, float, float, float]], ...] = (
    (20.0, (0.6, 0.9, 1.3, 1.6)),
    (60.0, (1.8, 2.9, 3.8, 4.8)),
    (100.0, (2.6, 4.1, 5.8, 7.4)),
    (200.0, (4.7, 7.7, 11.0, 14.4)),
    (500.0, (11.0, 18.5, 26.4, 35.7)),
    (1000.0, (21.6, 36.4, 52.1, 71.1)),
    (2000.0, (42.8, 72.2, 103.5, 141.9)),
)
"""Rated kW, and US gallons an hour at 25, 50, 75 and 100 % load: the chart of Diesel Service &
Supply as aagenpro.com, hardydiesel.com and bigrentz.com reprint it. Its rows of 30, 40 and 75 kW
are left out: by them these sets would burn more than the next larger one at the same load."""


class Running(NamedTuple):
    """A stretch of running: for how long, and the mean power over it in kW (None: not known)."""

    ms: int
    kw: float | None


def curve_fault(points: Sequence[tuple[float, float]]) -> str:
    """What is wrong with a curve that somebody entered, in words; empty when it can be used.

    Charts are reprinted with mistakes (one gives 162.1 L/h for 61.7): a curve that does not rise
    from each point to the next is refused as a whole, for nobody knows which point is wrong.
    """
    if len(points) < 2:
        return "a fuel curve needs two points at least"
    if not all(isfinite(kw) and isfinite(litres) for kw, litres in points):
        return "a point of the fuel curve is not a number"
    if points[0][0] < 0 or points[0][1] < 0:
        return "a fuel curve has no negative power and no negative litres"
    for (kw, litres), (next_kw, next_litres) in pairwise(points):
        if next_kw <= kw:
            return f"the fuel curve's powers do not rise: {next_kw:g} kW follows {kw:g} kW"
        if next_litres <= litres:
            return (
                f"the fuel curve does not rise: {litres:g} L/h at {kw:g} kW, but "
                f"{next_litres:g} L/h at {next_kw:g} kW"
            )
    return ""


def fuel_l_per_h(curve: Curve, kw: float) -> float:
    """Litres an hour of a *running* set at `kw` of power, by a sound curve (`curve_fault`).

    Below the first point and beyond the last, the nearest piece is drawn on: so a curve without
    a no-load point gives an estimate there, never below 0. A set that takes power back (`kw` < 0)
    burns what it burns at no load.
    """
    if kw < 0:
        kw = 0.0
    (x0, y0), (x1, y1) = _piece(curve, kw)
    if kw in (x0, x1):
        return y0 if kw == x0 else y1
    return max(0.0, y0 + (y1 - y0) / (x1 - x0) * (kw - x0))


def slope_l_per_kwh(curve: Curve, kw: float) -> float:
    """Marginal litres of one kWh more at `kw`: the slope of the curve's piece there, the upper one
    at a point of the curve, the last one beyond it."""
    (x0, y0), (x1, y1) = _piece(curve, max(kw, 0.0))
    return (y1 - y0) / (x1 - x0)


def fuel_l(curve: Curve, running: Sequence[Running]) -> float:
    """Litres of stretches of running: each at its own mean power, for a curve is no straight line.

    A stretch whose power is not known adds nothing; the caller says how long these were.
    """
    return fsum(
        fuel_l_per_h(curve, part.kw) * part.ms / HOUR_MS for part in running if part.kw is not None
    )


def default_curve(rated_kw: float) -> Curve:
    """The curve of a diesel set of which nothing but its rating (> 0 kW) is known: five points at
    0, 25, 50, 75 and 100 % load.

    Source: the Diesel Service & Supply type chart (`_CHART`). Between two sizes of the chart the
    litres an hour *per rated kW* are interpolated linearly; below 20 kW and above 2000 kW those of
    the end are kept. No load is the intercept of the least-squares line through the four points
    (HOMER's F0 · rating): an estimate, as the chart has no such column.

    Raises ValueError for a rating that is not above 0.
    """
    if not (isfinite(rated_kw) and rated_kw > 0):
        raise ValueError(f"no set has a rating of {rated_kw:g} kW")
    per_kw = _per_rated_kw(rated_kw)
    mean_load, mean = fsum(_LOADS) / 4, fsum(per_kw) / 4
    slope = fsum(
        (load - mean_load) * (litres - mean) for load, litres in zip(_LOADS, per_kw, strict=True)
    ) / fsum((load - mean_load) ** 2 for load in _LOADS)
    loads = (0.0, *_LOADS)
    litres = (mean - slope * mean_load, *per_kw)
    return tuple((rated_kw * x, rated_kw * y) for x, y in zip(loads, litres, strict=True))


def linear_curve(rated_kw: float, idle_l_per_h_per_kw: float, slope_l_per_kwh: float) -> Curve:
    """HOMER's straight line F = F0 · rating + F1 · power, as a curve of two points.

    Source: HOMER Pro 3.12, "fuel curve intercept coefficient"; its own example of 50 kW with
    F0 0.033 and F1 0.273 L/h/kW burns 8.48 L/h at 25 kW and 15.3 L/h at 50 kW.
    """
    idle = idle_l_per_h_per_kw * rated_kw
    return ((0.0, idle), (rated_kw, idle + slope_l_per_kwh * rated_kw))


def _piece(curve: Curve, kw: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """The two points between which `kw` lies; the nearest piece when it lies beyond the curve."""
    at = min(bisect_right(curve, (kw, inf), 1), len(curve) - 1)
    return curve[at - 1], curve[at]


def _per_rated_kw(rated_kw: float) -> tuple[float, ...]:
    """Litres an hour per rated kW at the chart's four loads, for a set of any size."""
    sizes = [size for size, _ in _CHART]
    if rated_kw <= sizes[0] or rated_kw >= sizes[-1]:
        size, gallons = _CHART[0] if rated_kw <= sizes[0] else _CHART[-1]
        return tuple(one * L_PER_US_GALLON / size for one in gallons)
    at = next(number for number, size in enumerate(sizes) if rated_kw < size)
    (small, low), (large, high) = _CHART[at - 1], _CHART[at]
    share = (rated_kw - small) / (large - small)
    return tuple(
        (a / small * (1 - share) + b / large * share) * L_PER_US_GALLON
        for a, b in zip(low, high, strict=True)
    )
