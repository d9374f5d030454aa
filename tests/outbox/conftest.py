"""A node.db, and an outbox at work on it, at a pace fit for tests."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from collector.config.services import CloudSettings
from collector.outbox import Outbox, put
from collector.outbox.lane import Pace
from collector.store import NodeDb
from tests.support.waiting import running_beside

FAST = Pace(
    look_s=0.01, figures_s=0.02, tidy_s=0.0, status_s=0.1, rest=0.0, back_off=lambda n: 0.02
)
NOW_MS = 1_790_000_000_000


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[NodeDb]:
    """An empty node.db."""
    made = await opened(tmp_path / "node.db")
    yield made
    await made.close()


async def opened(path: Path) -> NodeDb:
    """The node.db at `path`."""
    made = NodeDb(path)
    await made.open()
    return made


async def queue(db: NodeDb, kind: str, record_id: str, body: object = None, **more: Any) -> int:
    """Put one record; its revision."""
    body = {"is": record_id} if body is None else body
    more = {"at_ms": NOW_MS, **more}
    return await db.run("put", partial(put, kind=kind, record_id=record_id, body=body, **more))


def settings(url: str, token: str | None = None) -> CloudSettings:
    """The cloud API at `url`."""
    return CloudSettings(url=url, token=token)


def made(db: NodeDb, cloud: CloudSettings | None, **more: Any) -> Outbox:
    """An outbox in a hurry."""
    given = {"node": "node-1", "state": db.path.parent, "pace": FAST, **more}
    return Outbox(db, cloud, **given)


@asynccontextmanager
async def delivering(
    db: NodeDb, url: str | None, cloud: CloudSettings | None = None, **more: Any
) -> AsyncIterator[Outbox]:
    """An outbox that runs until the block ends; if it fails by itself the block fails."""
    if url is not None and cloud is None:
        cloud = settings(url)
    outbox = made(db, cloud, **more)
    async with running_beside(outbox.run(lambda: None)):
        yield outbox


async def left(db: NodeDb) -> list[str]:
    """The record ids that wait or are set aside, in order."""
    found = "SELECT record_id FROM outbox ORDER BY revision"
    return await db.run("look", lambda one: [row[0] for row in one.execute(found)])


async def until_empty(db: NodeDb, limit_s: float = 20) -> None:
    """Wait until nothing is left."""
    await until_left(db, 0, limit_s)


async def until_left(db: NodeDb, number: int, limit_s: float = 20) -> None:
    """Wait until no more than so many records are left."""
    deadline = time.monotonic() + limit_s
    while len(rest := await left(db)) > number:
        assert time.monotonic() < deadline, f"{len(rest)} are left, like {rest[:3]}"
        await asyncio.sleep(0.01)
