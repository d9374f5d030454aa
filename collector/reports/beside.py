"""The rows beside a window: where an asset was not seen at an end of it, what its counters rose
meanwhile is told by the nearest row before and after, and a report has its share of it by time.

Only what can be found again whenever the same job is written anew is looked at: the day before
(where it is not kept any more, the gap stays without energy), and the rest of the last minute.
"""

from collections.abc import AsyncGenerator, Callable, Sequence

from collector.model.rollup_codec import MINUTE_MS, BadRollup
from collector.rollups import Row

Rows = Callable[[Sequence[str], int, int], AsyncGenerator[list[Row], None]]
"""Rows of assets that touch a window (UTC ms), in order of time and in pieces."""

BACK_MS = (MINUTE_MS, 60 * MINUTE_MS, 24 * 60 * MINUTE_MS)
"""How far back is looked, one after another."""


async def with_neighbours(
    rows: Rows, asset: str, from_ms: int, to_ms: int
) -> AsyncGenerator[list[Row], None]:
    """The rows of an asset that touch the window, and those beside it that its gaps at the ends of
    the window need."""
    last: Row | None = None
    async for piece in rows([asset], from_ms, to_ms):
        if last is None and piece and piece[0].from_ms > from_ms:
            yield await _before(rows, asset, from_ms)
        if piece:
            last = piece[-1]
        yield piece
    if last is None:
        yield await _before(rows, asset, from_ms)
    if last is None or _end(last) < to_ms:
        yield await _after(rows, asset, to_ms)


def _end(row: Row) -> int:
    try:
        return row.rollup().to_ms
    except BadRollup:
        return row.from_ms


async def _before(rows: Rows, asset: str, at_ms: int) -> list[Row]:
    for back_ms in BACK_MS:
        found: list[Row] = []
        async for piece in rows([asset], at_ms - back_ms, at_ms):
            found = [row for row in piece if row.from_ms < at_ms][-1:] or found
        if found:
            return found
    return []


async def _after(rows: Rows, asset: str, at_ms: int) -> list[Row]:
    end_ms = -(-at_ms // MINUTE_MS) * MINUTE_MS
    if end_ms == at_ms:
        return []
    async for piece in rows([asset], at_ms, end_ms):
        found = [row for row in piece if row.from_ms >= at_ms]
        if found:
            return found[:1]
    return []
