"""One tick's samples, as the program holds them."""

import sys
from array import array
from collections.abc import Sequence
from typing import Any

from msgspec import Struct


class Batch(Struct, frozen=True, kw_only=True):
    """Samples that became known together: `series[i]` had `values[i]`.

    `series` holds label bytes (`collector.model.series`). `values` is bit-exact: a stale marker is
    a NaN of one certain pattern and must never pass through arithmetic. `times` are UTC ms, one
    for each sample; None: all samples are of `at_ms`.

    `boot` is empty when the clock behind `at_ms` is confirmed. Else it names the boot whose clock
    is not, `at_ms` is provisional, and `mono_ms` is the whole second of that boot's steady time,
    which rises with every batch of it.
    """

    seq: int
    at_ms: int
    series: Sequence[bytes]
    values: "array[float]"
    times: "array[int] | None" = None
    boot: str = ""
    mono_ms: int = 0

    def __len__(self) -> int:
        return len(self.series)


def little_endian(column: "array[Any]") -> bytes:
    """The column's bytes, lowest first on every machine."""
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column.tobytes()


def column(code: str, raw: bytes | memoryview) -> "array[Any]":
    """The numbers behind `little_endian`'s bytes."""
    found: array[Any] = array(code)
    found.frombytes(raw)
    if sys.byteorder == "big":
        found.byteswap()
    return found
