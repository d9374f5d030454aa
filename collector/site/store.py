"""`node.db`: what the site must remember over a restart.

Exactly one connection, on one thread. Counters are written together with the raw value that they
stand on, so a crash between two saves neither loses nor repeats energy: the next reading adds
what has come since the saved register.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import structlog

from collector.errors import OvrError
from collector.site.counters import PAUSE_MS, CounterState
from collector.site.site import Memory, Pin

VERSION = 3
AHEAD_MS = PAUSE_MS + 1
"""How long ago a time counts as that lies ahead of the present clock: nobody knows, a pause."""

SCHEMA = """
CREATE TABLE counter (
    asset TEXT NOT NULL, measurement TEXT NOT NULL,
    unit TEXT NOT NULL, path TEXT NOT NULL,
    raw REAL NOT NULL, total REAL NOT NULL, gap REAL NOT NULL,
    heard_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, dip_ms INTEGER,
    dip_raw REAL, fell REAL NOT NULL DEFAULT 0, anew INTEGER NOT NULL DEFAULT 0,
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

BUSY_S = 0.5
"""Nobody else has business in the file; a moment for a backup that reads it."""
FROM_1 = """
ALTER TABLE counter ADD COLUMN dip_raw REAL;
ALTER TABLE counter ADD COLUMN fell REAL NOT NULL DEFAULT 0;
ALTER TABLE counter ADD COLUMN anew INTEGER NOT NULL DEFAULT 0;
"""
STEPS = {0: SCHEMA, 1: FROM_1, 2: f"ALTER TABLE counter DROP COLUMN dip_low;{FROM_1}"}
"""What makes a file of each earlier version one of this version; 0 is a new file."""

COLUMNS = (
    "asset, measurement, unit, path, raw, total, gap, heard_ms, changed_ms, dip_ms, dip_raw, fell,"
    " anew"
)

T = TypeVar("T")

log = structlog.get_logger("node.db")


class Store:
    """The one connection to `node.db`. Times in the file are UTC ms; the site's are steady ms."""

    def __init__(
        self,
        path: Path,
        *,
        wall: Callable[[], float] = time.time,
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._wall = wall
        self._mono = mono
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="node.db")
        self._db: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open the file, or begin a new one; a damaged one is set aside, never deleted.

        Raises OvrError when it cannot be used as it is now (disk full, no right, newer program).
        """
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
        except sqlite3.OperationalError as error:  # the file itself may be sound
            raise OvrError(
                f"{self._path} cannot be used: {error}; check its owner and the free space"
            ) from error
        except sqlite3.DatabaseError as error:
            aside = self._path.with_name(f"{self._path.name}.corrupt.{int(self._wall())}")
            self._path.rename(aside)
            for tail in ("-wal", "-shm"):
                self._path.with_name(self._path.name + tail).unlink(missing_ok=True)
            log.warning(
                "Damaged, set aside; counting begins anew.", cause=str(error), aside=str(aside)
            )
            self._db = self._connect()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(
            self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            found = db.execute("PRAGMA quick_check").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(f"quick_check: {found}")
            self._migrate(db)
        except (sqlite3.Error, OvrError):
            db.close()
            raise
        return db

    def _migrate(self, db: sqlite3.Connection) -> None:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise OvrError(
                f"{self._path} was written by a newer program (schema {version}, this one knows "
                f"{VERSION}): run that program, or move the file away and count anew"
            )
        if version < VERSION:
            db.executescript(f"BEGIN;{STEPS[version]}PRAGMA user_version={VERSION};COMMIT;")

    def _load(self) -> Memory:
        db = self._opened()
        now_ms = int(self._mono() * 1000)
        shift = self._wall_less_steady_ms()
        counters = {
            (row[0], row[1]): _state(row, shift, now_ms)
            for row in db.execute(f"SELECT {COLUMNS} FROM counter")  # noqa: S608  a constant
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
        shift = self._wall_less_steady_ms()
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
                s.dip_raw,
                s.fell,
                s.anew,
            )
            for key, s in memory.counters.items()
        ]
        days = [(*key, memory.day, total) for key, total in memory.base.items()]
        now_ms = int(self._wall() * 1000)
        pins = [(device, pin.serial, pin.model, now_ms) for device, pin in memory.pins.items()]
        db.execute("BEGIN IMMEDIATE")
        try:
            db.executemany(
                f"INSERT OR REPLACE INTO counter ({COLUMNS})"  # noqa: S608  a constant
                " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                counters,
            )
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

    def _wall_less_steady_ms(self) -> int:
        return int(self._wall() * 1000) - int(self._mono() * 1000)


def _state(row: Sequence[Any], shift: int, now_ms: int) -> CounterState:
    """One row of `COLUMNS`, with its times on the steady clock."""
    unit, path, raw, total, gap, heard, changed, dip, dip_raw, fell, anew = row[2:]
    return CounterState(
        unit=unit,
        path=path,
        raw=raw,
        total=total,
        gap=gap,
        heard_ms=_past(heard - shift, now_ms),
        changed_ms=_past(changed - shift, now_ms),
        dip_ms=None if dip is None else _past(dip - shift, now_ms),
        dip_raw=dip_raw,
        fell=fell,
        anew=bool(anew),
    )


def _past(at_ms: int, now_ms: int) -> int:
    """A saved time that lies ahead was saved, or is read, with a wrong clock."""
    return at_ms if at_ms <= now_ms else now_ms - AHEAD_MS
