"""A whole collector in the test's own event loop, on a home of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import tomli_w

from collector.app.collector import Collector
from collector.config.load import load
from collector.config.paths import Home, find_home
from collector.model.snapshot import AssetView, Snapshot

NODE = {"id": "n1", "site": "field", "timezone": "Europe/Berlin", "trust_clock": True}


def make_home(
    folder: Path,
    devices: Sequence[dict[str, Any]] = (),
    assets: Sequence[dict[str, Any]] = (),
    node: dict[str, Any] | None = None,
) -> Home:
    """A home with this configuration."""
    home = find_home(str(folder), {})
    home.ensure()
    table = {"node": NODE} | (node or {})
    home.node_toml.write_text(tomli_w.dumps(table))
    registry = {"version": 1, "device": list(devices), "asset": list(assets)}
    home.registry_toml.write_text(tomli_w.dumps(registry))
    return home


class Node:
    """A running collector, and waiting for what it shows."""

    def __init__(self, collector: Collector, task: "asyncio.Task[None]") -> None:
        self.collector = collector
        self.task = task

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        return self.collector.feed.snapshot

    def asset(self, name: str) -> AssetView:
        """An asset of the newest snapshot."""
        found = [a for a in self.snapshot.assets if a.id == name]
        assert found, f"no {name} among {[a.id for a in self.snapshot.assets]}"
        return found[0]

    def value(self, asset: str, key: str) -> float | None:
        """A reading's value; None where there is none."""
        reading = self.asset(asset).readings.get(key)
        return None if reading is None else reading.value

    async def until(self, true: Callable[[], object], limit_s: float = 15) -> None:
        """Wait until `true` holds of a snapshot; fail with the last one's assets."""
        seq = -1
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    snapshot = await self.collector.feed.newer(seq)
                    assert snapshot is not None, "the collector has ended"
                    seq = snapshot.seq
                    if _holds(true):
                        return
        except TimeoutError:
            lines = [
                f"{a.id} {a.status} {a.reason} "
                f"{ {k: r.value for k, r in a.readings.items() if 'power' in k} }"
                for a in self.snapshot.assets
            ]
            raise AssertionError(f"not within {limit_s} s:\n" + "\n".join(lines)) from None

    async def ticks(self, count: int) -> None:
        """Let some ticks pass."""
        goal = self.snapshot.seq + count
        await self.until(lambda: self.snapshot.seq >= goal, count + 10)


def _holds(true: Callable[[], object]) -> bool:
    try:
        return bool(true())
    except (AssertionError, LookupError):
        return False


@asynccontextmanager
async def running(home: Home) -> AsyncIterator[Node]:
    """A collector on `home` while the block runs; then it ends in order."""
    collector = Collector(home, load(home, {}))
    task = asyncio.create_task(collector.run())
    try:
        async with asyncio.timeout(10):
            while not home.operator_socket.exists():
                if task.done():
                    task.result()
                await asyncio.sleep(0.01)
        yield Node(collector, task)
    finally:
        collector.stop()
        await task
