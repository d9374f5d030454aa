"""One alarm at length: what is wrong, what to do about it, and what became of it. Pure."""

from collector.model.alarm import Alarm
from collector.model.snapshot import Snapshot
from collector.model.text import called
from ovr_tui.console.alarms.words import (
    day_and_time,
    over,
    severity,
    state_word,
    subject,
    tone,
    unseen,
    whole,
)
from ovr_tui.console.called import Names, names_of
from ovr_tui.console.format import span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.text import Line, Tone, facts, wrap

MEMBERS = 30
"""So many assets behind one cause are named; the others are counted."""


def alarm_detail(
    alarm: Alarm, at_ms: int, shot: Snapshot, glyphs: Glyphs, cells: int
) -> list[Line]:
    """All that is known of an alarm, the most urgent first. `at_ms` is the present."""
    names, timezone = names_of(shot), shot.timezone
    age = span(max(0, at_ms - alarm.raised_ms) / 1000)
    loud = tone(alarm)
    about = [alarm.rule.value, *_places(alarm, names)]
    same = alarm.text == alarm.now
    told: list[tuple[str, str, Tone]] = [
        ("was" if over(alarm) else "now", whole(alarm, glyphs), loud if unseen(alarm) else "text"),
        ("do", glyphs.prose(alarm.advice), "accent"),
        ("at first", "" if same else glyphs.prose(alarm.text), "text"),
        ("concerns", _members(alarm, names, glyphs), "text"),
        *((name, text, "text") for name, text in _times(alarm, timezone, glyphs)),
        (
            "about",
            f" {glyphs.middle} ".join(dict.fromkeys(glyphs.text(word) for word in about if word)),
            "dim",
        ),
    ]
    return [
        ((" ", "text"), severity(alarm, glyphs), (f"  {state_word(alarm)}  ", loud), (age, "dim")),
        *wrap(subject(alarm, glyphs), cells, "bold"),
        *facts(told, cells),
    ]


def _places(alarm: Alarm, names: Names) -> list[str]:
    """What it is about beside what it is called by."""
    told = [names[one] for one in (alarm.asset or alarm.subject, alarm.device) if one]
    return [one for one in told if one != alarm.name]


def _members(alarm: Alarm, names: Names, glyphs: Glyphs) -> str:
    shown = ", ".join(glyphs.text(names[one]) for one in alarm.members[:MEMBERS])
    more = len(alarm.members) - MEMBERS
    return f"{shown}{f' and {more} more' if more > 0 else ''}"


def _times(alarm: Alarm, timezone: str, glyphs: Glyphs) -> list[tuple[str, str]]:
    """What happened to it, in order."""

    def by(person: str, note: str) -> str:
        who = f" by {glyphs.text(called(person))}" if person else ""
        return f"{who}{f': {glyphs.prose(note)}' if note else ''}"

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
