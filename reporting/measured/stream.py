"""The rows of each asset as they came: in order, none over another, the damaged ones counted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from collector.model.kinds import AssetKind
from collector.model.report_input import AssetRows, RollupFile
from collector.model.rollup import Rollup
from reporting.measured.share import part
from reporting.measured.unpacking import Packed, unpack_all

MOST = 1 << 53
"""No figure of a row that can be true is greater, in quanta: 9 · 10¹⁴ W, or kWh."""


class Row(NamedTuple):
    """A rollup, and what its asset was then as the node had it."""

    kind: AssetKind
    system: str
    rollup: Rollup


class Stream(Struct, frozen=True, kw_only=True):
    """All rows of one asset that are in the file, in order of time. `damaged` rows could not be
    read, `overlapping` ones were shortened or left out, for an earlier one has their time."""

    asset: str
    rows: Sequence[Row] = ()
    damaged: int = 0
    overlapping: int = 0
    impossible: int = 0


def streams(file: RollupFile) -> Mapping[str, Stream]:
    """The rows of each asset in `file`."""
    found: dict[str, list[AssetRows]] = {}
    for rows in file.assets:
        found.setdefault(rows.record.asset, []).append(rows)
    return {asset: _stream(asset, several) for asset, several in sorted(found.items())}


def _stream(asset: str, several: Iterable[AssetRows]) -> Stream:
    read: list[Row] = []
    damaged = impossible = overlapping = 0
    for rows in several:
        one = _read(rows)
        read += one.rows
        damaged += one.damaged
        impossible += one.impossible
    read.sort(key=lambda row: (row.rollup.from_ms, row.rollup.to_ms, row.kind, row.system))
    kept: list[Row] = []
    end_ms = -1
    for row in read:
        rollup = row.rollup
        if rollup.from_ms < end_ms:
            overlapping += 1
            left = part(rollup, end_ms, rollup.to_ms)
            if left is None:
                continue
            rollup = left
        end_ms = rollup.to_ms
        kept.append(row if rollup is row.rollup else Row(row.kind, row.system, rollup))
    return Stream(
        asset=asset, rows=kept, damaged=damaged, overlapping=overlapping, impossible=impossible
    )


class _Read(NamedTuple):
    """The rows that can be read, how many cannot, and how many held impossible figures."""

    rows: list[Row]
    damaged: int
    impossible: int


def _read(rows: AssetRows) -> _Read:
    packed: list[Packed] = []
    content, at = memoryview(rows.content), 0
    for row in rows.record.rows:
        packed.append((row.from_ms, content[at : at + row.size]))
        at += row.size
    unusual: list[Rollup] = []
    read = unpack_all(packed, unusual)
    sane = {id(rollup): _sane(rollup) for rollup in unusual}
    impossible = sum(sane[id(rollup)] is not rollup for rollup in unusual)
    found = [
        Row(row.kind, row.system, sane.get(id(rollup), rollup) if sane else rollup)
        for row, rollup in zip(rows.record.rows, read, strict=True)
        if rollup is not None and rollup.to_ms > rollup.from_ms
    ]
    return _Read(found, read.count(None), impossible)


def _sane(row: Rollup) -> Rollup:
    """`row` without what is too great to be true; itself where all can be."""
    most_integral = MOST * max(1, row.to_ms - row.from_ms)
    bad = [
        key
        for key, g in row.gauges.items()
        if g.greatest > MOST or g.least < -MOST or g.pos > most_integral or g.neg > most_integral
    ]
    odd = [
        key
        for key, c in row.counters.items()
        if not (-MOST < c.first < MOST and -MOST < c.last < MOST)
    ]
    if not bad and not odd:
        return row
    return Rollup(
        from_ms=row.from_ms,
        to_ms=row.to_ms,
        gauges={key: g for key, g in row.gauges.items() if key not in bad},
        counters={key: c for key, c in row.counters.items() if key not in odd},
        states=row.states,
        peak=None if bad else row.peak,
        running=None if bad else row.running,
        filled_ms=row.filled_ms,
    )
