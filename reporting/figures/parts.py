"""What figures are made of: one quantity, minute by minute, as integers."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from collector.model.rollup import Rollup
from reporting.figures.clock import MINUTE_MS, Cell

GOOD_SHARE_PCT = 80
"""How much of a window must be good for its mean to stand for it (DESIGN §10)."""


class Part(Struct, frozen=True, gc=False):
    """One quantity from `from_ms` to `to_ms` (UTC ms): its integral over `good_ms` > 0 in quanta
    times ms, and its least and greatest value in quanta (`collector.model.rollup_keys`)."""

    from_ms: int
    to_ms: int
    good_ms: int
    integral: int
    least: int
    greatest: int

    @property
    def mean(self) -> float:
        """The mean over good time, in quanta."""
        return self.integral / self.good_ms


def parts_of(rows: Iterable[Rollup], key: str) -> list[Part]:
    """One gauge of rows in order of time, where it had good time."""
    return [
        Part(row.from_ms, row.to_ms, one.good_ms, one.pos - one.neg, one.least, one.greatest)
        for row in rows
        if (one := row.gauges.get(key)) is not None
    ]


def joined(parts: Sequence[Part]) -> Part:
    """The whole of one or more parts in order of time."""
    if len(parts) == 1:
        return parts[0]
    return Part(
        parts[0].from_ms,
        parts[-1].to_ms,
        sum(part.good_ms for part in parts),
        sum(part.integral for part in parts),
        min(part.least for part in parts),
        max(part.greatest for part in parts),
    )


def minutes(parts: Iterable[Part]) -> list[Part]:
    """Parts in order of time by UTC minute: those of one minute become one, however it was cut."""
    found: list[Part] = []
    until = -1
    for part in parts:
        if part.from_ms < until:
            found[-1] = joined((found[-1], part))
        else:
            found.append(part)
            until = part.from_ms // MINUTE_MS * MINUTE_MS + MINUTE_MS
    return found


def by_cell(parts: Sequence[Part], cells: Iterable[Cell]) -> Iterator[tuple[Cell, list[Part]]]:
    """The parts (in order of time) that begin in each cell (in order of time)."""
    at = 0
    count = len(parts)
    for cell in cells:
        inside = []
        while at < count and parts[at].from_ms < cell.to_ms:
            if parts[at].from_ms >= cell.from_ms:
                inside.append(parts[at])
            at += 1
        yield cell, inside
