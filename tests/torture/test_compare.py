"""The comparison that the torture rests on finds each fault that it looks for."""

import urllib.request
from array import array

import pytest
from msgspec import structs

from collector.journal import Batch
from collector.model.series import STALE, encode_series
from collector.sinks.remote_write import Gatherer, snappy
from scripts.torture.compare import compare, compare_receivers, equal
from tests.support.victoriametrics import FLAGS

START_MS = 1_790_000_000_000
SERIES = [encode_series(f"ovr_m{number}", {"node": "n1", "asset": "a"}) for number in range(4)]


def batch(seq, *, at_ms=None, shift=0.0):
    """Four samples; the last one of every third batch is a stale marker."""
    values = array("d", [seq * 1.5 + shift, 0.1 * seq, 1e9 + seq, seq])
    if seq % 3 == 0:
        values[3] = STALE
    at = START_MS + 1000 * seq if at_ms is None else at_ms
    return Batch(seq=seq, at_ms=at, series=list(SERIES), values=values)


BATCHES = [batch(seq) for seq in range(1, 101)]


def give(server, batches):
    """Deliver batches as a sink does."""
    gatherer = Gatherer()
    gatherer.extend(batches)
    request = urllib.request.Request(  # noqa: S310  loopback
        f"{server.url}/api/v1/write", snappy(gatherer.series()).body
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        assert answer.status == 204


def without(one, index):
    """The batch without one of its samples."""
    keep = [number for number in range(len(one)) if number != index]
    return structs.replace(
        one,
        series=[one.series[number] for number in keep],
        values=array("d", [one.values[number] for number in keep]),
    )


def found(server, batches=BATCHES):
    """What is wrong, as counts."""
    result = compare(batches, server.url)
    return result.missing, result.changed, result.doubled, result.foreign


def test_the_same_samples_are_whole(victoriametrics):
    """Delivered three times over, stale markers and times of their own included, all is well."""
    server = victoriametrics()
    late = structs.replace(
        batch(101), times=array("q", [START_MS + 500, START_MS - 90_000, START_MS, START_MS + 9])
    )
    for _ in range(3):
        give(server, [*BATCHES, late])
    result = compare([*BATCHES, late], server.url)
    assert result.good, result.examples
    assert result.samples == 404
    assert result.markers == 33


def test_a_missing_sample_is_found(victoriametrics):
    """One sample of one series that was not delivered, and a whole batch."""
    server = victoriametrics()
    give(server, [*BATCHES[:9], without(BATCHES[9], 1), *BATCHES[10:-1]])
    assert found(server) == (1 + 4, 0, 0, 0)


def test_a_changed_sample_is_found(victoriametrics):
    """A value that differs, a marker where a value was, and a value where a marker was."""
    server = victoriametrics()
    marker = structs.replace(BATCHES[9], values=array("d", [*BATCHES[9].values[:3], STALE]))
    value = structs.replace(BATCHES[2], values=array("d", [*BATCHES[2].values[:3], 3.0]))
    shifted = batch(50, shift=1e-6)
    give(server, [BATCHES[0], BATCHES[1], value, *BATCHES[3:9], marker, *BATCHES[10:49], shifted])
    give(server, BATCHES[50:])
    assert found(server) == (0, 3, 0, 0)


def test_a_sample_that_was_never_committed_is_found(victoriametrics):
    """Between the committed ones, before them, after them, and a series of its own."""
    server = victoriametrics()
    own = Batch(
        seq=1, at_ms=START_MS + 2000, series=[encode_series("ovr_x", {})], values=array("d", [1.0])
    )
    around = [batch(seq) for seq in (-5, 0, 101, 5000)]
    between = batch(1, at_ms=START_MS + 1500)
    give(server, [*BATCHES, own, between, *around])
    assert found(server) == (0, 0, 0, 1 + 4 + 16)


def test_a_sample_that_is_there_twice_is_found(victoriametrics):
    """A receiver without dedup holds what was repeated twice, and each such series is named."""
    server = victoriametrics(tuple(flag for flag in FLAGS if "dedup" not in flag))
    give(server, BATCHES)
    give(server, BATCHES[10:20])
    assert found(server) == (0, 0, 4, 0)


def test_a_batch_that_is_committed_twice_is_found(victoriametrics):
    """Two numbers for one tick are no proof of anything."""
    server = victoriametrics()
    give(server, BATCHES)
    again = structs.replace(BATCHES[-1], seq=101)
    assert found(server, [*BATCHES, again]) == (0, 0, 4, 0)


@pytest.mark.parametrize(
    ("value", "held", "largest", "same"),
    [
        (0.9700000286102295, 0.970000028610, 1.0, True),
        (0.9700000286102295, 0.97000002860, 1.0, False),
        (60000.0, 60000.0000001, 60000.0, False),
        (0.001234567890123, 0.001234567, 1e9, True),
        (STALE, STALE, 1.0, True),
        (STALE, 0.0, 1.0, False),
        (0.0, STALE, 1.0, False),
        (0.0, 0.0, 0.0, True),
    ],
)
def test_equal_is_what_the_receiver_can_keep(value, held, largest, same):
    """Twelve digits of each value, fewer of a small one beside a large one; markers are markers."""
    assert equal(value, held, largest) is same


def test_two_receivers_are_compared_sample_by_sample(victoriametrics):
    """Equal ones are equal; what one lacks, has changed or has more of is found."""
    calm, other = victoriametrics(), victoriametrics()
    give(calm, BATCHES)
    give(other, BATCHES)
    span = (START_MS, START_MS + 200_000)
    assert compare_receivers(other.url, calm.url, *span).good
    assert compare_receivers(other.url, calm.url, *span).samples == 400
    give(other, [batch(150), batch(20, at_ms=START_MS + 20_500)])
    give(calm, [batch(160)])
    found = compare_receivers(other.url, calm.url, *span)
    assert (found.missing, found.changed, found.doubled, found.foreign) == (4, 0, 0, 8)
