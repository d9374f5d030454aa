"""What the local API needs of the collector."""

from collections.abc import Collection
from typing import Protocol

from collector.alarms import Alarms
from collector.audit import AuditBook
from collector.control.desk import ControlDesk
from collector.diagnosis import DiagnosisDesk
from collector.discovery import DiscoveryDesk
from collector.events import EventBook, SaidBook
from collector.ingest import Ingest
from collector.log_ring import Ring
from collector.model.dead import DeadEntry, Resent
from collector.model.refused import RefusedCount
from collector.model.snapshot import Snapshot
from collector.outbox import Outbox
from collector.reports import ReportDesk
from collector.serve.keeper import RegistryKeeper
from collector.serve.units import UnitDesk
from collector.wire import HealthAnswer, HistoryAnswer, RawAnswer


class DeadStore(Protocol):
    """The samples that receivers refused for good; all methods raise JournalError."""

    async def entries(self, sink: str | None, after: int, limit: int) -> list[DeadEntry]:
        """Entries with an id above `after`, oldest first; of one sink, or of all."""

    async def resend(self, ids: Collection[int] | None, sink: str | None) -> list[Resent]:
        """Send these once more; None: all (of `sink`)."""

    async def forget(self, ids: Collection[int] | None, sink: str | None) -> int:
        """Give these up for good; how many there were."""


class ClockDesk(Protocol):
    """The node's clock."""

    @property
    def confirmed(self) -> bool:
        """Whether samples are sent, and events may start."""

    @property
    def word(self) -> str:
        """How it is, in words."""

    async def confirm(self, person: str) -> None:
        """A person says that it is right as it is now. Raises BadClock and JournalError."""


class CounterDesk(Protocol):
    """What counters were not given."""

    @property
    def open(self) -> tuple[RefusedCount, ...]:
        """What nobody has decided about, the newest first."""

    @property
    def left_out(self) -> int:
        """How many went undecided because there were too many."""

    def find(self, wanted: str) -> RefusedCount:
        """The open one with this id. Raises NotPossible."""

    async def decided(self, limit: int) -> list[RefusedCount]:
        """What was decided, the newest first. Raises StoreError."""

    async def decide(self, one: RefusedCount) -> None:
        """Keep a decision, and add what was accepted. Raises NotPossible and StoreError."""


class Feed(Protocol):
    """The collector as its readers see it."""

    @property
    def alarms(self) -> Alarms:
        """What is wrong, and what people did about it."""

    @property
    def audit(self) -> AuditBook:
        """Who changed what."""

    @property
    def control(self) -> ControlDesk:
        """Where commands to devices are given."""

    @property
    def registry(self) -> RegistryKeeper:
        """The registry: its file, and what of it is in force."""

    @property
    def units(self) -> UnitDesk:
        """Who stands where."""

    @property
    def events(self) -> EventBook:
        """Jobs, and who takes part."""

    @property
    def said(self) -> SaidBook:
        """Corrections and the log."""

    @property
    def reports(self) -> ReportDesk:
        """What there is of reports, and what is done about them."""

    @property
    def counters(self) -> CounterDesk:
        """What counters were not given."""

    @property
    def dead(self) -> DeadStore:
        """Samples that receivers refused for good."""

    @property
    def outbox(self) -> Outbox:
        """Business records on their way to the cloud."""

    @property
    def ingest(self) -> Ingest:
        """What meters post."""

    @property
    def diagnosis(self) -> DiagnosisDesk:
        """*Test connection*."""

    @property
    def discovery(self) -> DiscoveryDesk:
        """Looking for devices."""

    @property
    def clock(self) -> ClockDesk:
        """Whether the node's clock is right."""

    @property
    def ring(self) -> Ring:
        """The newest lines of the collector's own log."""

    def now_ms(self) -> int:
        """The time now, UTC ms."""

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""

    async def newer(self, seq: int) -> Snapshot | None:
        """The newest snapshot, as soon as its seq is above `seq`; None once the collector ends."""

    async def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int
    ) -> HistoryAnswer | None:
        """Past values, from memory or from rollups; None when there is no such asset or reading.
        With a step above 1 each point is the mean of its step's good time."""

    def raw(self, asset: str) -> RawAnswer | None:
        """The newest raw values of an asset's device; None when there is no such asset."""

    def health(self) -> HealthAnswer:
        """The collector's own state; what the API itself does is added to it."""

    def stop(self) -> None:
        """Begin the orderly end of the collector."""

    def reader(self, change: int) -> None:
        """A stream was opened (+1) or closed (−1)."""
