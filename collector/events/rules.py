"""What may be done with events and participations, and what it sets: pure functions.

Each gives the fields to be set, or raises NotPossible with what stands against it and what to do.
Times are UTC ms; participations last from their first millisecond to their last one, excluded.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from collector.errors import NotPossible
from collector.events.words import called, handle, spoken
from collector.model.event import Event, EventStatus, Participation, UseCase
from collector.model.event_fields import CREATED, FROM, STATUS, TO, USE_CASE, named, text_of
from collector.model.event_history import settings_of

OPEN_TERMS = ("name", "job", "client", "site", "notes", "client_notes", "locale")
"""Fields that no figure depends on: changing them later needs no reason."""


class Setting(NamedTuple):
    """A field of an event or participation (`subject`), and what it is set to."""

    subject: str
    field: str
    text: str


class Stay(NamedTuple):
    """A participation of a system in whichever event."""

    one: Participation
    event: Event


class Window(NamedTuple):
    """From when to when; None: on and on."""

    from_ms: int
    to_ms: int | None = None

    def meets(self, one: Participation) -> bool:
        """Whether the two have time in common."""
        ends = [end for end in (self.to_ms, one.to_ms) if end is not None]
        begin = max(self.from_ms, one.from_ms)
        return not ends or begin < min(ends)


def create(event: Event, now_ms: int) -> list[Setting]:
    """An event that is planned."""
    found = settings_of(event)
    found[CREATED], found[STATUS] = str(now_ms), EventStatus.PLANNED.value
    return [Setting(event.id, field, text) for field, text in sorted(found.items())]


def start(event: Event, at_ms: int, now_ms: int) -> list[Setting]:
    """It becomes active, since `at_ms`."""
    if event.status is EventStatus.ACTIVE:
        raise NotPossible(f"{called(event)} is active since {_at(event, event.from_ms)}")
    _only(event, EventStatus.PLANNED, "is started once")
    _past(at_ms, now_ms)
    return [
        Setting(event.id, STATUS, EventStatus.ACTIVE.value),
        Setting(event.id, FROM, text_of(at_ms)),
    ]


def end(
    event: Event, parts: Sequence[Participation], node: str, at_ms: int, now_ms: int
) -> list[Setting]:
    """It ends, and with it what of this node is still in. One that was ended elsewhere (the nodes
    were merged) only lets go of what is still in here."""
    left = [one for one in parts if one.node == node and one.to_ms is None]
    if event.status is EventStatus.PLANNED:
        raise NotPossible(
            f"{called(event)} has not begun: ovr event start {handle(event)}, or cancel it"
        )
    if event.status is not EventStatus.ACTIVE and not left:
        raise NotPossible(f"{called(event)} is {event.status.value} already{_since(event)}")
    _past(at_ms, now_ms)
    if event.from_ms is not None and at_ms < event.from_ms:
        raise NotPossible(f"{called(event)} began at {_at(event, event.from_ms)}: it ends later")
    found = [setting for one in left for setting in leave(event, one, at_ms, now_ms)]
    if event.status is not EventStatus.ACTIVE:
        return found
    late = [one for one in parts if one.node == node and at_ms < (one.to_ms or 0)]
    if late:
        told = f"{late[0].system} left at {_at(event, late[0].to_ms)}"
        raise NotPossible(f"{told}: the event ends then or later, or correct that first")
    status = Setting(event.id, STATUS, EventStatus.ENDED.value)
    return [*found, status, Setting(event.id, TO, text_of(at_ms))]


def cancel(event: Event) -> list[Setting]:
    """It does not take place."""
    if event.status is EventStatus.ACTIVE:
        raise NotPossible(
            f"{called(event)} has begun, what it measured stays: ovr event end {handle(event)}"
        )
    _only(event, EventStatus.PLANNED, "cannot be cancelled")
    return [Setting(event.id, STATUS, EventStatus.CANCELLED.value)]


def join(
    event: Event,
    new: Participation,
    others: Iterable[Stay],
    now_ms: int,
) -> list[Setting]:
    """A system takes part, for good or (`to_ms`) for a time that is over. `others` are all stays
    of this system."""
    if event.status is EventStatus.PLANNED:
        raise NotPossible(f"{called(event)} has not begun: ovr event start {handle(event)}")
    if event.status is EventStatus.CANCELLED:
        raise NotPossible(f"{called(event)} is cancelled")
    if event.status is EventStatus.ENDED and new.to_ms is None:
        raise NotPossible(
            f"{called(event)} is over{_since(event)}: what took part is added with --at and --until"
        )
    _within(event, new, now_ms)
    _alone(event, new, others)
    return [
        Setting(new.id, CREATED, f"{new.node}/{new.system}"),
        Setting(new.id, FROM, text_of(new.from_ms)),
        Setting(new.id, USE_CASE, new.use_case.value),
        *([] if new.to_ms is None else [Setting(new.id, TO, text_of(new.to_ms))]),
    ]


def leave(event: Event, one: Participation, at_ms: int, now_ms: int) -> list[Setting]:
    """A system's time is over."""
    if one.to_ms is not None:
        raise NotPossible(f"{one.system} left at {_at(event, one.to_ms)}")
    _past(at_ms, now_ms)
    if at_ms < one.from_ms:
        raise NotPossible(f"{one.system} joined at {_at(event, one.from_ms)}: it leaves later")
    return [Setting(one.id, TO, text_of(at_ms))]


def correct(
    event: Event,
    before: Participation,
    after: Participation,
    others: Iterable[Stay],
    *,
    reason: str,
    now_ms: int,
) -> list[Setting]:
    """A participation was from another time on, until another time, or for another use."""
    if not reason:
        raise NotPossible("what is corrected afterwards needs a reason: it is in the report")
    if before.to_ms is None and after.to_ms is not None:
        raise NotPossible(f"{before.system} is still in: ovr event leave ends its time")
    if before.to_ms is not None and after.to_ms is None:
        raise NotPossible(f"{before.system} has left: when it returned it joins once more")
    _within(event, after, now_ms)
    _alone(event, after, (stay for stay in others if stay.one.id != before.id))
    wanted = {FROM: after.from_ms, TO: after.to_ms, USE_CASE: after.use_case}
    return [
        Setting(before.id, field, text_of(value))
        for field, value in wanted.items()
        if value != getattr(before, field)
    ]


def edit(
    before: Event, after: Event, parts: Sequence[Participation], *, reason: str, now_ms: int
) -> list[Setting]:
    """The event is otherwise. What figures depend on needs a reason once it has begun; systems
    that took part go by the use that is said of them."""
    was, now = settings_of(before), settings_of(after)
    found = [
        Setting(before.id, field, now.get(field, ""))
        for field in sorted({*was, *now})
        if was.get(field, "") != now.get(field, "")
    ]
    begun = before.status in (EventStatus.ACTIVE, EventStatus.ENDED)
    figures = [one.field for one in found if named(one.field).kind not in OPEN_TERMS]
    planned = [field for field in figures if not field.startswith("planned_")]
    if begun and planned and not reason:
        raise NotPossible(
            f"{called(before)} has begun: a change of {planned[0]} needs a reason, which is in "
            f"its reports"
        )
    _times(before, after, parts, now_ms)
    return [*found, *_uses(before, after, parts)]


def _uses(before: Event, after: Event, parts: Sequence[Participation]) -> list[Setting]:
    uses: Mapping[str, UseCase] = {use.system: use.use_case for use in after.systems}
    said = {use.system: use.use_case for use in before.systems}
    return [
        Setting(one.id, USE_CASE, uses[one.system].value)
        for one in parts
        if one.system in uses and uses[one.system] is not said.get(one.system)
        if one.use_case is not uses[one.system]
    ]


def _times(before: Event, after: Event, parts: Sequence[Participation], now_ms: int) -> None:
    for field, word in ((FROM, "begun"), (TO, "ended")):
        old, new = getattr(before, field), getattr(after, field)
        if old == new:
            continue
        if old is None or new is None:
            raise NotPossible(
                f"{called(before)} has not {word}: ovr event {'start' if field == FROM else 'end'} "
                f"{handle(before)}"
                if old is None
                else f"{called(before)} has {word}: that can be corrected, not undone"
            )
        _past(new, now_ms)
    begin, until = after.from_ms, after.to_ms
    if begin is not None and until is not None and until < begin:
        raise NotPossible("an event ends after it begins")
    for one in parts:
        if begin is not None and one.from_ms < begin <= now_ms and before.from_ms != begin:
            raise NotPossible(f"{one.system} joined at {_at(before, one.from_ms)}, before that")
        if until is not None and until < (one.to_ms or 0) and before.to_ms != until:
            raise NotPossible(f"{one.system} left at {_at(before, one.to_ms)}, after that")


def _only(event: Event, status: EventStatus, told: str) -> None:
    if event.status is not status:
        raise NotPossible(f"{called(event)} is {event.status.value}{_since(event)}: it {told}")


def _past(at_ms: int, now_ms: int) -> None:
    if at_ms > now_ms:
        raise NotPossible("that time lies ahead: say it when it has come")
    if at_ms < 0:
        raise NotPossible("that is no time")


def _within(event: Event, one: Participation, now_ms: int) -> None:
    _past(one.from_ms if one.to_ms is None else max(one.from_ms, one.to_ms), now_ms)
    _past(one.from_ms, now_ms)
    if one.to_ms is not None and one.to_ms < one.from_ms:
        raise NotPossible(f"{one.system} would leave before it joins")
    if event.from_ms is not None and one.from_ms < event.from_ms:
        raise NotPossible(
            f"{called(event)} began at {_at(event, event.from_ms)}: {one.system} joined then or "
            f"later, or correct that first (ovr event edit {handle(event)} --from)"
        )
    last_ms = one.from_ms if one.to_ms is None else one.to_ms
    if event.to_ms is not None and last_ms > event.to_ms:
        raise NotPossible(
            f"{called(event)} ended at {_at(event, event.to_ms)}: {one.system} left then or "
            f"earlier, or correct that first (ovr event edit {handle(event)} --to)"
        )


def _alone(event: Event, one: Participation, others: Iterable[Stay]) -> None:
    """A system's energy belongs to one event at a time, and is counted once."""
    window = Window(one.from_ms, one.to_ms)
    for other, where in others:
        if not window.meets(other):
            continue
        since = spoken(other.from_ms, event.timezone)
        until = "" if other.to_ms is None else f" to {spoken(other.to_ms, event.timezone)}"
        if other.event == event.id:
            told = f"was in it from {since}{until}" if until else f"is in it since {since}"
            raise NotPossible(f"{one.system} {told}")
        if until:
            raise NotPossible(
                f"{one.system} was in {called(where)} from {since}{until}: it takes part in one "
                "event at a time; say another time, or correct that one first"
            )
        raise NotPossible(
            f"{one.system} is in {called(where)} since {since}: it takes part in one event at a "
            f"time; ovr event leave {handle(where)} {one.system} first"
        )


def _at(event: Event, at_ms: int | None) -> str:
    return "an unknown time" if at_ms is None else spoken(at_ms, event.timezone)


def _since(event: Event) -> str:
    return "" if event.to_ms is None else f" since {_at(event, event.to_ms)}"
