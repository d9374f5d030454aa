"""The rollup: what one asset did in a stretch of time, kept so that stretches merge exactly.

All figures are integers. A value is rounded once, when it is read, to *quanta* of its measurement
(`collector.model.rollup_keys`); an integral is quanta times milliseconds. So merging adds, and
takes the least, the greatest, the first and the last: any cutting of an interval, at any
millisecond and in any grouping, merges to the very same whole. Means are derived, never kept.

Time is *good* while a reading was good. What is stale or bad is a gap: nothing grows in it.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import TypeVar

from msgspec import Struct

from collector.model.rollup_keys import in_unit

HOUR_MS = 3_600_000

T = TypeVar("T")


class Gauge(Struct, frozen=True, array_like=True, gc=False):
    """A gauge while it was good, which it was for `good_ms` > 0.

    `pos` and `neg` are the integrals of its positive and of its negative values, both ≥ 0, in
    quanta · ms; the others are quanta.
    """

    good_ms: int
    pos: int
    neg: int
    least: int
    greatest: int
    first: int
    last: int

    @property
    def mean(self) -> float:
        """The mean over good time, in quanta."""
        return (self.pos - self.neg) / self.good_ms


class Counter(Struct, frozen=True, array_like=True, gc=False):
    """A counter at both ends, in quanta: the program's own total, and the device's register
    (None: there is none, or nobody knows it any more).

    An end is an instant: what the next part begins with, this one ends with, if it was read then.
    So the totals of adjoining parts join, and `last - first` of a whole holds also what came in
    its gaps.
    """

    first: int
    last: int
    raw_first: int | None = None
    raw_last: int | None = None


class Spell(Struct, frozen=True, array_like=True, gc=False):
    """How long a state had one value, and how often it was seen to turn to it from another."""

    ms: int
    entries: int


class Peak(Struct, frozen=True, array_like=True, gc=False):
    """When the asset's main power was greatest (the first such moment), and P, Q and S then.

    Which power is the main one follows from the asset's kind
    (`collector.model.catalogue.MAIN_POWER`). `q` and `s` are None where they were not good then.
    """

    at_ms: int
    p: int
    q: int | None
    s: int | None


class Running(Struct, frozen=True, array_like=True, gc=False):
    """A generator while it ran: for how long, for how much of that its power was good, and the
    integral of the power over that, in quanta · ms."""

    ms: int
    good_ms: int
    integral: int


class Rollup(Struct, frozen=True, kw_only=True):
    """One asset from `from_ms` to `to_ms` (UTC ms, the end excluded). Only what had good time is
    in it. `filled_ms` is how much of the stretch was filled afterwards from a meter's own log."""

    from_ms: int
    to_ms: int
    gauges: Mapping[str, Gauge] = {}
    counters: Mapping[str, Counter] = {}
    states: Mapping[str, Mapping[int, Spell]] = {}
    peak: Peak | None = None
    running: Running | None = None
    filled_ms: int = 0

    def mean(self, key: str) -> float | None:
        """The time-weighted mean of a gauge in its unit; None where it had no good time."""
        gauge = self.gauges.get(key)
        return None if gauge is None else in_unit(key, gauge.mean)

    def extremes(self, key: str) -> tuple[float, float] | None:
        """The least and the greatest value of a gauge in its unit."""
        gauge = self.gauges.get(key)
        if gauge is None:
            return None
        return in_unit(key, gauge.least), in_unit(key, gauge.greatest)

    def hours(self, key: str) -> tuple[float, float]:
        """The integrals of a gauge's positive and negative values, in its unit times hours (both
        ≥ 0): watts give watt-hours."""
        gauge = self.gauges.get(key)
        if gauge is None:
            return 0.0, 0.0
        return in_unit(key, gauge.pos / HOUR_MS), in_unit(key, gauge.neg / HOUR_MS)

    def good_ms(self, key: str) -> int:
        """For how long a gauge or a state was good."""
        gauge = self.gauges.get(key)
        if gauge is not None:
            return gauge.good_ms
        return sum(spell.ms for spell in self.states.get(key, {}).values())


def merge(parts: Iterable[Rollup]) -> Rollup:
    """The whole of parts of one asset, in any order; there may be time between them.

    Raises ValueError when there is none, or when two overlap.
    """
    ordered = sorted(parts, key=_start)
    if not ordered:
        raise ValueError("there is nothing to merge")
    whole = ordered[0]
    if len(ordered) == 1:
        return whole
    gauges, counters = dict(whole.gauges), dict(whole.counters)
    states = {key: dict(spells) for key, spells in whole.states.items()}
    peak, running, filled_ms, to_ms = whole.peak, whole.running, whole.filled_ms, whole.to_ms
    for part in ordered[1:]:
        if part.from_ms < to_ms:
            raise ValueError(f"a rollup from {part.from_ms} overlaps one that ends at {to_ms}")
        to_ms = part.to_ms
        _into(gauges, part.gauges, _join_gauges)
        _into(counters, part.counters, _join_counters)
        for key, spells in part.states.items():
            _into(states.setdefault(key, {}), spells, _join_spells)
        peak = _join_peaks(peak, part.peak)
        running = _join_running(running, part.running)
        filled_ms += part.filled_ms
    return Rollup(
        from_ms=whole.from_ms,
        to_ms=to_ms,
        gauges=gauges,
        counters=counters,
        states=states,
        peak=peak,
        running=running,
        filled_ms=filled_ms,
    )


def in_gaps(parts: Iterable[Rollup], key: str) -> int:
    """What a counter rose while it was not read, in quanta: between its parts, which are of one
    asset and in any order. It is energy of the whole (`merge`), and of no minute: no demand, no
    peak and no duration has it, for these are made of powers in their good time."""
    ends = [part.counters[key] for part in sorted(parts, key=_start) if key in part.counters]
    return sum(after.first - before.last for before, after in pairwise(ends))


def _start(part: Rollup) -> int:
    return part.from_ms


K = TypeVar("K")


def _into(whole: dict[K, T], part: Mapping[K, T], join: Callable[[T, T], T]) -> None:
    for key, later in part.items():
        earlier = whole.get(key)
        whole[key] = later if earlier is None else join(earlier, later)


def _join_gauges(a: Gauge, b: Gauge) -> Gauge:
    return Gauge(
        a.good_ms + b.good_ms,
        a.pos + b.pos,
        a.neg + b.neg,
        min(a.least, b.least),
        max(a.greatest, b.greatest),
        a.first,
        b.last,
    )


def _join_counters(a: Counter, b: Counter) -> Counter:
    return Counter(a.first, b.last, a.raw_first, b.raw_last)


def _join_spells(a: Spell, b: Spell) -> Spell:
    return Spell(a.ms + b.ms, a.entries + b.entries)


def _join_peaks(a: Peak | None, b: Peak | None) -> Peak | None:
    if a is None or b is None:
        return a or b
    return b if b.p > a.p else a


def _join_running(a: Running | None, b: Running | None) -> Running | None:
    if a is None or b is None:
        return a or b
    return Running(a.ms + b.ms, a.good_ms + b.good_ms, a.integral + b.integral)
