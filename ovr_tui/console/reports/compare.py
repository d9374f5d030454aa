"""Two revisions of a report side by side. Pure."""

from collections.abc import Sequence

from collector.model.report.evidence import Effect
from collector.model.report_state import Headline, ReportEntry
from collector.model.text import called
from ovr_tui.console.called import names_of
from ovr_tui.console.format import label, number
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.now import Now
from ovr_tui.console.reports.correcting import what
from ovr_tui.console.reports.listed import moment, standing
from ovr_tui.console.reports.rows import DECIMALS, FIGURES, Figure
from ovr_tui.console.text import BLANK, Line, Piece, fit, wrap

COLUMNS = (
    Column(title="FIGURE", least=18, most=30),
    Column(title="BEFORE", least=12, most=16, right=True),
    Column(title="AFTER", least=12, most=16, right=True),
    Column(title="CHANGE", least=12, most=16, right=True),
    Column(title="UNIT", least=8),
)


def compared(
    before: ReportEntry, after: ReportEntry, zone: str, now: Now, cells: int
) -> list[Line]:
    """The headline figures of both, and what is between them."""
    out: list[Line] = []
    for word, entry in (("before", before), ("after", after)):
        state, tone = standing(entry, None, now.wall_ms, now.glyphs)
        why = f"   {now.glyphs.text(entry.why)}" if entry.why else ""
        out.append((
            (f" {word:7}", "dim"), (f"revision {entry.revision:<4}", "bold"),
            (f"{fit(state, 14)}", tone), (moment(entry.made_ms, zone), "dim"), (why, "text"),
        ))  # fmt: skip
    columns = lay_out(COLUMNS, min(cells, 96))
    out += [BLANK, columns.header()]
    for figure in FIGURES:
        out.append(columns.line(_row(figure, before.headline, after.headline, now)))
    return [*out, BLANK, *_blocks(before, after, now, cells)]


def _row(figure: Figure, former: Headline, newer: Headline, now: Now) -> list[Piece]:
    absent = now.glyphs.absent
    before, after = figure.of(former), figure.of(newer)
    change, same = "", before == after
    if before is not None and after is not None:
        change = "same" if same else _signed(after - before, figure)
    return [
        (figure.name, "dim" if same else "text"),
        (figure.text(before, absent), "dim"),
        (figure.text(after, absent), "dim" if same else "bold"),
        (change, "dim" if same else "accent"),
        (figure.unit, "dim"),
    ]


def _signed(value: float, figure: Figure) -> str:
    text = figure.text(value, "")
    return f"+{text}" if value > 0 and not text.startswith("-") else text


def _blocks(before: ReportEntry, after: ReportEntry, now: Now, cells: int) -> list[Line]:
    former, newer = before.headline.blocked_by, after.headline.blocked_by
    out: list[Line] = []
    for reason in newer:
        word = "still blocked" if reason in former else "now blocked"
        out += wrap(f"{now.glyphs.alarm} {word}: {now.glyphs.prose(reason)}", cells, "warn")
    for reason in former:
        if reason not in newer:
            text = f"{now.glyphs.good} blocked no more: {now.glyphs.text(reason)}"
            out += wrap(text, cells, "good")
    return out


def effects(found: Sequence[Effect], now: Now, cells: int) -> list[Line]:
    """What each correction that is in a report did to which figure."""
    if not found:
        return [((" No correction is in it.", "dim"),)]
    out: list[Line] = [((" WHAT ITS CORRECTIONS DID", "head"),)]
    names = names_of(now.snapshot)
    text = now.glyphs.text
    last = None
    for one in found:
        correction = one.correction
        if correction != last:
            out += wrap(
                f"{text(names[correction.asset])}: {what(correction)}, {text(correction.reason)} "
                f"({text(called(correction.person))})", cells,
            )  # fmt: skip
        last = correction
        shown = [
            now.glyphs.absent if value is None else number(value, DECIMALS)
            for value in (one.before, one.after)
        ]
        out.append((
            (f"   {text(label(one.figure))}  ", "dim"), (shown[0], "dim"), (" > ", "dim"),
            (shown[1], "bold"), (f" {text(one.unit)}", "dim"),
        ))  # fmt: skip
    return out
