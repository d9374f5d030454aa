"""The report of an event, made of its systems' reports alone."""

from msgspec import Struct

from collector.model.event import UseCase
from collector.model.report.billing import Billing
from collector.model.report.days import Day
from collector.model.report.energy import Energy
from collector.model.report.generator import Generator
from collector.model.report.load import Load, Peak, Sources
from collector.model.report.quality import Note, Quality
from collector.model.report.saving import Saving
from collector.model.report.series import Series
from collector.model.report.system import METHOD, REPORT_SCHEMA, Head
from collector.model.report_input import Missing, PartRef
from collector.model.said import LogEntry
from collector.model.terms import Terms


class EventFlow(Struct, frozen=True, kw_only=True):
    """One flow of one participation in the event's totals: `kwh` is its energy of record,
    `counted_kwh` what of it counts (the rest is measured by `same_as`, or is a part of `behind`,
    in the time in which these were there too). `flow` names are of the catalogue."""

    node: str
    system: str
    report: str
    asset: str
    flow: str
    kwh: float | None
    counted_kwh: float | None
    same_as: str = ""
    behind: str = ""


class SystemRow(Struct, frozen=True, kw_only=True):
    """One participation in the event's table. `load_kwh` is the system's own, of which
    `counted_kwh` are in the event's total; `peak_kw` is of a minute."""

    node: str
    system: str
    name: str
    report: str
    revision: int
    use_case: UseCase | None
    from_ms: int
    to_ms: int
    load_kwh: float | None
    counted_kwh: float | None
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
    """One entry of the timeline. `what` is a fixed word: started, joined, swapped, corrected,
    alarm, log, left, ended."""

    at_ms: int
    what: str
    node: str = ""
    system: str = ""
    text: str = ""


class Coincidence(Struct, frozen=True, kw_only=True):
    """The event's peak against the sum of the systems' own, of minute means and of loads that
    count; diversity = summed ÷ coincident. In `unseen_min` minutes a meter that counts saw nothing:
    there the sum of the others is the least that the load can have been."""

    coincident: Peak | None
    summed_kw: float | None
    diversity: float | None
    unseen_min: int = 0


class AccountRow(Struct, frozen=True, kw_only=True):
    """What one account pays in all."""

    account: str
    name: str
    kwh: float | None
    amount: float | None
    rows: int


class Rank(Struct, frozen=True, kw_only=True):
    """The systems in order of one figure, the greatest first."""

    by: str
    systems: tuple[str, ...]
    values: tuple[float, ...]


class EventReport(Struct, frozen=True, kw_only=True):
    """`report.json` of an event. `inputs_sha256` is of the inputs with their parts in order, so
    that it is the same wherever the parts lay."""

    schema: int = REPORT_SCHEMA
    method: int = METHOD
    head: Head
    parts: tuple[PartRef, ...]
    missing: tuple[Missing, ...]
    coverage_pct: float | None
    quality: Quality
    energy: Energy
    flows: tuple[EventFlow, ...]
    load: Load
    sources: Sources
    coincidence: Coincidence
    systems: tuple[SystemRow, ...]
    generators: tuple[Generator, ...]
    days: tuple[Day, ...]
    timeline: tuple[Moment, ...]
    ranking: tuple[Rank, ...]
    billing: Billing
    accounts: tuple[AccountRow, ...]
    saving: Saving
    terms: Terms
    log: tuple[LogEntry, ...]
    series: Series
    notes: tuple[Note, ...]
    inputs_sha256: str
