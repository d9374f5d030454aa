"""The journal as the event loop sees it."""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

import structlog

from collector.errors import JournalError
from collector.journal import gaps, ledger, refused, sinks
from collector.journal.batch import Batch
from collector.journal.database import Database, Kept
from collector.journal.ranges import count
from collector.journal.records import Dead, SinkRecord
from collector.model.snapshot import Gap, JournalHealth

T = TypeVar("T")

RECENT_BATCHES = 8
TIDY_EVERY = 64
LOSING_BATCHES = 300

log = structlog.get_logger("journal")


def wall_ms() -> int:
    """The wall clock in UTC milliseconds."""
    return time.time_ns() // 1_000_000


class Journal:
    """The durable log of samples; this package's docstring is its specification.

    Made by `open`, ended by `close`. All methods belong to the event loop; the file belongs to
    one thread behind it. Every method that touches the file raises JournalError.
    """

    def __init__(self, thread: ThreadPoolExecutor, database: Database) -> None:
        self._thread = thread
        self._database = database
        self._recent: deque[Batch] = deque(maxlen=RECENT_BATCHES)
        self._head = database.times.head
        self._newest = database.newest
        self._last_ms = database.times.last_ms
        self._grown = asyncio.Event()
        self._tidying: asyncio.Task[None] | None = None
        self._samples = 0
        self._commit_ms = 0.0
        self._failing = ""
        self._failing_since = 0.0
        self._untidy = ""
        self._lost_at = -LOSING_BATCHES
        self._squeezed_at = -LOSING_BATCHES

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        cap_bytes: int,
        max_age_s: float,
        min_seq: int = 1,
        clock: Callable[[], int] = wall_ms,
    ) -> Self:
        """The journal in the file `path`, made if missing, replaced if damaged.

        `clock` gives wall milliseconds for names and stamps, never for deciding what goes.
        Sequence numbers start at `min_seq` or higher. Raises JournalError.
        """
        thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        make = partial(
            Database,
            path,
            cap_bytes=cap_bytes,
            max_age_ms=int(max_age_s * 1000),
            min_seq=min_seq,
            now_ms=clock,
        )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            database = await asyncio.get_running_loop().run_in_executor(thread, make)
        except BaseException as error:
            thread.shutdown()
            if isinstance(error, OSError):
                raise JournalError(f"the folder of {path} cannot be made: {error}") from error
            raise
        return cls(thread, database)

    async def _call(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def _run(self, doing: str, statements: Callable[[sqlite3.Connection], T]) -> T:
        return await self._call(partial(self._database.connection.run, doing, statements))

    @property
    def head(self) -> int:
        """The newest batch that may be sent; 0 before the first. Batches behind it wait until
        their clock is confirmed."""
        return self._head

    @property
    def newest(self) -> int:
        """The newest sequence number that was given; 0 before the first."""
        return self._newest

    @property
    def next_seq(self) -> int:
        """The sequence number that the next batch must carry."""
        return self._newest + 1

    @property
    def first(self) -> int:
        """The oldest batch that is still held; `next_seq` when there is none."""
        return self._database.first

    @property
    def last_ms(self) -> int:
        """The tick time of the batch `head`, UTC ms; 0 when none is held."""
        return self._last_ms

    async def append(self, batch: Batch, gap: Gap | None = None) -> None:
        """Keep `batch`, and with it what could not be kept before it; when this returns both
        survive a power cut.

        Its seq must be `next_seq`. With a `boot` it waits for `confirm`; when that has been, it
        gets its right time now. On JournalError nothing was kept and `next_seq` is unchanged.
        """
        loop = asyncio.get_running_loop()
        job = loop.run_in_executor(self._thread, self._database.append, batch, gap)
        job.add_done_callback(self._appended)
        await asyncio.shield(job)

    def _appended(self, job: "asyncio.Future[Kept]") -> None:
        """The loop learns of a batch here and only here, so that `head` and what can be read agree.

        Runs also when whoever called `append` has been cancelled meanwhile.
        """
        if job.cancelled():
            return
        error = job.exception()
        if error is not None:
            self._note_failure(str(error))
            return
        self._note_recovery()
        batch, self._commit_ms, head = job.result()
        self._samples += len(batch)
        self._newest = batch.seq
        if head == batch.seq:
            self._recent.append(batch)
            self._grow(head, batch.at_ms)
        else:
            self._recent.clear()
        if self._database.squeezed_at == batch.seq:
            if batch.seq - self._squeezed_at > LOSING_BATCHES:
                log.warning(
                    "The disk is almost full: the journal gives up what all sinks have. Make "
                    "room on the disk."
                )
            self._squeezed_at = batch.seq
        over = self._database.used_bytes > self._database.cap_bytes
        if (over or batch.seq % TIDY_EVERY == 0) and self._tidying is None:
            self._tidying = asyncio.ensure_future(self._tidy())

    def _grow(self, head: int, last_ms: int) -> None:
        """More may be sent: batches up to `head`, which is of the tick `last_ms`."""
        self._head = head
        self._last_ms = last_ms
        self._grown.set()
        self._grown = asyncio.Event()

    def _note_failure(self, cause: str) -> None:
        if not self._failing:
            self._failing_since = time.monotonic()
            log.error(
                "The journal keeps nothing, samples wait in memory for a minute only", cause=cause
            )
        self._failing = cause

    def _note_recovery(self) -> None:
        if self._failing:
            after_s = round(time.monotonic() - self._failing_since, 1)
            log.info("The journal keeps samples again, after {after_s} s.", after_s=after_s)
        self._failing = ""

    async def _tidy(self) -> None:
        lost = self._database.counts.get(ledger.LOST, 0)
        try:
            while await self._call(self._database.tidy):
                pass
            self._untidy = ""
        except JournalError as error:
            if not self._untidy:
                log.warning("The journal cannot give up what is old", cause=str(error))
            self._untidy = str(error)
        finally:
            self._tidying = None
        lost = self._database.counts.get(ledger.LOST, 0) - lost
        if lost:
            if not self._losing:
                log.error(
                    "The journal is full and {samples} samples that were not sent are lost: get "
                    "the sinks to work, or raise [journal] cap_mb.",
                    samples=lost,
                )
            self._lost_at = self._newest

    @property
    def _losing(self) -> bool:
        return self._newest - self._lost_at < LOSING_BATCHES

    # -- the clock

    async def confirm(self, boot: str, offset_ms: int, how: str, *, now_ms: int) -> int:
        """The clock of `boot` is right, says `how` (NTP, a person): `offset_ms` makes UTC of its
        steady time, and it is `now_ms` UTC. What it is then, in whole seconds: more, if times
        would not rise else.

        In one durable step all batches that waited have their times and may be sent, those of
        earlier boots too, with estimated ones. A boot that was confirmed stays as it was.
        """
        confirm = partial(self._database.confirm, boot, offset_ms, how, now_ms)
        job = asyncio.get_running_loop().run_in_executor(self._thread, confirm)
        job.add_done_callback(self._confirmed)
        await asyncio.shield(job)
        return self._database.times.boots[boot].offset_ms or 0

    def _confirmed(self, job: "asyncio.Future[int]") -> None:
        if not job.cancelled() and job.exception() is None and job.result() > self._head:
            self._grow(job.result(), self._database.times.last_ms)

    def confirmed_by(self, boot: str) -> str:
        """What has confirmed the clock of `boot`; empty: nothing has."""
        known = self._database.times.boots.get(boot)
        return "" if known is None or known.offset_ms is None else known.how

    def utc_offset_ms(self, boot: str) -> int | None:
        """What makes UTC of the steady time of `boot`; None: its clock is not confirmed."""
        known = self._database.times.boots.get(boot)
        return None if known is None else known.offset_ms

    # -- reading

    async def read(
        self, first: int, last: int, *, max_samples: int, unconfirmed: bool = False
    ) -> list[Batch]:
        """The batches from `first` to `last` that may be sent and are still held, in order.

        As many as fit in `max_samples`, but one at least; an empty answer means that none is held.
        With `unconfirmed` also those behind `head`, which have a `boot` and provisional times.
        """
        if not unconfirmed:
            last = min(last, self._head)
        if self._recent and self._recent[0].seq <= first:
            return _fitting([b for b in self._recent if first <= b.seq <= last], max_samples)
        return await self._call(partial(self._database.read, first, last, max_samples))

    async def at_ms(self, seq: int) -> int | None:
        """The tick time of the oldest batch from `seq` on; None when there is none."""
        return await self._call(partial(self._database.at_ms, seq))

    async def tick_start(self, seq: int, from_ms: int) -> int:
        """The oldest batch, `seq` or before it without a break, of a tick at or after `from_ms`;
        `seq` + 1 when its own tick is earlier."""
        return await self._call(partial(self._database.tick_start, seq, from_ms))

    async def wait_beyond(self, seq: int) -> None:
        """Return as soon as `head` is above `seq`."""
        while self.head <= seq:
            await self._grown.wait()

    # -- sinks

    async def save_sink(self, record: SinkRecord) -> None:
        """Keep a sink's state; from the first time on the journal holds batches for it."""
        save = partial(sinks.save, record=record, now_ms=self._database.now_ms())
        await self._run("keep a sink's state", save)

    async def load_sinks(self) -> dict[str, SinkRecord]:
        """The states of all known sinks, by name."""
        return await self._run("read the sinks' states", sinks.load)

    async def keep_sinks(self, names: Collection[str]) -> None:
        """Hold nothing any more for sinks that are not called one of `names`: they were taken out
        of the configuration. One that comes back is new, and owed everything that is held then."""
        keep = partial(sinks.keep, names=names)
        for record in await self._run("forget sinks", keep):
            log.warning(
                "Sink {sink} is no more in node.toml: nothing is held for it any longer, "
                "{unsent} ticks were not sent.",
                sink=record.name,
                unsent=count(record.unsettled) + max(0, self.head - record.head),
            )

    async def bury(self, dead: Dead) -> None:
        """Keep samples that a receiver refused for good, durably."""
        keep = partial(refused.insert, dead=dead)
        await self._run("keep refused samples", keep)

    async def dead(
        self, sink: str | None = None, *, after: int = 0, limit: int = 100
    ) -> list[Dead]:
        """Refused samples with an id above `after`, oldest first; of one sink, or of all."""
        find = partial(refused.select, sink=sink, after=after, limit=limit)
        return await self._run("read refused samples", find)

    async def dead_samples(self) -> dict[str, int]:
        """How many refused samples are kept, by sink; damaged batches stand under ""."""
        return await self._run("count refused samples", refused.samples)

    async def forget_dead(self, ids: tuple[int, ...]) -> None:
        """These refused samples were sent after all, or a person gave them up."""
        forget = partial(refused.delete, ids=ids)
        await self._run("forget refused samples", forget)

    # -- gaps

    async def note_gap(self, gap: Gap) -> None:
        """Keep what could not be journaled, when no batch follows that would carry it."""
        await self._call(partial(self._database.note_gap, gap))

    async def gaps(self, limit: int = 100) -> list[Gap]:
        """The newest times of which nothing was journaled, the newest first."""
        return await self._run("read its gaps", partial(gaps.newest, limit=limit))

    def health(self) -> JournalHealth:
        """How the journal is: `state` is ok, losing (full of unsent batches) or failing.

        `samples` counts what was appended since `open`.
        """
        database = self._database
        counts = database.counts
        state = "failing" if self._failing else "losing" if self._losing else "ok"
        return JournalHealth(
            state=state,
            cause=self._failing or self._full() or self._untidy or database.damaged,
            first=database.first,
            head=self._head,
            bytes=database.used_bytes,
            cap_bytes=database.cap_bytes,
            samples=self._samples,
            lost_samples=counts.get(ledger.LOST, 0),
            unconfirmed=self._newest - self._head,
            estimated_ticks=counts.get(ledger.ESTIMATED, 0),
            gap_ticks=counts.get(ledger.GAP_TICKS, 0),
            gap_samples=counts.get(ledger.GAP_SAMPLES, 0),
            gap=database.gap,
            commit_ms=round(self._commit_ms, 2),
        )

    def _full(self) -> str:
        """What is done for lack of room; empty when there is enough."""
        database = self._database
        if self._losing:
            return "full of unsent batches: the oldest are lost"
        if database.spared_at and self._newest - database.spared_at < LOSING_BATCHES:
            return "the disk is full: the journal lives on its reserve; free some"
        if self._newest - self._squeezed_at < LOSING_BATCHES:
            return "the disk is almost full: the oldest settled batches make room"
        return ""

    async def close(self) -> None:
        """Let go of the file; everything appended stays. No other method may follow."""
        if self._tidying is not None:
            await self._tidying
        try:
            await self._call(self._database.connection.close)
        finally:
            self._thread.shutdown()


def _fitting(batches: list[Batch], max_samples: int) -> list[Batch]:
    total = 0
    for index, batch in enumerate(batches):
        total += len(batch)
        if index and total > max_samples:
            return batches[:index]
    return batches
