"""Time series and their labels, encoded once.

A series is identified by its *label bytes*: the concatenated Prometheus remote-write `Label`
messages (protobuf field 1 of `TimeSeries`), `__name__` first, then by name. The journal keeps
these bytes and the sinks send them unchanged, so nothing is encoded twice and a journaled batch
explains itself.
"""

import re
from collections.abc import Iterator, Mapping
from struct import pack, unpack

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
MAX_VALUE_BYTES = 1024

STALE_BITS = 0x7FF0000000000002
STALE: float = unpack("<d", pack("<Q", STALE_BITS))[0]
"""The Prometheus stale marker: a NaN of one certain bit pattern (keep it out of arithmetic)."""


class BadSeries(ValueError):
    """A name or label that no receiver would take."""


def varint(number: int) -> bytes:
    """`number` ≥ 0 as a protobuf base-128 varint."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(tag: int, body: bytes) -> bytes:
    return bytes((tag,)) + varint(len(body)) + body


def _label(name: str, value: str) -> bytes:
    raw = value.encode("utf-8", "replace")
    if len(raw) > MAX_VALUE_BYTES:
        raise BadSeries(f"label {name}: value of {len(raw)} bytes, at most {MAX_VALUE_BYTES}")
    return _field(0x0A, _field(0x0A, name.encode()) + _field(0x12, raw))


def encode_series(name: str, labels: Mapping[str, str]) -> bytes:
    """The label bytes of a series. Labels with an empty value are left out.

    Raises BadSeries for a name that receivers refuse, or a value over 1,024 bytes.
    """
    if not NAME.match(name):
        raise BadSeries(f"{name!r} is no metric name (letters, digits, _ and : only)")
    parts = [_label("__name__", name)]
    for key in sorted(labels):
        if not LABEL.match(key) or key.startswith("__"):
            raise BadSeries(f"{name}: {key!r} is no label name")
        if labels[key]:
            parts.append(_label(key, labels[key]))
    return b"".join(parts)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7


def _read_fields(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        length, start = _read_varint(data, at + 1)
        at = start + length
        yield data[start:at]


def decode_series(encoded: bytes) -> tuple[str, dict[str, str]]:
    """The name and labels behind label bytes."""
    pairs = [
        tuple(part.decode() for part in _read_fields(label)) for label in _read_fields(encoded)
    ]
    labels = {pair[0]: pair[1] for pair in pairs}
    return labels.pop("__name__"), labels


_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")


def snake(path: str) -> str:
    """A device's path as the tail of a metric name: `Ac/Out/L1/P` → `ac_out_l1_p`."""
    return "_".join(part for part in _SNAKE.split(path) if part).lower()
