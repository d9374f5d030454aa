"""From rows and facts to tracks: each unit at each asset, for its time in the system."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from collector.model.kinds import AssetKind
from collector.model.report_input import AssetInput
from reporting.measured.facts import Stand
from reporting.measured.model import Track
from reporting.measured.roles import as_kind
from reporting.measured.rows import Rows
from reporting.measured.share import cut_at
from reporting.measured.stream import Row


class Made(NamedTuple):
    """The tracks of an asset in the system, and how many of its rows were shared by time."""

    tracks: Sequence[Track]
    cut: int


def tracks_of(
    stands: Sequence[Stand], rows: Sequence[Row], system: str, moments: Iterable[int]
) -> Made:
    """The tracks of one asset in `system`. Rows are cut at the ends of its stands and at `moments`
    (where links change); what belongs to nobody's stand is left out."""
    if not stands:
        return Made((), 0)
    start_ms, end_ms = stands[0].from_ms, stands[-1].to_ms
    edges = sorted({start_ms, *moments, *(one.to_ms for one in stands)})
    found: list[Track] = []
    cut = 0
    at = 0
    inside: list[Row] = []
    for row in rows:
        begin_ms, stop_ms = row.rollup.from_ms, row.rollup.to_ms
        if stop_ms <= start_ms or begin_ms >= end_ms:
            continue
        if bisect_right(edges, begin_ms) == bisect_left(edges, stop_ms):
            inside.append(row)
            continue
        parts = cut_at(row.rollup, edges)
        cut += 1
        inside += [
            Row(row.kind, row.system, part) for part in parts if start_ms <= part.from_ms < end_ms
        ]
    for stand in stands:
        own: list[Row] = []
        while at < len(inside) and inside[at].rollup.from_ms < stand.to_ms:
            own.append(inside[at])
            at += 1
        found += _in_stand(stand, own, system)
    return Made(_joined(found), cut)


def _in_stand(stand: Stand, rows: Sequence[Row], system: str) -> list[Track]:
    """The tracks of a stand: one, unless the asset's device itself changed what it is."""
    if stand.system and stand.system != system:
        return []
    if not stand.system:
        rows = [row for row in rows if row.system == system]
        if not rows and stand.asset.system != system:
            return []
    runs: list[tuple[AssetKind, list[Row]]] = []
    for row in rows:
        kind = stand.role or row.kind
        if not runs or runs[-1][0] is not kind:
            runs.append((kind, []))
        runs[-1][1].append(row)
    if not runs:
        return [_track(stand, stand.role or stand.asset.kind, stand.from_ms, stand.to_ms, ())]
    starts = [stand.from_ms, *(run[1][0].rollup.from_ms for run in runs[1:]), stand.to_ms]
    return [
        _track(stand, kind, start, end, own)
        for (kind, own), (start, end) in zip(runs, pairwise(starts), strict=True)
    ]


def _track(stand: Stand, kind: AssetKind, from_ms: int, to_ms: int, rows: Iterable[Row]) -> Track:
    asset = stand.asset
    if asset.kind is not kind:
        asset = _of_kind(asset, kind)
    return Track(
        asset=asset,
        kind=kind,
        unit=stand.unit,
        from_ms=from_ms,
        to_ms=to_ms,
        rows=Rows(as_kind(row.rollup, row.kind, kind) for row in rows),
    )


def _of_kind(asset: AssetInput, kind: AssetKind) -> AssetInput:
    return AssetInput(**{**{f: getattr(asset, f) for f in asset.__struct_fields__}, "kind": kind})


def _joined(tracks: Sequence[Track]) -> list[Track]:
    """Tracks that adjoin and say the same in one."""
    found: list[Track] = []
    for track in tracks:
        last = found[-1] if found else None
        same = last is not None and (last.asset, last.kind, last.unit, last.to_ms) == (
            track.asset, track.kind, track.unit, track.from_ms,
        )  # fmt: skip
        if last is not None and same:
            found[-1] = Track(
                asset=last.asset,
                kind=last.kind,
                unit=last.unit,
                from_ms=last.from_ms,
                to_ms=track.to_ms,
                rows=Rows((*last.rows, *track.rows)),
            )
        else:
            found.append(track)
    return found
