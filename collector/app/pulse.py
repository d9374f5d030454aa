"""What happens once a second: the site is frozen, shown, and handed to the journal."""

import asyncio
import time
from collections.abc import Callable, Collection

import structlog

from collector.alarms import Backlog, Scene
from collector.app.own import Meter, own_values
from collector.app.parts import Parts
from collector.app.recorder import Tick
from collector.model.outbox import OutboxHealth
from collector.model.snapshot import JournalHealth, NodeHealth, SinkHealth, Snapshot
from collector.reports import Standing
from collector.site.site import Taken

log = structlog.get_logger("collector")


class Pulse:
    """The ticks of one collector: holds the newest snapshot, and wakes who waits for the next.

    `problems` gives what is wrong beside the parts, in words; `clock_word` how the clock is,
    `reports` how the work on reports is.
    `ticked_s` is when the last tick succeeded, in monotonic seconds; `cause` why the last one
    failed, empty when it did not.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        clock_word: Callable[[], str],
        problems: Callable[[], tuple[str, ...]],
        reports: Callable[[], Standing] = Standing,
    ) -> None:
        self._parts = parts
        self.clock_word = clock_word
        self._problems = problems
        self._reports = reports
        self._meter = Meter()
        self._news = asyncio.Event()
        self.ended = False
        self.readers = 0
        self.cause = ""
        self.started_ms = int(time.time() * 1000)
        self.ticked_s = time.monotonic()
        self.snapshot = self._first()

    def _first(self) -> Snapshot:
        node = self._parts.loaded.node
        return Snapshot(
            seq=0,
            at_ms=self.started_ms,
            node=node.id,
            site=node.site,
            timezone=node.timezone,
            assets=(),
            totals={},
            today={},
            sources=(),
            sinks=(),
            journal=self._parts.recorder.health(),
            health=NodeHealth(
                started_ms=self.started_ms,
                clock=self._parts.clock.word,
                clock_confirmed=self._parts.clock.confirmed,
                problems=self._parts.loaded.notes,
            ),
        )

    def tick(self, at_ms: int, late_ms: float) -> None:
        """One tick. A fault of ours costs this tick at most: collecting goes on, and says so."""
        try:
            self._take(at_ms, late_ms)
        except Exception as error:  # the next tick may succeed, and nobody is there to see
            if not self.cause:
                log.exception("A tick has failed by a fault of ours; collecting goes on.")
            self.cause = f"{type(error).__name__}: {error}"
        else:
            if self.cause:
                log.info("Ticks succeed again.")
            self.cause = ""

    def _take(self, at_ms: int, late_ms: float) -> None:
        parts = self._parts
        arrivals = parts.site.arrivals()
        stamp = parts.clock.stamp(late_ms)
        taken = parts.site.take(at_ms, confirmed=stamp is None)
        try:
            self._publish(taken, at_ms, late_ms)
        finally:
            parts.recorder.offer(Tick(at_ms, taken.samples, arrivals, stamp))
        self.ticked_s = time.monotonic()
        parts.latency.frozen(self.ticked_s, arrivals)
        self._wake()

    def _publish(self, taken: Taken, at_ms: int, late_ms: float) -> None:
        parts = self._parts
        self._meter.tick()
        parts.surroundings.tick()
        journal = parts.recorder.health()
        health = self._node_health(taken, late_ms)
        sinks = tuple(
            sink.deliverer.health(sink.watch.state, sink.watch.cause) for sink in parts.sinks
        )
        parts.own.add(taken.samples, parts.site.tick_no, own_values(taken, health, journal, sinks))
        if parts.clock.confirmed:
            parts.rollups.tick(at_ms, parts.site.mono(), taken.assets, parts.site.counters)
        outbox = parts.outbox.health(parts.outbox_watch.state, parts.outbox_watch.cause)
        parts.alarms.tick(self._scene(taken, at_ms, health, journal, sinks, outbox))
        node = parts.loaded.node
        self.snapshot = Snapshot(
            seq=parts.site.tick_no,
            at_ms=at_ms,
            node=node.id,
            site=node.site,
            timezone=node.timezone,
            assets=parts.desks.control.lockouts.mark(taken.assets),
            totals=taken.totals,
            today=taken.today,
            sources=taken.sources,
            sinks=sinks,
            journal=journal,
            health=health,
            alarms=parts.alarms.active(),
            outbox=outbox,
            events=parts.desks.events.now(at_ms),
        )

    def _scene(
        self,
        taken: Taken,
        at_ms: int,
        health: NodeHealth,
        journal: JournalHealth,
        sinks: tuple[SinkHealth, ...],
        outbox: OutboxHealth,
    ) -> Scene:
        parts = self._parts
        disk = parts.surroundings.disk
        return Scene(
            at_ms=at_ms,
            now_s=parts.site.mono(),
            assets=taken.assets,
            totals=taken.totals,
            sources=taken.sources,
            sinks=sinks,
            journal=journal,
            health=health,
            settings=parts.fleet.registry.settings,
            in_event=_in_event(taken, parts.desks.events.active_systems()),
            notices=parts.site.notices(),
            link_up=parts.surroundings.link_up,
            disk_free_bytes=None if disk is None else disk.free,
            outbox=Backlog(
                waiting=sum(outbox.waiting.values()),
                oldest_s=outbox.oldest_min * 60,
                cause=outbox.cause,
            )
            if parts.loaded.node.cloud is not None
            else None,
        )

    def _drops(self) -> dict[str, int]:
        """What was left out anywhere but at the sources, by reason."""
        rollups, alarms = self._parts.rollups, self._parts.alarms.health()
        counted = {
            "minutes left to the journal": rollups.left,
            "minutes that could not be split": rollups.unsplit,
            "minutes found damaged": rollups.damaged,
            "changes of alarms not kept": alarms.lost,
            "alarms beyond the most that may be open": alarms.refused,
        }
        return {reason: count for reason, count in counted.items() if count}

    def _node_health(self, taken: Taken, late_ms: float) -> NodeHealth:
        reports = self._reports()
        return NodeHealth(
            started_ms=self.started_ms,
            tick_seq=self._parts.site.tick_no,
            tick_late_ms=round(late_ms, 1),
            clock=self.clock_word(),
            clock_confirmed=self._parts.clock.confirmed,
            rss_bytes=self._meter.rss,
            cpu_s=round(self._meter.cpu_s, 2),
            series=self._parts.site.series_count(),
            samples=len(taken.samples),
            readers=self.readers,
            drops=self._drops(),
            reports_open=reports.open,
            reports_failed=reports.failed,
            problems=self._problems(),
        )

    # -- readers

    async def newer(self, seq: int) -> Snapshot | None:
        """The newest snapshot once its seq is above `seq`; None at the end."""
        while self.snapshot.seq <= seq and not self.ended:
            await self._news.wait()
        return None if self.ended else self.snapshot

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def end(self) -> None:
        """No tick will follow: who waits for one is told."""
        self.ended = True
        self._wake()


def _in_event(taken: Taken, systems: Collection[str]) -> frozenset[str]:
    """The assets of systems that take part in an event."""
    return frozenset(one.id for one in taken.assets if one.system in systems)
