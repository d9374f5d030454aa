"""What the journal keeps beside the batches: the state of its sinks, and what was refused."""

from msgspec import Struct

Ranges = tuple[tuple[int, int], ...]
"""Sequence numbers as rising, disjoint, never adjoining `(first, last)` pairs."""


class SinkRecord(Struct, frozen=True, kw_only=True):
    """What a sink has not settled: everything above `head`, and `unsettled` up to it."""

    name: str
    head: int
    unsettled: Ranges = ()


class Dead(Struct, frozen=True, kw_only=True):
    """Samples that a receiver refused for good: an unpacked remote-write request.

    With an empty `sink` it is a batch of the journal that was found damaged, as it stood on disk.
    `id` 0: not kept yet.
    """

    sink: str
    first_seq: int
    last_seq: int
    at_ms: int
    reason: str
    samples: int
    body: bytes
    id: int = 0
