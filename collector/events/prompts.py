"""What a person should do about events: reminders, nothing happens by itself."""

from collections.abc import Sequence

from collector.events.words import called, handle, spoken
from collector.model.event import Event, EventNow, EventStatus, Participation

SHOWN = 5


def prompt(event: Event, inside: Sequence[Participation], now_ms: int) -> str:
    """What to do about an event now; "" where nothing. `inside`: what of this node is in."""
    systems = sorted({one.system for one in inside})
    begin, until = event.planned_from_ms, event.planned_to_ms
    if event.status is EventStatus.PLANNED and begin is not None and begin <= now_ms:
        return f"was to start at {spoken(begin, event.timezone)}: ovr event start {handle(event)}"
    if event.status is EventStatus.ACTIVE and until is not None and until <= now_ms:
        left = f" ({_listed(systems)} still in)" if systems else ""
        told = spoken(until, event.timezone)
        return f"was to end at {told}{left}: ovr event end {handle(event)}"
    if event.status in (EventStatus.ENDED, EventStatus.CANCELLED) and systems:
        told = "" if event.to_ms is None else f" at {spoken(event.to_ms, event.timezone)}"
        return (
            f"was {event.status.value} elsewhere{told}, {_listed(systems)} still in: "
            f"ovr event end {handle(event)}"
        )
    return ""


def now(event: Event, inside: Sequence[Participation], now_ms: int) -> EventNow | None:
    """An event as the snapshot has it; None where nobody needs to see it."""
    said = prompt(event, inside, now_ms)
    if event.status is not EventStatus.ACTIVE and not said:
        return None
    return EventNow(
        id=event.id,
        name=event.name,
        job=event.job,
        client=event.client,
        status=event.status,
        timezone=event.timezone,
        from_ms=event.from_ms,
        planned_from_ms=event.planned_from_ms,
        planned_to_ms=event.planned_to_ms,
        systems=tuple(sorted({one.system for one in inside})),
        prompt=said,
    )


def problem(one: EventNow, event: Event) -> str:
    """A reminder as a line among the node's problems; "" without one."""
    return f"event {called(event)} {one.prompt}" if one.prompt else ""


def _listed(systems: Sequence[str]) -> str:
    shown = ", ".join(systems[:SHOWN])
    more = len(systems) - SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
