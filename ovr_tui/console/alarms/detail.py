"""One alarm at length: what is wrong, what to do about it, and what became of it. Pure."""

from collector.model.alarm import Alarm
from ovr_tui.console.alarms.words import (
    day_and_time,
    severity,
    state_word,
    subject,
    tone,
    unseen,
    what,
)
from ovr_tui.console.format import span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.places import called
from ovr_tui.console.text import Line, Tone, wrap

NAME_CELLS = 10
MEMBERS = 30
"""So many assets behind one cause are named; the others are counted."""


def alarm_detail(alarm: Alarm, at_ms: int, timezone: str, glyphs: Glyphs, cells: int) -> list[Line]:
    """All that is known of an alarm, the most urgent first. `at_ms` is the present."""
    age = span(max(0, at_ms - alarm.raised_ms) / 1000)
    loud = tone(alarm)
    lines: list[Line] = [
        ((" ", "text"), severity(alarm, glyphs), (f"  {state_word(alarm)}  ", loud), (age, "dim")),
        *wrap(subject(alarm, glyphs), cells, "bold"),
        *_fact("now", what(alarm, glyphs), cells, loud if unseen(alarm) else "text"),
    ]
    if alarm.advice:
        lines += _fact("do", glyphs.text(alarm.advice), cells, "accent")
    if alarm.text and alarm.text != alarm.now:
        lines += _fact("at first", glyphs.text(alarm.text), cells)
    if alarm.members:
        lines += _fact("concerns", _members(alarm, glyphs), cells)
    for name, text in _times(alarm, timezone, glyphs):
        lines += _fact(name, text, cells, "dim" if name == "raised" else "text")
    about = [alarm.rule.value, alarm.asset or alarm.subject, alarm.device]
    text = f" {glyphs.middle} ".join(dict.fromkeys(glyphs.text(word) for word in about if word))
    return [*lines, *_fact("about", text, cells, "dim")]


def _fact(name: str, text: str, cells: int, tone: Tone = "text") -> list[Line]:
    """A name and what is so, wrapped behind it."""
    pad = NAME_CELLS + 1
    first, *rest = wrap(text, cells, tone, pad) or [((" " * pad, tone),)]
    head: Line = ((f" {name:<{NAME_CELLS}}", "dim"), (first[0][0][pad:], tone))
    return [head, *rest]


def _members(alarm: Alarm, glyphs: Glyphs) -> str:
    shown = ", ".join(glyphs.text(name) for name in alarm.members[:MEMBERS])
    more = len(alarm.members) - MEMBERS
    return f"{shown}{f' and {more} more' if more > 0 else ''}"


def _times(alarm: Alarm, timezone: str, glyphs: Glyphs) -> list[tuple[str, str]]:
    """What happened to it, in order."""

    def by(person: str, note: str) -> str:
        who = f" by {glyphs.text(called(person))}" if person else ""
        return f"{who}{f': {glyphs.text(note)}' if note else ''}"

    raised = day_and_time(alarm.raised_ms, timezone)
    often = f", {alarm.raises} times since" if alarm.raises > 1 else ""
    found = [("raised", f"{raised}{often}")]
    if alarm.chattering:
        found.append(("chatters", "it comes and goes; told once until it is calm"))
    if alarm.acked_ms is not None:
        when = day_and_time(alarm.acked_ms, timezone)
        found.append(("seen", f"{when}{by(alarm.acked_by, alarm.ack_note)}"))
    if alarm.cleared_ms is not None:
        found.append(("over", day_and_time(alarm.cleared_ms, timezone)))
    if alarm.shelved_until_ms is not None:
        until = day_and_time(alarm.shelved_until_ms, timezone)
        found.append(("shelved", f"until {until}{by(alarm.shelved_by, alarm.shelf_reason)}"))
    return found
