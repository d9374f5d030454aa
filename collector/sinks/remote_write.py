"""Prometheus remote write (protobuf messages `WriteRequest` … `Sample`), written by hand.

    WriteRequest { repeated TimeSeries timeseries = 1; }
    TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2; }
    Sample       { double value = 1; int64 timestamp = 2; }   // UTC ms

The journal's label bytes are `TimeSeries` field 1 already, so each sample costs one slice. Only
what every receiver takes gets out: finite values and stale markers, times a receiver can hold,
series that begin with their name; the rest is counted by reason.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from math import isfinite
from struct import pack
from typing import NamedTuple

import cramjam

from collector.journal.batch import Batch, little_endian
from collector.model.series import STALE_BITS, varint

NAME_FIELD = b"\x0a\x08__name__\x12"
MAX_MS = 1 << 46
STALE_RAW = pack("<Q", STALE_BITS)

SAMPLE = b"\x12\x00\x09" + bytes(8) + b"\x10"
"""Field 2 of TimeSeries with its length left open, value, tag of the timestamp."""

MAX_REQUEST_BYTES = 16 << 20
"""Unpacked; receivers refuse above 32 MiB."""


class TimeSeries(NamedTuple):
    """One series of a request: label bytes, encoded samples and how many they are."""

    labels: bytes
    samples: bytes
    number: int

    @property
    def size(self) -> int:
        """Bytes within the request, but for a few."""
        return len(self.labels) + len(self.samples) + 4


class Gatherer:
    """Collects batches and groups their samples by series, in the order they came.

    `samples` counts what came in, `dropped` what of it no receiver would take, by reason.
    """

    def __init__(self) -> None:
        self.samples = 0
        self.dropped: Counter[str] = Counter()
        self._groups: defaultdict[bytes, list[bytes]] = defaultdict(list)

    def add(self, batch: Batch) -> None:
        """Take all samples of `batch`."""
        rows: Iterable[tuple[bytes, bytes]] = zip(batch.series, encode_samples(batch), strict=True)
        good = self._sendable(batch)
        if good is not None:
            rows = compress(rows, good)
        groups = self._groups
        for labels, sample in rows:
            groups[labels].append(sample)
        self.samples += len(batch)

    def extend(self, batches: Sequence[Batch]) -> None:
        """Take all samples of all `batches`."""
        for batch in batches:
            self.add(batch)

    def _sendable(self, batch: Batch) -> list[bool] | None:
        """Which samples may go out; None: all."""
        times = batch.times or (batch.at_ms,)
        if all(map(isfinite, batch.values)) and all(0 < at < MAX_MS for at in times):
            return None
        return [self._good(batch, index) for index in range(len(batch))]

    def _good(self, batch: Batch, index: int) -> bool:
        at_ms = batch.at_ms if batch.times is None else batch.times[index]
        if not 0 < at_ms < MAX_MS:
            self.dropped["time out of range"] += 1
            return False
        if not isfinite(batch.values[index]) and not is_stale(batch.values, index):
            self.dropped["value not finite"] += 1
            return False
        return True

    def series(self) -> list[TimeSeries]:
        """What was gathered."""
        for labels in [labels for labels in self._groups if NAME_FIELD not in labels[:16]]:
            self.dropped["series without name"] += len(self._groups.pop(labels))
        return [
            TimeSeries(labels, b"".join(samples), len(samples))
            for labels, samples in self._groups.items()
        ]


def is_stale(values: "array[float]", index: int) -> bool:
    """Whether the value is the stale marker, bit by bit."""
    return values[index : index + 1].tobytes() == STALE_RAW


def encode_samples(batch: Batch) -> list[bytes]:
    """Each sample of `batch` as field 2 of TimeSeries, in order."""
    if batch.times is None:
        return _same_time(batch.values, batch.at_ms)
    return [
        _same_time(batch.values[index : index + 1], at_ms)[0]
        for index, at_ms in enumerate(batch.times)
    ]


def _same_time(values: "array[float]", at_ms: int) -> list[bytes]:
    """All values at one time: one template, into which the values' bytes are laid by stride."""
    stamp = varint(max(0, at_ms))
    row = bytearray(SAMPLE + stamp)
    row[1] = len(row) - 2
    size = len(row)
    rows = row * len(values)
    raw = little_endian(values)
    for byte in range(8):
        rows[3 + byte :: size] = raw[byte::8]
    out = bytes(rows)
    return [out[start : start + size] for start in range(0, len(out), size)]


def encode(series: Iterable[TimeSeries]) -> bytes:
    """The unpacked WriteRequest."""
    parts: list[bytes] = []
    for labels, samples, _ in series:
        parts += (b"\x0a", varint(len(labels) + len(samples)), labels, samples)
    return b"".join(parts)


def decode(request: bytes) -> list[TimeSeries]:
    """The series of an unpacked WriteRequest that `encode` made."""
    return [_series(body) for _, body in _fields(request)]


def _series(body: bytes) -> TimeSeries:
    samples = [start for start, _ in _fields(body) if body[start] == SAMPLE[0]]
    cut = samples[0] if samples else len(body)
    return TimeSeries(body[:cut], body[cut:], len(samples))


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Start and content of each length-delimited field."""
    at = 0
    while at < len(message):
        start = at
        length = shift = 0
        at += 1
        while True:
            byte = message[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        yield start, message[at : at + length]
        at += length


def halve(series: Sequence[TimeSeries]) -> tuple[list[TimeSeries], list[TimeSeries]] | None:
    """Two smaller requests with the same samples; None for a single sample."""
    if len(series) > 1:
        middle = len(series) // 2
        return list(series[:middle]), list(series[middle:])
    labels, samples, number = series[0]
    if number < 2:
        return None
    starts = [start for start, _ in _fields(samples)]
    middle = number // 2
    cut = starts[middle]
    return (
        [TimeSeries(labels, samples[:cut], middle)],
        [TimeSeries(labels, samples[cut:], number - middle)],
    )


def by_size(series: Sequence[TimeSeries], limit: int) -> Iterator[list[TimeSeries]]:
    """Requests of at most `limit` bytes unpacked (a larger series goes alone)."""
    part: list[TimeSeries] = []
    size = 0
    for one in series:
        if part and size + one.size > limit:
            yield part
            part, size = [], 0
        part.append(one)
        size += one.size
    if part:
        yield part


def snappy(request: bytes) -> bytes:
    """Packed as every receiver takes it: snappy's block format."""
    return bytes(cramjam.snappy.compress_raw(request))


def zstd(request: bytes) -> bytes:
    """Packed as some receivers say they take it."""
    return bytes(cramjam.zstd.compress(request, level=3))
