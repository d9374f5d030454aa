"""What is asked before alarms are acknowledged or shelved: the fields, and who is meant. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from collector.model.alarm import Alarm, Severity
from ovr_tui.console.alarms.words import coming, subject, unseen, what
from ovr_tui.console.form import Choice, Field, Kind, Values
from ovr_tui.console.glyphs import Glyphs

_BELOW = {
    Severity.WARNING: "all warnings",
    Severity.ALARM: "all alarms and warnings",
    Severity.CRITICAL: "all, critical ones too",
}
_SHELVES = (("900", "15 min"), ("3600", "1 h"), ("14400", "4 h"))
UNTIL = "until"


class Meant(Struct, frozen=True):
    """A choice of whom it is about, and their ids."""

    value: str
    text: str
    ids: tuple[str, ...]


def whom(chosen: Sequence[Alarm], alarms: Sequence[Alarm], glyphs: Glyphs) -> list[Meant]:
    """Who may be acknowledged at once: those that were chosen, all up to a severity. Only unseen
    ones; a choice that would mean the same as the one before it is left out."""
    found: list[Meant] = []
    these = [alarm for alarm in chosen if unseen(alarm)]
    if these:
        one = f"this one: {subject(these[0], glyphs)}"
        text = one if len(these) == 1 else f"the {len(these)} marked ones"
        found.append(Meant("these", text, tuple(alarm.id for alarm in these)))
    for severity in Severity:
        ids = tuple(a.id for a in alarms if unseen(a) and a.severity.rank <= severity.rank)
        if ids and not any(set(ids) == set(meant.ids) for meant in found):
            found.append(Meant(severity.value, f"{_BELOW[severity]} ({len(ids)})", ids))
    return found


def nobody(chosen: Sequence[Alarm]) -> str:
    """Why none of these can be acknowledged."""
    if not chosen:
        return "there is no alarm to acknowledge"
    one = len(chosen) == 1
    if all(alarm.state == "closed" for alarm in chosen):
        return "it is over" if one else "they are over"
    return f"somebody has acknowledged {'it' if one else 'each of them'} already"


def ack_fields(meant: Sequence[Meant]) -> list[Field]:
    """A note, and whom it is about."""
    return [
        Field(name="note", label="note", text="what you do about it; everybody reads it"),
        Field(
            name="which",
            label="acknowledge",
            kind=Kind.CHOICE,
            choices=tuple(Choice(each.value, each.text) for each in meant),
            text="as they are now: what comes later is not meant",
        ),
    ]


def shelf_fields(values: Values, now_ms: int, timezone: str) -> list[Field]:
    """Why, and for how long."""
    fields = [
        Field(name="reason", label="reason", needed=True, text="why nobody needs to see it"),
        Field(
            name="span",
            label="for",
            kind=Kind.CHOICE,
            choices=(*(Choice(*each) for each in _SHELVES), Choice(UNTIL, "until a time")),
            text="then it comes back by itself, and calls again if it still is true",
        ),
    ]
    if values.get("span") == UNTIL:
        fields.append(
            Field(
                name="until",
                label="until",
                needed=True,
                text=f"18:00 or 2026-11-26 18:00, {timezone}, a week at most",
                check=lambda text: _wrong(text, now_ms, timezone),
            )
        )
    return fields


def _wrong(text: str, now_ms: int, timezone: str) -> str:
    try:
        coming(text, now_ms, timezone)
    except ValueError as error:
        return str(error)
    return ""


def about(alarms: Sequence[Alarm], glyphs: Glyphs, shown: int = 3) -> list[str]:
    """Alarms in a line each, for the head of a form."""
    lines = [f"{subject(alarm, glyphs)}: {what(alarm, glyphs)}" for alarm in alarms[:shown]]
    more = len(alarms) - shown
    return [*lines, f"and {more} more"] if more > 0 else lines
