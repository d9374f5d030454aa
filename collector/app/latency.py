"""How long values take from the wire into the snapshot, and into a receiver."""

from collections import deque
from collections.abc import Iterable

from msgspec import Struct

KEPT = 5_000
PENDING = 120


class Percentiles(Struct, frozen=True, kw_only=True):
    """Milliseconds; None while nothing was measured."""

    p50: float | None
    p99: float | None


def percentiles(values: Iterable[float]) -> Percentiles:
    """The median and the 99th percentile (nearest rank) of seconds, in milliseconds."""
    ordered = sorted(values)
    if not ordered:
        return Percentiles(p50=None, p99=None)

    def rank(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 1)

    return Percentiles(p50=rank(0.5), p99=rank(0.99))


class Latency:
    """Times some of the messages on their way. All times are steady seconds."""

    def __init__(self) -> None:
        self.to_snapshot: deque[float] = deque(maxlen=KEPT)
        self.to_stored: dict[str, deque[float]] = {}
        self._pending: dict[int, list[float]] = {}

    def frozen(self, now_s: float, arrivals: Iterable[float]) -> None:
        """A snapshot was published, with messages that came at `arrivals`."""
        self.to_snapshot.extend(now_s - arrival for arrival in arrivals)

    def kept(self, seq: int, arrivals: list[float]) -> None:
        """Those messages are in the journal as batch `seq`."""
        self._pending[seq] = arrivals
        while len(self._pending) > PENDING:
            del self._pending[min(self._pending)]

    def stored(self, sink: str, first: int, last: int, now_s: float) -> None:
        """A sink's receiver has answered for the batches `first` to `last`."""
        times = self.to_stored.setdefault(sink, deque(maxlen=KEPT))
        for seq in range(max(first, last - PENDING), last + 1):
            times.extend(now_s - arrival for arrival in self._pending.get(seq, ()))
