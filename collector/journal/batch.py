"""One tick's samples, and the bytes that the journal keeps of them."""

import struct
import sys
import zlib
from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import cramjam
from msgspec import Struct

from collector.errors import JournalError

MAGIC = b"OVRB"
VERSION = 1
LEVEL = 1

HEAD = struct.Struct("<4sBBHI")
"""Magic, version, flags, 0, CRC-32 of everything behind it."""
CONTENT = struct.Struct("<QqII")
"""Seq, at_ms, number of samples, bytes of the payload before compression."""
HAS_TIMES = 1

MAX_PAYLOAD = 1 << 30


class Batch(Struct, frozen=True, kw_only=True):
    """Samples that became known together: `series[i]` had `values[i]`.

    `series` holds label bytes (`collector.model.series`). `values` is bit-exact: a stale marker is
    a NaN of one certain pattern and must never pass through arithmetic. `times` are UTC ms, one
    for each sample; None: all samples are of `at_ms`.
    """

    seq: int
    at_ms: int
    series: Sequence[bytes]
    values: "array[float]"
    times: "array[int] | None" = None

    def __len__(self) -> int:
        return len(self.series)


def little_endian(column: "array[Any]") -> bytes:
    """The column's bytes, lowest first on every machine."""
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column.tobytes()


def _column(code: str, raw: memoryview) -> "array[Any]":
    column: array[Any] = array(code)
    column.frombytes(raw)
    if sys.byteorder == "big":
        column.byteswap()
    return column


def encode(batch: Batch) -> bytes:
    """The self-describing bytes of `batch`; the format is in this package's docstring.

    Raises JournalError when the columns do not fit together.
    """
    count = len(batch.series)
    times = batch.times
    if len(batch.values) != count or (times is not None and len(times) != count):
        raise JournalError(
            f"batch {batch.seq}: {count} series, {len(batch.values)} values and "
            f"{'no' if times is None else len(times)} times do not fit together"
        )
    lengths = array("I", map(len, batch.series))
    columns = [little_endian(lengths), b"".join(batch.series), little_endian(batch.values)]
    if times is not None:
        columns.append(little_endian(times))
    payload = b"".join(columns)
    packed = bytes(cramjam.zstd.compress(payload, level=LEVEL))
    content = CONTENT.pack(batch.seq, batch.at_ms, count, len(payload)) + packed
    flags = 0 if times is None else HAS_TIMES
    return HEAD.pack(MAGIC, VERSION, flags, 0, zlib.crc32(content)) + content


def _content(body: bytes) -> tuple[int, memoryview]:
    try:
        magic, version, flags, _, crc = HEAD.unpack_from(body)
    except struct.error as error:
        raise JournalError(f"a batch of {len(body)} bytes is cut off") from error
    if magic != MAGIC:
        raise JournalError("these bytes are no batch of a journal")
    if version != VERSION:
        raise JournalError(f"a batch of format {version}; this program reads format {VERSION}")
    content = memoryview(body)[HEAD.size :]
    if zlib.crc32(content) != crc:
        raise JournalError("a batch is damaged: its checksum does not fit")
    return flags, content


def decode(body: bytes) -> Batch:
    """The batch behind `encode`'s bytes. Raises JournalError when they are damaged."""
    flags, content = _content(body)
    try:
        seq, at_ms, count, size = CONTENT.unpack_from(content)
        if size > MAX_PAYLOAD:
            raise JournalError(f"a batch claims {size} bytes: it is damaged")
        payload = bytes(cramjam.zstd.decompress(content[CONTENT.size :], output_len=size))
        return _batch(payload, seq, at_ms, count, with_times=bool(flags & HAS_TIMES))
    except (struct.error, ValueError, cramjam.DecompressionError) as error:
        raise JournalError(f"a batch is damaged: {error}") from error


def _batch(payload: bytes, seq: int, at_ms: int, count: int, *, with_times: bool) -> Batch:
    view = memoryview(payload)
    lengths = _column("I", view[: 4 * count])
    ends = list(accumulate(lengths, initial=4 * count))
    values_at = int(ends[-1])
    times_at = values_at + 8 * count
    if len(payload) != times_at + (8 * count if with_times else 0):
        raise JournalError(f"batch {seq} is damaged: its columns do not fit its size")
    return Batch(
        seq=seq,
        at_ms=at_ms,
        series=[payload[start:end] for start, end in pairwise(ends)],
        values=_column("d", view[values_at:times_at]),
        times=_column("q", view[times_at:]) if with_times else None,
    )
