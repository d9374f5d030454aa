"""A node's site, journal and rollups on a clock that tests turn: killed, restarted, compared."""

import asyncio
import random
from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path

from collector.app.own import OwnSeries
from collector.journal import Batch
from collector.journal.store import Journal
from collector.model.kinds import AssetKind, DeviceKind
from collector.model.rollup import Counter, Rollup, merge
from collector.rollups import tables
from collector.rollups.replay import STARTED
from collector.rollups.rollups import Rollups
from collector.store import NodeDb
from tests.support.sites import START_MS, Clocked, device

KINDS = {
    "d1": (AssetKind.LOAD, ("load_power_w", "load_power_w.L1", "voltage_v.L1", "frequency_hz")),
    "d2": (AssetKind.GENERATOR, ("generator_power_w", "reactive_power_var", "fuel_level_pct")),
    "d3": (AssetKind.BESS, ("load_power_w", "battery_power_w", "battery_soc_pct")),
}
COUNTS = {"d1": "load_energy_kwh", "d2": "generator_energy_kwh", "d3": "battery_charged_kwh"}
STATES = {"d2": ("generator_state", (0, 2, 3)), "d3": ("inverter_state", (3, 4, 9))}


class Living:
    """Everything between the sources and `node.db`, one tick at a call."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.now_s = 1000.0
        self.journal: Journal
        self.db: NodeDb
        self.rollups: Rollups
        self.task: asyncio.Task[None]
        self.clocked: Clocked
        self.registers = dict.fromkeys(KINDS, 100.0)
        self.keeps = True
        """The journal keeps what it is given."""

    async def __aenter__(self) -> "Living":
        self.journal = await Journal.open(
            self.folder / "journal.db", cap_bytes=1 << 30, max_age_s=86_400 * 7
        )
        await self.begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()
        await self.journal.close()

    async def begin(self) -> None:
        """Another run of the program."""
        self.clocked = Clocked(*(device(name, DeviceKind.MODBUS) for name in KINDS))
        self.clocked.now_s = self.now_s
        self.own = OwnSeries("n1", "field")
        self.db = NodeDb(self.folder / "node.db")
        await self.db.open()
        self.rollups = Rollups(
            self.db, self.journal, node="n1", retry_s=0.01, mono=lambda: self.now_s
        )
        self.task = asyncio.create_task(self.rollups.run())
        self.started = self.now_s
        self.declared: set[str] = set()

    async def kill(self) -> None:
        """The program is gone at once; what it had not stored is lost."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.db.close()

    async def stop(self) -> None:
        """The orderly end."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.rollups.flush()
        await self.db.close()

    async def tick(self, seconds: float = 1.0, silent: frozenset[str] = frozenset()) -> None:
        """One tick in which all devices but the silent ones say something."""
        for name, (kind, keys) in KINDS.items():
            if name not in silent:
                self._say(name, kind, keys)
        self.now_s += seconds
        self.clocked.now_s = self.now_s
        at_ms = self.at_ms
        taken = self.clocked.site.take(at_ms)
        self.own.add(taken.samples, self.clocked.site.tick_no, {(STARTED, ""): self.started})
        self.rollups.tick(at_ms, self.now_s, taken.assets, self.clocked.site.counters)
        if self.keeps:
            samples = taken.samples
            await self.journal.append(
                Batch(
                    seq=self.journal.next_seq, at_ms=at_ms,
                    series=samples.series, values=array("d", samples.values),
                )
            )  # fmt: skip

    def _say(self, name: str, kind: AssetKind, keys: tuple[str, ...]) -> None:
        image, rand = self.clocked.image(name), self.random
        if name not in self.declared:
            self.declared.add(name)
            image.declare("", kind)
            self.clocked.site.watches[name].turn("running")
        image.silence_limit(3.0)
        image.alive()
        for key in keys:
            if rand.random() < 0.4:
                image.put("", key, rand.choice((None, rand.gauss(0, 100), 50.0, 50.0)))
        if name in STATES and rand.random() < 0.1:
            key, values = STATES[name]
            image.put("", key, float(rand.choice(values)))
        self.registers[name] += rand.random() / 100
        image.put_counter("", COUNTS[name], self.registers[name], path="e", unit="u")

    @property
    def at_ms(self) -> int:
        """The newest tick."""
        return START_MS + int(self.now_s) * 1000

    async def until(self, true: Callable[[], Awaitable[object]]) -> None:
        """Wait for a sign."""
        async with asyncio.timeout(20):
            while True:
                if await true():
                    return
                await asyncio.sleep(0.005)

    async def stored(self, upto_ms: int) -> None:
        """Wait until all minutes up to then are stored, and nothing waits."""

        async def all_stored() -> bool:
            waits = any(row.from_ms < upto_ms for row in self.rollups._queue.pending(KINDS))
            return await self.mark() >= upto_ms and not waits

        await self.until(all_stored)

    async def mark(self) -> int:
        """Up to when all minutes are stored."""
        return await self.db.run("read", tables.mark)

    async def rows(self, from_ms: int = 0, to_ms: int = 2**41):
        """All stored rows and those that wait."""
        return [
            row async for some in self.rollups.rows(list(KINDS), from_ms, to_ms) for row in some
        ]

    async def minutes(self, *, registers: bool = True):
        """What each asset did in each UTC minute, all parts of it merged."""
        found: dict[tuple[str, int], list[Rollup]] = {}
        for row in await self.rows():
            rollup = row.rollup()
            found.setdefault((row.subject.asset, row.from_ms // 60_000), []).append(rollup)
        return {key: content(merge(parts), registers) for key, parts in found.items()}


def content(row, registers: bool):
    """All that was measured."""
    counters = {
        key: counter if registers else Counter(counter.first, counter.last)
        for key, counter in row.counters.items()
    }
    return (row.gauges, counters, row.states, row.peak, row.running, row.filled_ms)
