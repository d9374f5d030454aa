"""Alarms on a real node.db."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec import structs

from collector.alarms import Alarms
from collector.alarms.scene import Scene
from collector.store import NodeDb
from tests.alarms.scenes import LIMITS
from tests.support.snapshots import START_MS


class Node:
    """A node's alarms, ticked second by second; `restart` reads everything from the file."""

    def __init__(self, db: NodeDb, put=None) -> None:
        self.db = db
        self.put = put
        self.now_s = 1000.0
        self.at_ms = START_MS
        self.alarms = self._make()

    def _make(self) -> Alarms:
        return Alarms(self.db, LIMITS, keep_days=1, put=self.put, wall=lambda: self.at_ms / 1000)

    async def start(self) -> None:
        """As at the collector's start."""
        self.alarms = self._make()
        await self.alarms.open()

    def tick(self, scene: Scene, seconds: int = 1) -> None:
        """Let the scene last."""
        for _ in range(seconds):
            self.now_s += 1
            self.at_ms += 1000
            self.alarms.tick(structs.replace(scene, at_ms=self.at_ms, now_s=self.now_s))


@asynccontextmanager
async def node_at(path, put=None) -> AsyncIterator[Node]:
    """A node whose node.db is at `path`."""
    db = NodeDb(path)
    await db.open()
    try:
        node = Node(db, put)
        await node.start()
        yield node
    finally:
        await db.close()


@pytest.fixture
async def node(tmp_path) -> AsyncIterator[Node]:
    """A node with an empty node.db."""
    async with node_at(tmp_path / "node.db") as node:
        yield node
