"""Holding on to the collector."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

from collector.client import Client
from collector.errors import ApiError
from collector.model.snapshot import Snapshot
from collector.serve.api import make_app
from collector.serve.server import serve
from ovr_tui.console.link import RETRY_S, Link, LinkState
from tests.console.readers import Clock, HandReader
from tests.support.snapshots import HandFeed, snapshot


class Watcher:
    """Notes what a link says; its sleep moves the clock instead of waiting."""

    def __init__(self, ends_after: int) -> None:
        self.clock = Clock()
        self.seen: list[int] = []
        self.states: list[LinkState] = []
        self.sleeps: list[float] = []
        self._ends_after = ends_after

    def take(self, shot: Snapshot) -> None:
        self.seen.append(shot.seq)

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.clock.at += seconds
        if len(self.sleeps) >= self._ends_after:
            raise asyncio.CancelledError
        await asyncio.sleep(0)

    async def run(self, reader: HandReader) -> None:
        link = Link(reader, self.take, self.states.append, clock=self.clock, sleep=self.sleep)
        task = asyncio.create_task(link.run())
        await asyncio.wait([task])
        assert task.cancelled()


class NeverThere(HandReader):
    """A collector that is not there."""

    async def stream(self) -> AsyncGenerator[Snapshot, None]:
        raise ApiError("no collector runs")
        yield  # makes this a generator


async def test_pauses_grow_and_stay() -> None:
    """Tries go on for ever, the pauses grow to five seconds, cause and next try are told."""
    watcher = Watcher(ends_after=8)
    await watcher.run(NeverThere())
    assert watcher.sleeps == [*RETRY_S, *[RETRY_S[-1]] * 4]
    last = watcher.states[-1]
    assert not last.attached
    assert last.cause == "no collector runs"
    assert last.retry_at == watcher.clock.at - RETRY_S[-1] + RETRY_S[-1]
    assert last.losses == 0


async def test_a_loss_is_counted_and_the_pause_begins_small_again() -> None:
    """After a time of being attached the first try comes after one second, and a loss is one."""
    reader = HandReader(snapshot(seq=1))
    reader.lose("gone")
    reader.push(snapshot(seq=2))
    reader.lose("gone again")
    watcher = Watcher(ends_after=2)
    await watcher.run(reader)
    assert watcher.seen == [1, 2]
    assert watcher.sleeps == [RETRY_S[0], RETRY_S[0]]
    assert [(s.attached, s.losses) for s in watcher.states] == [
        (True, 0), (False, 1), (True, 1), (False, 2),
    ]  # fmt: skip


async def test_reattaches_to_a_collector_that_comes_back(socket: Path) -> None:
    """Over a real socket: the collector ends, starts again, and the link goes on by itself."""
    seen: list[int] = []
    states: list[LinkState] = []
    came, lost = asyncio.Event(), asyncio.Event()

    def take(shot: Snapshot) -> None:
        seen.append(shot.seq)
        came.set()

    def state(now: LinkState) -> None:
        states.append(now)
        if not now.attached:
            lost.set()

    async def soon(_: float) -> None:
        await asyncio.sleep(0.01)

    async with Client(socket) as client:
        task = asyncio.create_task(Link(client, take, state, sleep=soon).run())
        for seq in (1, 2):
            feed = HandFeed(snapshot(seq=seq))
            came.clear()
            lost.clear()
            async with serve(make_app(feed), socket):
                await asyncio.wait_for(came.wait(), 5)
                await feed.end()
                await asyncio.wait_for(lost.wait(), 5)
        task.cancel()
        await asyncio.wait([task])
    assert seen == [1, 2]
    assert "the collector has ended" in [s.cause for s in states]
