"""The journal's one connection and its transactions. Runs on the journal's thread."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import structlog

from collector.damaged import damage, set_aside
from collector.errors import JournalError
from collector.journal.files import Damaged, connect

T = TypeVar("T")

log = structlog.get_logger("journal")


class DiskFull(JournalError):
    """There is no room for what should be kept."""


class Connection:
    """One open journal file, replaced by itself when it turns out to be damaged.

    `db` is the connection of the moment: get it anew after each failure. `damaged` tells in words
    of a file that was set aside since this object was made. `renewed` is called whenever `db` has
    become another one, after the first.
    """

    def __init__(self, path: Path, *, now_ms: Callable[[], int]) -> None:
        self.path = path
        self.damaged = ""
        self.renewed: Callable[[], None] = lambda: None
        self._now_ms = now_ms
        self.db = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            return connect(self.path)
        except Damaged as error:
            return self._replacement(str(error))

    def _replacement(self, cause: str) -> sqlite3.Connection:
        try:
            aside = set_aside(self.path, datetime.fromtimestamp(self._now_ms() / 1000, UTC))
        except OSError as error:
            raise JournalError(
                f"the damaged journal {self.path} cannot be moved away: {error}"
            ) from error
        self.damaged = f"a damaged journal ({cause}) was set aside as {aside.name}"
        log.error(
            "The journal was damaged and is kept as {kept_as}; a new one begins",
            cause=cause,
            kept_as=str(aside),
        )
        return connect(self.path)

    def close(self) -> None:
        """Fold the WAL into the file and let go of it."""
        try:
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error as error:
            log.warning("The journal's write-ahead file stays for the next start", cause=str(error))
        finally:
            self.db.close()

    def run(self, doing: str, statements: Callable[[sqlite3.Connection], T]) -> T:
        """What `statements` gives, in one transaction. Raises JournalError with `doing` in it."""
        with self.transaction(doing) as db:
            return statements(db)

    @contextmanager
    def transaction(self, doing: str) -> Iterator[sqlite3.Connection]:
        """All of the block is kept, or nothing. Raises JournalError, DiskFull without room."""
        db = self.db
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        except sqlite3.Error as error:
            self.recover(error)
            kind = DiskFull if _code(error) == sqlite3.SQLITE_FULL else JournalError
            raise kind(f"the journal could not {doing}: {self.why(error)}") from error
        except BaseException:
            db.execute("ROLLBACK")
            raise

    def recover(self, error: sqlite3.Error) -> None:
        """After a failure: an unbroken connection again, to a new file if this one is damaged."""
        if damage(error):
            self.db.close()
            self.db = self._replacement(str(error))
            self.renewed()
            return
        try:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
        except sqlite3.Error as second:
            log.warning("The journal is opened again after an error", cause=str(second))
            self.db.close()
            self.db = self._open()
            self.renewed()

    def why(self, error: sqlite3.Error) -> str:
        """What failed, and what to do about it."""
        code = _code(error)
        if code == sqlite3.SQLITE_FULL:
            return f"no space left for {self.path}; free some, it goes on by itself"
        if code == sqlite3.SQLITE_IOERR:
            return f"the disk of {self.path} fails ({error}); check it and its free space"
        return str(error)


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
