"""How an alarm is worded, everywhere on the console. Pure."""

from collections.abc import Iterable
from datetime import UTC

from collector.model.alarm import Alarm, Severity
from collector.model.local_time import read_ms
from ovr_tui.console.called import without_place
from ovr_tui.console.format import local, zone
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.text import Piece, Tone

SEVERITY_TONE: dict[Severity, Tone] = {
    Severity.WARNING: "warn",
    Severity.ALARM: "alert",
    Severity.CRITICAL: "alert",
}
LONGEST_S = 604_800
"""A week: for longer nothing is shelved."""
_STATES = {
    "active": "new",
    "acknowledged": "seen",
    "cleared": "over, unseen",
    "shelved": "shelved",
    "closed": "over",
}


def unseen(alarm: Alarm) -> bool:
    """Whether nobody has acknowledged it yet."""
    return alarm.state in ("active", "cleared")


def over(alarm: Alarm) -> bool:
    """Whether what was wrong no longer is, seen or not."""
    return alarm.cleared_ms is not None or alarm.state in ("cleared", "closed")


def tone(alarm: Alarm) -> Tone:
    """How loud it is: as its severity while it is true and unseen, quiet once somebody has it."""
    if alarm.state == "active":
        return SEVERITY_TONE[alarm.severity]
    return "text" if alarm.state == "cleared" else "dim"


def state_word(alarm: Alarm) -> str:
    """Where in its life it is."""
    if alarm.chattering and alarm.state == "active":
        return "chattering"
    return _STATES[alarm.state]


def sign(alarm: Alarm, glyphs: Glyphs) -> str:
    """Its sign; another one once it is over."""
    return glyphs.good if over(alarm) else glyphs.alarm


def severity(alarm: Alarm, glyphs: Glyphs) -> Piece:
    """Its sign and how soon a person has to act."""
    return f"{sign(alarm, glyphs)} {alarm.severity.value.upper()}", tone(alarm)


def what(alarm: Alarm, glyphs: Glyphs) -> str:
    """What is wrong at present, without the address that the details say."""
    return without_place(glyphs.text(_said(alarm)))


def whole(alarm: Alarm, glyphs: Glyphs) -> str:
    """What is wrong at present, and where, at its length."""
    return glyphs.prose(_said(alarm))


def _said(alarm: Alarm) -> str:
    return alarm.now or alarm.text or alarm.rule.value


def subject(alarm: Alarm, glyphs: Glyphs) -> str:
    """What it is about, as people call it."""
    return glyphs.text(about(alarm))


def about(alarm: Alarm) -> str:
    """The same as it came; what is about no asset is about the node."""
    return alarm.name or alarm.subject or "this node"


def of_assets(alarms: Iterable[Alarm]) -> dict[str, tuple[Alarm, ...]]:
    """The alarms of each asset in the order that they have: those about it, and those that stand
    for it among others."""
    found: dict[str, tuple[Alarm, ...]] = {}
    for alarm in alarms:
        for asset in dict.fromkeys((alarm.asset, *alarm.members)):
            if asset:
                found[asset] = (*found.get(asset, ()), alarm)
    return found


def day_and_time(at_ms: int, timezone: str) -> str:
    """`Thu 25 Jun 14:02:07 PDT`."""
    return local(at_ms, timezone).strftime("%a %d %b %H:%M:%S %Z")


def coming(text: str, now_ms: int, timezone: str) -> int:
    """A moment still to come, as UTC ms: `18:00` (the next one), `2026-11-26 18:00`, within a week.
    Raises ValueError, in words."""
    where = zone(timezone) or UTC
    try:
        at_ms = read_ms(text.strip(), now_ms + 1, where, ahead=True)
    except (ValueError, OverflowError):
        raise ValueError("write 18:00 or 2026-11-26 18:00") from None
    if at_ms <= now_ms:
        raise ValueError("that is over")
    if at_ms > now_ms + LONGEST_S * 1000:
        raise ValueError("at most a week from now")
    return at_ms
