"""How whole the data are: coverage, gaps, and what has to be said."""

from collections.abc import Iterable

from collector.model.report.quality import Note as Said
from collector.model.report.quality import Quality
from collector.model.report_document import Block, Note, Row, Section, Tone
from collector.model.said import Doubt
from reporting.render import words
from reporting.render.locale import UNKNOWN, duration
from reporting.render.page import Page, left, right, table

_TONES: dict[str, Tone] = {"info": "info", "warning": "caution", "blocks": "problem"}
_MOST_GAPS = {"client": 40, "internal": 400}


def quality_section(quality: Quality, notes: Iterable[Said], page: Page) -> Section:
    """Coverage by flow, every gap, doubts; notes first."""
    blocks: list[Block] = [*notes_of(notes, page)]
    if quality.flows:
        blocks.append(_flows(quality, page))
    if quality.gaps:
        blocks.append(_gaps(quality, page))
    if quality.doubts:
        blocks.append(_doubts(quality, page))
    return Section("data", "Data quality", tuple(blocks), coverage_note(quality, page).text)


def notes_of(notes: Iterable[Said], page: Page) -> list[Block]:
    """What has to be said: what keeps a report from release first, then what a reader must not
    miss, each in a box; the rest as a table."""
    given = list(notes)
    boxes: list[Block] = [
        Note(page.spoken(_said(note, page)), _TONES[note.level])
        for level in ("blocks", "warning")
        for note in given
        if note.level == level
    ]
    rows = [
        Row((_about(note, page), page.spoken(note.text))) for note in given if note.level == "info"
    ]
    if rows:
        boxes.append(table("Notes", (left("About"), left("Note")), rows))
    return boxes


def _about(note: Said, page: Page) -> str:
    """An asset by its name, a figure in words."""
    if not page.knows(note.about):
        return words.name(note.about).replace("_", " ").capitalize()
    return page.asset(note.about)


def _said(note: Said, page: Page) -> str:
    """With the asset in front, if the text does not name it."""
    about = page.asset(note.about)
    named = not page.knows(note.about) or about in note.text or note.about in note.text
    return note.text if named else f"{about}: {note.text}"


def coverage_note(quality: Quality, page: Page) -> Note:
    """The statement of the cover: how much was measured, and whether that is enough."""
    reader = page.reader
    if quality.coverage_pct is None:
        return Note("Nothing was measured in this period. There are no figures.", "problem")
    share = reader.percent(quality.coverage_pct, 2)
    text = f"Measured {share} of the {duration(quality.duration_ms)}"
    count = len(quality.gaps) + quality.gaps_left_out
    if count:
        longest = max((gap.to_ms - gap.from_ms for gap in quality.gaps), default=0)
        text += f", with {words.counted(count, 'gap')}, the longest of {duration(longest)}"
    else:
        text += ", without a gap"
    text += "."
    if not quality.enough:
        least = reader.percent(quality.min_coverage_pct, 0)
        return Note(f"{text} That is below the {least} that figures of saving need.", "caution")
    return Note(text, "info")


def _flows(quality: Quality, page: Page) -> Block:
    rows = [
        Row(
            (
                page.asset(one.asset),
                words.flow(one.flow),
                page.reader.number(one.coverage_pct, 2),
                str(one.gaps),
                duration(one.longest_gap_ms) if one.gaps else "",
                duration(one.good_ms),
            )
        )
        for one in quality.flows
    ]
    columns = (
        left("Meter"),
        left("Flow"),
        right("Measured", "%"),
        right("Gaps"),
        right("Longest gap"),
        right("Measured time"),
    )
    return table("Coverage by flow", columns, rows)


def _gaps(quality: Quality, page: Page) -> Block:
    most = _MOST_GAPS[page.edition]
    shown = sorted(
        sorted(quality.gaps, key=lambda gap: gap.from_ms - gap.to_ms)[:most],
        key=lambda gap: (gap.from_ms, gap.asset, gap.flow),
    )
    rows = [
        Row(
            (
                page.asset(gap.asset),
                words.flow(gap.flow),
                page.reader.moment(gap.from_ms, seconds=True),
                page.reader.moment(gap.to_ms, seconds=True),
                duration(gap.to_ms - gap.from_ms),
                page.reader.number(gap.gap_kwh, 3) if gap.gap_kwh is not None else UNKNOWN,
            )
        )
        for gap in shown
    ]
    rest = len(quality.gaps) + quality.gaps_left_out - len(shown)
    note = "The counter's rise is what the meter itself counted meanwhile; it is in the energies."
    if rest:
        note += f" {rest} shorter ones are left out here; report.json has them."
    columns = (
        left("Meter"),
        left("Flow"),
        left("From"),
        left("To"),
        right("Long"),
        right("Counter's rise", "kWh"),
    )
    return table("Gaps", columns, rows, note)


def _doubts(quality: Quality, page: Page) -> Block:
    rows = [
        Row(
            (
                page.asset(doubt.asset),
                words.flow(doubt.measurement),
                page.reader.moment(doubt.at_ms),
                page.reader.number(doubt.amount, 3),
                words.line(doubt.why),
                _decision(doubt, page),
            )
        )
        for doubt in quality.doubts
    ]
    columns = (
        left("Meter"),
        left("Flow"),
        left("When"),
        right("Amount", "kWh"),
        left("Why"),
        left("Decided"),
    )
    return table("Energy that counters were not given", columns, rows)


def _decision(doubt: Doubt, page: Page) -> str:
    """What a person decided."""
    if not doubt.decided:
        return "nobody has: in no figure"
    note = f": {words.line(doubt.note)}" if doubt.note else ""
    added = doubt.accepted
    what = "left out" if added is None else f"{page.reader.number(added, 3)} kWh added"
    return f"{what} by {words.person(doubt.decided_by)}{note}"
