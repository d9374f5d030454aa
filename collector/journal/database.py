"""Batches into the journal's file and out of it. Runs on the journal's thread."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

import structlog

from collector.errors import JournalError
from collector.journal import boots, gaps, ledger, refused, space
from collector.journal.batch import Batch
from collector.journal.codec import Codec
from collector.journal.connection import Connection, DiskFull
from collector.journal.files import NUMBERS_AHEAD, PAGE_BYTES, GivenNumbers
from collector.journal.records import Dead
from collector.journal.times import Times
from collector.model.snapshot import Gap

SPARE_BYTES = 64 << 20
"""What the journal leaves of the disk as long as it holds settled batches."""
SPARE_PAGES = 8

log = structlog.get_logger("journal")


class Kept(NamedTuple):
    """How a batch was kept: as what, in how many ms, and which batches may be sent then."""

    batch: Batch
    took_ms: float
    head: int


class Database:
    """The journal's file.

    `newest` is the newest sequence number given, `first` the oldest batch still held (`newest` + 1
    when there is none), `times` knows which of them may be sent. `used_bytes` is what the pages in
    use take. `squeezed_at` is the last batch that found the disk almost full and took the place of
    settled ones, `spared_at` the last one that took part of the reserve; `free_bytes` tells what
    the disk has left. `counts` is what the ledger says, `gap` the newest gap.
    """

    def __init__(
        self,
        path: Path,
        *,
        cap_bytes: int,
        max_age_ms: int,
        min_seq: int,
        now_ms: Callable[[], int],
    ) -> None:
        self.cap_bytes = cap_bytes
        self.max_age_ms = max_age_ms
        self.now_ms = now_ms
        self.newest = self.first = self.used_bytes = 0
        self.squeezed_at = self.spared_at = 0
        self.counts: dict[str, int] = {}
        self.gap: Gap | None = None
        self.free_bytes: Callable[[], int] = partial(space.free_bytes, path.parent)
        self.times = Times()
        self._codec = Codec()
        self._given = GivenNumbers(path)
        self.connection = Connection(path, now_ms=now_ms)
        self.connection.renewed = self._begin_again
        space.hold_wal(path, cap_bytes)
        self.newest = max(min_seq - 1, self._last_given())
        if self.damaged:
            self._cover(self.newest)
        self.times.learn(self._db, self.newest)
        self._learn()

    @property
    def _db(self) -> sqlite3.Connection:
        return self.connection.db

    @property
    def damaged(self) -> str:
        """Tells in words of a file that was set aside since this object was made."""
        return self.connection.damaged

    def _last_given(self) -> int:
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batch'").fetchone()
        if row is not None and row[0] >= self._given.above - NUMBERS_AHEAD - 1:
            return int(row[0])
        if self._given.above == 0 and self.damaged:
            return self.now_ms() // 1000  # at one batch a second no number has come this far
        if row is not None:
            log.warning(
                "The journal is an earlier copy of itself; it goes on, and what the copy lacks "
                "is lost here. Was an old disk image put back?"
            )
        return self._given.above - 1

    def _begin_again(self) -> None:
        """The file is another one: what was confirmed of this boot's clock stays so."""
        confirmed = [boot for boot in self.times.boots.values() if boot.offset_ms is not None]
        held = boots.load(self._db)
        for boot in confirmed[-1:]:
            if boot.boot not in held:
                with self.connection.transaction("go on with the clock") as db:
                    boots.keep(db, boot, self.newest + 1, self.now_ms())
        space.hold_wal(self.connection.path, self.cap_bytes)
        self.times.learn(self._db, self.newest)
        self._learn()

    def _learn(self) -> None:
        """Bring the figures up to what the file holds."""
        found = self._db.execute("SELECT min(seq) FROM batch").fetchone()[0]
        self.first = self.newest + 1 if found is None else int(found)
        self.counts = ledger.values(self._db)
        self.gap = next(iter(gaps.newest(self._db, 1)), None)
        self._measure()

    def _measure(self) -> None:
        pages, free, size = (
            self._db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        self.used_bytes = (pages - free) * size

    # -- in

    def append(self, batch: Batch, gap: Gap | None = None) -> Kept:
        """Keep `batch` durably, and with it the `gap` before it. Raises JournalError."""
        if batch.seq != self.newest + 1:
            raise JournalError(
                f"batch {batch.seq} is out of turn: the journal expects {self.newest + 1}"
            )
        batch = self.times.stamped(batch)
        body = self._codec.encode(batch)
        before = self.damaged
        self._squeeze(len(body))
        try:
            return self._insert(batch, body, gap)
        except DiskFull:
            if not self._give_spare():
                raise
        except JournalError:
            if self.damaged == before:
                raise
        return self._insert(batch, body, gap)

    def _squeeze(self, size: int) -> None:
        """When the disk is almost full: the oldest settled batches give their pages to `size` new
        bytes, while there is room to do so; nothing can be deleted on a disk that is full."""
        free = self.free_bytes()
        if free >= SPARE_BYTES:
            return
        wanted = size // PAGE_BYTES + SPARE_PAGES
        while self.first < self.newest and self._free_pages() < wanted:
            try:
                with self.connection.transaction("make room") as db:
                    if not space.prune(db, self.first, self.newest - 1, settled=True):
                        break
            except JournalError as error:
                log.warning("The journal cannot make room in its file", cause=str(error))
                break
            self._learn()
            self.squeezed_at = self.newest + 1
        if free < space.LAST_BYTES and self._free_pages() < wanted:
            self._give_spare()

    def _give_spare(self) -> bool:
        """Part of the reserve becomes room for batches; whether there was any left."""
        try:
            given = space.give_spare(self.connection)
        except JournalError as error:
            log.warning(
                "The journal cannot use its reserve: make room on the disk", cause=str(error)
            )
            return False
        if given:
            self.spared_at = self.newest + 1
        return given

    def _free_pages(self) -> int:
        return int(self._db.execute("PRAGMA freelist_count").fetchone()[0])

    def _insert(self, batch: Batch, body: bytes, gap: Gap | None) -> Kept:
        started = time.perf_counter()
        self._cover(batch.seq)
        begins = bool(batch.boot) and batch.boot not in self.times.boots
        with self.connection.transaction("keep a batch") as db:
            if begins:
                boots.begin(db, batch.boot, batch.seq, self.now_ms())
            if gap is not None:
                gaps.insert(db, self.times.dated(gap), batch.seq)
            db.execute(
                "INSERT INTO batch (seq, at_ms, samples, boot, mono_ms, body) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    batch.seq,
                    batch.at_ms,
                    len(batch),
                    batch.boot or None,
                    batch.mono_ms if batch.boot else None,
                    body,
                ),
            )
        took_ms = (time.perf_counter() - started) * 1000
        self.first = min(self.first, batch.seq)
        self.newest = batch.seq
        self.times.kept(batch)
        if begins:
            self.times.learn(self._db, self.newest)
        if gap is not None:
            self._learn()
        self._measure()
        return Kept(batch, took_ms, self.times.head)

    def _cover(self, seq: int) -> None:
        """Make sure that no later program gives `seq` again, whatever becomes of the file."""
        try:
            self._given.cover(seq)
        except OSError as error:
            raise JournalError(f"the journal could not keep a batch: {error}") from error

    def note_gap(self, gap: Gap) -> None:
        """Keep a gap that no batch follows yet."""
        with self.connection.transaction("keep a gap") as db:
            gaps.insert(db, self.times.dated(gap), self.newest + 1)
        self._learn()

    def confirm(self, boot: str, offset_ms: int, how: str, now_ms: int) -> int:
        """The clock of `boot` is right: everything may be sent; `head` then. `now_ms` is UTC."""
        with self.connection.transaction("confirm the clock") as db:
            boots.confirm(db, boot, offset_ms, how, newest=self.newest, now_ms=now_ms)
        self.times.learn(self._db, self.newest)
        self._learn()
        return self.times.head

    # -- out

    def read(self, first: int, last: int, max_samples: int) -> list[Batch]:
        """The batches from `first` to `last` in order, at most `max_samples` but at least one."""
        out: list[Batch] = []
        bad: list[Dead] = []
        budget = max_samples
        with (
            self.connection.transaction("read batches") as db,
            closing(
                db.execute(
                    "SELECT seq, at_ms, samples, boot, mono_ms, body FROM batch "
                    "WHERE seq BETWEEN ? AND ? ORDER BY seq",
                    (first, last),
                )
            ) as rows,
        ):
            for seq, at_ms, samples, boot, mono_ms, body in rows:
                if out and samples > budget:
                    break
                budget -= samples
                try:
                    batch = self._codec.decode(body)
                    if boot is not None:
                        batch = self.times.timed(batch, boot, mono_ms)
                except JournalError as error:
                    at = self.times.utc_ms(at_ms, boot, mono_ms)
                    bad.append(refused.damaged(seq, at, samples, body, str(error)))
                else:
                    out.append(batch)
        for dead in bad:
            self._set_apart(dead)
        return out

    def _set_apart(self, dead: Dead) -> None:
        seq, lost = dead.first_seq, dead.samples
        log.error(
            "{samples} samples in the journal are damaged, and lost",
            seq=seq,
            samples=lost,
            cause=dead.reason,
        )
        with self.connection.transaction("set a damaged batch apart") as db:
            refused.insert(db, dead)
            db.execute("DELETE FROM batch WHERE seq = ?", (seq,))
            ledger.add(db, ledger.LOST, lost)
        self._learn()

    def at_ms(self, seq: int) -> int | None:
        """The time of the oldest batch from `seq` on."""
        with self.connection.transaction("read a time") as db:
            row = db.execute(
                "SELECT at_ms, boot, mono_ms FROM batch WHERE seq >= ? ORDER BY seq LIMIT 1",
                (seq,),
            ).fetchone()
        return None if row is None else self.times.utc_ms(*row)

    def tick_start(self, seq: int, from_ms: int) -> int:
        """The oldest batch, `seq` or before it without a break, of a tick at or after `from_ms`;
        `seq` + 1 when its own tick is earlier."""
        with (
            self.connection.transaction("read times") as db,
            closing(
                db.execute(
                    "SELECT seq, at_ms, boot, mono_ms FROM batch WHERE seq <= ? ORDER BY seq DESC",
                    (seq,),
                )
            ) as rows,
        ):
            start = seq + 1
            for number, at_ms, boot, mono_ms in rows:
                if self.times.utc_ms(at_ms, boot, mono_ms) < from_ms:
                    break
                start = number
        return start

    # -- room

    def tidy(self) -> bool:
        """One small step towards the caps and the reserve; whether another one is due.

        Raises JournalError.
        """
        saved = space.save_up(self.connection, self.cap_bytes, self.free_bytes())
        if saved:
            self._measure()
        if self.first >= self.newest:
            return saved
        full = self.used_bytes > self.cap_bytes
        with self.connection.transaction("delete old batches") as db:
            if full:
                deleted = space.prune(db, self.first, self.newest - 1, settled=False)
            else:
                before_ms = self.times.last_ms - self.max_age_ms
                deleted = space.expire(
                    db,
                    self.first,
                    min(self.times.head, self.newest - 1),
                    before_ms,
                    self.times.offsets,
                )
        try:
            gave_back = space.vacuum(self._db)
        except sqlite3.Error as error:
            self.connection.recover(error)
            raise JournalError(
                f"the journal keeps its size: {self.connection.why(error)}"
            ) from error
        self._learn()
        too_much = deleted > 0 and (not full or self.used_bytes > self.cap_bytes)
        return too_much or gave_back or saved
