"""Reading rows: in bounded pieces, the file's transactions short, the figures reckoned beside."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from functools import partial

from msgspec import Struct

from collector.model.rollup import Counter, Gauge
from collector.model.rollup_codec import MINUTE_MS, BadRollup, Entry
from collector.model.rollup_decode import unpack_one
from collector.model.rollup_keys import BY_KEY, in_unit
from collector.rollups import tables
from collector.rollups.tables import Row
from collector.store import NodeDb

HOUR_MS = 3_600_000
PIECE_MS = 6 * HOUR_MS
"""Of one asset 360 rows: 150 kB."""


class History(Struct, frozen=True, kw_only=True):
    """A reading over time, one entry for each step that the window touches; None: a gap.

    `times` are the steps' beginnings (UTC ms). Gauges have time-weighted means with least and
    greatest values; a counter's value is what it showed last in the step, a state's the one that
    it had for longest. `damaged` rows were left out.
    """

    times: list[int]
    values: list[float | None]
    least: list[float | None]
    greatest: list[float | None]
    damaged: int = 0


async def rows(
    db: NodeDb,
    assets: Sequence[str],
    from_ms: int,
    to_ms: int,
    *,
    fresh: Sequence[Row] = (),
    piece_ms: int = HOUR_MS,
) -> AsyncGenerator[list[Row], None]:
    """The rows of `assets` that touch the window, in order of time, `piece_ms` at once.

    `fresh` are rows that are not stored yet: they are newer than all stored ones.
    """
    at_ms = from_ms
    seen: set[tuple[str, int]] = set()
    while at_ms < to_ms:
        read = partial(tables.window, assets=assets, from_ms=at_ms, to_ms=to_ms, span_ms=piece_ms)
        found, at_ms = await db.run("read rollups", read)
        if found:
            newest = max(row.from_ms for row in fresh) if fresh else 0
            seen |= {(r.subject.asset, r.from_ms) for r in found if r.from_ms <= newest}
            yield found
    late = [
        row
        for row in fresh
        if (row.subject.asset, row.from_ms) not in seen
        and row.from_ms < to_ms
        and row.rollup().to_ms > from_ms
    ]
    if late:
        yield sorted(late, key=lambda row: (row.from_ms, row.subject.asset))


async def history(
    db: NodeDb,
    asset: str,
    key: str,
    *,
    from_ms: int,
    to_ms: int,
    step_s: int,
    fresh: Sequence[Row] = (),
) -> History | None:
    """A reading over time in steps of whole minutes; None when nothing was ever kept of the asset
    or `key` is no reading's."""
    known = await db.run("read which rollups there are", partial(tables.tracks, assets=[asset]))
    if key not in BY_KEY or (not known and not fresh):
        return None
    step_ms = max(1, -(-step_s * 1000 // MINUTE_MS)) * MINUTE_MS
    steps: dict[int, _Step] = {}
    damaged = 0
    pieces = rows(db, [asset], from_ms, to_ms, fresh=fresh, piece_ms=PIECE_MS)
    async for piece in pieces:
        damaged += await asyncio.to_thread(_add, steps, piece, key, step_ms)
    times = list(range(from_ms // step_ms * step_ms, to_ms, step_ms))
    found = [steps.get(at_ms) or _Step(key) for at_ms in times]
    return History(
        times=times,
        values=[step.value() for step in found],
        least=[step.extreme(step.least) for step in found],
        greatest=[step.extreme(step.greatest) for step in found],
        damaged=damaged,
    )


def _add(steps: "dict[int, _Step]", piece: Iterable[Row], key: str, step_ms: int) -> int:
    """Put rows into their steps; how many are damaged."""
    damaged = 0
    for row in piece:
        try:
            entry = unpack_one(row.body, row.from_ms, key)
        except BadRollup:
            damaged += 1
            continue
        start_ms = row.from_ms // step_ms * step_ms
        step = steps.get(start_ms)
        if step is None:
            step = steps[start_ms] = _Step(key)
        step.add(entry)
    return damaged


class _Step:
    """What rows of one step say of a reading."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._good = self._integral = 0
        self.least: int | None = None
        self.greatest: int | None = None
        self._last: int | None = None
        self._spells: dict[int, int] = {}

    def add(self, entry: Entry | None) -> None:
        """What one more row holds of it, later than those before."""
        if isinstance(entry, Gauge):
            self._add_gauge(entry)
        elif isinstance(entry, Counter):
            self._last = entry.last
        elif entry is not None:
            for value, spell in entry.items():
                self._spells[value] = self._spells.get(value, 0) + spell.ms

    def _add_gauge(self, gauge: Gauge) -> None:
        self._good += gauge.good_ms
        self._integral += gauge.pos - gauge.neg
        self.least = gauge.least if self.least is None else min(self.least, gauge.least)
        greatest = self.greatest
        self.greatest = gauge.greatest if greatest is None else max(greatest, gauge.greatest)

    def value(self) -> float | None:
        """Mean, last total, or longest state."""
        if self._good:
            return in_unit(self._key, self._integral / self._good)
        if self._last is not None:
            return in_unit(self._key, self._last)
        if self._spells:
            return float(max(self._spells, key=lambda value: (self._spells[value], value)))
        return None

    def extreme(self, count: int | None) -> float | None:
        """A least or greatest value in the unit."""
        return None if count is None else in_unit(self._key, count)
