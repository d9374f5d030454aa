"""Between the tick and the journal: a short queue, so that a slow disk never delays a tick."""

import asyncio
from collections import deque

import structlog

from collector.errors import JournalError
from collector.journal.batch import Batch
from collector.journal.store import Journal

WAITING = 60
"""Batches (seconds) that may wait for the disk; beyond it the oldest is lost, and counted."""

log = structlog.get_logger("journal")


class Recorder:
    """Appends batches to the journal in order, one at a time."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: deque[Batch] = deque()
        self._some = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.seq = journal.next_seq
        """The sequence number of the next batch."""
        self.lost_batches = 0
        self.lost_samples = 0
        self.cause = ""

    def offer(self, batch: Batch) -> None:
        """Hand over the batch of a tick; never blocks."""
        self.seq = batch.seq + 1
        self._waiting.append(batch)
        while len(self._waiting) > WAITING:
            self._lose(self._waiting.popleft(), "the disk is too slow")
        self._idle.clear()
        self._some.set()

    async def run(self) -> None:
        """Append until cancelled."""
        while True:
            await self._some.wait()
            while self._waiting:
                batch = self._waiting[0]
                try:
                    await self._journal.append(batch)
                except JournalError as error:
                    self._lose(batch, str(error))
                else:
                    if self.cause:
                        log.info("Journaling again.", lost_samples=self.lost_samples)
                    self.cause = ""
                if self._waiting and self._waiting[0] is batch:
                    self._waiting.popleft()
            self._some.clear()
            self._idle.set()

    async def flush(self, limit_s: float) -> None:
        """Wait until all batches handed over are on disk, at most `limit_s`."""
        try:
            async with asyncio.timeout(limit_s):
                await self._idle.wait()
        except TimeoutError:
            log.error("The journal did not take the last batches.", waiting=len(self._waiting))  # noqa: TRY400  the time-out itself explains nothing

    def _lose(self, batch: Batch, cause: str) -> None:
        self.lost_batches += 1
        self.lost_samples += len(batch)
        if not self.cause:
            log.error("Samples are lost: they could not be journaled.", cause=cause)
        self.cause = cause
