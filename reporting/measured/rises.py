"""What a counter rose, when: the energy of any stretch of time, also of what came in gaps.

Between two parts the own total goes on rising while nobody reads it (`in_gaps`); what came in a gap
is of no minute, and a stretch that ends in a gap has its share of it by time. All in quanta of the
counter (0.1 Wh), shared like `share.shared`: stretches that adjoin share and lose nothing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from collector.model.rollup import Counter
from collector.model.said import Doubt
from reporting.measured.share import shared

QUANTA_PER_KWH = 10_000


class Rise(NamedTuple):
    """What a counter rose from `from_ms` to `to_ms`; `gap`: while it was not read. One in no time
    (`from_ms` = `to_ms`) belongs to what begins there."""

    from_ms: int
    to_ms: int
    quanta: int
    gap: bool


class Risen(NamedTuple):
    """What a counter rose in a stretch: all of it, what of that came in gaps, and the most by
    which a gap or row that was shared at the stretch's ends can be wrong."""

    quanta: int
    in_gaps: int
    doubt: int


class Span(NamedTuple):
    """A counter in a row: from when to when, its ends."""

    from_ms: int
    to_ms: int
    counter: Counter


Times = Sequence[tuple[int, int]]
"""Stretches of time, in order."""


def rises(spans: Iterable[Span], broken: Times = ()) -> list[Rise]:
    """The rises of a counter over its rows, in order. Nothing rises across a time in `broken`."""
    found: list[Rise] = []
    before: Span | None = None
    for span in spans:
        if before is not None and not (broken and _between(broken, before.to_ms, span.from_ms)):
            came = span.counter.first - before.counter.last
            if came or span.from_ms > before.to_ms:
                found.append(Rise(before.to_ms, span.from_ms, came, True))
        found.append(Rise(span.from_ms, span.to_ms, span.counter.last - span.counter.first, False))
        before = span
    return found


def granted(found: Sequence[Rise], doubts: Iterable[Doubt], energy: str) -> list[Rise]:
    """The rises with what a person had added to the counter afterwards: it rose where it was
    refused, and not where it was added to the total. In whole rows, as gap energy: of no minute."""
    added = []
    for one in doubts:
        if one.accepted is None or one.decided_ms is None or one.measurement != energy:
            continue
        quanta = round(one.accepted * QUANTA_PER_KWH)
        for at_ms, amount in ((one.at_ms, quanta), (one.decided_ms, -quanta)):
            start_ms = next((r.from_ms for r in found if r.from_ms <= at_ms < r.to_ms), at_ms)
            added.append(Rise(start_ms, start_ms, amount, True))
    return sorted([*found, *added], key=lambda rise: (rise.to_ms, rise.from_ms))


def _between(broken: Times, from_ms: int, to_ms: int) -> bool:
    return any(start < to_ms and end > from_ms for start, end in broken)


def risen(found: Sequence[Rise], from_ms: int, to_ms: int) -> Risen | None:
    """What rose in [from_ms, to_ms); None when the counter is not known at any time of it."""
    first = bisect_right(found, from_ms, key=_end_of)
    while first and found[first - 1].to_ms == found[first - 1].from_ms == from_ms:
        first -= 1
    quanta = in_gaps = doubt = 0
    seen = False
    for begin, end, came, gap in found[first:]:
        if begin >= to_ms:
            break
        seen = True
        if begin < from_ms or end > to_ms:
            whole = came
            came = shared(whole, begin, end, max(begin, from_ms), min(end, to_ms))
            doubt += max(abs(came), abs(whole - came))
        quanta += came
        if gap:
            in_gaps += came
    return Risen(quanta, in_gaps, doubt) if seen else None


def _end_of(rise: Rise) -> int:
    return rise.to_ms
