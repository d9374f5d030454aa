"""What becomes of reports on a node: states, jobs, the list."""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

ReportKind = Literal["system", "interim", "event"]


def is_interim(kind: str, report: str, event: str) -> bool:
    """Whether a report is of a window that somebody chose: it ends nothing. The report of an event
    as a whole has the event's id, an interim one of the whole event has an id of its own."""
    return kind == "interim" or (kind == "event" and report != event)


class ReportState(StrEnum):
    """Where a revision stands."""

    PROVISIONAL = "provisional"
    """Made seconds after the end; its last minute may still change."""
    DRAFT = "draft"
    RELEASED = "released"
    SUPERSEDED = "superseded"


class Standing(Struct, frozen=True):
    """Where a revision stands now: what its files, made before, cannot know."""

    state: ReportState
    released_ms: int | None = None
    released_by: str = ""


class JobState(StrEnum):
    """Where the work on a report stands."""

    WAITING = "waiting"
    RUNNING = "running"
    RETRYING = "retrying"
    FAILED = "failed"
    """It will not be tried again by itself."""
    DONE = "done"


class Headline(Struct, frozen=True, kw_only=True):
    """The figures that a list shows; None: not known. kWh, kW, %, litres, kg CO2e. `peak_kw` is the
    highest minute, of a system as of all that took part in an event together."""

    load_kwh: float | None = None
    peak_kw: float | None = None
    generator_h: float | None = None
    fuel_l: float | None = None
    saved_l: float | None = None
    saved_kg: float | None = None
    coverage_pct: float | None = None
    blocked_by: tuple[str, ...] = ()
    """What keeps it from being released."""


class ReportEntry(Struct, frozen=True, kw_only=True):
    """One revision of one report. `folder` is relative to the state folder."""

    id: str
    revision: int
    kind: ReportKind
    state: ReportState
    event: str
    system: str = ""
    node: str = ""
    participation: str = ""
    from_ms: int
    to_ms: int
    folder: str
    made_ms: int
    report_sha256: str
    headline: Headline = Headline()
    why: str = ""
    """Why this revision was made."""
    released_ms: int | None = None
    released_by: str = ""
    release_note: str = ""

    @property
    def interim(self) -> bool:
        """Whether it is of a window that somebody chose."""
        return is_interim(self.kind, self.id, self.event)


class JobEntry(Struct, frozen=True, kw_only=True):
    """What is being done or to be done; `reason` says why it does not go on."""

    id: str
    report: str
    kind: ReportKind
    stage: Literal["provisional", "final"]
    state: JobState
    event: str
    system: str = ""
    queued_ms: int
    due_ms: int
    tries: int = 0
    reason: str = ""

    @property
    def interim(self) -> bool:
        """Whether it is about a window that somebody chose."""
        return is_interim(self.kind, self.report, self.event)
