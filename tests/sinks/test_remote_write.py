"""The wire format of remote write, byte by byte."""

from array import array
from struct import pack

import cramjam
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.journal import Batch
from collector.model.series import STALE, encode_series, varint
from collector.sinks.remote_write import (
    Gatherer,
    TimeSeries,
    by_size,
    decode,
    encode,
    halve,
    snappy,
    zstd,
)

UP = encode_series("up", {"a": "b"})
DOWN = encode_series("down", {"a": "b"})
AT_MS = 1_790_000_000_123


def _gathered(*batches: Batch) -> list[TimeSeries]:
    gatherer = Gatherer()
    gatherer.extend(batches)
    return gatherer.series()


def _batch(seq: int, *rows: tuple[bytes, float], times: list[int] | None = None) -> Batch:
    return Batch(
        seq=seq,
        at_ms=AT_MS + seq,
        series=[labels for labels, _ in rows],
        values=array("d", [value for _, value in rows]),
        times=None if times is None else array("q", times),
    )


def test_a_request_is_what_the_protocol_says() -> None:
    """One sample: WriteRequest.timeseries, its labels, then value (double) and time (varint)."""
    sample = b"\x09" + pack("<d", 1.5) + b"\x10" + varint(AT_MS + 1)
    labels = b"\x0a\x0e\x0a\x08__name__\x12\x02up" + b"\x0a\x06\x0a\x01a\x12\x01b"
    body = labels + b"\x12" + varint(len(sample)) + sample
    assert encode(_gathered(_batch(1, (UP, 1.5)))) == b"\x0a" + varint(len(body)) + body


def test_samples_of_a_series_stand_together_in_order() -> None:
    """Several batches become one entry for each series, its samples in the order of the ticks."""
    series = _gathered(
        _batch(1, (UP, 1.0), (DOWN, 9.0)), _batch(2, (UP, 2.0)), _batch(3, (UP, 3.0))
    )
    assert [(one.labels, one.number) for one in series] == [(UP, 3), (DOWN, 1)]
    parts = [_gathered(_batch(n, (UP, float(n))))[0].samples for n in (1, 2, 3)]
    assert series[0].samples == b"".join(parts)


def test_a_stale_marker_goes_out_bit_by_bit() -> None:
    """The stale marker's pattern stands in the request."""
    (series,) = _gathered(_batch(1, (UP, STALE)))
    assert series.samples[3:11] == bytes.fromhex("020000000000f07f")


def test_own_times_are_used() -> None:
    """A batch with times gives each sample its own."""
    (series,) = _gathered(_batch(1, (UP, 1.0), (UP, 1.0), times=[5, 300]))
    assert series.samples.endswith(b"\x10" + varint(300))
    assert b"\x10\x05\x12" in series.samples


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([UP, DOWN, encode_series("x" * 200, {"long": "y" * 900})]),
            st.floats(allow_nan=False, allow_infinity=False),
            st.integers(1, (1 << 46) - 1),
        ),
        min_size=1,
        max_size=40,
    ),
    limit=st.integers(1, 3000),
)
@settings(max_examples=150)
def test_splitting_neither_loses_nor_doubles(
    rows: list[tuple[bytes, float, int]], limit: int
) -> None:
    """Decoding, halving and cutting by size keep every sample exactly once."""
    batch = _batch(1, *((r[0], r[1]) for r in rows), times=[r[2] for r in rows])
    series = _gathered(batch)
    assert decode(encode(series)) == series

    def flat(parts: list[list[TimeSeries]]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        for part in parts:
            for one in part:
                found[one.labels] = found.get(one.labels, b"") + one.samples
        return found

    assert flat(list(by_size(series, limit))) == flat([series])
    leaves, stack = [], [series]
    while stack:
        part = stack.pop()
        halves = halve(part)
        if halves is None:
            assert [one.number for one in part] == [1]
            leaves.append(part)
        else:
            stack += (halves[1], halves[0])
    assert flat(leaves) == flat([series])
    assert len(leaves) == len(rows)


def test_packing_is_the_block_format() -> None:
    """Snappy's block format (no frames), and zstd with its content size; both come back."""
    series = _gathered(_batch(1, (UP, 1.5), (DOWN, 2.0)), _batch(2, (UP, 2.5)))
    request = encode(series)
    plain, other = snappy(series), zstd(series)
    assert bytes(cramjam.snappy.decompress_raw(plain.body)) == request
    assert plain.body[0] == plain.size == len(request)
    assert bytes(cramjam.zstd.decompress(other.body)) == request
    assert plain.series() == other.series() == series
