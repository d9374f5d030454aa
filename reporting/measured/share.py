"""A part of a rollup, by time: where a row lies across a boundary and nobody can split it any more.

What was summed up over the row is shared in proportion to time, in whole numbers: up to a moment a
row has `floor(total × elapsed ÷ span)`, and a part has the difference of that at its ends. So the
parts of any cutting add up to the row, digit by digit. An integral follows its good time in the
same way, so a part without good time has nothing of it.
"""

from collections.abc import Iterable
from itertools import pairwise

from collector.model.rollup import Counter, Gauge, Peak, Rollup, Running, Spell
from reporting.measured.held import alone


def part(row: Rollup, from_ms: int, to_ms: int) -> Rollup | None:
    """What of `row` lies in [from_ms, to_ms): the row itself where it lies within; None where
    nothing does. The least and greatest values are those of the whole row; a register is known
    at the row's own ends only."""
    start, end = max(row.from_ms, from_ms), min(row.to_ms, to_ms)
    if start >= end:
        return None
    if start == row.from_ms and end == row.to_ms:
        return row
    return _Cut(row, start, end).made()


def cut_at(row: Rollup, moments: Iterable[int]) -> list[Rollup]:
    """The parts of `row` between these moments, in order of time."""
    inside = sorted({at for at in moments if row.from_ms < at < row.to_ms})
    if not inside:
        return [row]
    ends = [row.from_ms, *inside, row.to_ms]
    pieces = (part(row, a, b) for a, b in pairwise(ends))
    return [piece for piece in pieces if piece is not None]


def shared(total: int, from_ms: int, to_ms: int, start: int, end: int) -> int:
    """The part [start, end) of a `total` that came evenly over [from_ms, to_ms) around it."""
    span = to_ms - from_ms
    return total * (end - from_ms) // span - total * (start - from_ms) // span


class _Cut:
    def __init__(self, row: Rollup, start: int, end: int) -> None:
        self._row = row
        self._start = start
        self._end = end

    def _of(self, total: int) -> int:
        return shared(total, self._row.from_ms, self._row.to_ms, self._start, self._end)

    def made(self) -> Rollup:
        row = self._row
        gauges = {key: self._gauge(gauge) for key, gauge in alone(row.gauges).items()}
        states = {
            key: {
                value: self._spell(spell) for value, spell in spells.items() if self._of(spell.ms)
            }
            for key, spells in alone(row.states).items()
        }
        return Rollup(
            from_ms=self._start,
            to_ms=self._end,
            gauges={key: gauge for key, gauge in gauges.items() if gauge.good_ms},
            counters={key: self._counter(counter) for key, counter in alone(row.counters).items()},
            states={key: spells for key, spells in states.items() if spells},
            peak=self._peak(row.peak),
            running=self._running(row.running),
            filled_ms=self._of(row.filled_ms),
        )

    def _along(self, total: int, ms: int) -> int:
        """The part of a `total` that came evenly over `ms`, which are themselves shared."""
        row = self._row
        span = row.to_ms - row.from_ms
        before = ms * (self._start - row.from_ms) // span
        until = ms * (self._end - row.from_ms) // span
        return total * until // ms - total * before // ms

    def _gauge(self, gauge: Gauge) -> Gauge:
        good = gauge.good_ms
        return Gauge(
            self._of(good),
            self._along(gauge.pos, good),
            self._along(gauge.neg, good),
            gauge.least,
            gauge.greatest,
            gauge.first,
            gauge.last,
        )

    def _spell(self, spell: Spell) -> Spell:
        return Spell(self._of(spell.ms), self._along(spell.entries, spell.ms))

    def _counter(self, counter: Counter) -> Counter:
        row = self._row
        rise = counter.last - counter.first
        return Counter(
            counter.first + shared(rise, row.from_ms, row.to_ms, row.from_ms, self._start),
            counter.first + shared(rise, row.from_ms, row.to_ms, row.from_ms, self._end),
            counter.raw_first if self._start == row.from_ms else None,
            counter.raw_last if self._end == row.to_ms else None,
        )

    def _peak(self, peak: Peak | None) -> Peak | None:
        return peak if peak is not None and self._start <= peak.at_ms < self._end else None

    def _running(self, running: Running | None) -> Running | None:
        if running is None or not self._of(running.ms):
            return None
        return Running(
            self._of(running.ms),
            self._along(running.good_ms, running.ms),
            self._along(running.integral, running.ms),
        )
