"""Alarms as rows of a list. Pure."""

from collections.abc import Sequence

from collector.model.alarm import Alarm
from collector.model.text import called
from ovr_tui.console.alarms.words import severity, state_word, subject, tone, what
from ovr_tui.console.called import without_place
from ovr_tui.console.format import age, local, span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.grid import Column, Grid, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.text import Piece

_SEVERITY = Column(title="SEVERITY", least=10)
_NAME = Column(title="NAME", least=18, most=26)
_WHAT = Column(title="WHAT IS WRONG", least=24, most=200)
_WHO = Column(title="WHO HAS IT", least=10, most=12, rank=1)
OPEN = (
    _SEVERITY,
    Column(title="STATE", least=12),
    Column(title="AGE", least=4, right=True),
    _NAME,
    _WHAT,
    _WHO,
)
SHELVED = (_SEVERITY, Column(title="FOR", least=8), *OPEN[2:])
PAST = (
    _SEVERITY,
    Column(title="STATE", least=7),
    Column(title="RAISED", least=11),
    Column(title="LASTED", least=8, right=True, rank=2),
    _NAME,
    Column(title="WHAT WAS WRONG", least=24, most=200),
    Column(title="SEEN BY", least=10, most=12, rank=1),
)


def open_rows(
    alarms: Sequence[Alarm], at_ms: int, glyphs: Glyphs, cells: int, *, shelved: bool = False
) -> list[Item]:
    """Alarms that are open at `at_ms`; of shelved ones how long they still are."""
    grid = lay_out(SHELVED if shelved else OPEN, cells)
    return [_row(alarm, _open(alarm, at_ms, glyphs, shelved=shelved), grid) for alarm in alarms]


def past_rows(
    alarms: Sequence[Alarm], at_ms: int, timezone: str, glyphs: Glyphs, cells: int
) -> list[Item]:
    """Alarms of a window, open or not."""
    grid = lay_out(PAST, cells)
    return [_row(alarm, _past(alarm, at_ms, timezone, glyphs), grid) for alarm in alarms]


def _row(alarm: Alarm, pieces: Sequence[Piece], grid: Grid) -> Item:
    words = (
        alarm.rule.value, alarm.subject, alarm.asset, alarm.device, *alarm.members, alarm.text,
        alarm.advice, alarm.acked_by, alarm.ack_note, alarm.shelf_reason,
    )  # fmt: skip
    return Item(key=alarm.id, line=grid.line(pieces), text=" ".join(words))


def _open(alarm: Alarm, at_ms: int, glyphs: Glyphs, *, shelved: bool) -> list[Piece]:
    loud = tone(alarm)
    state = state_word(alarm)
    if shelved and alarm.shelved_until_ms is not None:
        state = span(max(0, alarm.shelved_until_ms - at_ms) / 1000)
    live = alarm.state in ("active", "cleared")
    return [
        severity(alarm, glyphs),
        (state, loud if live else "dim"),
        (age(max(0, at_ms - alarm.raised_ms) / 1000), "dim"),
        (subject(alarm, glyphs), "bold" if live else "text"),
        (what(alarm, glyphs), loud if live else "text"),
        (_who(alarm, glyphs), "text"),
    ]


def _past(alarm: Alarm, at_ms: int, timezone: str, glyphs: Glyphs) -> list[Piece]:
    ended = alarm.cleared_ms
    words = {"active": "open", "acknowledged": "open", "cleared": "unseen"}
    state = words.get(alarm.state, state_word(alarm))
    lasted = span(max(0, (ended or at_ms) - alarm.raised_ms) / 1000)
    return [
        severity(alarm, glyphs),
        (state, tone(alarm) if alarm.state == "active" else "dim"),
        (local(alarm.raised_ms, timezone).strftime("%m-%d %H:%M"), "dim"),
        (lasted if ended else f"{lasted}+", "dim"),
        (subject(alarm, glyphs), "text"),
        (without_place(glyphs.text(alarm.text or alarm.rule.value)), "text"),
        (_who(alarm, glyphs), "dim"),
    ]


def _who(alarm: Alarm, glyphs: Glyphs) -> str:
    who = alarm.shelved_by if alarm.state == "shelved" else alarm.acked_by
    return glyphs.text(called(who))
