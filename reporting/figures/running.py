"""A generator's run time, starts and load, from the rows of one set."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import fsum
from typing import NamedTuple

from collector.model.report.generator import LoadBand
from collector.model.rollup import Rollup, in_gaps
from reporting.figures.clock import HOUR_MS
from reporting.figures.flows import QUANTA_PER_KW
from reporting.rounding import HOURS, known

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


def hours(rows: Sequence[Rollup]) -> tuple[float | None, float]:
    """Hours of running, and how many of these were in gaps.

    What was seen running, and what the hour counter rose while it was not read, at most as long
    as these gaps were. None when nothing tells whether it ran: neither power nor state nor counter.
    """
    seen = sum(run.ms for run in runs(rows))
    unseen = max(0, in_gaps(rows, RUN_S)) / RUN_S_PER_H
    dark = sum(after.from_ms - before.to_ms for before, after in pairwise(rows)) / HOUR_MS
    unseen = min(unseen, dark)
    if not seen and not unseen and not any(tells(row) for row in rows):
        return None, 0.0
    return seen / HOUR_MS + unseen, unseen


def by_meter(rows: Sequence[Rollup]) -> float | None:
    """Hours by the engine's own hour counter: last − first, gaps included. It counts warming up and
    cooling down too, in which no power flows. None where there is none, or where it counts in such
    large steps (tenths of an hour) that what was seen running is nearer: a row then shows more than
    it is long, by over half a minute."""
    counted = [row for row in rows if RUN_S in row.counters]
    if not counted:
        return None
    for row in counted:
        counter = row.counters[RUN_S]
        if counter.last - counter.first > (row.to_ms - row.from_ms) // 100 + COARSE:
            return None
    return max(0, counted[-1].counters[RUN_S].last - counted[0].counters[RUN_S].first) / RUN_S_PER_H


def tells(row: Rollup) -> bool:
    """Whether a row tells that the set ran or stood."""
    return "generator_power_w" in row.gauges or STATE in row.states or RUN_S in row.counters


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
        LoadBand(from_pct=low, to_pct=high, hours=known(ms / HOUR_MS, HOURS))
        for (low, high), ms in zip(EDGES, times, strict=True)
    )


def band_of(load_pct: float) -> int:
    """The number of the band of a load: below 25, below 60, up to 80, above."""
    if load_pct < 25:
        return 0
    if load_pct < 60:
        return 1
    return 2 if load_pct <= 80 else 3
