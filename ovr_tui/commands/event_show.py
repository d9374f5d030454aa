"""Events as people read them: times in the event's zone."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from collector.events.words import called, spoken
from collector.model.event import Change, Conflict, Event, Participation
from collector.model.event_fields import STATUS
from collector.wire import SCHEMA, EventAnswer, EventListed
from ovr_tui.commands.ask import table

LONGEST = 60
TIMES = ("from_ms", "to_ms", "planned_from_ms", "planned_to_ms", "created")


def flat(event: Event, **more: object) -> dict[str, Any]:
    """An event as one JSON object, with what belongs to it."""
    found: dict[str, Any] = msgspec.to_builtins({"schema": SCHEMA, "event": event, "more": more})
    return {"schema": found["schema"], **found["event"], **found["more"]}


def rows(found: Iterable[EventListed]) -> list[tuple[str, ...]]:
    """One line for each."""
    return [
        (
            one.event.id[-8:],
            one.event.job or "—",
            one.event.status.value,
            _time(one.event, one.event.from_ms or one.event.planned_from_ms),
            _time(one.event, one.event.to_ms or one.event.planned_to_ms),
            _inside(one.participations),
            f"{one.event.name}{_hint(one)}",
        )
        for one in found
    ]


HEAD = ("ID", "JOB", "STATUS", "FROM", "TO", "IN", "NAME")


def _inside(parts: Sequence[Participation]) -> str:
    systems = {one.system for one in parts}
    inside = {one.system for one in parts if one.to_ms is None}
    return f"{len(inside)}/{len(systems)}"


def _hint(one: EventListed) -> str:
    lost = f"; {one.conflicts} conflicts" if one.conflicts else ""
    return f"{lost}; {one.prompt}" if one.prompt else lost


def lines(found: EventAnswer) -> list[str]:
    """All of an event."""
    event = found.event
    told = [f"{called(event)}  {event.status.value}  {event.id}"]
    told += [f"  ! {found.prompt}"] if found.prompt else []
    told += [f"  {name:9} {value}" for name, value in _facts(event) if value]
    told += ["", *_parts(event, found.participations)]
    trace = [one for one in found.changes if (one.before or one.reason) and one.field != STATUS]
    if trace:
        told += ["", "Changed since:", *(_change(event, one) for one in trace)]
    if found.conflicts:
        told += ["", "Changed in two places (what was lost; ovr event edit decides):"]
        told += [_conflict(event, one) for one in found.conflicts]
    return told


def _facts(event: Event) -> list[tuple[str, str]]:
    terms = event.terms
    return [
        ("client", event.client),
        ("site", event.site),
        ("zone", event.timezone),
        ("planned", _window(event, event.planned_from_ms, event.planned_to_ms)),
        ("was", _window(event, event.from_ms, event.to_ms)),
        ("baseline", ", ".join(
            f"{one.count} × {one.rated_kw:g} kW {one.name} {one.start}–{one.end}"
            for one in terms.baseline.sets
        )),
        ("uses", ", ".join(f"{one.system} {one.use_case.value}" for one in event.systems)),
        ("accounts", ", ".join(one.name or one.id for one in terms.accounts)),
        ("notes", event.notes),
        ("for client", event.client_notes),
        ("created", f"{_time(event, event.created_ms)} by {event.created_by or 'nobody'}"),
        ("revision", str(event.revision)),
    ]  # fmt: skip


def _parts(event: Event, parts: Sequence[Participation]) -> list[str]:
    if not parts:
        return ["No system took part yet."]
    listed = [
        (
            one.id[-8:],
            one.system,
            one.node,
            one.use_case.value,
            _time(event, one.from_ms),
            "still in" if one.to_ms is None else _time(event, one.to_ms),
        )
        for one in parts
    ]
    return table(("ID", "SYSTEM", "NODE", "USE", "FROM", "TO"), listed).split("\n")


def _change(event: Event, one: Change) -> str:
    before, after = _value(event, one.field, one.before), _value(event, one.field, one.after)
    reason = f": {one.reason}" if one.reason else ""
    named = "" if one.subject == event.id else f" of {one.subject[-8:]}"
    when = _time(event, one.at_ms)
    return f"  {when}  {one.person or '—'}  {one.field}{named}  {before} → {after}{reason}"


def _conflict(event: Event, one: Conflict) -> str:
    kept, lost = _value(event, one.field, one.kept), _value(event, one.field, one.lost)
    named = "" if one.subject == event.id else f" of {one.subject[-8:]}"
    return f"  {one.field}{named}  {kept} holds; {one.lost_origin} said {lost}"


def _value(event: Event, field: str, text: str) -> str:
    if field in TIMES and text.isdigit():
        return _time(event, int(text))
    return (text if len(text) <= LONGEST else f"{text[:LONGEST]}…") or "nothing"


def _window(event: Event, from_ms: int | None, to_ms: int | None) -> str:
    if from_ms is None and to_ms is None:
        return ""
    return f"{_time(event, from_ms)} to {_time(event, to_ms)}"


def _time(event: Event, at_ms: int | None) -> str:
    return "—" if at_ms is None else spoken(at_ms, event.timezone)


def moved(event: Event, parts: Sequence[Participation]) -> list[str]:
    """What joined, left or was corrected."""
    return [
        f"{one.system} is in {called(event)} since {_time(event, one.from_ms)}."
        if one.to_ms is None
        else f"{one.system} was in {called(event)} from {_time(event, one.from_ms)} to "
        f"{_time(event, one.to_ms)}."
        for one in parts
    ]
