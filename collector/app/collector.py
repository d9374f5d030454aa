"""The collector of a node, from the lock to the orderly end."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

import structlog
from msgspec import structs

from collector.app.feed import CollectorFeed
from collector.app.lock import CollectorLock
from collector.app.notify import Notifier, Vital, keep_telling, plant_line
from collector.app.parts import Parts, open_parts
from collector.app.pulse import Pulse
from collector.app.reports import Reports, open_reports, reports_problem, tell_of_late_data
from collector.app.simulated import commission_all
from collector.app.summary import Summary, make_summary
from collector.app.ticker import Ticker, jump_in_words
from collector.config.load import Loaded, secrets_of
from collector.config.paths import Home
from collector.errors import StoreError
from collector.log_ring import Ring
from collector.serve.api import LocalApi, make_app
from collector.serve.server import serve_node
from collector.supervisor import Run, Watch, end, supervise

FLUSH_S = 5.0
SINKS_S = 5.0
HURRY_S = 0.5

log = structlog.get_logger("collector")


class Collector:
    """One node's collector. Run it once."""

    def __init__(
        self,
        home: Home,
        loaded: Loaded,
        *,
        hosted: bool = False,
        simulated: bool = False,
        notifier: Notifier | None = None,
        ring: Ring | None = None,
    ) -> None:
        """`hosted`: a console started it. `simulated`: its devices are, so that the time of their
        samples is whatever the clock says. `notifier`: who wants to know how it is (systemd).
        `ring`: where the newest lines of its log are."""
        self.home = home
        self.loaded = loaded
        self.hosted = hosted
        self.simulated = simulated
        self._notifier = Notifier({}) if notifier is None else notifier
        self._ring = Ring() if ring is None else ring
        self.stopping = asyncio.Event()
        self.opened = False
        """State and journal are open, or were: there is something to sum up."""
        self.parts: Parts
        self.pulse: Pulse
        self.reports: Reports
        self.feed: CollectorFeed
        self._drain_s = SINKS_S
        self._began_s = time.monotonic()
        self._ticker: Ticker
        self._api: LocalApi | None = None

    async def run(self) -> None:
        """Collect until `stop` is called; then sources end first, the journal last.

        Raises AlreadyRunning when another collector holds the node, OSError and OvrError when
        state or socket cannot be used.
        """
        async with AsyncExitStack() as stack:
            stack.enter_context(CollectorLock(self.home.state))
            self.parts = await open_parts(
                self.home,
                self.loaded,
                stack,
                time.monotonic,
                lambda: self.pulse.snapshot,
                simulated=self.simulated,
            )
            self._put_together()
            self._api = app = make_app(self.feed)
            self.parts.surroundings.fingerprint = partial(_fingerprint, app)
            await stack.enter_async_context(serve_node(app, self.home, self.loaded.node))
            stack.callback(self.pulse.end)
            images = self.parts.site.images
            log.info(
                "{node} collects from {devices} devices.",
                node=self.loaded.node.id,
                devices=len(images),
            )
            await self._collect()
        log.info("The collector has ended in order.")

    def _put_together(self) -> None:
        parts = self.parts
        parts.desks.events.split = parts.rollups.split
        self.pulse = Pulse(
            parts,
            clock_word=self._clock_word,
            problems=self.problems,
            reports=lambda: self.reports.runner.standing,
        )
        self.reports = open_reports(
            self.home,
            parts.loaded.node,
            parts.node_db,
            parts.site,
            parts.rollups,
            parts.desks.events,
            lambda: self.pulse.snapshot.at_ms if self.pulse.snapshot.seq else 0,
        )
        tell_of_late_data(parts.rollups, parts.store)
        self.feed = CollectorFeed(
            parts,
            self.pulse,
            reports=self.reports.desk,
            hosted=self.hosted,
            problems=self.problems,
            stop=self.stop,
            ring=self._ring,
        )
        self._ring.secrets = lambda: secrets_of(parts.loaded.node, parts.fleet.registry)
        self._ticker = Ticker(
            self.pulse.tick,
            last_ms=parts.journal.last_ms or None,
            confirmed=parts.clock.confirmed,
        )
        parts.clock.on_confirmed = self._ticker.confirm
        self.opened = True

    # -- tasks -------------------------------------------------------------------------------

    async def _collect(self) -> None:
        recorder = asyncio.create_task(self.parts.recorder.run(), name="recorder")
        sinks = [_supervised(watch, sink.run) for sink, watch in self.parts.sinks]
        first = [
            asyncio.create_task(self.parts.saver.run(), name="saver"),
            _supervised(self.parts.outbox_watch, self.parts.outbox.run),
            _supervised(self.parts.alarms_watch, self.parts.alarms.run),
            _supervised(self.parts.rollups_watch, self.parts.rollups.run),
            _supervised(self.parts.ingest_watch, self.parts.ingest.run),
            _supervised(self.parts.desks.registry_watch, self.parts.desks.registry.run),
            _supervised(self.parts.desks.profiles_watch, self.parts.desks.profiles.run),
            _supervised(self.parts.desks.units_watch, self.parts.desks.units.run),
            _supervised(self.parts.desks.events_watch, self.parts.desks.events.run),
            _supervised(self.reports.watch, self.reports.runner.run),
            asyncio.create_task(self.parts.clock.run(), name="clock"),
        ]
        if self.simulated:
            commission = partial(commission_all, self.parts.alarms, lambda: self.pulse.snapshot)
            first.append(_supervised(Watch("simulation"), commission))
        if self._notifier.heard:
            first.append(_supervised(Watch("systemd"), self._tell_systemd))
        try:
            self.parts.fleet.start()
            await self._ticker.run(self.stopping)
        finally:
            self._notifier.tell("STOPPING=1", "STATUS=ending in order")
            await end(*first)
            await self.parts.fleet.end()
            await self.parts.desks.control.end()
            await self.parts.recorder.flush(FLUSH_S)
            await self._last_deliveries()
            await end(recorder, *sinks)
            await self.parts.recorder.note()
            await self.parts.saver.save()
            await self.parts.rollups.flush()
            await self._keep_alarms()

    async def _tell_systemd(self, ready: Callable[[], None]) -> None:
        if await self.pulse.newer(0) is not None:
            ready()
            await keep_telling(
                self._notifier,
                lambda: Vital(
                    ticked_s=self.pulse.ticked_s, answered_s=self.parts.recorder.answered_s
                ),
                lambda: plant_line(self.pulse.snapshot),
                clock=time.monotonic,
            )

    async def _keep_alarms(self) -> None:
        try:
            await self.parts.alarms.flush()
        except StoreError as error:
            log.warning("The last changes of alarms are not kept", cause=str(error))

    async def _last_deliveries(self) -> None:
        try:
            async with asyncio.timeout(self._drain_s):
                drained = await asyncio.gather(
                    *(sink.deliverer.drain() for sink in self.parts.sinks), return_exceptions=True
                )
        except TimeoutError:
            log.info(
                "Sinks are behind; what is owed stays in the journal and goes out after the next "
                "start."
            )
            return
        for fault in filter(None, drained):
            log.error(
                "A last delivery has failed; what is owed stays in the journal", exc_info=fault
            )

    # -- how it is ---------------------------------------------------------------------------

    def _clock_word(self) -> str:
        return "jumped" if self._ticker.stepped_ms else self.parts.clock.word

    def problems(self) -> tuple[str, ...]:
        """What is wrong and for a person to see to, in words."""
        stepped_ms = self._ticker.stepped_ms
        recorder = self.parts.recorder
        found = [
            jump_in_words(stepped_ms) if stepped_ms else "",
            self.parts.clock.problem(),
            f"ticks fail by a fault of ours ({self.pulse.cause}): please report it; if it lasts, "
            "restart the collector"
            if self.pulse.cause
            else "",
            f"samples are lost: {recorder.cause}" if recorder.cause else "",
            f"counters are not saved: {self.parts.saver.cause}" if self.parts.saver.cause else "",
            self.parts.node_db.damaged,
            self.parts.desks.registry.problem,
            self.parts.desks.profiles.problem,
            self.parts.alarms.problem,
            *self.parts.desks.events.problems(time.time_ns() // 1_000_000),
            self._api.problem if self._api else "",
            reports_problem(self.reports),
            f"minutes are not stored: {self.parts.rollups.cause}"
            if self.parts.rollups.cause
            else "",
            self.parts.whereabouts.hint(),
            *self.loaded.node_notes,
            *self.parts.fleet.registry.notes,
        ]
        return tuple(problem for problem in found if problem)

    def summary(self) -> Summary:
        """What this run did; complete once `run` has returned."""
        parts = self.parts
        journal = parts.journal.health()
        return make_summary(
            seconds=time.monotonic() - self._began_s,
            assets=len(self.pulse.snapshot.assets),
            readings=parts.site.readings,
            recorder=parts.recorder,
            journal=structs.replace(journal, lost_samples=journal.lost_samples - parts.lost_before),
            sinks=[sink.health(watch.state, watch.cause) for sink, watch in parts.sinks],
            latency=parts.latency,
        )

    # -- the end -----------------------------------------------------------------------------

    def stop(self) -> None:
        """Begin the orderly end."""
        self.stopping.set()

    def hurry(self) -> None:
        """At the end give the sinks half a second only; what is owed stays in the journal."""
        self._drain_s = HURRY_S


def _supervised(watch: Watch, run: Run) -> "asyncio.Task[None]":
    return asyncio.create_task(supervise(watch, run), name=watch.name)


def _fingerprint(app: LocalApi) -> str:
    listen = app.listen()
    return "" if listen is None else listen.fingerprint
