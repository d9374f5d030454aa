"""The rollups of a running node: ticks in, rows in `node.db`, and what is read of them.

`tick` belongs to the collector's loop and only reckons; `run` stores beside it. Rows are stored in
order: before the mark in `node.db` nothing is missing. So whatever happened (a kill, a full disk, a
file that was set aside, a clock that was confirmed late), all that lies between the mark and the
live rows is made again from the journal, once, and only then live rows follow.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from functools import partial

import structlog

from collector.errors import OvrError, StoreError
from collector.journal.store import Journal
from collector.model.rollup_codec import MINUTE_MS
from collector.model.snapshot import AssetView
from collector.rollups import holds, reads, records, tables
from collector.rollups.book import Book
from collector.rollups.fills import Fill, Told, fill
from collector.rollups.pace import TICK_MS
from collector.rollups.queue import Queue
from collector.rollups.reads import History
from collector.rollups.recut import Recut
from collector.rollups.remake import remake
from collector.rollups.tables import Row, packed
from collector.rollups.track import Closed, Counters
from collector.store import NodeDb

RETRY_S = 5.0
DAY_MS = 86_400_000
EXPIRED_AT_ONCE = 500
EXPIRE_EVERY_S = 600.0

log = structlog.get_logger("rollups")


class Rollups:
    """Made once for a collector; all methods belong to its event loop.

    `node` is the node's id; `keep_days` is how long rows stay that no hold keeps; what could not be
    stored is tried again after `retry_s`. `cause` says why rows are not stored now, else it is
    empty; `damaged` is the most damaged rows that a reading of history met. `filled` hears of
    minutes that are filled late, in the transaction that does it.
    """

    def __init__(
        self,
        db: NodeDb,
        journal: Journal,
        *,
        node: str,
        keep_days: int = 400,
        retry_s: float = RETRY_S,
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cause = ""
        self.damaged = 0
        self.filled: Told = lambda _db, _asset, _from_ms, _to_ms: None
        self._reading = asyncio.Lock()
        self._node = node
        self._db = db
        self._journal = journal
        self._keep_ms = keep_days * DAY_MS
        self._retry_s = retry_s
        self._mono = mono
        self._book = Book()
        self._queue = Queue()
        self._recut = Recut(db, journal)
        self._from_ms = 0
        """Where the rows begin that are not stored: all that lies before must be stored first."""
        self._cuts: dict[str, int] = {}
        self._some = asyncio.Event()
        self._expired_s = -EXPIRE_EVERY_S

    # -- the tick ----------------------------------------------------------------------------

    def tick(
        self, at_ms: int, mono_s: float, assets: Iterable[AssetView], counters: Counters
    ) -> None:
        """Reckon a tick in: `assets` of its snapshot, the site's `counters`, and the monotonic
        clock. Never blocks. Only for ticks whose clock is confirmed: what was before is made from
        the journal, which gives it its time at the confirmation."""
        book = self._book
        if at_ms <= book.at_ms:
            return
        upto_ms = None
        if book.at_ms == 0:
            self._from_ms = at_ms
            self._some.set()
        elif at_ms // MINUTE_MS > book.at_ms // MINUTE_MS:
            upto_ms = at_ms // MINUTE_MS * MINUTE_MS
        book.begin(at_ms, mono_s)
        book.take(assets, counters)
        self._queue.add(book.end(), upto_ms)
        if self._queue.pack():
            self._some.set()

    def split(self, assets: Sequence[str], at_ms: int) -> bool:
        """The rows of `assets` are split at `at_ms`: a system joins or leaves.

        False when a tick of that time has been taken already. Then, and after a crash, rows are
        split where a hold begins or ends as soon as their minute is stored, from the journal.
        """
        made = [asset for asset in assets if self._book.split(asset, at_ms)]
        self._cuts |= dict.fromkeys(made, at_ms)
        return len(made) == len(assets)

    def cuts(self) -> Mapping[str, int]:
        """Where assets were split last, UTC ms, of those splits that lie within a minute that goes
        on, and of which all rows of that minute before them are stored; also an asset without
        any."""
        self._cuts = {asset: at_ms for asset, at_ms in self._cuts.items() if at_ms > self._from_ms}
        made = {asset: at_ms for asset, at_ms in self._cuts.items() if at_ms <= self._book.at_ms}
        waiting = {
            row.subject.asset
            for row in self._queue.pending(made)
            if row.from_ms < made[row.subject.asset]
        }
        return {asset: at_ms for asset, at_ms in made.items() if asset not in waiting}

    @property
    def left(self) -> int:
        """Rows that were left to the journal because nothing could be stored for an hour."""
        return self._queue.left

    @property
    def unsplit(self) -> int:
        """Rows that stayed whole though a system joined or left in them."""
        return self._recut.whole

    # -- storing -----------------------------------------------------------------------------

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Store rows for ever. What the disk refuses is tried again: it is no failure of this
        task."""
        while True:
            await self._some.wait()
            self._some.clear()
            try:
                upto_ms = await self._store()
                await self._recut.look(upto_ms)
                await self._queue_records(upto_ms)
                await self._expire()
            except OvrError as error:
                self._failed(str(error))
                await asyncio.sleep(self._retry_s)
                self._some.set()
            else:
                self._worked()
                ready()

    async def _store(self) -> int:
        """Store what waits, and before it what is missing; up to when all is stored then."""
        mark_ms = await self._db.run("read how far the rollups are", tables.mark)
        if mark_ms > self._from_ms:  # of a clock that was ahead, in a journal that is gone
            await self._db.run(
                "keep rollups", partial(tables.write, rows=[], upto_ms=self._from_ms)
            )
        if mark_ms < self._from_ms:
            await remake(self._db, self._journal, mark_ms, self._from_ms)
        await self._store_waiting()
        upto_ms = self._from_ms
        resume_ms = self._queue.resume()
        if resume_ms is not None:
            self._from_ms = resume_ms
            self._some.set()
        return upto_ms

    async def _store_waiting(self) -> None:
        while (parcel := self._queue.first()) is not None:
            write = partial(tables.write, rows=parcel.rows, upto_ms=parcel.upto_ms)
            await self._db.run("keep rollups", write)
            self._queue.done()
            self._from_ms = parcel.upto_ms or self._from_ms

    async def _queue_records(self, upto_ms: int) -> None:
        queue = partial(records.queue, node=self._node, upto_ms=upto_ms)
        await self._db.run("queue rollups for the cloud", queue)

    async def flush(self) -> None:
        """The orderly end, after `run` was cancelled: store also the open minute, up to the second
        of the last tick. The next run's part of that minute merges with it exactly. What cannot be
        stored is made from the journal at the next start."""
        if self._book.at_ms == 0:
            return
        end_ms = self._book.at_ms + TICK_MS
        self._queue.add(self._book.close(end_ms), end_ms)
        self._queue.pack(None)
        try:
            mark_ms = await self._db.run("read how far the rollups are", tables.mark)
            if mark_ms >= self._from_ms:
                await self._store_waiting()
        except OvrError as error:
            self._failed(str(error))

    def _failed(self, cause: str) -> None:
        if not self.cause:
            log.error("Minutes cannot be stored, they wait", cause=cause)
        self.cause = cause

    def _worked(self) -> None:
        if self.cause:
            log.info("Minutes are stored again.", left_to_journal=self.left)
        self.cause = ""

    async def _expire(self) -> None:
        if self._mono() - self._expired_s < EXPIRE_EVERY_S:
            return
        before_ms = self._book.at_ms - self._keep_ms
        delete = partial(holds.expire, before_ms=before_ms, limit=EXPIRED_AT_ONCE)
        deleted = 0
        while (some := await self._db.run("delete old rollups", delete)) == EXPIRED_AT_ONCE:
            deleted += some
        self._expired_s = self._mono()
        if deleted + some:
            log.info("{rows} old minutes are deleted, as [retention] says.", rows=deleted + some)

    # -- reading -----------------------------------------------------------------------------

    async def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int
    ) -> History | None:
        """A reading's means, with least and greatest values, in steps of whole minutes; the open
        minute included. None when nothing was ever kept of the asset. Those who ask wait for each
        other, so that no number of them takes the collector's time. Raises StoreError."""
        async with self._reading:
            fresh = self._not_stored([asset], with_open=True)
            found = await reads.history(
                self._db, asset, key, from_ms=from_ms, to_ms=to_ms, step_s=step_s, fresh=fresh
            )
        if found is not None and found.damaged:
            if not self.damaged:
                log.error(
                    "{rows} stored minutes of {asset} are damaged: they are gaps in its reports.",
                    asset=asset,
                    rows=found.damaged,
                )
            self.damaged = max(self.damaged, found.damaged)
        return found

    async def rows(
        self,
        assets: Sequence[str],
        from_ms: int,
        to_ms: int,
        *,
        with_open: bool = False,
        long: bool = False,
    ) -> AsyncGenerator[list[Row], None]:
        """The rows of `assets` that touch the time from `from_ms` to `to_ms`, in order of time, an
        hour at once (`long`: six); also those that are not stored yet, and `with_open` what the
        open minute has come to at the newest tick. Raises StoreError."""
        fresh = self._not_stored(assets, with_open=with_open)
        piece_ms = reads.PIECE_MS if long else reads.HOUR_MS
        pieces = reads.rows(self._db, assets, from_ms, to_ms, fresh=fresh, piece_ms=piece_ms)
        async for some in pieces:
            yield some

    def _not_stored(self, assets: Sequence[str], *, with_open: bool) -> list[Row]:
        rows = self._queue.pending(assets)
        if with_open:
            parts = (self._book.open_part(asset) for asset in assets)
            rows += [packed(Closed(*part)) for part in parts if part is not None]
        return rows

    async def fill(self, fills: Sequence[Fill]) -> int:
        """Fill minutes that had no good data from a meter's own log; how many were filled. One that
        has a row stays as it is.

        Raises StoreError when nothing could be stored, and when it is too early for some of them:
        the others are filled then, and the same again later fills the rest.
        """
        filling = partial(fill, fills=fills, node=self._node, filled=self.filled)
        found = await self._db.run("fill minutes", filling)
        if found.early:
            raise StoreError(f"{found.early} minutes are filled once what was measured is stored")
        return found.done
