"""The report of one system over one window."""

from msgspec import Struct

from collector.model.event import Change, UseCase
from collector.model.report.battery import Battery
from collector.model.report.billing import Billing
from collector.model.report.days import Day
from collector.model.report.energy import Energy
from collector.model.report.evidence import Effect, Evidence
from collector.model.report.generator import Generator
from collector.model.report.load import Load, Sources
from collector.model.report.power_quality import PowerQuality
from collector.model.report.quality import Note, Quality
from collector.model.report.saving import Saving
from collector.model.report.series import Series
from collector.model.report.sizing import Sizing
from collector.model.report_input import Stage
from collector.model.said import Action, Alert, LogEntry
from collector.model.terms import Terms

REPORT_SCHEMA = 1
METHOD = 1
"""Rises when a formula changes: the same inputs may then give other figures."""


class Head(Struct, frozen=True, kw_only=True):
    """Whose report, of what, of when. `stage` is provisional or final."""

    kind: str
    report: str
    revision: int
    stage: Stage
    node: str
    site: str
    system: str
    system_name: str
    use_case: UseCase | None
    event: str
    event_name: str
    job: str
    client: str
    timezone: str
    locale: str
    company: str
    client_notes: str
    internal_notes: str
    from_ms: int
    to_ms: int
    upto_ms: int


class Member(Struct, frozen=True, kw_only=True):
    """An asset, and a unit that stood there for a time."""

    asset: str
    name: str
    kind: str
    unit: str
    model: str
    serial: str
    from_ms: int
    to_ms: int


class SystemReport(Struct, frozen=True, kw_only=True):
    """`report.json` of a system (also of an interim window)."""

    schema: int = REPORT_SCHEMA
    method: int = METHOD
    head: Head
    members: tuple[Member, ...]
    quality: Quality
    energy: Energy
    load: Load
    sources: Sources
    batteries: tuple[Battery, ...]
    generators: tuple[Generator, ...]
    power_quality: tuple[PowerQuality, ...]
    days: tuple[Day, ...]
    saving: Saving
    billing: Billing
    sizing: Sizing | None
    evidence: tuple[Evidence, ...]
    effects: tuple[Effect, ...]
    terms: Terms
    changes: tuple[Change, ...]
    log: tuple[LogEntry, ...]
    alerts: tuple[Alert, ...]
    actions: tuple[Action, ...]
    series: Series
    notes: tuple[Note, ...]
    inputs_sha256: str
