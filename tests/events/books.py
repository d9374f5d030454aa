"""A book of events over a real node.db, with a clock by hand."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from collector.events import EventBook, Hooks, SaidBook
from collector.model.event import Event, Participation
from collector.model.outbox import KINDS
from collector.rollups import holds
from collector.store import NodeDb

T0 = 1_782_423_127_000
MINUTE, HOUR = 60_000, 3_600_000
SYSTEMS = {
    "bess-1": ("bess-1", "bess-1.genset", "genset-1"),
    "bess-2": ("bess-2",),
    "stage-a": ("stage-a",),
}
BLANK = Event(
    id="", name="", timezone="America/Los_Angeles", site="Main field", created_ms=0, changed_ms=0
)


class Told:
    """What the hooks were told, in order."""

    def __init__(self) -> None:
        self.left: list[tuple[str, int | None]] = []
        self.ended: list[str] = []
        self.moved: list[tuple[str, str]] = []
        self.edited: list[tuple[str, str]] = []
        self.touched: list[tuple[str, dict[str, Any]]] = []
        self.renamed: list[tuple[str, str]] = []
        self.fail = False

    def hooks(self) -> Hooks:
        """Hooks that note all of it."""
        return Hooks(
            left=self._left,
            ended=lambda _db, event, _at_ms: self.ended.append(event.name),
            moved=lambda _db, one, _at_ms, why: self.moved.append((one.system, why)),
            edited=lambda _db, event, _at_ms, why: self.edited.append((event.name, why)),
            touched=self._touched,
            renamed=lambda _db, gone, kept: self.renamed.append((gone, kept)),
        )

    def _touched(self, _db: sqlite3.Connection, _at_ms: int, why: str, /, **more: Any) -> None:
        self.touched.append((why, more))

    def _left(self, _db: sqlite3.Connection, one: Participation, _at_ms: int) -> None:
        if self.fail:
            raise RuntimeError("no job can be made")
        self.left.append((one.system, one.to_ms))


class Books:
    """The books of one node. `now_ms` is its clock, `confirmed` whether it is right; `event` one
    that a test began with."""

    event: Event

    def __init__(self, db: NodeDb, node: str) -> None:
        self.db = db
        self.now_ms = T0
        self.confirmed = True
        self.systems = dict(SYSTEMS)
        self.told = Told()
        self.events = EventBook(
            db,
            node=node,
            systems=lambda: self.systems,
            confirmed=lambda: self.confirmed,
            blank=BLANK,
            wall=lambda: self.now_ms / 1000,
        )
        self.events.hooks = self.told.hooks()
        self.said = SaidBook(self.events)

    def later(self, ms: int) -> int:
        """Time passes; the time then."""
        self.now_ms += ms
        return self.now_ms

    async def create(self, name: str = "Show", **fields: object) -> Event:
        """A planned event."""
        return await self.events.create(structs.replace(BLANK, name=name, **fields), person="anna")

    async def started(self, name: str = "Show", **fields: object) -> Event:
        """An event that has just begun."""
        event = await self.create(name, **fields)
        return await self.events.start(event.id, person="anna")

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in node.db."""
        return await self.db.run("look", lambda db: db.execute(sql, values).fetchall())

    async def records(self, kind: str) -> list[dict[str, Any]]:
        """The bodies that wait for the cloud, in their order."""
        assert kind in KINDS
        found = await self.rows("SELECT body FROM outbox WHERE kind = ? ORDER BY revision", kind)
        return [msgspec.json.decode(bytes(body)) for (body,) in found]

    async def holds(self) -> dict[str, tuple[tuple[str, ...], int, int | None]]:
        """Assets and window of each hold."""
        found = await self.db.run("look", holds.holds)
        return {one.id: (one.assets, one.from_ms, one.to_ms) for one in found}


@asynccontextmanager
async def books(folder: Path, node: str = "n1") -> AsyncIterator[Books]:
    """The books of a node whose files lie in `folder`."""
    db = NodeDb(folder / f"{node}.db")
    await db.open()
    try:
        found = Books(db, node)
        await found.events.open()
        yield found
    finally:
        await db.close()
