"""One alarm from change to change: pure transitions, and what is known of its condition."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct, structs

from collector.alarms.advice import ADVICE
from collector.alarms.condition import Condition
from collector.model.alarm import Alarm, AlarmChange, AlarmState

SETTLE_S = 30.0
"""How long a condition may take to be seen again after a start, before its alarm clears."""


class Step(Struct, frozen=True):
    """A change, and the alarm as it is after it."""

    change: AlarmChange
    alarm: Alarm


class Cause(NamedTuple):
    """A condition that stood for several: for whom (assets), when it did last, and whether it had
    an active alarm."""

    members: frozenset[str]
    at_s: float
    raised: bool


class Entry:
    """An open alarm, and what its condition did lately (steady seconds)."""

    __slots__ = ("alarm", "clear_s", "flipped_s", "on", "since_s", "told")

    def __init__(self, alarm: Alarm, now_s: float | None, *, on: bool) -> None:
        self.alarm = alarm
        self.on = on
        """The condition is there (or held) now."""
        self.since_s = now_s
        """Since when it is, or is not, there; None: not seen since the start."""
        self.flipped_s = now_s
        """When it came or went last."""
        self.clear_s = SETTLE_S
        self.told = set(alarm.members)
        """All members that were ever noted."""


def devices_of(assets: Iterable[str]) -> set[str]:
    """The devices that assets belong to."""
    return {asset.partition(".")[0] for asset in assets}


def settled(alarm: Alarm, at_ms: int) -> Alarm:
    """The alarm with its state made from its times, changed at `at_ms`."""
    over, seen = alarm.cleared_ms is not None, alarm.acked_ms is not None
    state: AlarmState = (
        "shelved"
        if alarm.shelved_until_ms is not None
        else "closed"
        if over and seen
        else "cleared"
        if over
        else "acknowledged"
        if seen
        else "active"
    )
    return structs.replace(alarm, state=state, changed_ms=max(at_ms, alarm.changed_ms))


def raised(condition: Condition, alarm_id: str, at_ms: int) -> Alarm:
    """A new alarm."""
    return Alarm(
        id=alarm_id,
        key=condition.key,
        rule=condition.rule,
        subject=condition.subject,
        severity=condition.severity,
        text=condition.text,
        advice=ADVICE[condition.rule],
        raised_ms=at_ms,
        changed_ms=at_ms,
        name=condition.name,
        asset=condition.asset,
        device=condition.device,
        members=condition.members,
    )


def again(before: Alarm, fresh: Alarm) -> Alarm:
    """An alarm that was over and still open: the same one, true once more and unseen."""
    most = max(before.severity, fresh.severity, key=lambda severity: severity.rank)
    return structs.replace(
        before,
        severity=most,
        now=fresh.text,
        members=fresh.members,
        raises=before.raises + 1,
        cleared_ms=None,
        acked_ms=None,
        acked_by="",
        ack_note="",
    )


def worse(alarm: Alarm, condition: Condition) -> Alarm:
    """What somebody has acknowledged was less than this."""
    return structs.replace(
        alarm,
        severity=condition.severity,
        now=condition.text,
        acked_ms=None,
        acked_by="",
        ack_note="",
    )


def acknowledged(alarm: Alarm, at_ms: int, *, person: str, note: str) -> Alarm:
    """Somebody has seen it."""
    return structs.replace(
        alarm, acked_ms=max(at_ms, alarm.raised_ms), acked_by=person, ack_note=note
    )


def unshelved(alarm: Alarm, at_ms: int) -> Alarm:
    """Back into sight. Whoever shelved it knew of it: if it is over, that is all; if it is still
    true, it calls again."""
    alarm = structs.replace(alarm, shelved_until_ms=None)
    if alarm.cleared_ms is None:
        return structs.replace(alarm, acked_ms=None, acked_by="", ack_note="")
    if alarm.acked_ms is not None:
        return alarm
    note = f"over while shelved: {alarm.shelf_reason}"
    return acknowledged(alarm, at_ms, person=alarm.shelved_by, note=note)
