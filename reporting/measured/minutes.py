"""A power by UTC minute: of each asset from its rows, of a whole as the sum of its flows."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from collector.model.catalogue import POWERS
from collector.model.rollup import Rollup
from reporting.measured.held import Gauged
from reporting.measured.model import MINUTE_MS, Minutes, Track
from reporting.measured.plan import Epoch
from reporting.measured.rows import as_rows
from reporting.measured.share import cut_at

Columns = tuple["array[int]", "array[int]", "array[int]", "array[int]", "array[int]"]
LOAD = "load_power_w"
Flow = tuple[str, str]
"""An asset and a power."""


def starts(from_ms: int, to_ms: int) -> "array[int]":
    """The UTC minutes that [from_ms, to_ms) touches; none where it is empty."""
    if to_ms <= from_ms:
        return array("q")
    return array("q", range(from_ms // MINUTE_MS * MINUTE_MS, to_ms, MINUTE_MS))


def blank(count: int) -> Minutes:
    """So many minutes, none of them seen."""
    good, pos, neg, least, greatest = (array("q", bytes(8 * count)) for _ in range(5))
    return Minutes(good_ms=good, pos=pos, neg=neg, least=least, greatest=greatest)


def by_asset(tracks: Iterable[Track], first_ms: int, count: int) -> dict[Flow, Minutes]:
    """Every power that any asset told, minute by minute; `first_ms` is the first minute's start."""
    found: dict[Flow, Minutes] = {}
    for track in tracks:
        told = as_rows(track.rows).told()
        for power in POWERS:
            if power not in told:
                continue
            flow = (track.asset.id, power)
            into = found.get(flow)
            if into is None:
                into = found[flow] = blank(count)
            fill(into, track.rows, power, first_ms)
    return found


def fill(into: Minutes, rows: Sequence[Rollup], power: str, first_ms: int) -> None:
    """Add one power of rows in order of time."""
    told = as_rows(rows).gauged(power)
    first = [(start - first_ms) // MINUTE_MS for start in told.from_ms]
    last = [(end - 1 - first_ms) // MINUTE_MS for end in told.to_ms]
    if first == last:
        _add(into, first, told)
        return
    parts = [
        part
        for row in rows
        for part in cut_at(row, range(_next_minute(row.from_ms), row.to_ms, MINUTE_MS))
    ]
    told = as_rows(parts).gauged(power)
    _add(into, [(start - first_ms) // MINUTE_MS for start in told.from_ms], told)


def _next_minute(at_ms: int) -> int:
    return (at_ms // MINUTE_MS + 1) * MINUTE_MS


def _add(into: Minutes, minutes: Sequence[int], told: Gauged | Minutes) -> None:
    """Add to some minutes, one after the other."""
    columns = good, pos, neg, least, greatest = _columns(into)
    added = told.good_ms, told.pos, told.neg, told.least, told.greatest
    first, last = min(minutes, default=0), max(minutes, default=-1) + 1
    one_each = list(minutes) == list(range(first, last))
    if one_each and all(told.good_ms) and not any(good[first:last]):
        for column, values in zip(columns, added, strict=True):
            column[first:last] = array("q", values)
        return
    for at, ms, plus, minus, low, high in zip(minutes, *added, strict=True):
        if not ms:
            continue
        if good[at]:
            least[at], greatest[at] = min(least[at], low), max(greatest[at], high)
        else:
            least[at], greatest[at] = low, high
        good[at] += ms
        pos[at] += plus
        neg[at] += minus


def _columns(minutes: Minutes) -> Columns:
    return cast(
        "Columns",
        (minutes.good_ms, minutes.pos, minutes.neg, minutes.least, minutes.greatest),
    )


def wholes(
    tracks: Sequence[Track],
    flows: Mapping[Flow, Minutes],
    plan: Sequence[Epoch],
    first_ms: int,
    count: int,
) -> dict[str, Minutes]:
    """Each power as the sum of its flows of record, each counted once.

    A minute of the whole is as good as the flow in it that was seen for the shortest time; the
    others are taken by their mean over that time. Where one was not seen at all the whole was not.
    A time in which the system had none of a source (its generator had not come yet) is nought.
    """
    found: dict[str, Minutes] = {}
    for power in POWERS:
        names = [epoch.counted(power) for epoch in plan]
        if not any((name, power) in flows for some in names for name in some):
            continue
        if len({tuple(some) for some in names}) == 1 and len(names[0]) == 1:
            found[power] = flows[names[0][0], power]
            continue
        whole = found[power] = blank(count)
        for epoch, some in zip(plan, names, strict=True):
            if not some and power == LOAD:
                continue
            here = [track for track in tracks if track.asset.id in some]
            own = flows if len(plan) == 1 else _within(here, epoch, power, first_ms, count)
            _sum(whole, [own.get((name, power)) for name in some], epoch, first_ms)
    return found


def _within(
    tracks: Sequence[Track], epoch: Epoch, power: str, first_ms: int, count: int
) -> dict[Flow, Minutes]:
    """The minutes of a power in one epoch alone."""
    found: dict[Flow, Minutes] = {}
    for track in tracks:
        if track.from_ms >= epoch.to_ms or track.to_ms <= epoch.from_ms:
            continue
        into = found.setdefault((track.asset.id, power), blank(count))
        begin = bisect_left(track.rows, epoch.from_ms, key=_begin)
        rows = track.rows[begin : bisect_left(track.rows, epoch.to_ms, key=_begin)]
        fill(into, rows, power, first_ms)
    return found


def _begin(row: Rollup) -> int:
    return row.from_ms


def _sum(whole: Minutes, flows: Sequence[Minutes | None], epoch: Epoch, first_ms: int) -> None:
    known = [flow for flow in flows if flow is not None]
    if len(known) < len(flows):
        return
    first = (epoch.from_ms - first_ms) // MINUTE_MS
    last = -(-(epoch.to_ms - first_ms) // MINUTE_MS)
    minutes = range(first, last)
    if flows:
        _add(whole, minutes, joint([_part(flow, first, last) for flow in known]))
        return
    starts = (first_ms + index * MINUTE_MS for index in minutes)
    good = [min(epoch.to_ms, start + MINUTE_MS) - max(epoch.from_ms, start) for start in starts]
    nought = [0] * len(good)
    _add(
        whole, minutes, Minutes(good_ms=good, pos=nought, neg=nought, least=nought, greatest=nought)
    )


def _part(flow: Minutes, first: int, last: int) -> Minutes:
    good, pos, neg, least, greatest = (column[first:last] for column in _columns(flow))
    return Minutes(good_ms=good, pos=pos, neg=neg, least=least, greatest=greatest)


def joint(flows: Sequence[Minutes]) -> Minutes:
    """The sum of several flows minute by minute, each by its mean over the time in which that was
    seen shortest."""
    good = [min(some) for some in zip(*(flow.good_ms for flow in flows), strict=True)]
    return Minutes(
        good_ms=good,
        pos=_sums(_shares(flow.pos, flow.good_ms, good) for flow in flows),
        neg=_sums(_shares(flow.neg, flow.good_ms, good) for flow in flows),
        least=_sums(flow.least for flow in flows),
        greatest=_sums(flow.greatest for flow in flows),
    )


def _shares(totals: Sequence[int], good_ms: Sequence[int], of_ms: Sequence[int]) -> list[int]:
    """What of each total came in a part of its good time."""
    return [
        total if ms == good else total * ms // good
        for total, good, ms in zip(totals, good_ms, of_ms, strict=True)
    ]


def _sums(lists: Iterable[Iterable[int]]) -> list[int]:
    return list(map(sum, zip(*lists, strict=True)))
