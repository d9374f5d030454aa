"""A generator's run time, starts and load, from the rows of one set."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import fsum
from typing import NamedTuple

from collector.model.report.generator import LoadBand
from collector.model.rollup import Counter, Rollup
from collector.model.rounding import half_up
from reporting.figures.clock import HOUR_MS, MINUTE_MS
from reporting.figures.flows import QUANTA_PER_KW
from reporting.rounding import HOURS

EDGES: tuple[tuple[float, float | None], ...] = ((0, 25), (25, 60), (60, 80), (80, None))
"""Load bands in per cent of the rating (DESIGN §10; powerful-thinking factsheet #15: 60–80 % is
recommended, below 25 % is the norm)."""
RUNS = 3
"""`generator_state`: running."""
RUN_S, STARTS, STATE = "generator_run_s", "generator_starts", "generator_state"
RUN_S_PER_H = 36_000
"""`generator_run_s` is kept in tenths of a second."""
COARSE = 300
"""Half a minute, in tenths of a second."""


class Run(NamedTuple):
    """A stretch of running within one minute: for how many ms from `from_ms` on, and the mean
    power in kW over what was seen of it (None: nothing)."""

    from_ms: int
    ms: int
    kw: float | None


def runs(rows: Iterable[Rollup]) -> list[Run]:
    """The running of each row. The power is that while running, so a start does not thin it."""
    found = []
    for row in rows:
        one = row.running
        if one is not None and one.ms > 0:
            kw = one.integral / one.good_ms / QUANTA_PER_KW if one.good_ms else None
            found.append(Run(row.from_ms, one.ms, kw))
    return found


class Stretch(NamedTuple):
    """A time from `from_ms` to `to_ms` (UTC ms), and for how many hours a set ran in it; None:
    nobody knows."""

    from_ms: int
    to_ms: int
    hours: float | None


def hours_between(stretches: Sequence[Stretch], from_ms: int, to_ms: int) -> float:
    """The hours of stretches (in order, without overlap) that lie in [from_ms, to_ms): of one that
    reaches beyond, its part by time."""
    found = []
    at = bisect_right(stretches, from_ms, key=_end)
    while at < len(stretches) and stretches[at].from_ms < to_ms:
        one = stretches[at]
        inside = min(one.to_ms, to_ms) - max(one.from_ms, from_ms)
        found.append((one.hours or 0.0) * inside / (one.to_ms - one.from_ms))
        at += 1
    return fsum(found)


def runs_between(ran: Sequence[Run], from_ms: int, to_ms: int) -> Sequence[Run]:
    """The runs (in order) that begin in [from_ms, to_ms)."""
    first = bisect_left(ran, from_ms, key=_begun)
    return ran[first : bisect_left(ran, to_ms, key=_begun)]


def _end(stretch: Stretch) -> int:
    return stretch.to_ms


def _begun(run: Run) -> int:
    return run.from_ms


def gaps(rows: Sequence[Rollup], from_ms: int, to_ms: int) -> list[tuple[int, int]]:
    """The stretches of [from_ms, to_ms) of which no row tells whether the set ran."""
    telling = [row for row in rows if tells(row)]
    ends = [from_ms, *(row.to_ms for row in telling)]
    starts = [*(row.from_ms for row in telling), to_ms]
    return [(end, start) for end, start in zip(ends, starts, strict=True) if start > end]


def counted_hours(rows: Sequence[Rollup], gap: tuple[int, int]) -> float | None:
    """The hours by which a device's hour counter rose over a gap, at most as long as that is; None
    without a register that was read at both its ends, give or take a minute."""
    from_ms, to_ms = gap
    earlier = bisect_right(rows, from_ms, key=_begin) - 1
    before = after = None
    while before is None and earlier >= 0 and from_ms - rows[earlier].to_ms <= MINUTE_MS:
        if rows[earlier].to_ms <= from_ms:
            before = _register(rows[earlier])
        earlier -= 1
    later = bisect_left(rows, to_ms, key=_begin)
    while after is None and later < len(rows) and rows[later].from_ms - to_ms <= MINUTE_MS:
        after = _register(rows[later])
        later += 1
    if before is None or after is None:
        return None
    return min(max(0, after.first - before.last) / RUN_S_PER_H, (to_ms - from_ms) / HOUR_MS)


def _begin(row: Rollup) -> int:
    return row.from_ms


def _register(row: Rollup) -> Counter | None:
    """The hour counter, if a device keeps it: our own stands still in a gap."""
    one = row.counters.get(RUN_S)
    return None if one is None or one.raw_last is None else one


def by_meter(rows: Sequence[Rollup]) -> list[Stretch]:
    """Hours by the engine's own hour counter, row by row and gap by gap. It counts warming up and
    cooling down too, in which no power flows. Empty where there is none, or where it counts in such
    large steps (tenths of an hour) that what was seen running is nearer: it then rises by more than
    its row or gap is long, by over half a minute."""
    found: list[Stretch] = []
    before: tuple[int, int] | None = None
    for row in rows:
        one = _register(row)
        if one is None:
            continue
        edges = [(row.from_ms, one.first), (row.to_ms, one.last)]
        for at, total in edges if before is None else [before, *edges][:3]:
            if before is not None and at > before[0]:
                rise = max(0, total - before[1])
                if rise > (at - before[0]) // 100 + COARSE:
                    return []
                found.append(Stretch(before[0], at, rise / RUN_S_PER_H))
            before = (at, total)
    return found


def tells(row: Rollup) -> bool:
    """Whether a row tells that the set ran or stood."""
    return STATE in row.states or "generator_power_w" in row.gauges or RUN_S in row.counters


def starts(rows: Sequence[Rollup]) -> int | None:
    """How often it was started: by its own counter, else by entries of *running* in its state, else
    by the minutes in which it ran after one in which it stood. What ran already at the beginning
    was not started. None when nothing tells."""
    counters = [row.counters[STARTS] for row in rows if STARTS in row.counters]
    if counters:
        return max(0, counters[-1].last - counters[0].first)
    states = [row.states[STATE] for row in rows if STATE in row.states]
    if states:
        return sum(spells[RUNS].entries for spells in states if RUNS in spells)
    telling = [row for row in rows if tells(row)]
    if not telling:
        return None
    return sum(_started(before, after) for before, after in pairwise(telling))


def _started(before: Rollup, after: Rollup) -> int:
    """Whether it was started between or in two rows that follow on each other: it runs in the
    second, and stood in the first; or ran in only a part of each, hence stood between."""
    ran, runs_now = before.running, after.running
    if runs_now is None or not runs_now.ms:
        return 0
    if ran is None or not ran.ms:
        return 1
    return int(ran.ms < before.to_ms - before.from_ms and runs_now.ms < after.to_ms - after.from_ms)


def average_kw(ran: Sequence[Run]) -> float | None:
    """The mean power while running, over the time in which the power was seen."""
    seen = [run for run in ran if run.kw is not None]
    total = sum(run.ms for run in seen)
    return fsum((run.kw or 0.0) * run.ms for run in seen) / total if total else None


def load_bands(ran: Sequence[Run], rated_kw: float) -> tuple[LoadBand, ...]:
    """Hours in the load bands, each minute counted whole in the band of its mean while running; 60
    and 80 % belong to the band below 80. Running whose power was not seen is in none."""
    times = [0] * len(EDGES)
    for run in ran:
        if run.kw is not None:
            times[band_of(100 * run.kw / rated_kw)] += run.ms
    return tuple(
        LoadBand(from_pct=low, to_pct=high, hours=half_up(ms / HOUR_MS, HOURS))
        for (low, high), ms in zip(EDGES, times, strict=True)
    )


def band_of(load_pct: float) -> int:
    """The number of the band of a load: below 25, below 60, up to 80, above."""
    if load_pct < 25:
        return 0
    if load_pct < 60:
        return 1
    return 2 if load_pct <= 80 else 3
