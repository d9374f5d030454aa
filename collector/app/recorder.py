"""Between the tick and the journal: a short queue, so that a slow disk never delays a tick."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import structlog

from collector.errors import JournalError
from collector.journal.batch import Batch
from collector.journal.store import Journal
from collector.site.samples import Samples

WAITING = 60
"""Ticks that may wait for the disk; beyond it the oldest is lost, and counted."""

log = structlog.get_logger("journal")


class Tick(NamedTuple):
    """The samples of one tick, and when some of the messages behind them came."""

    at_ms: int
    samples: Samples
    arrivals: list[float]


class Recorder:
    """Appends ticks to the journal in order, one at a time; each gets the next sequence number.

    `seal` puts a batch's marks in just before it is kept; `kept` is told of each kept batch.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        seal: Callable[[Samples, int], None],
        kept: Callable[[int, Tick], None],
    ) -> None:
        self._journal = journal
        self._seal = seal
        self._kept = kept
        self._waiting: deque[Tick] = deque()
        self._some = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.lost_ticks = 0
        self.lost_samples = 0
        self.kept_ticks = 0
        self.kept_samples = 0
        self.cause = ""

    def offer(self, tick: Tick) -> None:
        """Hand over a tick's samples; never blocks."""
        self._waiting.append(tick)
        while len(self._waiting) > WAITING:
            self._lose(self._waiting.popleft(), "the disk is too slow")
        self._idle.clear()
        self._some.set()

    async def run(self) -> None:
        """Append until cancelled."""
        while True:
            await self._some.wait()
            while self._waiting:
                await self._append(self._waiting.popleft())
            self._some.clear()
            self._idle.set()

    async def _append(self, tick: Tick) -> None:
        seq = self._journal.next_seq
        try:
            self._seal(tick.samples, seq)
            batch = Batch(
                seq=seq, at_ms=tick.at_ms, series=tick.samples.series, values=tick.samples.values
            )
            await self._journal.append(batch)
        except JournalError as error:
            self._lose(tick, str(error))
            return
        except Exception as error:  # noqa: BLE001  one tick that cannot be kept must not end the rest
            self._lose(tick, f"fault of ours: {type(error).__name__}: {error}", error)
            return
        self.kept_ticks += 1
        self.kept_samples += len(batch)
        self._kept(seq, tick)
        if self.cause:
            log.info("Journaling again.", lost_samples=self.lost_samples)
            self.cause = ""

    async def flush(self, limit_s: float) -> None:
        """Wait until everything handed over is on disk, at most `limit_s`."""
        try:
            async with asyncio.timeout(limit_s):
                await self._idle.wait()
        except TimeoutError:
            log.warning("The journal did not take the last ticks.", waiting=len(self._waiting))

    def _lose(self, tick: Tick, cause: str, fault: Exception | None = None) -> None:
        self.lost_ticks += 1
        self.lost_samples += len(tick.samples)
        if not self.cause:
            log.error("Samples are lost: they could not be journaled.", cause=cause, exc_info=fault)
        self.cause = cause
