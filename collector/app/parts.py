"""What a collector is made of, opened in order and closed in the reverse one."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import NamedTuple

import structlog
from msgspec import Struct, field

from collector import __version__
from collector.alarms import Alarms
from collector.app.clock import NodeClock
from collector.app.desks import Desks, open_desks
from collector.app.fleet import Fleet
from collector.app.latency import Latency
from collector.app.own import OwnSeries
from collector.app.posts import make_ingest
from collector.app.recorder import Recorder, Tick
from collector.app.saver import CounterBook, Saver
from collector.app.sources import Means, kind_by_profile
from collector.app.surroundings import Surroundings
from collector.app.whereabouts import Whereabouts
from collector.config.load import Loaded
from collector.config.node import NodeConfig
from collector.config.paths import Home
from collector.ingest import Ingest
from collector.journal.store import Journal
from collector.model.cloud import NodeStatus
from collector.model.snapshot import Snapshot
from collector.outbox import Outbox, node_status, put_alarm
from collector.rollups import Rollups, records
from collector.sinks.deliver import Deliverer
from collector.site.continued import recall
from collector.site.memory import Memory
from collector.site.site import Site
from collector.site.store import Store
from collector.sources.fronius import SolarHosts
from collector.sources.modbus.gateway import Gateways
from collector.store import NodeDb
from collector.supervisor import Watch

log = structlog.get_logger("collector")


class Sink(NamedTuple):
    """One delivery, and how its task is."""

    deliverer: Deliverer
    watch: Watch


class Parts(Struct, frozen=True, kw_only=True):
    """The parts of one collector; each is described where it is made."""

    loaded: Loaded
    node_db: NodeDb
    store: Store
    journal: Journal
    clock: NodeClock
    recorder: Recorder
    site: Site
    whereabouts: Whereabouts
    saver: Saver
    fleet: Fleet
    own: OwnSeries
    latency: Latency
    sinks: tuple[Sink, ...]
    rollups: Rollups
    rollups_watch: Watch = field(default_factory=partial(Watch, "rollups"))
    alarms: Alarms
    alarms_watch: Watch = field(default_factory=partial(Watch, "alarms"))
    outbox: Outbox
    outbox_watch: Watch = field(default_factory=partial(Watch, "outbox"))
    surroundings: Surroundings
    counters: CounterBook
    desks: Desks
    ingest: Ingest
    ingest_watch: Watch = field(default_factory=partial(Watch, "posts"))
    lost_before: int
    """Samples that earlier runs lost."""


async def open_parts(
    home: Home,
    loaded: Loaded,
    stack: AsyncExitStack,
    mono: Callable[[], float],
    newest: Callable[[], Snapshot],
    *,
    simulated: bool,
) -> Parts:
    """Open state and journal of the node, and put on `stack` what closes them.

    `mono` is monotonic seconds, `newest` the snapshot that the cloud is told of once the parts
    run; with `simulated` devices the clock needs no confirmation. Raises OvrError when they cannot
    be used.
    """
    node = loaded.node
    node_db, journal = await _open_files(home, node, stack)
    clock = await _clock(journal, node, simulated=simulated)
    store = Store(node_db)
    own = OwnSeries(node.id, node.site)
    latency = Latency()
    surroundings = Surroundings(home.state)
    whereabouts = Whereabouts(node, lambda: site.positions())
    outbox = _outbox(home, loaded, node_db, newest, surroundings, whereabouts)
    await outbox.prepare()
    alarms = await _alarms(node_db, node)
    recorder = Recorder(journal, seal=own.seal, kept=partial(_kept, latency))
    site = _site(home, loaded, await recall(journal, await store.load()), clock)
    fleet = Fleet(site, loaded.registry, Means(home, Gateways(), whereabouts.place, SolarHosts()))
    saver = Saver(site, store)
    rollups = Rollups(node_db, journal, node=node.id, keep_days=node.retention.rollup_days)
    return Parts(
        loaded=loaded,
        node_db=node_db,
        store=store,
        journal=journal,
        clock=clock,
        recorder=recorder,
        site=site,
        whereabouts=whereabouts,
        saver=saver,
        fleet=fleet,
        own=own,
        latency=latency,
        sinks=_sinks(loaded, journal, latency, mono),
        rollups=rollups,
        alarms=alarms,
        outbox=outbox,
        surroundings=surroundings,
        counters=CounterBook(site, store, saver),
        desks=await open_desks(
            home, node, node_db, stack, fleet, site, saver, newest, lambda: clock.confirmed
        ),
        ingest=make_ingest(node, node_db, site, recorder, rollups, lambda: clock.confirmed),
        lost_before=journal.health().lost_samples,
    )


async def _alarms(node_db: NodeDb, node: NodeConfig) -> Alarms:
    alarms = Alarms(node_db, node.alarms, keep_days=node.retention.alarm_days, put=put_alarm)
    await alarms.open()
    return alarms


async def _open_files(
    home: Home, node: NodeConfig, stack: AsyncExitStack
) -> tuple[NodeDb, Journal]:
    """The node's two databases, closed by `stack`."""
    node_db = NodeDb(home.node_db)
    await node_db.open()
    stack.push_async_callback(node_db.close)
    journal = await Journal.open(
        home.journal_db, cap_bytes=node.journal.cap_bytes, max_age_s=node.journal.max_age_s
    )
    stack.push_async_callback(journal.close)
    await journal.keep_sinks(node.sinks)
    return node_db, journal


async def _clock(journal: Journal, node: NodeConfig, *, simulated: bool) -> NodeClock:
    trusted = "simulated" if simulated else "trusted" if node.trust_clock else ""
    clock = NodeClock(journal, trusted=trusted)
    await clock.begin()
    return clock


def _site(home: Home, loaded: Loaded, memory: Memory, clock: NodeClock) -> Site:
    return Site(
        node=loaded.node.id,
        site=loaded.node.site,
        timezone=loaded.node.timezone,
        devices=loaded.devices,
        settings=loaded.settings,
        links=loaded.links,
        memory=memory,
        clock_told=clock.told,
        kind_of=partial(kind_by_profile, home.config),
    )


def _outbox(
    home: Home,
    loaded: Loaded,
    node_db: NodeDb,
    newest: Callable[[], Snapshot],
    surroundings: Surroundings,
    whereabouts: Whereabouts,
) -> Outbox:
    """The outbox, which tells the cloud each minute how the node is."""
    node = loaded.node

    def status() -> NodeStatus | None:
        snapshot = newest()
        if not snapshot.seq:
            return None  # before the first tick nothing is known
        return node_status(
            snapshot,
            version=__version__,
            position=whereabouts.place(),
            disk=surroundings.disk,
            outbox=snapshot.outbox,
            fingerprint=surroundings.fingerprint(),
        )

    return Outbox(
        node_db,
        node.cloud,
        node=node.id,
        state=home.state,
        ca_pem=node.cloud_ca_pem,
        loaders={records.KIND: records.load},
        confirmed=_in_cloud,
        status=status,
    )


def _in_cloud(db: sqlite3.Connection, kind: str, record_id: str) -> None:
    if kind == records.KIND:
        records.confirmed(db, record_id, time.time_ns() // 1_000_000)


def _sinks(
    loaded: Loaded, journal: Journal, latency: Latency, clock: Callable[[], float]
) -> tuple[Sink, ...]:
    found = []
    for settings in loaded.node.sinks.values():
        answered = partial(_answered, latency, settings.name, clock)
        deliverer = Deliverer(settings, journal, answered=answered)
        found.append(Sink(deliverer, Watch(f"sink {settings.name}")))
    return tuple(found)


def _kept(latency: Latency, seq: int, tick: Tick) -> None:
    latency.kept(seq, tick.arrivals)


def _answered(
    latency: Latency, sink: str, clock: Callable[[], float], first: int, last: int
) -> None:
    latency.stored(sink, first, last, clock())
