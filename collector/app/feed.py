"""The collector as the readers of its local API see it."""

import os
import time
from collections.abc import Callable

from msgspec import structs

from collector import __version__
from collector.app.parts import Parts
from collector.app.pulse import Pulse
from collector.model.snapshot import Snapshot
from collector.wire import HealthAnswer, HistoryAnswer

STALL_S = 15.0


class CollectorFeed:
    """`collector.serve.feed.Feed` over the parts of a collector.

    `hosted`: a console started it. `problems` gives what is wrong now, in words; `stop` begins the
    orderly end.
    """

    def __init__(
        self,
        parts: Parts,
        pulse: Pulse,
        *,
        hosted: bool,
        problems: Callable[[], tuple[str, ...]],
        stop: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._pulse = pulse
        self._hosted = hosted
        self._problems = problems
        self._stop = stop

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        return self._pulse.snapshot

    async def newer(self, seq: int) -> Snapshot | None:
        """The newest snapshot once its seq is above `seq`; None at the end."""
        return await self._pulse.newer(seq)

    async def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int
    ) -> HistoryAnswer | None:
        """Recent history from memory."""
        found = self._parts.site.history(asset, key, from_ms, to_ms, step_s)
        if found is None:
            return None
        times, values = found
        return HistoryAnswer(asset=asset, measurement=key, times=tuple(times), values=tuple(values))

    def health(self) -> HealthAnswer:
        """Whether ticks advance and the journal commits, and how all parts are."""
        snapshot = self._pulse.snapshot
        ticking = time.monotonic() - self._pulse.ticked_s < STALL_S
        return HealthAnswer(
            ok=ticking and not self._parts.recorder.cause and not self._pulse.cause,
            version=__version__,
            pid=os.getpid(),
            node=snapshot.node,
            hosted=self._hosted,
            health=structs.replace(snapshot.health, problems=self._problems()),
            journal=self._pulse.journal_health(),
            sources=snapshot.sources,
            sinks=snapshot.sinks,
        )

    def stop(self) -> None:
        """Begin the orderly end."""
        self._stop()

    def reader(self, change: int) -> None:
        """A stream was opened or closed."""
        self._pulse.readers += change
