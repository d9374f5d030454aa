"""A receiver as VictoriaMetrics is one: what it answered 2xx to it may still lose when it dies."""

from collections.abc import Iterable

from collector.journal import Batch

FLUSH_S = 12
"""So long samples may be in its memory only (measured)."""

Stored = tuple[int, bytes, bytes]
"""Time, labels and values of a batch."""


class Receiver:
    """Holds batches by number: `disk` survives its death, `memory` does not."""

    def __init__(self) -> None:
        self.epoch = 1
        self.disk: dict[int, Stored] = {}
        self.memory: dict[int, tuple[int, Stored]] = {}

    def take(self, batches: Iterable[Batch], now_s: int) -> None:
        """Answer 2xx; a repeat must be identical."""
        for one in batches:
            stored = (one.at_ms, b"".join(one.series), one.values.tobytes())
            before = self.disk.get(one.seq) or self.memory.get(one.seq, (0, stored))[1]
            assert stored == before, f"batch {one.seq} changed from one delivery to the next"
            self.memory.setdefault(one.seq, (now_s, stored))

    def passed(self, now_s: int) -> None:
        """Time has passed: what was taken long enough ago is on its disk."""
        for seq, (taken_s, stored) in list(self.memory.items()):
            if taken_s + FLUSH_S <= now_s:
                self.disk[seq] = stored
                del self.memory[seq]

    def die(self) -> None:
        """SIGKILL, and a new process."""
        self.epoch += 1
        self.memory.clear()

    def has(self, seq: int) -> bool:
        """Whether it holds a batch, surely or not."""
        return seq in self.disk or seq in self.memory
