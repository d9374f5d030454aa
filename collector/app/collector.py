"""The collector of a node, from the lock to the orderly end."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

import structlog
from msgspec import structs

from collector import __version__
from collector.app.latency import Latency
from collector.app.lock import CollectorLock
from collector.app.own import Meter, OwnSeries, own_values
from collector.app.recorder import Recorder, Tick
from collector.app.sources import UNREAD, make_source, place_of
from collector.app.summary import Summary, make_summary
from collector.app.ticker import Ticker, jump_in_words
from collector.config.load import Loaded
from collector.config.paths import Home
from collector.errors import StoreError
from collector.journal.store import Journal
from collector.model.snapshot import JournalHealth, NodeHealth, Snapshot
from collector.serve.api import make_app
from collector.serve.server import serve
from collector.sinks.deliver import Deliverer
from collector.site.continued import recall
from collector.site.image import Image
from collector.site.site import Site, Taken
from collector.site.store import Store
from collector.sources.base import Source
from collector.sources.modbus.gateway import Gateways
from collector.store import NodeDb
from collector.supervisor import Watch, end, supervise
from collector.wire import HealthAnswer, HistoryAnswer

SAVE_S = 10.0
STALL_S = 15.0
FLUSH_S = 5.0
SINKS_S = 5.0
HURRY_S = 0.5

log = structlog.get_logger("collector")


class Collector:
    """One node's collector; `collector.serve.feed.Feed` for its readers."""

    def __init__(self, home: Home, loaded: Loaded, *, hosted: bool = False) -> None:
        """`hosted`: a console started it."""
        self.home = home
        self.loaded = loaded
        self.hosted = hosted
        self._drain_s = SINKS_S
        self.stopping = asyncio.Event()
        self.opened = False
        """State and journal are open, or were: there is something to sum up."""
        self._started_ms = int(time.time() * 1000)
        self._began_s = time.monotonic()
        self._meter = Meter()
        self._readers = 0
        self._news = asyncio.Event()
        self._ended = False
        self._sinks: list[tuple[Deliverer, Watch]] = []
        self._latency = Latency()
        self._save_cause = ""
        self._tick_cause = ""
        self._lost_before = 0
        self._ticked_s = time.monotonic()
        self._own = OwnSeries(loaded.node.id, loaded.node.site)
        self._place = place_of(loaded.node)
        self._site: Site
        self._journal: Journal
        self._recorder: Recorder
        self._node_db: NodeDb
        self._store: Store
        self._ticker: Ticker
        self._snapshot: Snapshot

    # -- life --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Collect until `stop` is called; then sources end first, the journal last.

        Raises AlreadyRunning when another collector holds the node, OSError and JournalError when
        state or socket cannot be used.
        """
        async with AsyncExitStack() as stack:
            stack.enter_context(CollectorLock(self.home.state))
            await self._open(stack)
            self._snapshot = self._first_snapshot()
            await stack.enter_async_context(serve(make_app(self), self.home.operator_socket))
            stack.callback(self._end_readers)
            log.info("Collecting.", node=self.loaded.node.id, devices=len(self._site.images))
            await self._collect()
        log.info("Ended in order.")

    def _first_snapshot(self) -> Snapshot:
        node = self.loaded.node
        return Snapshot(
            seq=0,
            at_ms=int(time.time() * 1000),
            node=node.id,
            site=node.site,
            timezone=node.timezone,
            assets=(),
            totals={},
            today={},
            sources=(),
            sinks=(),
            journal=self._journal.health(),
            health=NodeHealth(started_ms=self._started_ms, problems=self.loaded.notes),
        )

    async def _open(self, stack: AsyncExitStack) -> None:
        node = self.loaded.node
        self._node_db = NodeDb(self.home.node_db)
        await self._node_db.open()
        stack.push_async_callback(self._node_db.close)
        self._store = Store(self._node_db)
        self._journal = await Journal.open(
            self.home.journal_db,
            cap_bytes=node.journal.cap_bytes,
            max_age_s=node.journal.max_age_s,
        )
        stack.push_async_callback(self._journal.close)
        await self._journal.keep_sinks(node.sinks)
        self._lost_before = self._journal.health().lost_samples
        self._recorder = Recorder(self._journal, seal=self._own.seal, kept=self._kept)
        self._site = Site(
            node=node.id,
            site=node.site,
            timezone=node.timezone,
            devices=self.loaded.devices,
            settings=self.loaded.settings,
            links=self.loaded.links,
            memory=await recall(self._journal, await self._store.load()),
        )
        self._ticker = Ticker(self._tick, last_ms=self._journal.last_ms or None)
        for settings in node.sinks.values():
            watch = Watch(f"sink {settings.name}")
            answered = partial(self._answered, settings.name)
            self._sinks.append((Deliverer(settings, self._journal, answered=answered), watch))
        self.opened = True

    async def _collect(self) -> None:
        recorder = asyncio.create_task(self._recorder.run(), name="recorder")
        sinks = [
            asyncio.create_task(supervise(watch, sink.run), name=watch.name)
            for sink, watch in self._sinks
        ]
        first = [asyncio.create_task(self._save_often(), name="saver")]
        try:
            first += self._start_sources(Gateways())
            await self._ticker.run(self.stopping)
        finally:
            await end(*first)
            await self._recorder.flush(FLUSH_S)
            await self._last_deliveries()
            await end(recorder, *sinks)
            await self._save()

    def _start_sources(self, gateways: Gateways) -> list[asyncio.Task[None]]:
        tasks = []
        for name, image in self._site.images.items():
            watch = self._site.watches[name]
            if not image.device.enabled:
                continue
            source = make_source(image.device, gateways, self._place)
            if source is None:
                watch.turn("disabled")
                watch.cause = UNREAD.format(kind=image.device.kind.value)
                log.warning("Not read.", device=name, cause=watch.cause)
                continue

            run = partial(_run_source, source, image)
            tasks.append(asyncio.create_task(supervise(watch, run), name=f"source {name}"))
        return tasks

    async def _last_deliveries(self) -> None:
        try:
            async with asyncio.timeout(self._drain_s):
                drained = await asyncio.gather(
                    *(sink.drain() for sink, _ in self._sinks), return_exceptions=True
                )
        except TimeoutError:
            log.info("Sinks are behind; what is owed stays in the journal.")
            return
        for fault in filter(None, drained):
            log.error("A last delivery failed; what is owed stays in the journal.", exc_info=fault)

    async def _save_often(self) -> None:
        while True:
            for _ in range(int(SAVE_S)):
                await asyncio.sleep(1)
                if self._site.unsaved:
                    break
            await self._save()

    async def _save(self) -> None:
        self._site.unsaved = False
        try:
            await self._store.save(self._site.memory())
        except Exception as error:  # whatever it is, the next save may succeed
            if not self._save_cause:
                fault = None if isinstance(error, StoreError) else error
                log.error(  # noqa: TRY400  a full or broken disk needs no trace
                    "Counters cannot be saved; counting goes on.", cause=str(error), exc_info=fault
                )
            self._save_cause = str(error)
            self._site.unsaved = True
        else:
            if self._save_cause:
                log.info("Counters are saved again.")
            self._save_cause = ""

    # -- the tick ----------------------------------------------------------------------------

    def _tick(self, at_ms: int, late_ms: float) -> None:
        """One tick. A fault of ours costs this tick at most: collecting goes on, and says so."""
        try:
            self._take(at_ms, late_ms)
        except Exception as error:  # the next tick may succeed, and nobody is there to see
            if not self._tick_cause:
                log.exception("A tick failed by a fault of ours; collecting goes on.")
            self._tick_cause = f"{type(error).__name__}: {error}"
        else:
            if self._tick_cause:
                log.info("Ticks succeed again.")
            self._tick_cause = ""

    def _take(self, at_ms: int, late_ms: float) -> None:
        arrivals = self._site.arrivals()
        taken = self._site.take(at_ms)
        try:
            self._publish(taken, at_ms, late_ms)
        finally:
            self._recorder.offer(Tick(at_ms, taken.samples, arrivals))
        self._ticked_s = time.monotonic()
        self._latency.frozen(self._ticked_s, arrivals)
        self._wake()

    def _publish(self, taken: Taken, at_ms: int, late_ms: float) -> None:
        self._meter.tick()
        journal = self._journal_health()
        health = self._node_health(taken, late_ms)
        sinks = tuple(sink.health(watch.state, watch.cause) for sink, watch in self._sinks)
        self._own.add(taken.samples, self._site.tick_no, own_values(taken, health, journal, sinks))
        node = self.loaded.node
        self._snapshot = Snapshot(
            seq=self._site.tick_no,
            at_ms=at_ms,
            node=node.id,
            site=node.site,
            timezone=node.timezone,
            assets=taken.assets,
            totals=taken.totals,
            today=taken.today,
            sources=taken.sources,
            sinks=sinks,
            journal=journal,
            health=health,
        )

    def _kept(self, seq: int, tick: Tick) -> None:
        self._latency.kept(seq, tick.arrivals)

    def _answered(self, sink: str, first: int, last: int) -> None:
        self._latency.stored(sink, first, last, time.monotonic())

    def _node_health(self, taken: Taken, late_ms: float) -> NodeHealth:
        return NodeHealth(
            started_ms=self._started_ms,
            tick_seq=self._site.tick_no,
            tick_late_ms=round(late_ms, 1),
            clock="jumped" if self._ticker.stepped_ms else "ok",
            rss_bytes=self._meter.rss,
            cpu_s=round(self._meter.cpu_s, 2),
            series=self._site.series_count(),
            samples=len(taken.samples),
            readers=self._readers,
            problems=self._problems(),
        )

    def _problems(self) -> tuple[str, ...]:
        stepped_ms = self._ticker.stepped_ms
        found = [
            jump_in_words(stepped_ms) if stepped_ms else "",
            f"ticks fail by a fault of ours ({self._tick_cause}): please report it; if it lasts, "
            "restart the collector"
            if self._tick_cause
            else "",
            f"samples are lost: {self._recorder.cause}" if self._recorder.cause else "",
            f"counters are not saved: {self._save_cause}" if self._save_cause else "",
            *self.loaded.notes,
        ]
        return tuple(problem for problem in found if problem)

    def _journal_health(self) -> JournalHealth:
        health = self._journal.health()
        lost = self._recorder.lost_samples
        if not lost and not self._recorder.cause:
            return health
        return structs.replace(
            health,
            state="failing" if self._recorder.cause else health.state,
            cause=self._recorder.cause or health.cause,
            lost_samples=health.lost_samples + lost,
        )

    # -- Feed --------------------------------------------------------------------------------

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        return self._snapshot

    async def newer(self, seq: int) -> Snapshot | None:
        """The newest snapshot once its seq is above `seq`; None at the end."""
        while self._snapshot.seq <= seq and not self._ended:
            await self._news.wait()
        return None if self._ended else self._snapshot

    def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int
    ) -> HistoryAnswer | None:
        """Recent history from memory."""
        found = self._site.history(asset, key, from_ms, to_ms, step_s)
        if found is None:
            return None
        times, values = found
        return HistoryAnswer(asset=asset, measurement=key, times=tuple(times), values=tuple(values))

    def health(self) -> HealthAnswer:
        """Whether ticks advance and the journal commits, and how all parts are."""
        snapshot = self._snapshot
        ticking = time.monotonic() - self._ticked_s < STALL_S
        return HealthAnswer(
            ok=ticking and not self._recorder.cause and not self._tick_cause,
            version=__version__,
            pid=os.getpid(),
            node=snapshot.node,
            hosted=self.hosted,
            health=structs.replace(snapshot.health, problems=self._problems()),
            journal=self._journal_health(),
            sources=snapshot.sources,
            sinks=snapshot.sinks,
        )

    def stop(self) -> None:
        """Begin the orderly end."""
        self.stopping.set()

    def hurry(self) -> None:
        """At the end give the sinks half a second only; what is owed stays in the journal."""
        self._drain_s = HURRY_S

    def summary(self) -> Summary:
        """What this run did; complete once `run` has returned."""
        journal = self._journal.health()
        return make_summary(
            seconds=time.monotonic() - self._began_s,
            assets=len(self._snapshot.assets),
            readings=self._site.readings,
            recorder=self._recorder,
            journal=structs.replace(journal, lost_samples=journal.lost_samples - self._lost_before),
            sinks=[sink.health(watch.state, watch.cause) for sink, watch in self._sinks],
            latency=self._latency,
        )

    def reader(self, change: int) -> None:
        """A stream was opened or closed."""
        self._readers += change

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _end_readers(self) -> None:
        self._ended = True
        self._wake()


async def _run_source(source: Source, image: Image, ready: Callable[[], None]) -> None:
    image.reset()
    try:
        await source.run(image, ready)
    finally:
        image.left()
