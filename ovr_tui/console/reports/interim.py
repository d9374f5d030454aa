"""The form of an interim report. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from collector.model.event import Event
from collector.wire import BuildRequest
from ovr_tui.console.form import Choice, Field, Kind, Values


def interim_fields(values: Values, events: Sequence[Event], systems: Sequence[str]) -> list[Field]:
    """Which event, which of its systems, from when to when, and why."""
    chosen = values.get("event") or events[0].id
    event = next((one for one in events if one.id == chosen), events[0])
    named = tuple(Choice(one.id, f"{one.name}  {one.job}".rstrip()) for one in events)
    of = (Choice("", "whole event and each system"), *(Choice(one) for one in systems))
    zone = event.timezone
    return [
        Field(name="event", label="event", kind=Kind.CHOICE, choices=named, value=event.id,
              needed=True),
        Field(name="system", label="of", kind=Kind.CHOICE, choices=of),
        Field(name="from", label="from", kind=Kind.TIME, timezone=zone,
              text=f"in {zone}; empty: since the event began"),
        Field(name="to", label="to", kind=Kind.TIME, timezone=zone,
              text=f"in {zone}; empty: until now"),
        Field(name="reason", label="why", most_chars=300, text="it is printed with the report"),
    ]  # fmt: skip


def interim_request(answers: Mapping[str, object], now_ms: int) -> BuildRequest:
    """What is asked for; without both ends until now, as nothing would be interim otherwise."""
    said = {
        "event": answers["event"],
        "system": answers["system"] or "",
        "from_ms": answers["from"],
        "to_ms": answers["to"],
        "reason": answers["reason"] or "",
    }
    if said["from_ms"] is None and said["to_ms"] is None:
        said["to_ms"] = now_ms
    return msgspec.convert(said, BuildRequest)
