"""A node's whole collector in scripted time, on a simulated site: sources, site, counters, journal,
rollups, alarms, assignments, events and reports are the real ones, in a real home folder. Only the
local API, sinks and the outbox's way to the cloud are left out.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import tomli_w

from collector.alarms import Alarms, Scene
from collector.app.own import OwnSeries
from collector.app.recorder import Recorder, Tick
from collector.app.reports import open_reports
from collector.assignments import AssignmentBook
from collector.config.load import Loaded, load
from collector.config.paths import Home
from collector.events import EventBook, SaidBook
from collector.journal.store import Journal
from collector.model.assignment import SERIAL, About, Fact
from collector.model.catalogue import CATALOGUE
from collector.model.kinds import AssetStatus
from collector.model.series import encode_series
from collector.model.snapshot import AssetView
from collector.outbox import put_alarm
from collector.reports import ReportDesk, Runner
from collector.rollups import Rollups
from collector.simulator.virtual.loop import VirtualLoop
from collector.simulator.virtual.site import VirtualSite
from collector.site.samples import Samples
from collector.site.site import Site, Taken
from collector.site.store import Store
from collector.store import NodeDb
from collector.supervisor import Run, Watch, end, supervise

SAVE_TICKS = 100
ALARM_TICKS = 2
"""Alarms are judged at every so manieth tick."""
CANONICAL = tuple(encode_series(f"ovr_{name}", {}) for name in CATALOGUE)


class VirtualNode:
    """One node over `site`; made by `opened`. Let time pass by `tick`."""

    def __init__(self, loop: VirtualLoop, site: VirtualSite, home: Home, loaded: Loaded) -> None:
        self.loop = loop
        self.plant = site
        self.home = home
        self.loaded = loaded
        self.ticks = 0
        self.alive: set[str] = set()
        """Assets that lived at the newest tick."""
        self.assets: tuple[AssetView, ...] = ()
        self.db = NodeDb(home.node_db, wall=site.wall)
        self.site: Site
        self.rollups: Rollups
        self.alarms: Alarms
        self.assignments: AssignmentBook
        self.events: EventBook
        self.said: SaidBook
        self.reports: Runner
        self.desk: ReportDesk
        self.newest_ms = 0
        self._recorder: Recorder
        self._store: Store
        self._is_canonical: dict[bytes, bool] = {}
        self._met: dict[About, str] = {}
        self._tasks: list[asyncio.Task[None]] = []

    # -- time --------------------------------------------------------------------------------

    def now_ms(self) -> int:
        """UTC ms now."""
        return int(self.plant.wall() * 1000)

    async def tick(self) -> Taken:
        """Let a tick's time pass, and take what there is then as the collector does."""
        await self.plant.advance()
        at_ms = int(self.plant.wall()) * 1000
        self.site.tick_no += self.plant.tick_s - 1  # what is repeated comes as often as ever
        taken = self.site.take(at_ms)
        self.ticks += 1
        self.newest_ms = at_ms
        self.assets = taken.assets
        self.alive = {one.id for one in taken.assets if one.status is AssetStatus.LIVE}
        self.rollups.tick(at_ms, self.site.mono(), taken.assets, self.site.counters)
        if self.ticks % ALARM_TICKS == 0:
            self.alarms.tick(self._scene(taken, at_ms))
        self._recorder.offer(Tick(at_ms, self._canonical(taken.samples), [], None))
        await self._keep()
        return taken

    def _canonical(self, samples: Samples) -> Samples:
        """What rollups can be made of again: raw series would be most of a journal that no sink
        reads."""
        out, known = Samples(), self._is_canonical
        for series, value in zip(samples.series, samples.values, strict=True):
            wanted = known.get(series)
            if wanted is None:
                wanted = known[series] = series.startswith(CANONICAL)
            if wanted:
                out.add(series, value)
        return out

    async def _keep(self) -> None:
        """What the saver and the desk of units do beside the ticks."""
        if self._met:
            met, self._met = self._met, {}
            await self.assignments.state(met, person="", reason="told by the device itself")
            self.events.refresh()
        if self.ticks % SAVE_TICKS == 0:
            await self.save()

    async def save(self) -> None:
        """Counters and pins are on disk when this returns."""
        memory = self.site.memory()
        await self._store.save(memory)
        self.site.saved(memory)

    def _scene(self, taken: Taken, at_ms: int) -> Scene:
        inside = self.events.active_systems()
        return Scene(
            at_ms=at_ms,
            now_s=self.site.mono(),
            assets=taken.assets,
            totals=taken.totals,
            sources=taken.sources,
            settings=self.loaded.settings,
            notices=self.site.notices(),
            in_event=frozenset(one.id for one in taken.assets if one.system in inside),
        )

    def systems(self) -> Mapping[str, Collection[str]]:
        """The assets of each system, as they are now."""
        found: dict[str, list[str]] = {}
        for one in self.assets:
            found.setdefault(one.system, []).append(one.id)
        return found

    # -- its life ----------------------------------------------------------------------------

    async def _open(self, stack: AsyncExitStack) -> None:
        node, wall = self.loaded.node, self.plant.wall
        await self.db.open()
        stack.push_async_callback(self.db.close)
        journal = await Journal.open(
            self.home.journal_db,
            cap_bytes=node.journal.cap_bytes,
            max_age_s=node.journal.max_age_s,
            clock=self.now_ms,
        )
        stack.push_async_callback(journal.close)
        own = OwnSeries(node.id, node.site)
        self._recorder = Recorder(journal, seal=own.seal, kept=lambda _seq, _tick: None)
        self._store = Store(self.db, wall=wall, mono=self.loop.time)
        self.site = await self._site()
        self.alarms = Alarms(self.db, node.alarms, put=put_alarm, wall=wall)
        await self.alarms.open()
        self.rollups = Rollups(
            self.db,
            journal,
            node=node.id,
            keep_days=node.retention.rollup_days,
            mono=self.loop.time,
        )
        self.assignments = AssignmentBook(self.db, wall=wall)
        await self.assignments.begin(self.loaded.registry, self.site.identities.serials())
        self.site.identities.met = self._note_met
        self.events = EventBook(self.db, node=node.id, systems=self.systems, wall=wall)
        self.events.split = self.rollups.split
        await self.events.open()
        self.said = SaidBook(self.events)
        reports = open_reports(
            self.home,
            node,
            self.db,
            self.site,
            self.rollups,
            self.events,
            lambda: self.newest_ms,
            wall,
        )
        self.reports, self.desk = reports.runner, reports.desk

    async def _site(self) -> Site:
        node, loaded = self.loaded.node, self.loaded
        return Site(
            node=node.id,
            site=node.site,
            timezone=node.timezone,
            devices=loaded.devices,
            settings=loaded.settings,
            links=loaded.links,
            memory=await self._store.load(),
            mono=self.loop.time,
        )

    def _note_met(self, name: str, serial: str) -> None:
        self._met[About(name, Fact.UNIT, SERIAL)] = serial

    def _work(self, name: str, run: Run) -> None:
        watching = supervise(Watch(name), run, mono=self.loop.time)
        self._tasks.append(asyncio.create_task(watching, name=name))

    async def _collect(self, stack: AsyncExitStack) -> None:
        self._tasks.append(asyncio.create_task(self._recorder.run(), name="recorder"))
        self._work("rollups", self.rollups.run)
        self._work("alarms", self.alarms.run)
        self._work("events", self.events.run)
        self._work("reports", self.reports.run)
        stack.push_async_callback(self._end)
        await stack.enter_async_context(self.plant.reading(self.site, self.home.config))

    async def _end(self) -> None:
        await self._recorder.flush(5.0)
        await end(*self._tasks)
        await self._recorder.note()
        await self.save()
        await self.rollups.flush()
        await self.alarms.flush()


def configure(
    home: Home,
    site: VirtualSite,
    node: Mapping[str, Any],
    said: Mapping[str, Mapping[str, Any]] | None = None,
) -> Loaded:
    """Write node.toml (`node` holds its tables) and registry.toml of the site (with what is `said`
    of assets), and read them."""
    home.ensure()
    home.node_toml.write_text(tomli_w.dumps(node))
    home.registry_toml.write_text(tomli_w.dumps(site.registry(said)))
    return load(home, {})


@asynccontextmanager
async def opened(
    loop: VirtualLoop,
    site: VirtualSite,
    home: Home,
    node: Mapping[str, Any],
    said: Mapping[str, Mapping[str, Any]] | None = None,
) -> AsyncIterator[VirtualNode]:
    """A node (`configure`) that collects from `site` while this lasts; its last minute is stored at
    the end. Raises ConfigError, StoreError and JournalError."""
    async with AsyncExitStack() as stack:
        found = VirtualNode(loop, site, home, configure(home, site, node, said))
        await found._open(stack)  # noqa: SLF001  made here
        await found._collect(stack)  # noqa: SLF001
        yield found
