"""An alarm that takes the screen, and the line that stays when it has given it back. Pure."""

from collections.abc import Sequence

from collector.model.alarm import Alarm, Severity, urgent_first
from collector.model.snapshot import Snapshot
from ovr_tui.console.format import local, span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.kiosk.digits import ALARM, spelled
from ovr_tui.console.kiosk.draw import banner_words, fill
from ovr_tui.console.kiosk.figures import site_ms
from ovr_tui.console.now import Now
from ovr_tui.console.text import BLANK, Line, Tone, cut, fit, wrap

_TONE: dict[Severity, Tone] = {
    Severity.WARNING: "warn",
    Severity.ALARM: "alert",
    Severity.CRITICAL: "alert",
}

SMALL = 8
"""Below so many rows there are neither bars nor big letters."""
AIRY = 18
"""From so many rows on there is a blank one between the words."""


def unseen(shot: Snapshot | None) -> tuple[Alarm, ...]:
    """The alarms that hold now and that nobody has acknowledged, the most urgent first."""
    if shot is None:
        return ()
    return urgent_first([alarm for alarm in shot.alarms if alarm.state == "active"])


def alarm_page(alarms: Sequence[Alarm], now: Now, cells: int, rows: int) -> list[Line]:
    """The most urgent alarm big: how bad, what, where, since when, what to do; the others below."""
    first, others = alarms[0], alarms[1:]
    glyphs, tone = now.glyphs, _TONE[alarms[0].severity]
    if rows < SMALL:
        return _small(first, len(others), now, cells, rows)
    listed = min(len(others), rows // 4) if rows >= 14 else 0
    room = rows - 3 - (listed + 2 if listed else 0)
    words = wrap(glyphs.prose(first.advice), cells - 4, "text", 2) if first.advice else []
    tall = max(3, room - 4 - len(words))
    said = (
        f"{ALARM} {first.severity.value.upper()}",
        glyphs.text(_what(first)),
        _where(first, now),
    )
    drawn = sum(spelled(text) is not None for text in said)
    part = max(1, (tall - 3 + drawn) // max(1, drawn) - (tall >= AIRY))
    how = _big(said[0], cells, part, glyphs, tone)
    what = _big(said[1], cells, part, glyphs, "bold")
    left = tall - len(how) - len(what)
    body = [
        *how,
        *what,
        *_big(said[2], cells, max(1, min(left, part)), glyphs, "text"),
        BLANK,
        ((f"  {_since(first, now)}", "text"),),
        *words,
        *([((f"  and {len(others)} more", tone),)] if others and not listed else []),
    ]
    bar: Line = ((glyphs.full * cells, tone),)
    lines = [bar, *fill(body, cells, max(1, rows - 2 - (listed + 2 if listed else 0)))]
    if listed:
        lines += [BLANK, *(_other(alarm, now, cells) for alarm in others[:listed])]
        hidden = len(others) - listed
        lines.append(((f"  and {hidden} more", tone),) if hidden else BLANK)
    return [cut(line, cells) for line in [*lines[: rows - 1], bar]]


def _big(text: str, cells: int, rows: int, glyphs: Glyphs, tone: Tone) -> list[Line]:
    lines = banner_words(text, cells - 4, max(1, rows), glyphs, tone)
    if len(lines) == 1:
        return [(("  " + text.replace(ALARM, glyphs.alarm), tone),)]
    return [*((("  ", tone), *line) for line in lines), *([BLANK] if rows > 4 else [])]


def _what(alarm: Alarm) -> str:
    return alarm.now or alarm.text or alarm.rule.value


def _where(alarm: Alarm, now: Now) -> str:
    """Its name; with the id where the terminal can show hardly anything of the name."""
    told = now.glyphs.text(alarm.name or alarm.subject or "this node")
    lost = told.count("?") - alarm.name.count("?")
    return f"{now.glyphs.text(alarm.subject)} {told}" if 2 * lost > len(told) else told


def _small(alarm: Alarm, others: int, now: Now, cells: int, rows: int) -> list[Line]:
    """What and where, in the few rows that there are."""
    tone = _TONE[alarm.severity]
    lines: list[Line] = [
        *wrap(f"{now.glyphs.alarm} {now.glyphs.text(_what(alarm))}", cells - 1, tone, 1),
        *wrap(_where(alarm, now), cells - 1, "bold", 1),
        ((f" {_since(alarm, now)}", "text"),),
        *([((f" and {others} more", tone),)] if others else []),
    ]
    return fill(lines, cells, rows)


def _since(alarm: Alarm, now: Now) -> str:
    shot = now.snapshot
    zone = shot.timezone if shot is not None else ""
    at = local(alarm.raised_ms, zone).strftime("%H:%M %Z")
    long = span(max(0, site_ms(now) - alarm.raised_ms) / 1000)
    members = f"  {now.glyphs.bar}  {len(alarm.members)} assets" if alarm.members else ""
    return f"since {at}, for {long}{members}"


def _other(alarm: Alarm, now: Now, cells: int) -> Line:
    glyphs, tone = now.glyphs, _TONE[alarm.severity]
    age = span(max(0, site_ms(now) - alarm.raised_ms) / 1000)
    room = max(8, (cells - 26) // 2)
    return (
        (f"  {glyphs.alarm} {fit(alarm.severity.value.upper(), 9)}", tone),
        (fit(_where(alarm, now), room) + " ", "bold"),
        (fit(glyphs.text(_what(alarm)), room) + " ", "text"),
        (age, "dim"),
    )


def marker(now: Now) -> Line:
    """What of the alarms is left when none takes the screen: those over that nobody has seen, and
    those in somebody's hands. Empty when there is nothing."""
    shot = now.snapshot
    if shot is None or not shot.alarms:
        return ()
    counts = dict.fromkeys(("active", "cleared", "acknowledged"), 0)
    for alarm in shot.alarms:
        counts[alarm.state] = counts.get(alarm.state, 0) + 1
    sign = now.glyphs.alarm
    told: list[tuple[str, Tone]] = []
    if counts["active"]:
        told.append((f" {sign} {_count(counts['active'])} now ", "alert"))
    if counts["cleared"]:
        told.append((f" {sign} {_count(counts['cleared'])} over, not acknowledged yet ", "warn"))
    if counts["acknowledged"]:
        told.append((f" {_count(counts['acknowledged'])} in somebody's hands ", "dim"))
    return tuple(told)


def _count(count: int) -> str:
    return f"{count} alarm{'' if count == 1 else 's'}"
