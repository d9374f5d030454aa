"""The alarms and the cloud's records on the health page. Pure."""

from collections.abc import Mapping

from collector.model.alarm import Alarm, Severity
from collector.model.outbox import OutboxHealth
from collector.model.snapshot import Snapshot
from ovr_tui.console.format import number, size, span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.text import Line, Tone, fact, fit, wrap

_TONE: dict[Severity, Tone] = {
    Severity.WARNING: "warn",
    Severity.ALARM: "alert",
    Severity.CRITICAL: "alert",
}
SHOWN = 12
MEMBERS = 8
"""That many alarms, and assets behind one cause, are shown; the others are counted."""


def alarm_lines(shot: Snapshot, glyphs: Glyphs, cells: int) -> list[Line]:
    """Each alarm with its age, what is wrong and what to do; the most urgent first."""
    if not shot.alarms:
        return []
    lines: list[Line] = [(), ((f" ALARMS  {len(shot.alarms)}", "head"),)]
    for alarm in shot.alarms[:SHOWN]:
        lines += _alarm(alarm, shot.at_ms, glyphs, cells)
    if (more := len(shot.alarms) - SHOWN) > 0:
        lines.append(((f" and {more} more: ovr alarm list", "dim"),))
    return lines


def _alarm(alarm: Alarm, at_ms: int, glyphs: Glyphs, cells: int) -> list[Line]:
    tone = _TONE[alarm.severity] if alarm.state == "active" else "dim"
    age = span(max(0, at_ms - alarm.raised_ms) / 1000)
    head: Line = (
        (f" {glyphs.alarm} {fit(alarm.severity.value.upper(), 9)}", tone),
        (f"{fit(_state(alarm, glyphs), 26)} ", tone),
        (f"{fit(age, 8)} ", "dim"),
        (glyphs.text(alarm.name or alarm.subject), "bold"),
    )
    lines = [head, *wrap(glyphs.text(alarm.now or alarm.text), cells, tone, 3)]
    if alarm.members:
        lines += wrap(_members(alarm, glyphs), cells, "dim", 3)
    if alarm.advice:
        lines += wrap(f"{glyphs.text(alarm.advice)}", cells, "text", 3)
    return lines


def _state(alarm: Alarm, glyphs: Glyphs) -> str:
    if alarm.acked_by and alarm.state == "acknowledged":
        return f"seen by {glyphs.text(alarm.acked_by)}"
    words = {"active": "new", "cleared": "over, not seen yet"}
    state = words.get(alarm.state, alarm.state)
    return f"{state}, chattering" if alarm.chattering else state


def _members(alarm: Alarm, glyphs: Glyphs) -> str:
    shown = ", ".join(glyphs.text(name) for name in alarm.members[:MEMBERS])
    more = len(alarm.members) - MEMBERS
    return f"concerns {shown}{f' and {more} more' if more > 0 else ''}"


def outbox_lines(outbox: OutboxHealth, glyphs: Glyphs, cells: int) -> list[Line]:
    """What the cloud API does not have yet."""
    bad = outbox.state == "backoff" or bool(outbox.refused)
    state = glyphs.text(outbox.state)
    if outbox.state == "off":
        state = "off: no [cloud] in node.toml"
    lines: list[Line] = [
        (),
        ((" RECORDS FOR THE CLOUD", "head"),),
        fact("state", (state, "warn" if bad else "text")),
        *wrap(glyphs.text(outbox.cause), cells, "warn", 20),
    ]
    if outbox.waiting:
        age = f", the oldest for {span(outbox.oldest_min * 60)}"
        lines.append(fact("waiting", (_kinds(outbox.waiting) + age, "text")))
    if outbox.refused:
        lines.append(fact("refused", (_kinds(outbox.refused), "alert")))
    if outbox.sent:
        sent = f"{number(outbox.sent, 0)} records, {size(outbox.sent_bytes)} since the start"
        lines.append(fact("sent", (sent, "dim")))
    if outbox.dropped:
        lines.append(fact("given up", (f"{number(outbox.dropped, 0)} records", "alert")))
    return lines


def _kinds(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number(count, 0)} {kind}" for kind, count in sorted(counts.items()))
