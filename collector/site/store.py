"""`node.db`: what the site must remember over a restart.

Exactly one connection, on one thread. Counters are written together with the raw value that they
stand on, so a crash between two saves neither loses nor repeats energy: the next reading adds
what has come since the saved register.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import structlog

from collector.site.counters import CounterState
from collector.site.site import Memory, Pin

VERSION = 1

SCHEMA = """
CREATE TABLE counter (
    asset TEXT NOT NULL, measurement TEXT NOT NULL,
    unit TEXT NOT NULL, path TEXT NOT NULL,
    raw REAL NOT NULL, total REAL NOT NULL, gap REAL NOT NULL,
    heard_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, dip_ms INTEGER,
    PRIMARY KEY (asset, measurement)
) STRICT;
CREATE TABLE midnight (
    asset TEXT NOT NULL, measurement TEXT NOT NULL, day TEXT NOT NULL, total REAL NOT NULL,
    PRIMARY KEY (asset, measurement)
) STRICT;
CREATE TABLE pin (
    device TEXT PRIMARY KEY, serial TEXT NOT NULL, model TEXT NOT NULL, since_ms INTEGER NOT NULL
) STRICT;
"""

T = TypeVar("T")

log = structlog.get_logger("node.db")


class Store:
    """The one connection to `node.db`. Times in the file are UTC ms; the site's are steady ms."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="node.db")
        self._db: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open the file, or begin a new one; a damaged one is set aside, never deleted."""
        await self._run(self._open)

    async def load(self) -> Memory:
        """What was saved last, with its times on the steady clock."""
        return await self._run(self._load)

    async def save(self, memory: Memory) -> None:
        """Replace what is saved, durably and as a whole. Raises sqlite3.Error (disk full)."""
        await self._run(self._save, memory)

    async def close(self) -> None:
        """Close the file."""
        await self._run(self._close)
        self._thread.shutdown(wait=False)

    async def _run(self, call: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)

    def _open(self) -> None:
        try:
            self._db = self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and not self._path.exists():
                raise
            aside = self._path.with_name(f"{self._path.name}.corrupt.{int(time.time())}")
            self._path.rename(aside)
            for tail in ("-wal", "-shm"):
                self._path.with_name(self._path.name + tail).unlink(missing_ok=True)
            log.warning(
                "Damaged, set aside; counting begins anew.", cause=str(error), aside=str(aside)
            )
            self._db = self._connect()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            found = db.execute("PRAGMA quick_check").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(f"quick_check: {found}")
            if db.execute("PRAGMA user_version").fetchone()[0] == 0:
                db.executescript(f"BEGIN;{SCHEMA}PRAGMA user_version={VERSION};COMMIT;")
        except sqlite3.Error:
            db.close()
            raise
        return db

    def _load(self) -> Memory:
        db = self._opened()
        shift = _wall_less_steady_ms()
        counters = {
            (asset, measurement): CounterState(
                unit=unit,
                path=path,
                raw=raw,
                total=total,
                gap=gap,
                heard_ms=heard - shift,
                changed_ms=changed - shift,
                dip_ms=None if dip is None else dip - shift,
            )
            for asset, measurement, unit, path, raw, total, gap, heard, changed, dip in db.execute(
                "SELECT asset, measurement, unit, path, raw, total, gap, heard_ms, changed_ms,"
                " dip_ms FROM counter"
            )
        }
        days = db.execute("SELECT asset, measurement, day, total FROM midnight").fetchall()
        day = max((row[2] for row in days), default="")
        pins = db.execute("SELECT device, serial, model FROM pin")
        return Memory(
            counters=counters,
            day=day,
            base={(row[0], row[1]): row[3] for row in days if row[2] == day},
            pins={device: Pin(serial, model) for device, serial, model in pins},
        )

    def _save(self, memory: Memory) -> None:
        db = self._opened()
        shift = _wall_less_steady_ms()
        counters = [
            (
                *key,
                s.unit,
                s.path,
                s.raw,
                s.total,
                s.gap,
                s.heard_ms + shift,
                s.changed_ms + shift,
                None if s.dip_ms is None else s.dip_ms + shift,
            )
            for key, s in memory.counters.items()
        ]
        days = [(*key, memory.day, total) for key, total in memory.base.items()]
        now_ms = int(time.time() * 1000)
        pins = [(device, pin.serial, pin.model, now_ms) for device, pin in memory.pins.items()]
        db.execute("BEGIN IMMEDIATE")
        try:
            db.executemany("INSERT OR REPLACE INTO counter VALUES (?,?,?,?,?,?,?,?,?,?)", counters)
            db.execute("DELETE FROM midnight")
            db.executemany("INSERT INTO midnight VALUES (?,?,?,?)", days)
            db.executemany("INSERT OR IGNORE INTO pin VALUES (?,?,?,?)", pins)
            db.execute("COMMIT")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            raise sqlite3.ProgrammingError(f"{self._path} is not open")
        return self._db

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


def _wall_less_steady_ms() -> int:
    return int(time.time() * 1000) - int(time.monotonic() * 1000)
