"""Rows of an asset in order of time, of which a quantity can be asked at once."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

from msgspec.structs import astuple

from collector.model.rollup import Counter, Gauge, Rollup
from reporting.measured.held import Columns, Gauged, Held
from reporting.measured.rises import Span

T = TypeVar("T")
WORTH_A_PIECE = 32
"""Rows in pieces of fewer than these are asked one by one."""

KEPT = 8


class _Piece(NamedTuple, Generic[T]):
    """Rows that follow on each other in a batch, from `first` up to `last`; or that hold their own
    parts (`columns` None), numbered as they are in all rows."""

    columns: Columns[T] | None
    first: int
    last: int


class Rows(list[Rollup]):
    """Rows in order of time; once something was asked of them they stay as they are."""

    def told(self) -> set[str]:
        """The keys of all gauges and counters that any row has."""
        return {
            *_told(self._gauges, (row.gauges for row in self)),
            *_told(self._counters, (row.counters for row in self)),
        }

    def gauged(self, key: str) -> Gauged:
        """One gauge of all rows. The last few are kept."""
        found = self._kept.pop(key, None)
        self._kept[key] = found = self._gauged(key) if found is None else found
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return found

    def _gauged(self, key: str) -> Gauged:
        if len(self._gauges) > 1 + len(self) // WORTH_A_PIECE:
            return _gauged(self, key)
        found = [
            _gauged(self[first:last], key)
            if columns is None
            else columns.batch.gauged(key, first, last)
            for columns, first, last in self._gauges
        ]
        if len(found) == 1:
            return found[0]
        return Gauged(*map(_joined, zip(*found, strict=True)))

    def counted(self, key: str) -> list[Span]:
        """One counter of all rows, where it was read."""
        found: list[Span] = []
        for columns, first, last in self._counters:
            rows = self[first:last] if columns is None else ()
            spans = (
                ((row.from_ms, row.to_ms, row.counters.get(key)) for row in rows)
                if columns is None
                else zip(
                    columns.batch.from_ms[first:last],
                    columns.batch.to_ms[first:last],
                    columns[key][first:last],
                    strict=True,
                )
            )
            found += [Span(start, end, one) for start, end, one in spans if one is not None]
        return found

    @cached_property
    def _kept(self) -> dict[str, Gauged]:
        return {}

    @cached_property
    def _gauges(self) -> list[_Piece[Gauge]]:
        return _pieces(row.gauges for row in self)

    @cached_property
    def _counters(self) -> list[_Piece[Counter]]:
        return _pieces(row.counters for row in self)


def as_rows(rows: Iterable[Rollup]) -> Rows:
    """These rows."""
    return rows if isinstance(rows, Rows) else Rows(rows)


def _told(pieces: Iterable[_Piece[T]], held: Iterable[Mapping[str, T]]) -> Iterator[str]:
    of: dict[int, list[_Piece[T]]] = {}
    for piece in pieces:
        of.setdefault(id(piece.columns), []).append(piece)
    for some in of.values():
        columns = some[0].columns
        if columns is not None:
            yield from columns.told((first, last) for _, first, last in some)
    for one in held:
        if not isinstance(one, Held):
            yield from one


def _joined(parts: Sequence[Sequence[int]]) -> Sequence[int]:
    arrays = [part for part in parts if isinstance(part, array)]
    if len(arrays) < len(parts):
        return list(chain.from_iterable(parts))
    return array("q", b"".join(arrays))


def _pieces(held: Iterable[Mapping[str, T]]) -> list[_Piece[T]]:
    found: list[_Piece[T]] = []
    columns: Columns[T] | None = None
    first = last = 0
    for at, one in enumerate(held):
        of, row = (one.columns, one.row) if isinstance(one, Held) else (None, at)
        if of is not columns or row != last:
            if last > first:
                found.append(_Piece(columns, first, last))
            columns, first = of, row
        last = row + 1
    if last > first:
        found.append(_Piece(columns, first, last))
    return found


def _gauged(rows: Iterable[Rollup], key: str) -> Gauged:
    found = [
        (row.from_ms, row.to_ms, *astuple(gauge))
        for row in rows
        if (gauge := row.gauges.get(key)) is not None
    ]
    return Gauged(*zip(*found, strict=True))
