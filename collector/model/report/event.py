"""The report of an event, made of its systems' reports alone."""

from msgspec import Struct

from collector.model.event import UseCase
from collector.model.report.billing import Billing
from collector.model.report.days import Day
from collector.model.report.energy import Energy
from collector.model.report.generator import Generator
from collector.model.report.load import Peak, Sources
from collector.model.report.quality import Note
from collector.model.report.saving import Saving
from collector.model.report.series import Profile
from collector.model.report.system import METHOD, REPORT_SCHEMA, Head
from collector.model.report_input import Missing, PartRef
from collector.model.said import LogEntry
from collector.model.terms import Terms


class SystemRow(Struct, frozen=True, kw_only=True):
    """One participation in the event's table."""

    node: str
    system: str
    name: str
    report: str
    revision: int
    use_case: UseCase | None
    from_ms: int
    to_ms: int
    load_kwh: float | None
    peak_kw: float | None
    peak_ms: int | None
    at_coincident_kw: float | None
    generator_h: float | None
    fuel_l: float | None
    pv_kwh: float | None
    discharged_kwh: float | None
    saved_l: float | None
    coverage_pct: float | None
    blocked: bool


class Moment(Struct, frozen=True, kw_only=True):
    """One entry of the timeline. `what` is a fixed word (joined, left, swapped, alarm, log)."""

    at_ms: int
    what: str
    node: str = ""
    system: str = ""
    text: str = ""


class Coincidence(Struct, frozen=True, kw_only=True):
    """The event's peak against the sum of the systems' own; diversity = summed ÷ coincident."""

    coincident: Peak | None
    summed_kw: float | None
    diversity: float | None


class Rank(Struct, frozen=True, kw_only=True):
    """The systems in order of one figure, the greatest first."""

    by: str
    systems: tuple[str, ...]
    values: tuple[float, ...]


class EventReport(Struct, frozen=True, kw_only=True):
    """`report.json` of an event."""

    schema: int = REPORT_SCHEMA
    method: int = METHOD
    head: Head
    parts: tuple[PartRef, ...]
    missing: tuple[Missing, ...]
    coverage_pct: float | None
    energy: Energy
    sources: Sources
    coincidence: Coincidence
    systems: tuple[SystemRow, ...]
    generators: tuple[Generator, ...]
    days: tuple[Day, ...]
    timeline: tuple[Moment, ...]
    ranking: tuple[Rank, ...]
    billing: Billing
    saving: Saving
    terms: Terms
    log: tuple[LogEntry, ...]
    profile: Profile | None
    notes: tuple[Note, ...]
    inputs_sha256: str
