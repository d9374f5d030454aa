"""Prometheus remote write (protobuf messages `WriteRequest` … `Sample`), written by hand.

    WriteRequest { repeated TimeSeries timeseries = 1; }
    TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2; }
    Sample       { double value = 1; int64 timestamp = 2; }   // UTC ms

The journal's label bytes are `TimeSeries` field 1 already, and a batch's samples are laid out by
stride, so that nothing here runs once for each sample but what C does. Only what every receiver
takes gets out: finite values and stale markers, times a receiver can hold, series that begin with
their name; the rest is counted by reason.
"""

from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import compress, islice, pairwise
from math import isfinite
from operator import iconcat
from struct import Struct, pack, unpack_from
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
HANDY_REQUEST_BYTES = 4 << 20
"""The same where nothing speaks for few requests: the least memory and the shortest stalls."""

ENCODE_AT_ONCE = 4096
"""Series that are joined by one call: more would hold up other threads."""

CUT = 256
"""Samples that are cut apart by one call."""


class TimeSeries(NamedTuple):
    """One series of a request: label bytes, and encoded samples one after another."""

    labels: bytes
    samples: bytes | bytearray

    @property
    def number(self) -> int:
        """How many samples there are; they are counted one by one."""
        return sum(1 for _ in _fields(self.samples))

    @property
    def size(self) -> int:
        """Bytes within the request, but for a few."""
        return len(self.labels) + len(self.samples) + 4


Groups = defaultdict[bytes, bytearray]
"""Encoded samples one after another, by label bytes."""


class Gatherer:
    """Collects batches and groups their samples by series, in the order they came.

    `samples` counts what came in, `dropped` what of it no receiver would take, by reason.
    """

    def __init__(self) -> None:
        self.samples = 0
        self.dropped: Counter[str] = Counter()
        self._groups: Groups = defaultdict(bytearray)

    def add(self, batch: Batch) -> None:
        """Take all samples of `batch`."""
        series: Iterable[bytes] = batch.series
        samples: Iterable[bytes] = encode_samples(batch)
        good = sendable(batch, self.dropped)
        if good is not None:
            series, samples = compress(series, good), compress(samples, good)
        group(self._groups, series, samples)
        self.samples += len(batch)

    def extend(self, batches: Sequence[Batch]) -> None:
        """Take all samples of all `batches`."""
        for batch in batches:
            self.add(batch)

    @property
    def kept(self) -> int:
        """How many samples `series` holds."""
        return self.samples - self.dropped.total()

    def series(self) -> list[TimeSeries]:
        """What was gathered; it is handed over."""
        for labels in nameless(self._groups):
            self.dropped["series without name"] += len(split(self._groups.pop(labels)))
        found = list(map(TimeSeries._make, self._groups.items()))
        self._groups.clear()
        return found


def group(groups: Groups, series: Iterable[bytes], samples: Iterable[bytes]) -> None:
    """Append each sample to its series.

    Equal to `for labels, sample in zip(series, samples): groups[labels] += sample`, at half the
    time, for no step of it is Python's.
    """
    deque(map(iconcat, map(groups.__getitem__, series), samples), maxlen=0)


def nameless(series: Iterable[bytes]) -> list[bytes]:
    """Label bytes that do not begin with a name."""
    return [labels for labels in series if NAME_FIELD not in labels[:16]]


def sendable(batch: Batch, dropped: "Counter[str]") -> list[bool] | None:
    """Which samples may go out; None: all. The others are counted in `dropped`, by reason."""
    times = batch.times or (batch.at_ms,)
    if all(map(isfinite, batch.values)) and all(0 < at < MAX_MS for at in times):
        return None
    return [_good(batch, index, dropped) for index in range(len(batch))]


def _good(batch: Batch, index: int, dropped: "Counter[str]") -> bool:
    at_ms = batch.at_ms if batch.times is None else batch.times[index]
    if not 0 < at_ms < MAX_MS:
        dropped["time out of range"] += 1
        return False
    if not isfinite(batch.values[index]) and not is_stale(batch.values, index):
        dropped["value not finite"] += 1
        return False
    return True


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
    return _pieces(bytes(rows), size)


@cache
def _knife(size: int) -> Struct:
    return Struct(f"{size}s" * CUT)


def _pieces(raw: bytes, size: int) -> list[bytes]:
    """`raw` cut into pieces of `size` bytes."""
    out: list[bytes] = []
    knife = _knife(size)
    whole = len(raw) // knife.size * knife.size
    for start in range(0, whole, knife.size):
        out += knife.unpack_from(raw, start)
    out += [raw[start : start + size] for start in range(whole, len(raw), size)]
    return out


_length = lru_cache(maxsize=8192)(varint)


def encode(series: Sequence[TimeSeries]) -> bytes:
    """The unpacked WriteRequest."""
    pieces: list[bytes] = []
    for start in range(0, len(series), ENCODE_AT_ONCE):
        parts: list[bytes | bytearray] = []
        for labels, samples in series[start : start + ENCODE_AT_ONCE]:
            parts += (b"\x0a", _length(len(labels) + len(samples)), labels, samples)
        pieces.append(b"".join(parts))
    return b"".join(pieces)


def decode(request: bytes) -> list[TimeSeries]:
    """The series of an unpacked WriteRequest that `encode` made."""
    return [_series(body) for _, body in _fields(request)]


def _series(body: bytes | bytearray) -> TimeSeries:
    starts = (start for start, _ in _fields(body) if body[start] == SAMPLE[0])
    cut = next(starts, len(body))
    return TimeSeries(bytes(body[:cut]), bytes(body[cut:]))


def _fields(message: bytes | bytearray) -> Iterator[tuple[int, bytes | bytearray]]:
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


def read_sample(sample: bytes) -> tuple[float, int]:
    """Value and UTC ms of an encoded sample. Raises struct.error or IndexError for other bytes."""
    (value,) = unpack_from("<d", sample, 3)
    number = shift = 0
    for byte in sample[12:]:
        number |= (byte & 0x7F) << shift
        shift += 7
    return value, number


def split(samples: bytes | bytearray) -> list[bytes]:
    """Each of the samples that stand one after another."""
    starts = [start for start, _ in _fields(samples)]
    return [bytes(samples[a:b]) for a, b in pairwise((*starts, len(samples)))]


def halve(series: Sequence[TimeSeries]) -> tuple[list[TimeSeries], list[TimeSeries]] | None:
    """Two smaller requests with the same samples; None for a single sample."""
    if len(series) > 1:
        middle = len(series) // 2
        return list(series[:middle]), list(series[middle:])
    labels, samples = series[0]
    starts = [start for start, _ in _fields(samples)]
    if len(starts) < 2:
        return None
    cut = starts[len(starts) // 2]
    return [TimeSeries(labels, samples[:cut])], [TimeSeries(labels, samples[cut:])]


def by_size(series: Sequence[TimeSeries], limit: int) -> Iterator[list[TimeSeries]]:
    """Requests of at most `limit` bytes unpacked (a larger series goes alone)."""
    part: list[TimeSeries] = []
    size = 0
    for one in series:
        own = one.size
        if part and size + own > limit:
            yield part
            part, size = [], 0
        part.append(one)
        size += own
    if part:
        yield part


class Packed(NamedTuple):
    """A request as it goes over the wire. `size`: bytes unpacked."""

    body: bytes
    zstd: bool
    size: int

    def unpacked(self) -> bytes:
        """The WriteRequest."""
        unpack = cramjam.zstd.decompress if self.zstd else cramjam.snappy.decompress_raw
        return bytes(unpack(self.body))

    def series(self) -> list[TimeSeries]:
        """What is in it."""
        return decode(self.unpacked())

    def first(self) -> list[TimeSeries]:
        """Its first series only."""
        return [_series(body) for _, body in islice(_fields(self.unpacked()), 1)]


def snappy(series: Sequence[TimeSeries]) -> Packed:
    """Packed as every receiver takes it: snappy's block format."""
    request = encode(series)
    return Packed(bytes(cramjam.snappy.compress_raw(request)), False, len(request))


def zstd(series: Sequence[TimeSeries], *, level: int = 3) -> Packed:
    """Packed as some receivers say they take it."""
    request = encode(series)
    return Packed(bytes(cramjam.zstd.compress(request, level=level)), True, len(request))
