"""The journal's one connection: transactions, batches in and out. Runs on the journal's thread."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from collector.errors import JournalError
from collector.journal import ledger, refused, space
from collector.journal.batch import Batch
from collector.journal.codec import Codec
from collector.journal.files import (
    PAGE_BYTES,
    RESERVE,
    Damaged,
    Reserve,
    connect,
    damage,
    set_aside,
)
from collector.journal.records import Dead

T = TypeVar("T")

SPARE_BYTES = 64 << 20
"""What the journal leaves of the disk as long as it holds settled batches."""
SPARE_PAGES = 8

log = structlog.get_logger("journal")


class Database:
    """One open journal file, replaced by itself when it turns out to be damaged.

    `head` is the newest sequence number given, `first` the oldest batch still held (`head` + 1
    when there is none), `last_ms` the tick time of the newest, `used_bytes` what the pages in use
    take. `damaged` tells in words of a file that was set aside since this object was made.
    `squeezed_at` is the last batch that found the disk almost full and took the place of settled
    ones; `free_bytes` tells what the disk has left.
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
        self.path = path
        self.cap_bytes = cap_bytes
        self.max_age_ms = max_age_ms
        self.now_ms = now_ms
        self.head = self.first = self.used_bytes = self.lost_samples = self.last_ms = 0
        self.damaged = ""
        self.squeezed_at = 0
        self.free_bytes: Callable[[], int] = partial(space.free_bytes, path.parent)
        self._codec = Codec()
        self._reserve = Reserve(path)
        self._db = self._open()
        self.head = max(min_seq - 1, self._last_given())
        self._learn()
        row = self._db.execute("SELECT at_ms FROM batch ORDER BY seq DESC LIMIT 1").fetchone()
        self.last_ms = 0 if row is None else int(row[0])

    def _open(self) -> sqlite3.Connection:
        try:
            return connect(self.path)
        except Damaged as error:
            return self._replacement(str(error))

    def _replacement(self, cause: str) -> sqlite3.Connection:
        try:
            aside = set_aside(self.path, datetime.fromtimestamp(self.now_ms() / 1000, UTC))
        except OSError as error:
            raise JournalError(
                f"the damaged journal {self.path} cannot be moved away: {error}"
            ) from error
        self.damaged = f"a damaged journal ({cause}) was set aside as {aside.name}"
        log.error("The journal was damaged; a new one begins.", cause=cause, kept_as=str(aside))
        return connect(self.path)

    def _last_given(self) -> int:
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batch'").fetchone()
        if row is not None and row[0] >= self._reserve.above - RESERVE - 1:
            return int(row[0])
        if self._reserve.above == 0 and self.damaged:
            return self.now_ms() // 1000  # at one batch a second no number has come this far
        if row is not None:
            log.warning("The journal is an earlier copy: it goes on above all numbers ever given.")
        return self._reserve.above - 1

    def _learn(self) -> None:
        """Bring the figures up to what the file holds."""
        found = self._db.execute("SELECT min(seq) FROM batch").fetchone()[0]
        self.first = self.head + 1 if found is None else int(found)
        self.lost_samples = ledger.value(self._db, ledger.LOST)
        self._measure()

    def _measure(self) -> None:
        pages, free, size = (
            self._db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        self.used_bytes = (pages - free) * size

    def close(self) -> None:
        """Fold the WAL into the file and let go of it."""
        try:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error as error:
            log.warning("The journal's WAL stays for the next start.", cause=str(error))
        finally:
            self._db.close()

    def run(self, doing: str, statements: Callable[[sqlite3.Connection], T]) -> T:
        """What `statements` gives, in one transaction. Raises JournalError with `doing` in it."""
        with self._transaction(doing) as db:
            return statements(db)

    @contextmanager
    def _transaction(self, doing: str) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._recover(error)
            raise JournalError(
                f"the journal could not {doing}: {_why(error, self.path)}"
            ) from error
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def _recover(self, error: sqlite3.Error) -> None:
        """After a failure: an unbroken connection again, to a new file if this one is damaged."""
        if damage(error):
            self._db.close()
            self._db = self._replacement(str(error))
            self._learn()
            return
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error as second:
            log.warning("The journal is opened again.", cause=str(second))
            self._db.close()
            self._db = self._open()
            self._learn()

    def append(self, batch: Batch) -> float:
        """Keep `batch` durably; milliseconds that it took. Raises JournalError."""
        if batch.seq != self.head + 1:
            raise JournalError(
                f"batch {batch.seq} is out of turn: the journal expects {self.head + 1}"
            )
        body = self._codec.encode(batch)
        before = self.damaged
        self._squeeze(len(body))
        try:
            return self._insert(batch, body)
        except JournalError:
            if self.damaged == before:
                raise
            return self._insert(batch, body)

    def _squeeze(self, size: int) -> None:
        """When the disk is almost full: the oldest settled batches give their pages to `size` new
        bytes, while there is room to do so; nothing can be deleted on a disk that is full."""
        if self.free_bytes() >= SPARE_BYTES:
            return
        wanted = size // PAGE_BYTES + SPARE_PAGES
        while self.first < self.head and self._free_pages() < wanted:
            try:
                with self._transaction("make room") as db:
                    if not space.prune(db, self.first, self.head - 1, self.last_ms + 1):
                        return
            except JournalError as error:
                log.warning("The journal cannot make room.", cause=str(error))
                return
            self._learn()
            self.squeezed_at = self.head + 1

    def _free_pages(self) -> int:
        return int(self._db.execute("PRAGMA freelist_count").fetchone()[0])

    def _insert(self, batch: Batch, body: bytes) -> float:
        started = time.perf_counter()
        try:
            self._reserve.cover(batch.seq)
        except OSError as error:
            raise JournalError(f"the journal could not keep a batch: {error}") from error
        with self._transaction("keep a batch") as db:
            db.execute(
                "INSERT INTO batch (seq, at_ms, samples, body) VALUES (?, ?, ?, ?)",
                (batch.seq, batch.at_ms, len(batch), body),
            )
        took_ms = (time.perf_counter() - started) * 1000
        self.first = min(self.first, batch.seq)
        self.head = batch.seq
        self.last_ms = batch.at_ms
        self._measure()
        return took_ms

    def read(self, first: int, last: int, max_samples: int) -> list[Batch]:
        """The batches from `first` to `last` in order, at most `max_samples` but at least one."""
        out: list[Batch] = []
        bad: list[Dead] = []
        budget = max_samples
        with (
            self._transaction("read batches") as db,
            closing(
                db.execute(
                    "SELECT seq, at_ms, samples, body FROM batch "
                    "WHERE seq BETWEEN ? AND ? ORDER BY seq",
                    (first, last),
                )
            ) as rows,
        ):
            for seq, at_ms, samples, body in rows:
                if out and samples > budget:
                    break
                budget -= samples
                try:
                    out.append(self._codec.decode(body))
                except JournalError as error:
                    bad.append(refused.damaged(seq, at_ms, samples, body, str(error)))
        for dead in bad:
            self._set_apart(dead)
        return out

    def _set_apart(self, dead: Dead) -> None:
        seq, lost = dead.first_seq, dead.samples
        log.error("A journaled batch is damaged: lost.", seq=seq, samples=lost, cause=dead.reason)
        with self._transaction("set a damaged batch apart") as db:
            refused.insert(db, dead)
            db.execute("DELETE FROM batch WHERE seq = ?", (seq,))
            ledger.add(db, ledger.LOST, lost)
        self._learn()

    def at_ms(self, seq: int) -> int | None:
        """The tick time of the oldest batch from `seq` on."""
        with self._transaction("read a time") as db:
            row = db.execute(
                "SELECT at_ms FROM batch WHERE seq >= ? ORDER BY seq LIMIT 1", (seq,)
            ).fetchone()
        return None if row is None else int(row[0])

    def tick_start(self, seq: int, from_ms: int) -> int:
        """The oldest batch, `seq` or before it without a break, of a tick at or after `from_ms`;
        `seq` + 1 when its own tick is earlier."""
        with (
            self._transaction("read times") as db,
            closing(
                db.execute("SELECT seq, at_ms FROM batch WHERE seq <= ? ORDER BY seq DESC", (seq,))
            ) as rows,
        ):
            start = seq + 1
            for number, at_ms in rows:
                if at_ms < from_ms:
                    break
                start = number
        return start

    def tidy(self) -> bool:
        """One small step towards the caps; whether another one is due. Raises JournalError."""
        if self.first >= self.head:
            return False
        full = self.used_bytes > self.cap_bytes
        before_ms = None if full else self.last_ms - self.max_age_ms
        with self._transaction("delete old batches") as db:
            deleted = space.prune(db, self.first, self.head - 1, before_ms)
        try:
            gave_back = space.vacuum(self._db)
        except sqlite3.Error as error:
            self._recover(error)
            raise JournalError(f"the journal keeps its size: {_why(error, self.path)}") from error
        self._learn()
        too_much = deleted > 0 and (not full or self.used_bytes > self.cap_bytes)
        return too_much or gave_back


def _why(error: sqlite3.Error, path: Path) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return f"no space left for {path}; free some, it goes on by itself"
    if code == sqlite3.SQLITE_IOERR:
        return f"the disk of {path} fails ({error}); check it and its free space"
    return str(error)
