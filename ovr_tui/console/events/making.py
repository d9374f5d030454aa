"""What becomes of an event's reports: states, figures, what is being made. Pure."""

from collector.model.event import Participation
from collector.model.report_state import Headline, JobEntry, JobState, ReportEntry, ReportState
from collector.wire import ReportsAnswer
from ovr_tui.console.format import span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.reports.rows import FIGURES, Figure, figures
from ovr_tui.console.text import Line, Piece, Tone, wrap

COLUMNS = (
    Column(title="REPORT", least=18, most=26),
    Column(title="STATE", least=14, most=20),
    Column(title="kWh SERVED", least=10, rank=2, right=True),
    Column(title="L SAVED", least=8, rank=2, right=True),
    Column(title="COVERAGE", least=8, rank=3, right=True),
    Column(title="WHY", least=20, most=100, rank=1),
)
_FIGURES = {figure.name: figure for figure in FIGURES}
_SHOWN = ("energy delivered", "fuel saved", "coverage")
"""The figures that have a column."""
_JOBS: dict[JobState, tuple[str, Tone]] = {
    JobState.WAITING: ("waiting", "accent"),
    JobState.RUNNING: ("being made", "accent"),
    JobState.RETRYING: ("trying again", "warn"),
    JobState.FAILED: ("FAILED", "alert"),
    JobState.DONE: ("made", "good"),
}
_REPORTS: dict[ReportState, Tone] = {
    ReportState.PROVISIONAL: "accent",
    ReportState.DRAFT: "text",
    ReportState.RELEASED: "good",
    ReportState.SUPERSEDED: "dim",
}


def newest(reports: ReportsAnswer | None) -> dict[str, ReportEntry]:
    """The newest revision of each report, by its id."""
    found: dict[str, ReportEntry] = {}
    for one in reports.reports if reports else ():
        if one.id not in found or found[one.id].revision < one.revision:
            found[one.id] = one
    return found


def under_way(reports: ReportsAnswer | None) -> list[JobEntry]:
    """What is not made yet."""
    return [one for one in reports.jobs if one.state is not JobState.DONE] if reports else []


def of_part(one: Participation, reports: ReportsAnswer | None, glyphs: Glyphs) -> Piece:
    """How it stands with the report of a participation, in a few words. One that can be read is
    named, and what is to follow it; it is *waiting* while there is none yet."""
    if reports is None:
        return "", "dim"
    made = newest(reports).get(one.id)
    job = next((job for job in under_way(reports) if job.report == one.id), None)
    if job is not None and (made is None or job.state is not JobState.WAITING):
        text, tone = _JOBS[job.state]
        return (f"{glyphs.alarm} {text}" if tone == "alert" else text), tone
    if made is None:
        return ("", "dim") if one.to_ms is None else (glyphs.absent, "dim")
    more = "" if job is None else f", {_due(made)}"
    return f"{made.state.value} r{made.revision}{more}", _REPORTS[made.state]


def _due(made: ReportEntry) -> str:
    """What a job that waits is for, where there is a report already."""
    return "final due" if made.state is ReportState.PROVISIONAL else "another due"


def headline(report: str, reports: ReportsAnswer | None, now: Now, cells: int) -> list[Line]:
    """The figures of a report, and what keeps it from being released."""
    made = newest(reports).get(report)
    if made is None:
        return []
    head = made.headline
    lines = list(figures(head, now))
    for why in head.blocked_by:
        lines += wrap(f"{now.glyphs.alarm} {now.glyphs.prose(why)}", cells, "warn")
    return lines


def header(cells: int) -> Line:
    """The titles."""
    return lay_out(COLUMNS, cells).header()


def items(reports: ReportsAnswer, now: Now, cells: int) -> list[Item]:
    """What is being made, then what is made, the newest revision of each."""
    grid, glyphs = lay_out(COLUMNS, cells), now.glyphs
    out, known = [], newest(reports)
    for job in under_way(reports):
        word, tone = _JOBS[job.state]
        if job.state is JobState.WAITING and job.report in known:
            word = _due(known[job.report])
        sign = f"{glyphs.alarm} " if tone in ("alert", "warn") else ""
        why = job.reason or _when(job, now.wall_ms)
        pieces: list[Piece] = [
            (glyphs.text(_named(job)), "text"),
            (f"{sign}{word}", tone),
            *[("", "dim")] * 3,  # type: ignore[list-item]  # a Tone
            (glyphs.text(why), "warn" if job.reason else "dim"),
        ]
        out.append(Item(key=f"job:{job.id}", line=grid.line(pieces)))
    made = [
        Item(key=f"report:{id_}", line=grid.line(_made(one, now))) for id_, one in known.items()
    ]
    return out + made


def _when(job: JobEntry, wall_ms: int) -> str:
    """A report is made some time after what it is made for, as more may be said meanwhile."""
    if job.state is JobState.WAITING and job.due_ms > wall_ms:
        return f"due in {span((job.due_ms - wall_ms) / 1000)}"
    return f"asked for {span(max(0, wall_ms - job.queued_ms) / 1000)} ago"


def _made(one: ReportEntry, now: Now) -> list[Piece]:
    head, glyphs = one.headline, now.glyphs
    blocked = f"{glyphs.alarm} {head.blocked_by[0]}" if head.blocked_by else one.why
    return [
        (glyphs.text(_named(one)), "text"),
        (f"{one.state.value} r{one.revision}", _REPORTS[one.state]),
        *(_figure(_FIGURES[name], head, glyphs) for name in _SHOWN),
        (glyphs.text(blocked), "warn" if head.blocked_by else "dim"),
    ]


def _figure(figure: Figure, head: Headline, glyphs: Glyphs) -> Piece:
    """As the report has it; the titles name the unit, but for a share."""
    value = figure.of(head)
    if value is None:
        return glyphs.absent, "dim"
    unit = " %" if figure.unit == "%" else ""
    return f"{figure.text(value, glyphs.absent)}{unit}", "text"


def _named(one: JobEntry | ReportEntry) -> str:
    name = "whole event" if one.kind == "event" else one.system
    return f"interim {name}".strip() if one.interim else name
