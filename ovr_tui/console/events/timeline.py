"""What happened, in order of time: joins, leaves, changes, the log, alarms, reports. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, structs

from collector.model.alarm import Alarm
from collector.model.event import Change, Conflict, Event, Participation
from collector.model.event_fields import CREATED, FROM, STATUS, TIMES, TO, USE_CASE, named
from collector.model.report_state import ReportEntry
from collector.model.said import LogEntry
from collector.model.text import called
from collector.wire import EventAnswer, ReportsAnswer
from ovr_tui.console.alarms import words as alarm_words
from ovr_tui.console.called import Names
from ovr_tui.console.events import logbook, words
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Piece, Tone, fact, wrap

COLUMNS = (
    Column(title="WHEN", least=words.WHEN_CELLS),
    Column(title="WHAT", least=15, most=17),
    Column(title="ABOUT", least=12, most=18, rank=1),
    Column(title="", least=16, most=120),
    Column(title="BY", least=8, most=16, rank=2),
)
LONGEST = 300


class Happening(Struct, frozen=True, kw_only=True):
    """One thing that happened. `key` names it; `what` in a word or two, `text` at length."""

    key: str
    at_ms: int
    what: str
    tone: Tone = "text"
    about: str = ""
    text: str = ""
    person: str = ""


def of_event(
    answer: EventAnswer,
    log: Sequence[LogEntry],
    alarms: Sequence[Alarm],
    reports: ReportsAnswer | None,
    names: Names,
) -> list[Happening]:
    """All that happened in an event, the newest first; assets by their `names`."""
    found = [
        *_begun(answer),
        *_parts(answer),
        *_changes(answer),
        *(of_entry(one, names) for one in log),
        *(each for one in alarms for each in of_alarm(one)),
        *(each for one in (reports.reports if reports else ()) for each in of_report(one)),
    ]
    return newest_first(found)


def newest_first(found: Iterable[Happening]) -> list[Happening]:
    """In order; of one moment in order of their names."""
    return sorted(_together(found), key=lambda one: (-one.at_ms, one.key))


def _together(found: Iterable[Happening]) -> list[Happening]:
    """Systems that came or left as one are one line."""
    several: dict[tuple[int, str, str, str], list[Happening]] = {}
    for one in found:
        alone = "" if one.what in ("joined", "left") else one.key
        several.setdefault((one.at_ms, one.what, one.person, alone), []).append(one)
    out = []
    for group in several.values():
        names = sorted(one.about for one in group)
        first = min(group, key=lambda one: one.key)
        if len(group) > 1:
            first = structs.replace(
                first, about=f"{len(names)} systems", text=words.listed(names, 200)
            )
        out.append(first)
    return out


def _who(changes: Sequence[Change], subject: str, field: str) -> Change | None:
    """The last change of a field."""
    return next((c for c in reversed(changes) if (c.subject, c.field) == (subject, field)), None)


def _begun(answer: EventAnswer) -> Iterator[Happening]:
    event, changes = answer.event, answer.changes
    yield Happening(
        key=f"event:{CREATED}",
        at_ms=event.created_ms,
        what="event made",
        tone="dim",
        person=event.created_by,
    )
    for field, at_ms, what in (
        (FROM, event.from_ms, "EVENT BEGAN"),
        (TO, event.to_ms, "EVENT ENDED"),
    ):
        change = _who(changes, event.id, field)
        if at_ms is not None:
            yield Happening(
                key=f"event:{field}",
                at_ms=at_ms,
                what=what,
                tone="bold",
                text=change.reason if change else "",
                person=change.person if change else "",
            )
    gone = _who(changes, event.id, STATUS)
    if gone is not None and gone.after == "cancelled":
        yield Happening(
            key="event:cancelled",
            at_ms=gone.at_ms,
            what="CALLED OFF",
            tone="warn",
            text=gone.reason,
            person=gone.person,
        )


def _parts(answer: EventAnswer) -> Iterator[Happening]:
    for one in answer.participations:
        yield from of_participation(one, answer.changes)


def of_participation(one: Participation, changes: Sequence[Change] = ()) -> Iterator[Happening]:
    """A system came, and left."""
    for field, at_ms, what in ((FROM, one.from_ms, "joined"), (TO, one.to_ms, "left")):
        if at_ms is None:
            continue
        change = _who(changes, one.id, CREATED if field == FROM else TO)
        stayed = words.lasted(one, at_ms) if field == TO else ""
        yield Happening(
            key=f"{one.id}:{field}",
            at_ms=at_ms,
            what=what,
            tone="good" if field == FROM else "accent",
            about=one.system,
            text=f"after {stayed}" if stayed else words.USES[one.use_case],
            person=change.person if change else "",
        )


def trace(answer: EventAnswer) -> list[Change]:
    """The changes that corrected something, or that have a reason."""
    own = [one for one in answer.changes if one.before or one.reason]
    begins = (STATUS, CREATED)
    return [
        one
        for one in own
        if one.field not in begins and (one.before or one.field not in (FROM, TO))
    ]


def _changes(answer: EventAnswer) -> Iterator[Happening]:
    names = {one.id: one.system for one in answer.participations}
    for one in trace(answer):
        before, after = (value(answer.event, one.field, text) for text in (one.before, one.after))
        reason = f": {one.reason}" if one.reason else ""
        yield Happening(
            key=one.id,
            at_ms=one.at_ms,
            what="changed",
            tone="warn" if one.reason else "dim",
            about=names.get(one.subject, ""),
            text=f"{field_word(one.field)}: {after}, was {before}{reason}",
            person=one.person,
        )


_WORDS = {
    FROM: "began",
    TO: "ended",
    USE_CASE: "use",
    "planned_from_ms": "planned start",
    "planned_to_ms": "planned end",
    "client_notes": "notes for the client",
    "demand_window_min": "demand window",
    "min_coverage_pct": "least coverage",
}


def field_word(field: str) -> str:
    """A field's name for people."""
    kind, key = named(field)
    return f"{_WORDS.get(kind, kind)} {key}".strip()


def value(event: Event, field: str, text: str) -> str:
    """What a field was, or is, for people."""
    if field in TIMES and text.isdigit():
        return words.exactly(int(text), event.timezone)
    return (text if len(text) <= LONGEST else f"{text[:LONGEST]}...") or "nothing"


def conflict(event: Event, one: Conflict, parts: Sequence[Participation]) -> str:
    """What lost where it was changed in two places."""
    names = {part.id: f" of {part.system}" for part in parts}
    kept, lost = (value(event, one.field, text) for text in (one.kept, one.lost))
    who = names.get(one.subject, "")
    return f"{field_word(one.field)}{who}: {kept} holds; {one.lost_origin} said {lost}"


def of_entry(one: LogEntry, names: Names) -> Happening:
    """Something was written down."""
    return Happening(
        key=f"log:{one.id}",
        at_ms=one.at_ms,
        what=logbook.NAMES[one.kind],
        tone="dim" if one.withdrawn_ms is not None else "accent",
        about=names[one.asset] or one.system,
        text=logbook.said(one),
        person=one.person,
    )


def of_alarm(one: Alarm) -> Iterator[Happening]:
    """An alarm came, and went."""
    about = alarm_words.about(one)
    yield Happening(
        key=f"alarm:{one.id}",
        at_ms=one.raised_ms,
        what=f"ALARM {one.severity.value}" if one.severity.value != "alarm" else "ALARM",
        tone="warn" if one.severity.value == "warning" else "alert",
        about=about,
        text=one.text or one.rule.value,
        person=one.acked_by,
    )
    if one.cleared_ms is not None:
        yield Happening(
            key=f"alarm:{one.id}:cleared",
            at_ms=one.cleared_ms,
            what="alarm over",
            tone="dim",
            about=about,
            text=one.text or one.rule.value,
        )


def of_report(one: ReportEntry) -> Iterator[Happening]:
    """A report was made, and went out."""
    about = one.system or "whole event"
    yield Happening(
        key=f"report:{one.id}:{one.revision}",
        at_ms=one.made_ms,
        what="report made",
        tone="dim",
        about=about,
        text=f"r{one.revision} {one.why}".strip(),
    )
    if one.released_ms is not None:
        yield Happening(
            key=f"report:{one.id}:{one.revision}:released",
            at_ms=one.released_ms,
            what="report released",
            tone="good",
            about=about,
            text=f"r{one.revision} {one.release_note}".strip(),
            person=one.released_by,
        )


def header(cells: int) -> Line:
    """The titles."""
    return lay_out(COLUMNS, cells).header()


def items(found: Sequence[Happening], timezone: str, now: Now, cells: int) -> list[Item]:
    """One line each."""
    grid, glyphs = lay_out(COLUMNS, cells), now.glyphs
    out = []
    for one in found:
        sign = f"{glyphs.alarm} " if one.tone in ("alert", "warn") else ""
        pieces: list[Piece] = [
            (words.when(one.at_ms, timezone, now.wall_ms), "dim"),
            (sign + one.what, one.tone),
            (glyphs.text(one.about), "text"),
            (glyphs.text(one.text), "text"),
            (glyphs.text(called(one.person)), "dim"),
        ]
        out.append(Item(key=one.key, line=grid.line(pieces)))
    return out


def detail(one: Happening, timezone: str, now: Now, cells: int) -> list[Line]:
    """One thing that happened, at length."""
    glyphs = now.glyphs
    lines: list[Line] = [
        ((f" {one.what}", one.tone),),
        (),
        fact("at", (words.exactly(one.at_ms, timezone), "text")),
    ]
    if one.about:
        lines.append(fact("about", (glyphs.text(one.about), "text")))
    if one.person:
        lines.append(fact("by", (glyphs.text(called(one.person)), "text")))
    if one.text:
        lines += [(), *wrap(glyphs.prose(one.text), cells)]
    return lines


def lately(found: Sequence[Happening], timezone: str, now: Now) -> list[Line]:
    """The newest things that happened, one line each."""
    glyphs = now.glyphs
    lines: list[Line] = [((" Lately", "head"),)] if found else []
    for one in found:
        at = words.when(one.at_ms, timezone, now.wall_ms)
        about = f" {glyphs.text(one.about)}" if one.about else ""
        lines.append((
            (f" {at}  ", "dim"),
            (one.what, one.tone),
            (about, "text"),
            (f"  {glyphs.text(one.text)}", "dim"),
        ))  # fmt: skip
    return lines
