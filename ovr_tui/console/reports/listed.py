"""What there is of reports, by event, each with its revisions and its job. Pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from collector.model.event import Event
from collector.model.kinds import AssetStatus
from collector.model.local_time import twice
from collector.model.report_state import JobEntry, JobState, ReportEntry, ReportState, is_interim
from collector.wire import EventsAnswer, ReportsAnswer
from ovr_tui.console.format import local, span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.text import Tone


class Report(Struct, frozen=True, kw_only=True):
    """One report: its revisions, the newest first (none yet: only a job), and its job."""

    id: str
    event: str
    system: str
    kind: str
    revisions: tuple[ReportEntry, ...] = ()
    job: JobEntry | None = None

    @property
    def interim(self) -> bool:
        """Whether it is of a window that somebody chose."""
        return is_interim(self.kind, self.id, self.event)

    @property
    def newest(self) -> ReportEntry | None:
        """The newest revision."""
        return self.revisions[0] if self.revisions else None

    @property
    def at_ms(self) -> int:
        """Where it stands in the list."""
        if self.revisions:
            return self.revisions[0].to_ms
        return self.job.queued_ms if self.job is not None else 0


class Listing(Struct, frozen=True, kw_only=True):
    """All reports and the events that they are of; the latest first."""

    reports: tuple[Report, ...] = ()
    events: Mapping[str, Event] = {}
    problem: str = ""

    def by_event(self) -> list[tuple[str, list[Report]]]:
        """The reports of each event: that of the whole event first, then of its systems."""
        found: dict[str, list[Report]] = {}
        for report in self.reports:
            found.setdefault(report.event, []).append(report)
        return [
            (event, sorted(reports, key=lambda one: (one.kind != "event", one.system, -one.at_ms)))
            for event, reports in found.items()
        ]

    def report(self, key: str) -> Report | None:
        """The report of a row."""
        id_ = key.partition("#")[0]
        return next((report for report in self.reports if report.id == id_), None)

    def entry(self, key: str) -> ReportEntry | None:
        """The revision of a row: the one that it names, else the newest."""
        report = self.report(key)
        if report is None:
            return None
        _, _, revision = key.partition("#")
        wanted = (one for one in report.revisions if str(one.revision) == revision)
        return next(wanted, None) if revision else report.newest

    def zone(self, event: str) -> str:
        """The zone of an event; UTC while it is not known."""
        known = self.events.get(event)
        return known.timezone if known is not None else "UTC"

    def name(self, event: str) -> str:
        """An event's name."""
        known = self.events.get(event)
        return known.name if known is not None else f"event {event[-8:]}"


def listing(answer: ReportsAnswer, events: EventsAnswer) -> Listing:
    """Both answers of the collector as one."""
    revisions: dict[str, list[ReportEntry]] = {}
    for entry in answer.reports:
        revisions.setdefault(entry.id, []).append(entry)
    jobs = {job.report: job for job in answer.jobs}
    reports = [
        Report(
            id=id_,
            event=entries[0].event,
            system=entries[0].system,
            kind=entries[0].kind,
            revisions=tuple(sorted(entries, key=lambda one: -one.revision)),
            job=jobs.get(id_),
        )
        for id_, entries in revisions.items()
    ]
    reports += [
        Report(id=job.report, event=job.event, system=job.system, kind=job.kind, job=job)
        for job in answer.jobs
        if job.report not in revisions
    ]
    return Listing(
        reports=tuple(sorted(reports, key=lambda one: -one.at_ms)),
        events={listed.event.id: listed.event for listed in events.events},
        problem=answer.problem,
    )


def blocked(entry: ReportEntry) -> Sequence[str]:
    """What keeps a revision from going out."""
    return entry.headline.blocked_by if entry.state is ReportState.DRAFT else ()


def standing(
    entry: ReportEntry | None, job: JobEntry | None, wall_ms: int, glyphs: Glyphs
) -> tuple[str, Tone]:
    """Where a revision stands, as sign and word. The job counts for the newest revision only."""
    signs = glyphs.status
    if job is not None and job.state is JobState.RUNNING:
        spent = span(max(0, wall_ms - job.queued_ms) / 1000)
        return f"{signs[AssetStatus.WAITING]} making {spent}", "accent"
    if job is not None and job.state is JobState.FAILED:
        return f"{signs[AssetStatus.LOST]} failed", "alert"
    if job is not None and job.state is JobState.RETRYING:
        return f"{glyphs.alarm} retrying", "warn"
    if entry is None:
        return f"{signs[AssetStatus.WAITING]} waiting", "dim"
    waits = job is not None and job.state is JobState.WAITING
    if job is not None and waits and entry.state is not ReportState.PROVISIONAL:
        left = max(0, job.due_ms - wall_ms) / 1000
        when = f"in {span(left)}" if left else "soon"
        return f"{signs[AssetStatus.WAITING]} anew {when}", "accent"
    if blocked(entry):
        return f"{glyphs.alarm} blocked", "warn"
    return {
        ReportState.PROVISIONAL: (f"{signs[AssetStatus.STALE]} provisional", "dim"),
        ReportState.DRAFT: (f"{signs[AssetStatus.LIVE]} draft", "text"),
        ReportState.RELEASED: (f"{glyphs.good} released", "good"),
        ReportState.SUPERSEDED: (f"{signs[AssetStatus.DISABLED]} superseded", "dim"),
    }[entry.state]  # type: ignore[return-value]  # each is a Tone


def job_words(job: JobEntry, wall_ms: int, zone: str) -> str:
    """A job in a sentence."""
    stage = "" if job.kind == "event" else f"{job.stage} "
    if job.state is JobState.RUNNING:
        return f"The {stage}report is being made."
    if job.state is JobState.WAITING:
        why = job.reason or f"it is due {moment(job.due_ms, zone)}"
        return f"The {stage}report waits: {why}."
    tried = f"after {job.tries} {'try' if job.tries == 1 else 'tries'}: {job.reason}"
    if job.state is JobState.FAILED:
        return f"The {stage}report failed {tried}. b makes it once more."
    left = max(0, job.due_ms - wall_ms) / 1000
    return f"The {stage}report is tried again in {span(left)}, {tried}."


def moment(at_ms: int, zone: str) -> str:
    """A moment to the minute, with its zone."""
    return local(at_ms, zone).strftime("%a %d %b %Y %H:%M %Z")


def window(from_ms: int, to_ms: int, zone: str, dash: str) -> str:
    """A window to the minute, as short as it can be: with zones only on a day on which they differ,
    and at a local time that there are two of."""
    first, last = local(from_ms, zone), local(to_ms, zone)
    changed = first.date() == last.date() and first.utcoffset() != last.utcoffset()
    begun = f"{first:%d %b %H:%M}{f'{first: %Z}' if changed or twice(first) else ''}"
    until = f"{last:%H:%M}{f'{last: %Z}' if changed or twice(last) else ''}"
    if first.date() != last.date():
        return f"{begun}{dash}{last:%d %b} {until}"
    return f"{begun}{dash}{until}" if changed else f"{first:%a} {begun}{dash}{until}"
