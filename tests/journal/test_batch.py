"""The journal's bytes: exact both ways, and never read when they are damaged."""

from array import array
from struct import pack, unpack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.errors import JournalError
from collector.journal import Batch
from collector.model.series import STALE, STALE_BITS
from tests.support.batches import batch, decode, encode

BITS = st.integers(0, 2**64 - 1)
TIMES = st.integers(-(2**63), 2**63 - 1)


def _bits(numbers: list[int]) -> "array[float]":
    values: array[float] = array("d")
    values.frombytes(pack(f"<{len(numbers)}Q", *numbers))
    return values


def _same(one: Batch, other: Batch) -> bool:
    return (
        (one.seq, one.at_ms, list(one.series)) == (other.seq, other.at_ms, list(other.series))
        and one.values.tobytes() == other.values.tobytes()
        and one.times == other.times
    )


@given(
    rows=st.lists(st.tuples(st.binary(max_size=300), BITS, TIMES), max_size=30),
    with_times=st.booleans(),
    seq=st.integers(0, 2**64 - 1),
    at_ms=TIMES,
)
@settings(max_examples=150)
def test_every_batch_comes_back_bit_by_bit(rows, with_times, seq, at_ms):
    """Label bytes, all 2^64 patterns of a double, and times survive encode and decode unchanged."""
    made = Batch(
        seq=seq,
        at_ms=at_ms,
        series=[row[0] for row in rows],
        values=_bits([row[1] for row in rows]),
        times=array("q", [row[2] for row in rows]) if with_times else None,
    )
    assert _same(decode(encode(made)), made)


def test_a_stale_marker_keeps_its_pattern():
    """A stale marker is still the very NaN that receivers know, not just any NaN."""
    made = Batch(seq=1, at_ms=1, series=[b"a"], values=array("d", [STALE]))
    assert unpack("<Q", decode(encode(made)).values.tobytes())[0] == STALE_BITS


@given(data=st.data())
@settings(max_examples=300)
def test_a_flipped_bit_anywhere_is_noticed(data):
    """Whatever single bit of the stored bytes flips, decoding raises instead of giving samples."""
    raw = bytearray(encode(batch(7, 20)))
    at = data.draw(st.integers(0, len(raw) * 8 - 1))
    if at // 8 in (5, 6, 7):  # flags and padding: outside the checksum, tested below
        return
    raw[at // 8] ^= 1 << at % 8
    with pytest.raises(JournalError):
        decode(bytes(raw))


@given(cut=st.integers(0, 400))
@settings(max_examples=100)
def test_a_cut_batch_is_noticed(cut):
    """A batch that lost its tail is refused."""
    raw = encode(batch(7, 20))
    with pytest.raises(JournalError):
        decode(raw[: min(cut, len(raw) - 1)])


def test_the_flag_of_times_is_covered():
    """Bytes that claim times without having them do not become a batch."""
    raw = bytearray(encode(batch(7, 20)))
    raw[5] ^= 1
    with pytest.raises(JournalError):
        decode(bytes(raw))


def test_a_later_format_is_named():
    """A batch of an unknown format says so instead of being called damaged."""
    raw = bytearray(encode(batch(1)))
    raw[4] = 9
    with pytest.raises(JournalError, match="format 9"):
        decode(bytes(raw))


def test_columns_must_fit():
    """A batch with more series than values is refused before it is stored."""
    with pytest.raises(JournalError, match="do not fit"):
        encode(Batch(seq=1, at_ms=1, series=[b"a", b"b"], values=array("d", [1.0])))
