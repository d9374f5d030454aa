"""The one connection to `node.db`, and the one thread that uses it."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from collector.damaged import damage, set_aside
from collector.errors import StoreError
from collector.store.files import Damaged, carry_over, connect

T = TypeVar("T")

log = structlog.get_logger("node.db")


class NodeDb:
    """`node.db`; this package's docstring is its contract. Its methods belong to the event loop.

    `wall` gives UTC seconds, for names of damaged files. `damaged` tells in words of a file that
    was set aside since `open`.
    """

    def __init__(self, path: Path, *, wall: Callable[[], float] = time.time) -> None:
        self.path = path
        self.damaged = ""
        self._wall = wall
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="node.db")
        self._db: sqlite3.Connection | None = None
        self._closed = False

    async def open(self) -> None:
        """Open the file, or begin a new one. Raises StoreError when it cannot be used."""
        await self._call(self._open)

    async def run(self, what: str, call: Callable[[sqlite3.Connection], T]) -> T:
        """What `call` gives, in one transaction: all of it is durable when this returns, or none.

        `what` says for people what was to be done ("save counters"). Raises StoreError for what
        the file or the disk refuses; anything else that `call` raises passes through.
        """
        return await self._call(partial(self._run, what, call))

    async def close(self) -> None:
        """Close the file; more than once does no harm."""
        if not self._closed:
            self._closed = True
            await self._call(self._close)
            self._thread.shutdown(wait=False)

    async def _call(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _open(self) -> None:
        try:
            self._db = connect(self.path)
        except Damaged as error:
            self._replace(str(error))

    def _replace(self, cause: str) -> None:
        try:
            aside = set_aside(self.path, datetime.fromtimestamp(self._wall(), UTC))
        except OSError as error:
            raise StoreError(
                f"the damaged {self.path} cannot be moved away: {error}; move it by hand"
            ) from error
        self._db = connect(self.path)
        rows = carry_over(aside, self._db)
        self.damaged = f"a damaged node.db ({cause}) was set aside as {aside.name}, {rows} rows of "
        self.damaged += "it were carried over: compare energy totals with the meters"
        log.error(
            "node.db was damaged and is kept as {kept_as}; a new one begins with {carried} of "
            "its rows. Compare energy totals with the meters",
            cause=cause,
            kept_as=str(aside),
            carried=rows,
        )

    def _run(self, what: str, call: Callable[[sqlite3.Connection], T]) -> T:
        if self._db is None:
            raise StoreError(f"node.db: cannot {what}: {self.path} is not open")
        try:
            return self._transaction(self._db, call)
        except sqlite3.Error as error:
            self._recover(error)
            raise StoreError(f"node.db: cannot {what}: {_why(error)}") from error

    @staticmethod
    def _transaction(db: sqlite3.Connection, call: Callable[[sqlite3.Connection], T]) -> T:
        db.execute("BEGIN IMMEDIATE")
        try:
            found = call(db)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return found

    def _recover(self, error: sqlite3.Error) -> None:
        if self._db is not None and damage(error):
            self._db.close()
            self._replace(str(error))

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


def _why(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return "no space left on its disk; free some, it goes on by itself"
    if code == sqlite3.SQLITE_IOERR:
        return f"its disk fails ({error}); check it and its free space"
    return str(error)
