"""Batches for tests of journal and sinks."""

from array import array
from math import sin

from collector.journal import Batch
from collector.journal.codec import Codec
from collector.model.series import encode_series

START_MS = 1_790_000_000_000


def encode(one: Batch) -> bytes:
    """The bytes that a journal which knows nothing yet keeps of a batch."""
    return Codec().encode(one)


def decode(body: bytes) -> Batch:
    """The batch, as a journal reads it that has met none before."""
    return Codec().decode(body)


def series(name: str = "ovr_load_power_w", **labels: str) -> bytes:
    """Label bytes."""
    return encode_series(name, labels)


SERIES = tuple(series(asset=f"bess-{number}", node="n1") for number in range(200))
SEQ = series("ovr_node_batch_seq", node="n1")
SAMPLES = series("ovr_node_batch_samples", node="n1")


def value(seq: int, number: int) -> float:
    """What series `number` has in batch `seq`: hard to compress."""
    return sin(12.9898 * seq + 78.233 * number) * 43758.5453


def batch(seq: int, samples: int = 10, *, at_ms: int | None = None) -> Batch:
    """A tick's batch with `samples` samples, its two marks among them."""
    labels = [SEQ, SAMPLES, *SERIES[: samples - 2]]
    values = array("d", [seq, samples, *(value(seq, n) for n in range(samples - 2))])
    at = START_MS + 1000 * seq if at_ms is None else at_ms
    return Batch(seq=seq, at_ms=at, series=labels, values=values)
