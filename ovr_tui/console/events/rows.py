"""The list of events, and what is said of one beside it. Pure."""

from collections.abc import Sequence

from collector.model.event import Event, EventNow, EventStatus
from collector.wire import EventListed
from ovr_tui.console.events import words
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Piece, fact, wrap

COLUMNS = (
    Column(title="STATE", least=11),
    Column(title="EVENT", least=14, most=44),
    Column(title="JOB", least=9, most=14, rank=3),
    Column(title="CLIENT", least=10, most=24, rank=5),
    Column(title="BEGINS", least=words.WHEN_CELLS, rank=2),
    Column(title="ENDS", least=words.WHEN_CELLS, rank=4),
    Column(title="DAY", least=3, rank=3, right=True),
    Column(title="IN", least=7, rank=1),
    Column(title="TO DO", least=10, most=80, rank=1),
)


def of_snapshot(one: EventNow) -> EventListed:
    """What those see who may only look: an event of the snapshot, without who took part since
    when."""
    event = Event(
        id=one.id,
        name=one.name,
        job=one.job,
        client=one.client,
        status=one.status,
        timezone=one.timezone,
        from_ms=one.from_ms,
        planned_from_ms=one.planned_from_ms,
        planned_to_ms=one.planned_to_ms,
        created_ms=0,
        changed_ms=0,
    )
    return EventListed(event=event, participations=(), prompt=one.prompt)


def items(found: Sequence[EventListed], now: Now, cells: int) -> list[Item]:
    """One line for each event."""
    grid = lay_out(COLUMNS, cells)
    out = []
    for one in found:
        event = one.event
        search = " ".join((event.client, event.site, event.id, event.notes))
        out.append(Item(key=event.id, line=grid.line(_pieces(one, now)), text=search))
    return out


def header(cells: int) -> Line:
    """The titles."""
    return lay_out(COLUMNS, cells).header()


def _pieces(one: EventListed, now: Now) -> list[Piece]:
    event, glyphs = one.event, now.glyphs
    on = event.status is EventStatus.ACTIVE
    tone = "bold" if on else "dim" if event.status is EventStatus.CANCELLED else "text"
    number = words.day(event, now.wall_ms)
    shown: list[Piece] = [
        words.state(event.status, glyphs),
        (glyphs.text(event.name), tone),  # type: ignore[list-item]  # a Tone
        (glyphs.text(event.job) or glyphs.absent, "dim"),
        (glyphs.text(event.client) or glyphs.absent, "dim"),
        _time(event, event.from_ms, event.planned_from_ms, now),
        _time(event, event.to_ms, event.planned_to_ms, now),
        ("" if number is None else str(number), "text"),
        _inside(one, now),
        _todo(one, now),
    ]
    return shown


def _time(event: Event, was_ms: int | None, planned_ms: int | None, now: Now) -> Piece:
    if was_ms is not None:
        return words.when(was_ms, event.timezone, now.wall_ms), "text"
    if event.status in (EventStatus.CANCELLED, EventStatus.ENDED) or planned_ms is None:
        return now.glyphs.absent, "dim"
    return words.when(planned_ms, event.timezone, now.wall_ms), "accent"


def _inside(one: EventListed, now: Now) -> Piece:
    if not one.participations:
        systems = _now(one.event.id, now)
        return (f"{len(systems)} in" if systems else now.glyphs.absent), "dim"
    some = bool(words.inside(one.participations))
    return words.still_in(one.participations), "text" if some else "dim"


def _now(event: str, now: Now) -> Sequence[str]:
    shot = now.snapshot
    return next((one.systems for one in shot.events if one.id == event), ()) if shot else ()


def _todo(one: EventListed, now: Now) -> Piece:
    if one.prompt:
        text = words.todo(one.event, one.prompt)
        return f"{now.glyphs.alarm} {now.glyphs.text(text)}", "warn"
    if one.conflicts:
        return f"{now.glyphs.alarm} {one.conflicts} conflicts: look", "warn"
    return "", "dim"


def detail(one: EventListed, now: Now, cells: int) -> list[Line]:
    """What is to be said of the event at the cursor."""
    event, glyphs = one.event, now.glyphs
    lines: list[Line] = [*wrap(glyphs.text(event.name), cells, "bold")]
    lines.append(((" ", "text"), words.state(event.status, glyphs), *_since(event, now)))
    if one.prompt:
        text = words.todo(event, one.prompt)
        lines += [(), *wrap(f"{glyphs.alarm} {glyphs.prose(text)}", cells, "warn")]
    lines.append(())
    for name, text in facts(event, now):
        lines.append(fact(name, (glyphs.text(text), "text")))
    names = sorted({part.system for part in words.inside(one.participations)})
    names = names or list(_now(event.id, now))
    if names:
        shown = glyphs.text(words.listed(names, 12))
        lines += [(), ((" Still in", "head"),), *wrap(shown, cells)]
    if event.notes:
        lines += [(), ((" Notes", "head"),), *wrap(glyphs.prose(event.notes), cells, "dim")]
    return lines


def _since(event: Event, now: Now) -> Line:
    number = words.day(event, now.wall_ms)
    return () if number is None else ((f", day {number}", "text"),)


def facts(event: Event, now: Now) -> list[tuple[str, str]]:
    """The plain facts of an event that are known, by name."""
    at, zone = now.wall_ms, event.timezone
    found = (
        ("job", event.job),
        ("client", event.client),
        ("site", event.site),
        ("planned start", words.when(event.planned_from_ms, zone, at, "")),
        ("planned end", words.when(event.planned_to_ms, zone, at, "")),
        ("began", words.when(event.from_ms, zone, at, "")),
        ("ended", words.when(event.to_ms, zone, at, "")),
        ("times are of", zone),
    )
    return [(name, text) for name, text in found if text]
