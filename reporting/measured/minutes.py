"""A power by UTC minute: of each asset from its rows, of a whole as the sum of its flows."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from collector.model.catalogue import POWERS
from collector.model.rollup import Gauge
from reporting.measured.model import MINUTE_MS, Minutes, Track
from reporting.measured.plan import Epoch
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
        powers = [power for power in POWERS if any(power in row.gauges for row in track.rows)]
        for power in powers:
            flow = (track.asset.id, power)
            into = found.get(flow)
            if into is None:
                into = found[flow] = blank(count)
            fill(into, track, power, first_ms)
    return found


def fill(into: Minutes, track: Track, power: str, first_ms: int) -> None:
    """Add one power of a track's rows."""
    columns = _columns(into)
    for row in track.rows:
        gauge = row.gauges.get(power)
        if gauge is None:
            continue
        index = (row.from_ms - first_ms) // MINUTE_MS
        if (row.to_ms - 1 - first_ms) // MINUTE_MS == index:
            _add(columns, index, gauge)
            continue
        for part in cut_at(row, range(first_ms + (index + 1) * MINUTE_MS, row.to_ms, MINUTE_MS)):
            if power in part.gauges:
                _add(columns, (part.from_ms - first_ms) // MINUTE_MS, part.gauges[power])


def _columns(minutes: Minutes) -> Columns:
    return cast(
        "Columns",
        (minutes.good_ms, minutes.pos, minutes.neg, minutes.least, minutes.greatest),
    )


def _add(columns: Columns, index: int, gauge: Gauge) -> None:
    good, pos, neg, least, greatest = columns
    if good[index]:
        least[index] = min(least[index], gauge.least)
        greatest[index] = max(greatest[index], gauge.greatest)
    else:
        least[index], greatest[index] = gauge.least, gauge.greatest
    good[index] += gauge.good_ms
    pos[index] += gauge.pos
    neg[index] += gauge.neg


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
            own = flows if len(plan) == 1 else _within(tracks, epoch, power, first_ms, count)
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
        rows = [row for row in track.rows if epoch.from_ms <= row.from_ms < epoch.to_ms]
        into = found.setdefault((track.asset.id, power), blank(count))
        part = Track(
            asset=track.asset,
            kind=track.kind,
            unit=track.unit,
            from_ms=epoch.from_ms,
            to_ms=epoch.to_ms,
            rows=rows,
        )
        fill(into, part, power, first_ms)
    return found


def _sum(whole: Minutes, flows: Sequence[Minutes | None], epoch: Epoch, first_ms: int) -> None:
    known = [flow for flow in flows if flow is not None]
    if len(known) < len(flows):
        return
    columns = _columns(whole)
    first = (epoch.from_ms - first_ms) // MINUTE_MS
    last = -(-(epoch.to_ms - first_ms) // MINUTE_MS)
    if not flows:
        for index in range(first, last):
            start = max(epoch.from_ms, first_ms + index * MINUTE_MS)
            end = min(epoch.to_ms, first_ms + (index + 1) * MINUTE_MS)
            _add(columns, index, Gauge(end - start, 0, 0, 0, 0, 0, 0))
        return
    for index in range(first, last):
        good = min(flow.good_ms[index] for flow in known)
        if good:
            _add(columns, index, joint(known, index, good))


def joint(flows: Sequence[Minutes], index: int, good_ms: int) -> Gauge:
    """The sum of several flows in one minute, each by its mean over `good_ms`."""
    pos = sum(flow.pos[index] * good_ms // flow.good_ms[index] for flow in flows)
    neg = sum(flow.neg[index] * good_ms // flow.good_ms[index] for flow in flows)
    least = sum(flow.least[index] for flow in flows)
    greatest = sum(flow.greatest[index] for flow in flows)
    return Gauge(good_ms, pos, neg, least, greatest, least, greatest)
