"""What of the journal may go out, and how much of it one request takes."""

from collector.errors import JournalError
from collector.journal import Journal
from collector.model.sink import SinkSettings
from collector.sinks.collect import Load, collect, collect_minutes
from collector.sinks.pace import Pace
from collector.sinks.state import Span
from collector.sinks.thin import MINUTE_MS, Rules

LIVE_BATCHES = 5
MINUTE_BATCHES = 120
"""Enough for the batches of a whole minute, so that it goes out once."""


class Reader:
    """Reads one sink's loads. `samples` is about how many of them one request takes now."""

    def __init__(self, journal: Journal, settings: SinkSettings, pace: Pace) -> None:
        self.samples = min(pace.most_samples, pace.least_samples * 5)
        self._journal = journal
        self._pace = pace
        self._resolution_s = settings.resolution_s
        self._thins = settings.resolution_s > 1
        self._rules = Rules()
        self._batch_samples = 1
        self._live_batches = max(
            MINUTE_BATCHES if self._thins else LIVE_BATCHES, round(2 * settings.flush_s)
        )

    async def ready(self) -> int:
        """The newest batch that may go out: with thinning the last one of a minute that is over.
        Raises JournalError."""
        head = self._journal.head
        if not self._thins:
            return head
        minute_ms = self._journal.last_ms // MINUTE_MS * MINUTE_MS
        return await self._journal.tick_start(head, minute_ms) - 1

    async def more(self, head: int) -> int:
        """The newest batch that may go out, as soon as it is beyond `head`."""
        await self._journal.wait_beyond(head)
        while True:
            looked_at = self._journal.head
            try:
                ready = await self.ready()
            except JournalError:
                ready = head  # the journal itself has said so; its next batch asks again
            if ready > head:
                return ready
            await self._journal.wait_beyond(looked_at)

    @property
    def at_once(self) -> int:
        """How many live batches go together: as many as one request holds, so that the newest is
        in it."""
        if self._thins:
            return self._live_batches
        return max(1, min(self._live_batches, self.samples // self._batch_samples))

    async def read(self, span: Span) -> Load:
        """As much of `span` as fits into one request. Raises JournalError."""
        if self._thins:
            load = await collect_minutes(
                self._journal, span, self.samples, self._resolution_s, self._rules
            )
        else:
            load = await collect(self._journal, span, self.samples)
        if load.batches:
            self._batch_samples = max(1, load.samples // load.batches)
        return load

    def shrink(self) -> None:
        """A request failed, or took too long: the next ones are smaller."""
        self.samples = max(self._pace.least_samples, self.samples // 2)

    def adapt(self, took_s: float, samples: int) -> None:
        """A request with so many samples was taken after `took_s`."""
        if took_s > 2 * self._pace.request_s:
            self.shrink()
        elif took_s < self._pace.request_s and samples >= self.samples // 2:
            self.samples = min(self._pace.most_samples, self.samples * 2)
