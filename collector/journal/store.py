"""The journal as the event loop sees it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

import structlog

from collector.errors import JournalError
from collector.journal import refused, sinks
from collector.journal.batch import Batch
from collector.journal.database import Database
from collector.journal.ranges import count
from collector.journal.records import Dead, SinkRecord
from collector.model.snapshot import JournalHealth

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
        self._head = database.head
        self._last_ms = database.last_ms
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

    @property
    def head(self) -> int:
        """The newest sequence number that was given; 0 before the first."""
        return self._head

    @property
    def next_seq(self) -> int:
        """The sequence number that the next batch must carry."""
        return self._head + 1

    @property
    def first(self) -> int:
        """The oldest batch that is still held; `next_seq` when there is none."""
        return self._database.first

    @property
    def last_ms(self) -> int:
        """The tick time of the newest batch, UTC ms; 0 when none is held."""
        return self._last_ms

    async def append(self, batch: Batch) -> None:
        """Keep `batch`; when this returns it survives a power cut.

        Its seq must be `next_seq`. On JournalError nothing was kept and `next_seq` is unchanged.
        """
        loop = asyncio.get_running_loop()
        job = loop.run_in_executor(self._thread, self._database.append, batch)
        job.add_done_callback(partial(self._appended, batch))
        await asyncio.shield(job)

    def _appended(self, batch: Batch, job: "asyncio.Future[float]") -> None:
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
        self._commit_ms = job.result()
        self._samples += len(batch)
        self._recent.append(batch)
        self._head = batch.seq
        self._last_ms = batch.at_ms
        self._grown.set()
        self._grown = asyncio.Event()
        if self._database.squeezed_at == batch.seq:
            if batch.seq - self._squeezed_at > LOSING_BATCHES:
                log.warning(
                    "The disk is almost full: the journal gives up its oldest settled batches."
                )
            self._squeezed_at = batch.seq
        over = self._database.used_bytes > self._database.cap_bytes
        if (over or batch.seq % TIDY_EVERY == 0) and self._tidying is None:
            self._tidying = asyncio.ensure_future(self._tidy())

    def _note_failure(self, cause: str) -> None:
        if not self._failing:
            self._failing_since = time.monotonic()
            log.error("The journal keeps nothing.", cause=cause)
        self._failing = cause

    def _note_recovery(self) -> None:
        if self._failing:
            after_s = round(time.monotonic() - self._failing_since, 1)
            log.info("The journal keeps batches again.", after_s=after_s)
        self._failing = ""

    async def _tidy(self) -> None:
        lost = self._database.lost_samples
        try:
            while await self._call(self._database.tidy):
                pass
            self._untidy = ""
        except JournalError as error:
            if not self._untidy:
                log.warning("The journal cannot make room.", cause=str(error))
            self._untidy = str(error)
        finally:
            self._tidying = None
        lost = self._database.lost_samples - lost
        if lost:
            if not self._losing:
                log.error("The journal is full: its oldest unsent batches are lost.", samples=lost)
            self._lost_at = self.head

    @property
    def _losing(self) -> bool:
        return self.head - self._lost_at < LOSING_BATCHES

    async def read(self, first: int, last: int, *, max_samples: int) -> list[Batch]:
        """The batches from `first` to `last` that are still held, in order.

        As many as fit in `max_samples`, but one at least; an empty answer means that none is held.
        """
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

    async def save_sink(self, record: SinkRecord) -> None:
        """Keep a sink's state; from the first time on the journal holds batches for it."""
        save = partial(sinks.save, record=record, now_ms=self._database.now_ms())
        await self._call(partial(self._database.run, "keep a sink's state", save))

    async def load_sinks(self) -> dict[str, SinkRecord]:
        """The states of all known sinks, by name."""
        return await self._call(
            partial(self._database.run, "read the sinks' states", sinks.load),
        )

    async def keep_sinks(self, names: Collection[str]) -> None:
        """Hold nothing any more for sinks that are not called one of `names`: they were taken out
        of the configuration. One that comes back is new, and owed everything that is held then."""
        keep = partial(sinks.keep, names=names)
        for record in await self._call(partial(self._database.run, "forget sinks", keep)):
            log.warning(
                "A sink is configured no more: batches are not held for it any longer.",
                sink=record.name,
                unsent=count(record.unsettled) + max(0, self.head - record.head),
            )

    async def bury(self, dead: Dead) -> None:
        """Keep samples that a receiver refused for good, durably."""
        keep = partial(refused.insert, dead=dead)
        await self._call(partial(self._database.run, "keep refused samples", keep))

    async def dead(
        self, sink: str | None = None, *, after: int = 0, limit: int = 100
    ) -> list[Dead]:
        """Refused samples with an id above `after`, oldest first; of one sink, or of all."""
        find = partial(refused.select, sink=sink, after=after, limit=limit)
        return await self._call(partial(self._database.run, "read refused samples", find))

    async def dead_samples(self) -> dict[str, int]:
        """How many refused samples are kept, by sink; damaged batches stand under ""."""
        return await self._call(
            partial(self._database.run, "count refused samples", refused.samples)
        )

    async def forget_dead(self, ids: tuple[int, ...]) -> None:
        """These refused samples were sent after all, or a person gave them up."""
        forget = partial(refused.delete, ids=ids)
        await self._call(partial(self._database.run, "forget refused samples", forget))

    def health(self) -> JournalHealth:
        """How the journal is: `state` is ok, losing (full of unsent batches) or failing.

        `samples` counts what was appended since `open`.
        """
        database = self._database
        state = "failing" if self._failing else "losing" if self._losing else "ok"
        squeezed = self.head - self._squeezed_at < LOSING_BATCHES
        full = "the disk is almost full: the oldest settled batches make room" if squeezed else ""
        full = "full of unsent batches: the oldest are lost" if self._losing else full
        return JournalHealth(
            state=state,
            cause=self._failing or full or self._untidy or database.damaged,
            first=database.first,
            head=self._head,
            bytes=database.used_bytes,
            cap_bytes=database.cap_bytes,
            samples=self._samples,
            lost_samples=database.lost_samples,
            commit_ms=round(self._commit_ms, 2),
        )

    async def close(self) -> None:
        """Let go of the file; everything appended stays. No other method may follow."""
        if self._tidying is not None:
            await self._tidying
        try:
            await self._call(self._database.close)
        finally:
            self._thread.shutdown()


def _fitting(batches: list[Batch], max_samples: int) -> list[Batch]:
    total = 0
    for index, batch in enumerate(batches):
        total += len(batch)
        if index and total > max_samples:
            return batches[:index]
    return batches
