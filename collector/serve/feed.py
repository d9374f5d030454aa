"""What the local API needs of the collector."""

from typing import Protocol

from collector.model.snapshot import Snapshot
from collector.wire import HealthAnswer, HistoryAnswer


class Feed(Protocol):
    """The collector as its readers see it."""

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""

    async def newer(self, seq: int) -> Snapshot | None:
        """The newest snapshot, as soon as its seq is above `seq`; None once the collector ends."""

    async def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int
    ) -> HistoryAnswer | None:
        """Past values, from memory or from rollups; None when there is no such asset or reading.
        With a step above 1 each point is the mean of its step's good time."""

    def health(self) -> HealthAnswer:
        """The collector's own state; what the API itself does is added to it."""

    def stop(self) -> None:
        """Begin the orderly end of the collector."""

    def reader(self, change: int) -> None:
        """A stream was opened (+1) or closed (−1)."""
