"""What figures are made of: one quantity over time, as integers."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from operator import sub

from msgspec import Struct
from msgspec.structs import astuple

from collector.model.rollup import Rollup
from reporting.figures.clock import MINUTE_MS, Cell
from reporting.measured.rows import as_rows

GOOD_SHARE_PCT = 80
"""How much of a window must be good for its mean to stand for it (DESIGN §10)."""


class Column(Struct, frozen=True):
    """One quantity in stretches that follow on each other, lists of one length: from `from_ms` to
    `to_ms` (UTC ms) its integral over `good_ms` > 0 in quanta times ms, and its least and greatest
    value in quanta (`collector.model.rollup_keys`)."""

    from_ms: Sequence[int] = ()
    to_ms: Sequence[int] = ()
    good_ms: Sequence[int] = ()
    integral: Sequence[int] = ()
    least: Sequence[int] = ()
    greatest: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.from_ms)

    def means(self) -> list[float]:
        """The mean of each stretch over its good time, in quanta."""
        return [one / good for one, good in zip(self.integral, self.good_ms, strict=True)]

    def mean(self, first: int = 0, last: int | None = None) -> float:
        """The mean over the good time of all stretches, or of those from `first` up to `last`;
        there is one at least."""
        return sum(self.integral[first:last]) / sum(self.good_ms[first:last])

    def peak(self) -> int:
        """Which stretch has the greatest value; of equals the first."""
        return self.greatest.index(max(self.greatest))

    def by_minute(self) -> "Column":
        """By UTC minute: the pieces of one minute become one, however it was cut."""
        if min(map(sub, self.from_ms[1:], self.from_ms), default=MINUTE_MS) >= MINUTE_MS:
            return self
        begun = [at // MINUTE_MS for at in self.from_ms]
        firsts = [at for at, minute in enumerate(begun) if at == 0 or begun[at - 1] != minute]
        return self.joined(list(zip(firsts, [*firsts[1:], len(begun)], strict=True)))

    def joined(self, pieces: Sequence[tuple[int, int]]) -> "Column":
        """The whole of each of some slices (first, last), which have one stretch at least."""
        return Column(
            [self.from_ms[first] for first, _ in pieces],
            [self.to_ms[last - 1] for _, last in pieces],
            [sum(self.good_ms[first:last]) for first, last in pieces],
            [sum(self.integral[first:last]) for first, last in pieces],
            [min(self.least[first:last]) for first, last in pieces],
            [max(self.greatest[first:last]) for first, last in pieces],
        )

    def where(self, wanted: Iterable[object]) -> "Column":
        """The stretches for which the object in `wanted` is true."""
        mask = list(map(bool, wanted))
        return self if all(mask) else Column(*(list(compress(c, mask)) for c in astuple(self)))


def column_of(rows: Iterable[Rollup], key: str) -> Column:
    """One gauge of rows in order of time, where it had good time."""
    told = as_rows(rows).gauged(key)
    net = list(map(sub, told.pos, told.neg))
    return Column(told.from_ms, told.to_ms, told.good_ms, net, told.least, told.greatest)


def minutes_of(rows: Iterable[Rollup], key: str) -> Column:
    """The same by UTC minute."""
    return column_of(rows, key).by_minute()


def together(columns: Sequence[Column]) -> Sequence[Column]:
    """Of each column the stretches whose beginning all of them have."""
    first = columns[0].from_ms
    if all(column.from_ms == first for column in columns):
        return columns
    common = set(first).intersection(*(column.from_ms for column in columns))
    return [column.where(at in common for at in column.from_ms) for column in columns]


def by_cell(from_ms: Sequence[int], cells: Iterable[Cell]) -> Iterator[tuple[Cell, int, int]]:
    """Which stretches begin in each cell (both in order of time): from the first up to the last,
    that one excluded. Cells without any are left out."""
    last = 0
    for cell in cells:
        first = bisect_left(from_ms, cell.from_ms, last)
        last = bisect_left(from_ms, cell.to_ms, first)
        if first < last:
            yield cell, first, last
