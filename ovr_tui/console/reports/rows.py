"""The list of reports, and what is to be said of one. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from collector.model.report_state import Headline, ReportEntry, ReportState
from collector.model.text import called
from ovr_tui.console.format import number
from ovr_tui.console.grid import Column, Grid, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.reports.listed import (
    Listing,
    Report,
    blocked,
    job_words,
    moment,
    standing,
    window,
)
from ovr_tui.console.text import BLANK, Line, Piece, fact, wrap

DECIMALS = 1


class Figure(NamedTuple):
    """A headline figure, with as many decimals as the report gives it."""

    name: str
    unit: str
    of: Callable[[Headline], float | None]
    decimals: int = DECIMALS

    def text(self, value: float | None, absent: str) -> str:
        """The value as it is shown; `absent` where there is none."""
        return absent if value is None else number(value, self.decimals)


FIGURES: tuple[Figure, ...] = (
    Figure("energy delivered", "kWh", lambda one: one.load_kwh),
    Figure("highest minute", "kW", lambda one: one.peak_kw),
    Figure("generators ran", "h", lambda one: one.generator_h),
    Figure("fuel used", "L", lambda one: one.fuel_l),
    Figure("fuel saved", "L", lambda one: one.saved_l),
    Figure("emissions saved", "kg CO2e", lambda one: one.saved_kg),
    Figure("coverage", "%", lambda one: one.coverage_pct, 2),
)
COLUMNS = (
    Column(title="  STATE", least=14, most=16),
    Column(title="REPORT", least=12, most=34),
    Column(title="REV", least=3, right=True, rank=1),
    Column(title="WINDOW", least=25, most=27, rank=1),
    Column(title="LOAD kWh", least=9, right=True, rank=2),
    Column(title="1m PEAK kW", least=10, right=True, rank=3),
    Column(title="GEN h", least=7, right=True, rank=6),
    Column(title="FUEL L", least=8, right=True, rank=7),
    Column(title="SAVED L", least=8, right=True, rank=5),
    Column(title="COVER %", least=7, right=True, rank=4),
)
_SHOWN = (0, 1, 2, 3, 4, 6)
"""The figures that have a column."""


def grid(cells: int) -> Grid:
    """The columns of the list."""
    return lay_out(COLUMNS, cells)


def items(listing: Listing, now: Now, cells: int, *, older: bool) -> list[Item]:
    """Each report under its event; with `older` also the revisions before the newest."""
    columns = grid(cells)
    out: list[Item] = []
    for event, reports in listing.by_event():
        if out:
            out.append(Item(key="", line=BLANK))
        out.append(Item(key="", line=_heading(listing, event, now)))
        for report in reports:
            out += _of(report, listing, now, columns, older=older)
    return out


def _heading(listing: Listing, event: str, now: Now) -> Line:
    known = listing.events.get(event)
    name = now.glyphs.text(listing.name(event))
    rest = [] if known is None else [known.job, known.client, known.timezone]
    told = f" {now.glyphs.middle} ".join(now.glyphs.text(text) for text in rest if text)
    return ((f" {name}", "bold"), (f"   {told}", "dim"))


def _of(
    report: Report, listing: Listing, now: Now, columns: Grid, *, older: bool
) -> Iterator[Item]:
    zone = listing.zone(report.event)
    text = f"{listing.name(report.event)} {report.id}"
    newest = report.newest
    yield Item(key=report.id, line=_line(report, newest, now, columns, zone), text=text)
    for entry in report.revisions[1:] if older else ():
        line = _line(report, entry, now, columns, zone)
        yield Item(key=f"{entry.id}#{entry.revision}", line=line, text=text)


def _line(report: Report, entry: ReportEntry | None, now: Now, columns: Grid, zone: str) -> Line:
    glyphs = now.glyphs
    newest = entry is report.newest
    state, tone = standing(entry, report.job if newest else None, now.wall_ms, glyphs)
    pieces: list[Piece] = [(f" {state}", tone), (_name(report, now, newest=newest), "text")]
    if entry is None:
        return columns.line([*pieces, (glyphs.absent, "dim")])
    quiet = entry.state is ReportState.SUPERSEDED
    pieces += [
        (str(entry.revision), "dim"),
        (window(entry.from_ms, entry.to_ms, zone, glyphs.dash), "dim" if quiet else "text"),
    ]
    for at in _SHOWN:
        value = FIGURES[at].of(entry.headline)
        shown = FIGURES[at].text(value, glyphs.absent)
        pieces.append((shown, "dim" if quiet or value is None else "text"))
    return columns.line(pieces)


def _name(report: Report, now: Now, *, newest: bool) -> str:
    if not newest:
        return "  before it"
    name = now.glyphs.text(report.system) or "whole event"
    return f"{name} interim" if report.interim else name


def title(entry: ReportEntry, listing: Listing) -> str:
    """A revision as it is called."""
    what = entry.system or "whole event"
    of = f"{'interim report' if entry.interim else 'report'} of {listing.name(entry.event)}"
    return f"{what}: {of}, revision {entry.revision}"


def detail(
    report: Report, entry: ReportEntry | None, listing: Listing, now: Now, cells: int
) -> list[Line]:
    """All that the list knows of a revision."""
    glyphs, zone = now.glyphs, listing.zone(report.event)
    out: list[Line] = []
    if entry is not None:
        out += wrap(glyphs.text(title(entry, listing)), cells, "bold")
    newest = entry is report.newest
    state, tone = standing(entry, report.job if newest else None, now.wall_ms, glyphs)
    out += [((f" {state}", tone),), BLANK]
    for reason in blocked(entry) if entry is not None else ():
        out += wrap(glyphs.prose(f"It is blocked: {reason}."), cells, "warn")
    if report.job is not None and newest:
        out += [*wrap(glyphs.prose(job_words(report.job, now.wall_ms, zone)), cells), BLANK]
    if entry is not None:
        out += _facts(entry, zone, now, cells)
        out += [BLANK, *figures(entry.headline, now)]
        out += [BLANK, *_revisions(report, entry, zone, now)]
    return out


def _facts(entry: ReportEntry, zone: str, now: Now, cells: int) -> Iterator[Line]:
    del cells
    text = now.glyphs.text
    when = window(entry.from_ms, entry.to_ms, zone, now.glyphs.dash)
    yield fact("window", (when, "text"))
    yield fact("zone", (zone, "dim"))
    yield fact("made", (moment(entry.made_ms, zone), "text"))
    if entry.why:
        yield fact("because", (text(entry.why), "text"))
    if entry.released_ms is not None:
        yield fact("released", (f"{moment(entry.released_ms, zone)} by ", "text"),
                   (text(called(entry.released_by)), "text"))  # fmt: skip
    if entry.release_note:
        yield fact("note", (text(entry.release_note), "text"))
    if entry.node:
        yield fact("node", (text(entry.node), "dim"))


def figures(headline: Headline, now: Now) -> Iterator[Line]:
    """The headline figures, right-aligned."""
    for one in FIGURES:
        found = one.of(headline)
        shown = f"{one.text(found, now.glyphs.absent):>12}"
        yield fact(one.name, (shown, "dim" if found is None else "bold"), (f" {one.unit}", "dim"))


def _revisions(report: Report, entry: ReportEntry, zone: str, now: Now) -> Iterator[Line]:
    if len(report.revisions) < 2:
        return
    yield ((" revisions", "head"),)
    for each in report.revisions:
        here = ">" if each is entry else " "
        state, tone = standing(each, None, now.wall_ms, now.glyphs)
        made = moment(each.made_ms, zone)
        yield ((f" {here} {each.revision:>2}  ", "accent" if each is entry else "dim"),
               (f"{state:14}", tone), (made, "dim"))  # fmt: skip


def counts(listing: Listing, now: Now) -> Line:
    """What the list holds, for the line above it."""
    reports = listing.reports
    drafts = sum(
        one.newest is not None and one.newest.state is ReportState.DRAFT for one in reports
    )
    held = sum(one.newest is not None and bool(blocked(one.newest)) for one in reports)
    jobs = [one.job for one in reports if one.job is not None]
    failed = sum(job.state == "failed" for job in jobs)
    out: list[Piece] = [(f" {len(reports)} {'report' if len(reports) == 1 else 'reports'}", "bold")]
    parts: Sequence[tuple[int, str, Piece]] = (
        (drafts, "not released yet", ("", "text")),
        (held, "blocked", ("", "warn")),
        (len(jobs) - failed, "to be made", ("", "accent")),
        (failed, "failed", ("", "alert")),
    )
    for count, word, (_, tone) in parts:
        if count:
            out.append((f" {now.glyphs.middle} {count} {word}", tone))
    if listing.problem:
        out.append((f" {now.glyphs.alarm} {now.glyphs.text(listing.problem)}", "warn"))
    return tuple(out)
