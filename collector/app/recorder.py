"""Between the tick and the journal: a short queue, so that a slow disk never delays a tick."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import structlog
from msgspec.structs import replace

from collector.errors import JournalError
from collector.ingest import Past
from collector.journal.batch import Batch
from collector.journal.store import Journal
from collector.model.snapshot import Gap, JournalHealth
from collector.site.samples import Samples

WAITING = 60
"""Ticks that may wait for the disk; beyond it the oldest is lost, and counted."""

log = structlog.get_logger("journal")


class Stamp(NamedTuple):
    """When a tick was while its clock is unconfirmed: whole seconds of a boot's steady time."""

    boot: str
    mono_ms: int


class Tick(NamedTuple):
    """The samples of one tick, and when some of the messages behind them came.

    With a `stamp` the clock behind `at_ms` is not confirmed.
    """

    at_ms: int
    samples: Samples
    arrivals: list[float]
    stamp: Stamp | None = None


class Recorder:
    """Appends ticks to the journal in order, one at a time; each gets the next sequence number.

    `seal` puts a batch's marks in just before it is kept; `kept` is told of each kept batch. What
    is lost becomes a gap, which goes into the journal with the next batch that is kept.
    `answered_s` is when the journal last answered, in monotonic seconds: it kept a batch, or said
    why it cannot (a full disk).
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
        self._past: deque[tuple[Past, asyncio.Future[None]]] = deque()
        self._gap: Gap | None = None
        self.lost_ticks = 0
        self.lost_samples = 0
        self.kept_ticks = 0
        self.kept_samples = 0
        self.cause = ""
        self.answered_s = time.monotonic()

    def offer(self, tick: Tick) -> None:
        """Hand over a tick's samples; never blocks."""
        self._waiting.append(tick)
        while len(self._waiting) > WAITING:
            self._lose(self._waiting.popleft(), "the disk is too slow")
        self._idle.clear()
        self._some.set()

    async def keep(self, past: Past) -> None:
        """Append samples with times of their own; durable when this returns. Ticks go first, one
        such batch between two of them. Raises JournalError; then nothing was kept."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._past.append((past, done))
        self._idle.clear()
        self._some.set()
        await done

    async def run(self) -> None:
        """Append until cancelled."""
        while True:
            await self._some.wait()
            while self._waiting or self._past:
                if self._waiting:
                    await self._append(self._waiting.popleft())
                elif self._past:
                    await self._append_past(*self._past.popleft())
            self._some.clear()
            self._idle.set()

    async def _append_past(self, past: Past, done: "asyncio.Future[None]") -> None:
        """A batch beside the ticks: without their marks, at the time of the newest one."""
        if done.cancelled():  # whoever posted it has gone, and will post it again
            return
        batch = Batch(
            seq=self._journal.next_seq,
            at_ms=self._journal.last_ms,
            series=past.series,
            values=past.values,
            times=past.times,
        )
        try:
            await self._journal.append(batch)
        except Exception as error:  # noqa: BLE001  it is told to whoever waits for it
            if not done.cancelled():
                done.set_exception(error)
        else:
            if not done.cancelled():
                done.set_result(None)

    async def _append(self, tick: Tick) -> None:
        seq = self._journal.next_seq
        gap, self._gap = self._gap, None
        try:
            self._seal(tick.samples, seq)
            batch = Batch(
                seq=seq,
                at_ms=tick.at_ms,
                series=tick.samples.series,
                values=tick.samples.values,
                boot=tick.stamp.boot if tick.stamp else "",
                mono_ms=tick.stamp.mono_ms if tick.stamp else 0,
            )
            await self._journal.append(batch, gap)
        except JournalError as error:
            self.answered_s = time.monotonic()
            self._gap = self._joined(gap, self._gap)
            self._lose(tick, str(error))
            return
        except Exception as error:  # noqa: BLE001  one tick that cannot be kept must not end the rest
            self._gap = self._joined(gap, self._gap)
            self._lose(tick, f"fault of ours: {type(error).__name__}: {error}", error)
            return
        self.answered_s = time.monotonic()
        self.kept_ticks += 1
        self.kept_samples += len(batch)
        self._kept(seq, tick)
        if self.cause:
            log.info(
                "Samples are journaled again; {lost_samples} are lost since the start.",
                lost_samples=self.lost_samples,
            )
            self.cause = ""

    async def flush(self, limit_s: float) -> None:
        """Wait until everything handed over is on disk, at most `limit_s`."""
        try:
            async with asyncio.timeout(limit_s):
                await self._idle.wait()
        except TimeoutError:
            log.warning(
                "The journal does not take the last ticks, {waiting} wait in memory.",
                waiting=len(self._waiting),
            )

    async def note(self) -> None:
        """At the end, when `run` has ended: keep the gap that no batch follows any more."""
        while self._waiting:
            self._lose(self._waiting.popleft(), "the collector ended before the disk took them")
        gap, self._gap = self._gap, None
        if gap is None:
            return
        try:
            await self._journal.note_gap(gap)
        except JournalError as error:
            self._gap = self._joined(gap, self._gap)
            log.warning(
                "{ticks} ticks are lost, and that cannot be written down",
                ticks=gap.ticks,
                cause=str(error),
            )

    def health(self) -> JournalHealth:
        """How the journal is, with what never reached it."""
        health = self._journal.health()
        gap = self._gap
        return replace(
            health,
            state="failing" if self.cause else health.state,
            cause=self.cause or health.cause,
            lost_samples=health.lost_samples + health.gap_samples + (gap.samples if gap else 0),
            gap_ticks=health.gap_ticks + (gap.ticks if gap else 0),
            gap_samples=health.gap_samples + (gap.samples if gap else 0),
            gap=gap or health.gap,
        )

    def _lose(self, tick: Tick, cause: str, fault: Exception | None = None) -> None:
        self.lost_ticks += 1
        self.lost_samples += len(tick.samples)
        at_ms = tick.stamp.mono_ms if tick.stamp else tick.at_ms
        boot = tick.stamp.boot if tick.stamp else ""
        lost = Gap(
            from_ms=at_ms, to_ms=at_ms, boot=boot, ticks=1, samples=len(tick.samples), cause=cause
        )
        self._gap = self._joined(self._gap, lost)
        if not self.cause:
            log.error(
                "Samples are lost, for they could not be journaled", cause=cause, exc_info=fault
            )
        self.cause = cause

    def _joined(self, one: Gap | None, other: Gap | None) -> Gap | None:
        """Both gaps as one; the first cause stands for all."""
        if one is None or other is None:
            return one or other
        if one.boot != other.boot:
            one, other = self._in_utc(one), self._in_utc(other)
        return replace(
            one,
            from_ms=min(one.from_ms, other.from_ms),
            to_ms=max(one.to_ms, other.to_ms),
            ticks=one.ticks + other.ticks,
            samples=one.samples + other.samples,
        )

    def _in_utc(self, gap: Gap) -> Gap:
        offset = self._journal.utc_offset_ms(gap.boot) if gap.boot else None
        if offset is None:
            return gap
        return replace(gap, from_ms=gap.from_ms + offset, to_ms=gap.to_ms + offset, boot="")
