"""The collector as the readers of its local API see it."""

import os
import time
from collections.abc import Callable, Collection

from msgspec import structs

from collector import __version__
from collector.alarms import Alarms
from collector.app.clock import NodeClock
from collector.app.machine import Machine
from collector.app.parts import Parts
from collector.app.past import past
from collector.app.pulse import Pulse
from collector.app.saver import CounterBook
from collector.audit import AuditBook
from collector.control.desk import ControlDesk
from collector.diagnosis import DiagnosisDesk
from collector.discovery import DiscoveryDesk
from collector.events import EventBook, SaidBook
from collector.ingest import Ingest
from collector.log_ring import Ring
from collector.model.dead import DeadEntry, Resent
from collector.model.snapshot import Snapshot
from collector.outbox import Outbox
from collector.reports import ReportDesk
from collector.serve.keeper import RegistryKeeper
from collector.serve.units import UnitDesk
from collector.sinks.dead import forget_dead, list_dead, resend_dead
from collector.site.raws import raw_of
from collector.wire import HealthAnswer, HistoryAnswer, RawAnswer, SourceFailure

STALL_S = 15.0


class DeadSamples:
    """`collector.serve.feed.DeadStore` over the journal and the running sinks."""

    def __init__(self, parts: Parts) -> None:
        self._journal = parts.journal
        self._sinks = {sink.deliverer.name: sink.deliverer for sink in parts.sinks}

    async def entries(self, sink: str | None, after: int, limit: int) -> list[DeadEntry]:
        """Entries with an id above `after`, oldest first."""
        return await list_dead(self._journal, self._sinks, sink, after=after, limit=limit)

    async def resend(self, ids: Collection[int] | None, sink: str | None) -> list[Resent]:
        """Send these once more; None: all (of `sink`)."""
        return await resend_dead(self._journal, self._sinks, ids, sink)

    async def forget(self, ids: Collection[int] | None, sink: str | None) -> int:
        """Give these up for good; how many there were."""
        return await forget_dead(self._journal, self._sinks, ids, sink)


class CollectorFeed:
    """`collector.serve.feed.Feed` over the parts of a collector.

    `hosted`: a console started it. `problems` gives what is wrong now, in words; `stop` begins the
    orderly end; `ring` has the newest lines of the log.
    """

    def __init__(
        self,
        parts: Parts,
        pulse: Pulse,
        *,
        reports: ReportDesk,
        hosted: bool,
        problems: Callable[[], tuple[str, ...]],
        stop: Callable[[], None],
        ring: Ring,
    ) -> None:
        self._parts = parts
        self._pulse = pulse
        self._reports = reports
        self._hosted = hosted
        self._problems = problems
        self._stop = stop
        self._ring = ring
        self._dead = DeadSamples(parts)
        self._machine = Machine(lambda: parts.surroundings.disk)

    @property
    def alarms(self) -> Alarms:
        """What is wrong, and what people did about it."""
        return self._parts.alarms

    @property
    def audit(self) -> AuditBook:
        """Who changed what."""
        return self._parts.desks.audit

    @property
    def control(self) -> ControlDesk:
        """Where commands to devices are given."""
        return self._parts.desks.control

    @property
    def registry(self) -> RegistryKeeper:
        """The registry: its file, and what of it is in force."""
        return self._parts.desks.registry

    @property
    def dead(self) -> DeadSamples:
        """Samples that receivers refused for good."""
        return self._dead

    @property
    def units(self) -> UnitDesk:
        """Who stands where."""
        return self._parts.desks.units

    @property
    def events(self) -> EventBook:
        """Jobs, and who takes part."""
        return self._parts.desks.events

    @property
    def said(self) -> SaidBook:
        """Corrections and the log."""
        return self._parts.desks.said

    @property
    def reports(self) -> ReportDesk:
        """What there is of reports, and what is done about them."""
        return self._reports

    @property
    def counters(self) -> CounterBook:
        """What counters were not given."""
        return self._parts.counters

    @property
    def outbox(self) -> Outbox:
        """Business records on their way to the cloud."""
        return self._parts.outbox

    @property
    def ingest(self) -> Ingest:
        """What meters post."""
        return self._parts.ingest

    @property
    def diagnosis(self) -> DiagnosisDesk:
        """*Test connection*."""
        return self._parts.desks.diagnosis

    @property
    def discovery(self) -> DiscoveryDesk:
        """Looking for devices."""
        return self._parts.desks.discovery

    @property
    def clock(self) -> NodeClock:
        """Whether the node's clock is right."""
        return self._parts.clock

    @property
    def ring(self) -> Ring:
        """The newest lines of the collector's own log."""
        return self._ring

    def now_ms(self) -> int:
        """The time now, UTC ms."""
        return time.time_ns() // 1_000_000

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        return self._pulse.snapshot

    async def newer(self, seq: int) -> Snapshot | None:
        """The newest snapshot once its seq is above `seq`; None at the end."""
        return await self._pulse.newer(seq)

    async def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int
    ) -> HistoryAnswer | None:
        """Past values, from memory and from rollups."""
        parts = self._parts
        found = await past(parts.site, parts.rollups, asset, key, from_ms, to_ms, step_s)
        if found is None:
            return None
        return HistoryAnswer(
            asset=asset,
            measurement=key,
            times=tuple(found.times),
            values=tuple(found.values),
            least=tuple(found.least),
            greatest=tuple(found.greatest),
        )

    def raw(self, asset: str) -> RawAnswer | None:
        """The newest raw values of an asset's device."""
        site, at_ms = self._parts.site, self._pulse.snapshot.at_ms
        values = raw_of(site.images, asset, site.tick_no)
        if values is None:
            return None
        device, _, role = asset.partition(".")
        part = site.images[device].roles[role].told.part
        return RawAnswer(asset=asset, device=device, at_ms=at_ms, values=values, part=part)

    def health(self) -> HealthAnswer:
        """Whether ticks advance and the journal commits, and how all parts are."""
        snapshot = self._pulse.snapshot
        ticking = time.monotonic() - self._pulse.ticked_s < STALL_S
        return HealthAnswer(
            ok=ticking and not self._parts.recorder.cause and not self._pulse.cause,
            version=__version__,
            pid=os.getpid(),
            node=snapshot.node,
            hosted=self._hosted,
            health=structs.replace(
                snapshot.health,
                problems=self._problems(),
                clock=self._pulse.clock_word(),
                clock_confirmed=self._parts.clock.confirmed,
            ),
            journal=self._parts.recorder.health(),
            sources=snapshot.sources,
            sinks=snapshot.sinks,
            machine=self._machine.health(),
            failures=tuple(
                SourceFailure(device=device, at_ms=watch.failed_ms, cause=watch.failure)
                for device, watch in self._parts.site.watches.items()
                if watch.failure
            ),
        )

    def stop(self) -> None:
        """Begin the orderly end."""
        self._stop()

    def reader(self, change: int) -> None:
        """A stream was opened or closed."""
        self._pulse.readers += change
