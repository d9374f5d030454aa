"""A set's litres, by what is to be trusted most: log, tank sensor, curve.

Order of trust (DESIGN §10; reports.md §5.2): what was delivered and dipped, then what was metered,
then a curve. The others stand beside it as a cross-check.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress, pairwise
from math import fsum, sqrt
from statistics import median
from typing import NamedTuple

from collector.model.report.generator import FuelMethod
from collector.model.rollup import Rollup
from collector.model.rollup_keys import BY_KEY
from collector.model.said import LogEntry, LogKind
from collector.model.terms import FuelTerms
from reporting.figures.clock import HOUR_MS
from reporting.figures.column import column_of, together
from reporting.figures.running import Run
from reporting.fuel import (
    Curve,
    Running,
    curve_fault,
    default_curve,
    fuel_l,
    fuel_l_per_h,
    linear_curve,
)
from reporting.measured.rows import as_rows

REMAINING, LEVEL = "fuel_remaining_l", "fuel_level_pct"
PER_L, PER_PCT = BY_KEY[REMAINING].scale, BY_KEY[LEVEL].scale
UNCOVERED = 0.02
"""How much of the run time may lie outside the dips for the log to stand for all of it."""
LEAST_REFUEL_L = 5.0
REFUEL_SHARE = 0.03
"""A tank's level rises by more than this only when it is filled: sensors and sloshing do less."""
TIMES_SCATTER = 10


class Litres(NamedTuple):
    """Litres by one method; None, and `why`, when it tells nothing."""

    litres: float | None
    why: str = ""


class Fuel(NamedTuple):
    """Litres by each method, the best first, and the difference of the second best in per cent."""

    best: float | None
    method: FuelMethod
    log: Litres
    metered: Litres
    curve: Litres
    idle: float | None
    delivered: float | None
    cross_check_pct: float | None


def curve_of(rated_kw: float | None, own: Curve, terms: FuelTerms) -> tuple[Curve, str]:
    """The curve of a set, and what it is in words; empty with the reason when there is none.

    Its own; else the line of the event's terms, when somebody has entered one that is not the
    program's default; else that of a diesel set of its size (`reporting.fuel.default_curve`),
    which fits small sets better than the default line does (that one is pooled from 60 kW up).
    """
    fault = curve_fault(own) if own else ""
    if own and not fault:
        return own, "the curve of this set"
    refused = f" ({fault})" if fault else ""
    if not rated_kw:
        return (), f"neither a rating nor a fuel curve is known{refused}"
    usual = FuelTerms()
    if (terms.idle_l_per_h_per_kw, terms.slope_l_per_kwh) != (
        usual.idle_l_per_h_per_kw,
        usual.slope_l_per_kwh,
    ):
        line = linear_curve(rated_kw, terms.idle_l_per_h_per_kw, terms.slope_l_per_kwh)
        if not curve_fault(line):
            return line, f"the line of the event's terms{refused}"
    return default_curve(rated_kw), f"the usual curve of a {rated_kw:g} kW diesel set{refused}"


def curve_litres(
    curve: Curve, ran: Sequence[Run], unseen_h: float, unloaded_h: float = 0.0
) -> float:
    """Litres of all running: each minute at its mean power while running; running whose power was
    not seen, and running in gaps, at the mean litres an hour of the rest (at no load without);
    warming up and cooling down at no load."""
    seen = [Running(run.ms, run.kw) for run in ran if run.kw is not None]
    litres = fuel_l(curve, seen)
    warming = fuel_l(curve, [Running(round(unloaded_h * HOUR_MS), 0.0)])
    seen_ms = sum(run.ms for run in seen)
    blind_ms = sum(run.ms for run in ran if run.kw is None) + round(unseen_h * HOUR_MS)
    if not blind_ms:
        return litres + warming
    idle = fuel_l(curve, [Running(blind_ms, 0.0)])
    return litres + (litres * blind_ms / seen_ms if seen_ms else idle) + warming


def log_litres(
    entries: Iterable[LogEntry],
    rows: Sequence[Rollup],
    ran: Sequence[Run],
    window: tuple[int, int],
    rated_l: float | None = None,
) -> tuple[Litres, float | None]:
    """Litres by the log: level at the first dip + delivered between − level at the last dip; and
    all that was delivered in the window, None when nothing was written down.

    It stands for the whole time only if at most 2 % of the running lies outside the two dips. A
    dip in per cent needs the tank's size, which a sensor that tells litres and per cent gives, else
    `rated_l`, what the registry says.
    """
    said = sorted(
        (one for one in entries if one.withdrawn_ms is None and one.value is not None),
        key=lambda one: (one.at_ms, one.id),
    )
    deliveries = [one for one in said if one.kind is LogKind.FUEL]
    delivered = (
        fsum(one.value or 0.0 for one in deliveries if window[0] <= one.at_ms < window[1])
        if any(window[0] <= one.at_ms < window[1] for one in deliveries)
        else None
    )
    dips = [one for one in said if one.kind is LogKind.DIP]
    if len(dips) < 2:
        why = "a dip at the beginning and at the end is needed" if dips or deliveries else ""
        return Litres(None, why), delivered
    first, last = dips[0], dips[-1]
    size = tank_size(rows) or rated_l
    levels = [_level(one, size) for one in (first, last)]
    if levels[0] is None or levels[1] is None:
        return Litres(None, "a dip in %: say the tank's size (tank_l)"), delivered
    outside = sum(r.ms for r in ran if not first.at_ms <= r.from_ms < last.at_ms)
    if outside > UNCOVERED * sum(run.ms for run in ran):
        text = f"{outside / HOUR_MS:.1f} h of running lie outside the two dips"
        return Litres(None, text), delivered
    between = fsum(one.value or 0.0 for one in deliveries if first.at_ms < one.at_ms <= last.at_ms)
    litres = levels[0] + between - levels[1]
    if litres < 0:
        return Litres(None, "more was left at the end than dips and deliveries explain"), delivered
    return Litres(litres), delivered


def _level(dip: LogEntry, size_l: float | None) -> float | None:
    if dip.unit.lower() in ("pct", "%"):
        return None if size_l is None else (dip.value or 0.0) / 100 * size_l
    return dip.value


def tank_size(rows: Iterable[Rollup]) -> float | None:
    """Litres of a full tank, where a sensor tells both litres and per cent: the median quotient of
    the minutes above 20 %, where rounding does not decide it."""
    litres, levels = together([column_of(rows, REMAINING), column_of(rows, LEVEL)])
    found = [
        litre / PER_L / (level / PER_PCT / 100)
        for litre, level in zip(litres.means(), levels.means(), strict=True)
        if level > 20 * PER_PCT
    ]
    return sorted(found)[len(found) // 2] if found else None


def metered_litres(
    rows: Sequence[Rollup], least_run_ms: int, rated_l: float | None = None
) -> Litres:
    """Litres that left the tank by its sensor: first − last, and all that was filled in. One that
    tells per cent only tells them of `rated_l`, the tank's size in litres.

    Fuel sloshes: levels are medians of five minutes, and filled in is each rise beyond 3 % of the
    tank and 5 L between their turning points. Without running it tells nothing; nor when less was
    burnt than ten times its standard deviation, for then the sloshing or the sensor's steps decide
    it: what single minutes scatter about those medians (1.48 × their median distance), or for two
    levels in whole steps, step × √(2 ÷ 12), whichever is more.
    """
    if not least_run_ms:
        return Litres(None)
    levels = _levels(rows, rated_l)
    if len(levels) < 2:
        told = LEVEL in as_rows(rows).told()
        why = "its sensor tells per cent: say the tank's size (tank_l)" if told else ""
        return Litres(None, why)
    calm = _calm(levels)
    least = max(LEAST_REFUEL_L, REFUEL_SHARE * max(calm))
    litres = calm[0] - calm[-1] + filled(calm, least)
    if litres < 0:
        return Litres(None, "the tank's sensor rose more than it fell")
    scatter = 1.48 * median(abs(one - mid) for one, mid in zip(levels, calm, strict=True))
    if litres < TIMES_SCATTER * max(scatter, _step(levels) * sqrt(2 / 12)):
        return Litres(None, "too little was burnt to be told by the tank's sensor")
    return Litres(litres)


def _levels(rows: Sequence[Rollup], rated_l: float | None) -> list[float]:
    """Litres in the tank by minute."""
    litres = [mean / PER_L for mean in column_of(rows, REMAINING).means()]
    if len(litres) >= 2 or not rated_l:
        return litres
    size = tank_size(rows) or rated_l
    return [mean / PER_PCT / 100 * size for mean in column_of(rows, LEVEL).means()]


def _step(levels: Sequence[float]) -> float:
    """The least difference of two levels that most minutes share: a sensor's step; 0 where levels
    are seldom the same."""
    seen = Counter(levels)
    shared = sorted(level for level, times in seen.items() if times > 1)
    if 2 * sum(seen[level] for level in shared) < len(levels):
        return 0.0
    return min((high - low for low, high in pairwise(shared)), default=0.0)


def _calm(levels: Sequence[float]) -> list[float]:
    """The medians of five; at both ends of as many as there are."""
    count = len(levels)
    return [
        sorted(levels[at - 2 : at + 3])[2]
        if 2 <= at < count - 2
        else median(levels[max(0, at - 2) : at + 3])
        for at in range(count)
    ]


def filled(levels: Sequence[float], least: float) -> float:
    """The sum of all rises of at least `least` between turning points (a zigzag filter)."""
    total = 0.0
    low = high = levels[0]
    rising = False
    for level in levels:
        if rising:
            high = max(high, level)
            if level <= high - least:
                total += high - low
                rising, low = False, level
        else:
            low = min(low, level)
            if level >= low + least:
                rising, high = True, level
    return total + (high - low if rising else 0.0)


def best_of(log: Litres, metered: Litres, curve: Litres) -> tuple[float | None, FuelMethod]:
    """The litres to trust most, and by what."""
    by: tuple[tuple[FuelMethod, Litres], ...] = (
        ("log", log),
        ("metered", metered),
        ("curve", curve),
    )
    for method, found in by:
        if found.litres is not None:
            return found.litres, method
    return None, "none"


def cross_check(log: Litres, metered: Litres, curve: Litres) -> float | None:
    """How far the second best is from the best, in per cent of the best."""
    known = [one.litres for one in (log, metered, curve) if one.litres is not None]
    if len(known) < 2 or known[0] <= 0:
        return None
    return 100 * (known[1] - known[0]) / known[0]


def idle_share(curve: Curve, ran: Sequence[Run], rated_kw: float) -> float | None:
    """The part of a curve's litres that was burnt below 25 % load; None without any."""
    seen = [(run.kw, run.ms) for run in ran if run.kw is not None]
    litres = [fuel_l_per_h(curve, kw) * ms / HOUR_MS for kw, ms in seen]
    total = fsum(litres)
    low = compress(litres, (kw < 0.25 * rated_kw for kw, _ in seen))
    return fsum(low) / total if total > 0 else None
