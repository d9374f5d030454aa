"""What stands behind the API when somebody changes something: real files, as in a collector."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from collector.alarms import Alarms
from collector.app.clock import Kernel, NodeClock
from collector.app.recorder import Recorder
from collector.app.saver import CounterBook, Saver
from collector.assignments import AssignmentBook
from collector.audit import AuditBook
from collector.config.figures import AlarmSettings
from collector.config.load import LoadedRegistry, load_registry
from collector.config.paths import Home
from collector.config.problems import ConfigError
from collector.control.desk import ControlDesk, Place
from collector.control.lockouts import Lockouts
from collector.control.pin import Pin
from collector.control.tries import Tries
from collector.diagnosis import DiagnosisDesk
from collector.diagnosis.desk import Nowhere
from collector.discovery import DiscoveryDesk
from collector.discovery.plan import exclusion
from collector.errors import NotConnected
from collector.events import EventBook, SaidBook
from collector.ingest import Ingest, Meter
from collector.journal import Journal
from collector.model.assets import Device, Ratings
from collector.model.dead import DeadEntry, Resent
from collector.model.event import Event
from collector.model.kinds import AssetKind
from collector.outbox import Outbox
from collector.reports import Known, Means, ReportDesk, Runner, event_hooks
from collector.rollups import Row
from collector.serve.keeper import Change, RegistryKeeper
from collector.serve.units import UnitDesk
from collector.sinks.dead import forget_dead, list_dead, resend_dead
from collector.site.memory import Memory
from collector.site.site import Site
from collector.site.store import Store
from collector.sources.base import Source
from collector.store import NodeDb
from collector.supervisor import end
from tests.reports.support import FAKE
from tests.support.snapshots import HandFeed

REGISTRY = """version = 1

[[device]]
id = "bess-1"
kind = "gx"
host = "10.20.0.21"
password_secret = "bess-1"
"""


METER = Meter(
    device="stage-a",
    serial="AL12345678",
    asset="stage-a",
    kind=AssetKind.LOAD,
    system="stage-a",
)


FIRST = LoadedRegistry(devices=(), settings={}, links=(), notes=(), revision="")


async def _taken_up(changes: list[Change], change: Change) -> None:
    changes.append(change)


async def _again(_device: str) -> None:
    """Nothing is connected in these tests."""


def clocked(home: Home) -> Site:
    """A site of what the registry says; of nothing when it is broken."""
    try:
        found = load_registry(home, {})
    except ConfigError:
        found = FIRST
    return Site(
        node="n1",
        site="field",
        timezone="Europe/Berlin",
        devices=found.devices,
        settings=found.settings,
        links=found.links,
        memory=Memory({}, "", {}, {}),
    )


async def _nobody_fills(_: object) -> None:
    raise AssertionError("no minute is due in these tests")


class NoPlants:
    """Assets of the snapshot, of which no source can write."""

    def __init__(self, feed: HandFeed) -> None:
        self._feed = feed

    def place(self, asset: str) -> Place | None:
        view = next((each for each in self._feed.snapshot.assets if each.id == asset), None)
        if view is None:
            return None
        return Place(view=view, role="", control=True, port=None, ratings=Ratings())


def _no_source(device: Device) -> Source:
    raise NotConnected(f"{device.host} is not reached in these tests")


class Dead:
    """Refused samples in a real journal without a running sink."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def entries(self, sink: str | None, after: int, limit: int) -> list[DeadEntry]:
        return await list_dead(self.journal, {}, sink, after=after, limit=limit)

    async def resend(self, ids: Collection[int] | None, sink: str | None) -> list[Resent]:
        return await resend_dead(self.journal, {}, ids, sink)

    async def forget(self, ids: Collection[int] | None, sink: str | None) -> int:
        return await forget_dead(self.journal, {}, ids, sink)


def home_in(folder: Path) -> Home:
    """A home with one device and its secret."""
    home = Home(config=folder / "config", state=folder / "state", run=folder)
    home.config.mkdir(parents=True, exist_ok=True)
    home.state.mkdir(exist_ok=True)
    if not home.registry_toml.exists():
        home.registry_toml.write_text(REGISTRY)
        home.secrets_toml.write_text('bess-1 = "a password"\n')
        home.secrets_toml.chmod(0o600)
    return home


def _reports(feed: HandFeed, db: NodeDb, home: Home) -> ReportDesk:
    """Reports that nobody makes here; they are released by a process that makes small ones."""

    async def no_rows(*_: object) -> AsyncGenerator[list[Row], None]:
        yield []

    means = Means(
        db=db,
        state=home.state,
        rows=no_rows,
        known=lambda: Known(node="n1"),
        newest_ms=feed.now_ms,
        wall=feed.now_ms,
        limits=FAKE,
    )
    runner = Runner(means)
    feed.events.hooks = event_hooks(runner.asked)
    return ReportDesk(means, runner)


def systems_in(feed: HandFeed) -> dict[str, set[str]]:
    """The assets of each system of the snapshot."""
    found: dict[str, set[str]] = {}
    for view in feed.snapshot.assets:
        found.setdefault(view.system, set()).add(view.id)
    return found


@asynccontextmanager
async def desks(feed: HandFeed, folder: Path) -> AsyncIterator[None]:
    """Puts the desks into `feed`, over files in `folder`, and closes the files at the end."""
    home = home_in(folder)
    db = NodeDb(home.node_db)
    await db.open()
    journal = await Journal.open(home.journal_db, cap_bytes=1 << 26, max_age_s=86_400)
    feed.alarms = Alarms(db, AlarmSettings(), wall=lambda: feed.now_ms() / 1000)
    await feed.alarms.open()
    feed.audit = AuditBook(db, wall=lambda: feed.now_ms() / 1000)
    feed.control = ControlDesk(
        NoPlants(feed),
        audit=feed.audit,
        tries=Tries(db),
        lockouts=Lockouts(db, lambda _: ()),
        pin=Pin(db, mono=lambda: feed.now_ms() / 1000),
        now_ms=feed.now_ms,
        soc_low_pct=20.0,
    )
    feed.changes = []
    feed.registry = RegistryKeeper(home, {}, FIRST, take_up=partial(_taken_up, feed.changes))
    feed.dead = Dead(journal)
    feed.discovery = DiscoveryDesk(
        known=tuple, interfaces=tuple, excluded=exclusion(["0.0.0.0/0", "::/0"])
    )
    store = Store(db)
    feed.site = clocked(home)
    saver = Saver(feed.site, store)
    feed.counters = CounterBook(feed.site, store, saver)
    feed.units = UnitDesk(
        feed.site,
        feed.registry,
        AssignmentBook(db, wall=lambda: feed.now_ms() / 1000),
        save=saver.keep,
        again=_again,
        now_ms=feed.now_ms,
    )
    feed.events = EventBook(
        db,
        node="n1",
        systems=lambda: systems_in(feed),
        confirmed=lambda: feed.clock.confirmed,
        blank=Event(id="", name="", timezone="Europe/Berlin", created_ms=0, changed_ms=0),
        wall=lambda: feed.now_ms() / 1000,
    )
    await feed.events.open()
    feed.said = SaidBook(feed.events)
    feed.reports = _reports(feed, db, home)
    feed.diagnosis = DiagnosisDesk(Nowhere(_no_source))
    feed.outbox = Outbox(db, None, node="n1", state=home.state)
    await feed.outbox.prepare()
    feed.db = db
    clock = NodeClock(journal, system=Kernel("boot", feed.now_ms, lambda: 5_000_000, lambda: False))
    await clock.begin()
    feed.clock = clock
    recorder = Recorder(journal, seal=lambda *_: None, kept=lambda *_: None)
    feed.ingest = Ingest(
        db,
        node="n1",
        site="field",
        zone="Europe/Berlin",
        meters=lambda: [METER],
        append=recorder.keep,
        fill=_nobody_fills,
        confirmed=lambda: clock.confirmed,
        keep_ms=30 * 86_400_000,
        now_ms=feed.now_ms,
    )
    recording = asyncio.create_task(recorder.run())
    try:
        yield
    finally:
        await feed.discovery.cancel()
        await end(recording)
        await journal.close()
        await db.close()
