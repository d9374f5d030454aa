"""The bytes that the journal keeps of a batch; the format is in this package's docstring."""

import secrets
import struct
import zlib
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain, pairwise
from operator import sub
from typing import NamedTuple

import cramjam

from collector.errors import JournalError
from collector.journal.batch import Batch, column, little_endian

MAGIC = b"OVRB"
VERSION = 2
LEVEL = 1

HEAD = struct.Struct("<4sBBHI")
"""Magic, version, flags, 0, CRC-32 of everything behind it."""
CONTENT_1 = struct.Struct("<QqII")
"""Version 1: seq, at_ms, number of samples, bytes of the payload before compression."""
CONTENT = struct.Struct("<QqQIIII")
"""Seq, at_ms, table, number of samples; bytes of the columns before and after compression; bytes
of the labels before compression."""
HAS_TIMES = 1

MAX_PAYLOAD = 1 << 30
MAX_NAMES = 1 << 18
"""Series that are remembered; beyond it a new table begins."""
MAX_NUMBER = 1 << 24
OTHER_TABLES = 4

Names = list[bytes | None]
"""Label bytes by their number in a table of others; None: not met yet."""


class Codec:
    """Batches to bytes and back.

    Each series gets a number, valid in this object's table. A batch holds numbers and labels, so
    it explains itself; but labels that are known by their numbers are not unpacked again, and
    equal ones come back as one and the same object. Not for several threads at once.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        """A new table: numbers of the former one mean nothing in it."""
        self._table = secrets.randbits(64)
        self._numbers: dict[bytes, int] = {}
        self._names: list[bytes] = []
        self._others: dict[int, Names] = {}

    def encode(self, batch: Batch) -> bytes:
        """The self-describing bytes of `batch`.

        Raises JournalError when the columns do not fit together.
        """
        count = len(batch.series)
        times = batch.times
        if len(batch.values) != count or (times is not None and len(times) != count):
            raise JournalError(
                f"batch {batch.seq}: {count} series, {len(batch.values)} values and "
                f"{'no' if times is None else len(times)} times do not fit together"
            )
        numbers = self._number(batch.series)
        columns = _planes(numbers) + little_endian(batch.values)
        if times is not None:
            columns += little_endian(times)
        known: list[bytes] = list(map(self._names.__getitem__, sorted(set(numbers))))
        labels = little_endian(array("I", map(len, known))) + b"".join(known)
        packed = _pack(columns)
        content = CONTENT.pack(
            batch.seq, batch.at_ms, self._table, count, len(columns), len(packed), len(labels)
        )
        content += packed + _pack(labels)
        flags = 0 if times is None else HAS_TIMES
        return HEAD.pack(MAGIC, VERSION, flags, 0, zlib.crc32(content)) + content

    def _number(self, series: Sequence[bytes]) -> list[int]:
        try:
            return list(map(self._numbers.__getitem__, series))
        except KeyError:
            self._limit()
            for labels in sorted(set(series)):  # neighbours are alike, and pack well
                self._intern(labels)
            return list(map(self._numbers.__getitem__, series))

    def _limit(self) -> None:
        if len(self._names) > MAX_NAMES:
            self._begin()

    def _intern(self, labels: bytes) -> bytes:
        """The one object for these label bytes, which have a number from now on."""
        number = self._numbers.setdefault(labels, len(self._names))
        if number == len(self._names):
            self._names.append(labels)
        return self._names[number]

    def decode(self, body: bytes) -> Batch:
        """The batch behind `encode`'s bytes. Raises JournalError when they are damaged."""
        self._limit()
        version, flags, content = _content(body)
        with_times = bool(flags & HAS_TIMES)
        try:
            if version == 1:
                batch = _decode_1(content, with_times=with_times)
                series = list(map(self._intern, batch.series))
                return Batch(
                    seq=batch.seq,
                    at_ms=batch.at_ms,
                    series=series,
                    values=batch.values,
                    times=batch.times,
                )
            return self._decode(content, with_times=with_times)
        except (struct.error, ValueError, IndexError, cramjam.DecompressionError) as error:
            raise JournalError(f"a batch is damaged: {error}") from error

    def _decode(self, content: memoryview, *, with_times: bool) -> Batch:
        seq, at_ms, table, count, size, packed, labels_size = CONTENT.unpack_from(content)
        if size != count * (20 if with_times else 12):
            raise JournalError(f"batch {seq} is damaged: its columns do not fit its size")
        start = CONTENT.size
        columns = _unpack(content[start : start + packed], size)
        numbers = _numbers(columns[: 4 * count], count)
        if numbers and not 0 <= min(numbers) <= max(numbers) < MAX_NUMBER:
            raise JournalError(f"batch {seq} is damaged: a series has an impossible number")
        labels = _Labels(content[start + packed :], labels_size)
        return Batch(
            seq=seq,
            at_ms=at_ms,
            series=self._series(table, numbers, labels),
            values=column("d", columns[4 * count : 12 * count]),
            times=column("q", columns[12 * count :]) if with_times else None,
        )

    def _series(self, table: int, numbers: list[int], labels: "_Labels") -> list[bytes]:
        if table == self._table:
            return list(map(self._names.__getitem__, numbers))
        names = self._other(table)
        try:
            found = list(map(names.__getitem__, numbers))
        except IndexError:
            found = [None]
        if not all(found):
            self._learn(names, numbers, labels)
            found = list(map(names.__getitem__, numbers))
        return found  # type: ignore[return-value]  # no None is left: `_learn` has seen to it

    def _other(self, table: int) -> Names:
        """The names of a table that another program, or an earlier one, has made."""
        names = self._others.pop(table, None)
        self._others[table] = names = [] if names is None else names
        while len(self._others) > OTHER_TABLES:
            del self._others[next(iter(self._others))]
        return names

    def _learn(self, names: Names, numbers: Iterable[int], labels: "_Labels") -> None:
        rising = sorted(set(numbers))
        names += [None] * (rising[-1] + 1 - len(names))
        for number, one in zip(rising, labels.read(len(rising)), strict=True):
            if names[number] not in (None, one):
                raise JournalError(f"a batch is damaged: series {number} has two names")
            names[number] = self._intern(one)


class _Labels(NamedTuple):
    """Label bytes that may not have to be looked at."""

    packed: memoryview
    size: int

    def read(self, count: int) -> list[bytes]:
        """All of them."""
        payload = _unpack(self.packed, self.size)
        lengths = column("I", payload[: 4 * count])
        return _cut(payload, lengths, 4 * count, len(payload))


def _pack(payload: bytes) -> bytes:
    return bytes(cramjam.zstd.compress(payload, level=LEVEL))


def _unpack(packed: memoryview, size: int) -> bytes:
    if size > MAX_PAYLOAD:
        raise JournalError(f"a batch claims {size} bytes: it is damaged")
    payload = bytes(cramjam.zstd.decompress(packed, output_len=size))
    if len(payload) != size:
        raise JournalError(f"a batch is damaged: {len(payload)} bytes instead of {size}")
    return payload


def _planes(numbers: Sequence[int]) -> bytes:
    """The differences of the numbers as four planes of bytes: mostly zeros, and packed well."""
    steps = array("i", map(sub, numbers, chain((0,), numbers)))
    raw = little_endian(steps)
    return b"".join(raw[byte::4] for byte in range(4))


def _numbers(planes: bytes, count: int) -> list[int]:
    raw = bytearray(4 * count)
    for byte in range(4):
        raw[byte::4] = planes[byte * count : (byte + 1) * count]
    return list(accumulate(column("i", bytes(raw))))


def _cut(payload: bytes, lengths: Iterable[int], start: int, end: int) -> list[bytes]:
    """The pieces of `payload` from `start` on, which must end at `end`."""
    ends = list(accumulate(lengths, initial=start))
    if ends[-1] != end:
        raise JournalError("a batch is damaged: its columns do not fit its size")
    return [payload[first:last] for first, last in pairwise(ends)]


def _content(body: bytes) -> tuple[int, int, memoryview]:
    try:
        magic, version, flags, _, crc = HEAD.unpack_from(body)
    except struct.error as error:
        raise JournalError(f"a batch of {len(body)} bytes is cut off") from error
    if magic != MAGIC:
        raise JournalError("these bytes are no batch of a journal")
    if version not in (1, VERSION):
        raise JournalError(
            f"a batch of format {version}; this program reads formats 1 to {VERSION}"
        )
    content = memoryview(body)[HEAD.size :]
    if zlib.crc32(content) != crc:
        raise JournalError("a batch is damaged: its checksum does not fit")
    return version, flags, content


def _decode_1(content: memoryview, *, with_times: bool) -> Batch:
    """A batch as earlier programs wrote it: all labels, in the order of the samples."""
    seq, at_ms, count, size = CONTENT_1.unpack_from(content)
    payload = _unpack(content[CONTENT_1.size :], size)
    values_at = size - count * (16 if with_times else 8)
    times_at = values_at + 8 * count
    if values_at < 4 * count:
        raise JournalError(f"batch {seq} is damaged: its columns do not fit its size")
    lengths = column("I", payload[: 4 * count])
    return Batch(
        seq=seq,
        at_ms=at_ms,
        series=_cut(payload, lengths, 4 * count, values_at),
        values=column("d", payload[values_at:times_at]),
        times=column("q", payload[times_at:]) if with_times else None,
    )
