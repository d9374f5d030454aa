"""What the site remembers over a restart, in `node.db`.

Counters are written together with the raw value that they stand on, so a crash between two saves
neither loses nor repeats energy: the next reading adds what has come since the saved register.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from collector.model.refused import RefusedCount
from collector.site import refused_table, told_table
from collector.site.counters import PAUSE_MS, CounterState
from collector.site.identities import Pin
from collector.site.memory import Memory
from collector.store import NodeDb

AHEAD_MS = PAUSE_MS + 1
"""How long ago a time counts as that lies ahead of the present clock: nobody knows, a pause."""

COLUMNS = (
    "asset, measurement, unit, path, raw, total, gap, heard_ms, changed_ms, dip_ms, dip_raw, fell,"
    " anew"
)


class Store:
    """The site's tables. Times in the file are UTC ms; the site's are steady ms."""

    def __init__(
        self,
        db: NodeDb,
        *,
        wall: Callable[[], float] = time.time,
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self.on_decided: Callable[[sqlite3.Connection, RefusedCount], None] = lambda _db, _one: None
        """Hears of what a person decided, in the transaction that keeps it."""
        self._db = db
        self._wall = wall
        self._mono = mono

    async def load(self) -> Memory:
        """What was saved last, with its times on the steady clock. Raises StoreError."""
        return await self._db.run("read counters", self._load)

    async def save(self, memory: Memory, decided: RefusedCount | None = None) -> None:
        """Replace what is saved, durably and as a whole; `decided` is what a person has just
        decided. Raises StoreError (disk full)."""

        def save(db: sqlite3.Connection) -> None:
            self._save(db, memory)
            if decided is not None:
                self.on_decided(db, decided)

        await self._db.run("save counters", save)

    async def decided(self, limit: int) -> list[RefusedCount]:
        """What people decided about what counters were refused, the newest first."""
        read = partial(refused_table.decided_ones, limit=limit)
        return await self._db.run("read what was refused", read)

    def _load(self, db: sqlite3.Connection) -> Memory:
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
            refused=tuple(refused_table.open_ones(db)),
            told=told_table.select(db),
        )

    def _save(self, db: sqlite3.Connection, memory: Memory) -> None:
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
        db.executemany(
            f"INSERT OR REPLACE INTO counter ({COLUMNS})"  # noqa: S608  a constant
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            counters,
        )
        db.execute("DELETE FROM midnight")
        db.executemany("INSERT INTO midnight VALUES (?,?,?,?)", days)
        db.executemany(
            "INSERT INTO pin VALUES (?1,?2,?3,?4) ON CONFLICT (device) DO UPDATE SET serial = ?2, "
            "model = ?3, since_ms = ?4 WHERE serial <> ?2",
            pins,
        )
        gone = {row[0] for row in db.execute("SELECT device FROM pin")} - memory.pins.keys()
        db.executemany("DELETE FROM pin WHERE device = ?", [(device,) for device in gone])
        refused_table.keep(db, memory.refused)
        told_table.keep(db, memory.told)

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
