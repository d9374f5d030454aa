"""What rows that were read together hold: the parts of a row are made when somebody asks for them.

A report asks little of most rows, and each quantity of all of them. So a row that was read with
many others (`reporting.measured.unpacking`) holds its parts where they were read from. A row that
was cut or corrected holds its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from collector.model.rollup import Rollup

T = TypeVar("T")


class Gauged(NamedTuple):
    """A gauge of rows in order of time, where it had good time: columns of one length, of when each
    row began and ended, and of the figures of `Gauge`."""

    from_ms: Sequence[int] = ()
    to_ms: Sequence[int] = ()
    good_ms: Sequence[int] = ()
    pos: Sequence[int] = ()
    neg: Sequence[int] = ()
    least: Sequence[int] = ()
    greatest: Sequence[int] = ()
    first: Sequence[int] = ()
    last: Sequence[int] = ()


class Batch(Protocol):
    """Rows that were read together."""

    from_ms: list[int]
    to_ms: list[int]

    def alone(self, row: int) -> Rollup:
        """One row, read without the others."""

    def gauged(self, key: str, first: int, last: int) -> Gauged:
        """A gauge of the rows from `first` up to `last`, that one excluded."""


class Columns(dict[str, Sequence[T | None]]):
    """Parts of the rows of a batch, by key: of each row its part, or None. They are made when a key
    is first asked for. `rows` says for each key that there is which rows have it, in order; `of`
    gives the parts of one row that was read alone."""

    def __init__(
        self,
        batch: Batch,
        rows: Mapping[str, NDArray[np.integer[Any]]],
        made: Callable[[str], Sequence[T | None]],
        of: Callable[[Rollup], Mapping[str, T]],
    ) -> None:
        super().__init__()
        self.batch = batch
        self.rows = rows
        self._made = made
        self._of = of

    def alone(self, row: int) -> Mapping[str, T]:
        """All parts of one row, without those of others."""
        return self._of(self.batch.alone(row))

    def __missing__(self, key: str) -> Sequence[T | None]:
        found = self[key] = self._made(key)
        return found

    def told(self, pieces: Iterable[tuple[int, int]]) -> Iterator[str]:
        """The keys that any of some rows has: those of each piece from its first up to its last."""
        wanted = np.zeros(len(self.batch.from_ms), np.bool_)
        for first, last in pieces:
            wanted[first:last] = True
        return (key for key, rows in self.rows.items() if wanted[rows].any())


class Held(Mapping[str, T]):
    """The parts of one row of a batch."""

    __slots__ = ("columns", "row")

    def __init__(self, columns: Columns[T], row: int) -> None:
        self.columns = columns
        self.row = row

    def __getitem__(self, key: str) -> T:
        found = self.columns[key][self.row]
        if found is None:
            raise KeyError(key)
        return found

    def get(self, key: str, default: Any = None) -> Any:
        """The part with this key, else `default`."""
        found = self.columns[key][self.row]
        return default if found is None else found

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.columns[key][self.row] is not None

    def __iter__(self) -> Iterator[str]:
        return (key for key in self.columns.rows if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def alone(parts: Mapping[str, T]) -> Mapping[str, T]:
    """All parts of a row of which all are wanted; those of the rows beside it are not made."""
    return parts.columns.alone(parts.row) if isinstance(parts, Held) else parts
