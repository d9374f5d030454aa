"""What reports are told beside rollups: read from `node.db`, for one window, in a fixed order."""

from collections.abc import Collection, Iterable, Mapping

from collector.alarms import table as alarms
from collector.events import said_tables, tables
from collector.model.event import Change, Event
from collector.model.event_fields import CREATED, STATUS, TEXTS, TIMES
from collector.model.refused import RefusedCount
from collector.model.said import (
    Action,
    Alert,
    Clamp,
    Correction,
    Doubt,
    LogEntry,
    LogKind,
    SignOff,
)
from collector.reports.table import Db
from collector.site import refused_table

MOST_ALERTS = 2_000
READ = frozenset({LogKind.DIP, LogKind.HOURS, LogKind.READING})
AROUND_MS = 15 * 60_000
"""What is read so shortly before a window, or after it, belongs to it too: tanks are dipped before
a system joins, and once it has left."""
_CONTROL = "control "


def changes(db: Db, event: Event, subjects: Collection[str]) -> tuple[Change, ...]:
    """What a reader has to know of, in order: times that were said otherwise, and what was changed
    of terms and uses after the event began. Until then they are being agreed."""
    began_ms = event.from_ms
    return tuple(
        one
        for one in tables.changes(db, event.id)
        if one.subject in subjects
        and one.field not in (CREATED, STATUS, *TEXTS)
        and (one.before or (one.field not in TIMES and one.subject == event.id))
        and (one.field in TIMES or (began_ms is not None and one.at_ms > began_ms))
    )


def corrections(
    db: Db, node: str, assets: Collection[str], from_ms: int, to_ms: int
) -> tuple[Correction, ...]:
    """Corrections of a node's assets that are in force and touch a window, in order of their
    making."""
    found = said_tables.corrections(db, assets, from_ms, to_ms, node=node)
    return tuple(one for one in found if one.withdrawn_ms is None)


def log(
    db: Db,
    node: str,
    event_id: str,
    system: str,
    assets: Collection[str],
    from_ms: int,
    to_ms: int,
) -> tuple[LogEntry, ...]:
    """What was written down about a system or its assets in a window (`AROUND_MS`), and was not
    withdrawn."""
    return tuple(
        one
        for one in _entries(db, from_ms, to_ms, node)
        if one.event in ("", event_id)
        and (one.asset in assets if one.asset else one.system == system and system != "")
    )


def event_log(db: Db, event_id: str, from_ms: int, to_ms: int) -> tuple[LogEntry, ...]:
    """What was written down about an event as a whole."""
    return tuple(
        one
        for one in _entries(db, from_ms, to_ms, None)
        if one.event == event_id and not one.asset and not one.system
    )


def _entries(db: Db, from_ms: int, to_ms: int, node: str | None) -> Iterable[LogEntry]:
    for one in said_tables.log(db, from_ms - AROUND_MS, to_ms + AROUND_MS, node=node):
        within = from_ms <= one.at_ms < to_ms
        if one.withdrawn_ms is None and (within or one.kind in READ):
            yield one


def sign_offs(db: Db, assets: Collection[str], to_ms: int) -> tuple[SignOff, ...]:
    """How assets were commissioned before the end of a window: what was looked at, and by whom."""
    clamps: dict[tuple[str, int, str], list[Clamp]] = {}
    for asset, at_ms, phase, clamp_a, meter_a, person in db.execute(
        "SELECT asset, at_ms, phase, clamp_a, meter_a, person FROM clamp WHERE at_ms < ? "
        "ORDER BY asset, at_ms, phase",
        (to_ms,),
    ):
        clamp = Clamp(phase=phase, clamp_a=clamp_a, meter_a=meter_a)
        clamps.setdefault((asset, at_ms, person), []).append(clamp)
    notes: Mapping[tuple[str, int, str], str] = {
        (asset, at_ms, person): note
        for asset, at_ms, person, note in db.execute(
            "SELECT asset, at_ms, person, note FROM commissioned WHERE at_ms < ? ORDER BY id",
            (to_ms,),
        )
    }
    return tuple(
        SignOff(
            asset=key[0],
            at_ms=key[1],
            person=key[2],
            note=notes.get(key, ""),
            clamps=tuple(clamps.get(key, ())),
        )
        for key in sorted({*clamps, *notes})
        if key[0] in assets
    )


def alerts(db: Db, assets: Collection[str], from_ms: int, to_ms: int) -> tuple[Alert, ...]:
    """Alarms about assets that were on in a window; one that went on after it has no end."""
    found = [
        one
        for one in alarms.history(db, from_ms, to_ms - 1, MOST_ALERTS)
        if one.asset in assets or any(member in assets for member in one.members)
    ]
    return tuple(
        Alert(
            asset=one.asset,
            rule=one.rule.value,
            severity=one.severity.value,
            text=one.text,
            raised_ms=one.raised_ms,
            cleared_ms=None if one.cleared_ms is None or one.cleared_ms > to_ms else one.cleared_ms,
        )
        for one in sorted(found, key=lambda alarm: (alarm.raised_ms, alarm.id))
    )


def actions(db: Db, assets: Collection[str], from_ms: int, to_ms: int) -> tuple[Action, ...]:
    """Commands that were given to devices in a window."""
    rows = db.execute(
        "SELECT at_ms, subject, person, action, after, outcome FROM audit "
        "WHERE at_ms >= ? AND at_ms < ? AND action LIKE ? ORDER BY at_ms, id",
        (from_ms, to_ms, _CONTROL + "%"),
    )
    return tuple(
        Action(
            at_ms=at_ms,
            asset=subject,
            person=person,
            what=f"{action.removeprefix(_CONTROL)} {after}".strip(),
            outcome=outcome,
        )
        for at_ms, subject, person, action, after, outcome in rows
        if subject in assets
    )


def doubts(db: Db, assets: Collection[str], from_ms: int, to_ms: int) -> tuple[Doubt, ...]:
    """What counters of assets were not given in a window, and what a person decided about it; also
    what was added in it that belongs elsewhere."""
    found = [*refused_table.open_ones(db), *refused_table.decided_ones(db, MOST_ALERTS)]
    return tuple(
        _doubt(one)
        for one in sorted(found, key=lambda refused: (refused.at_ms, refused.id))
        if one.asset in assets
        and (
            from_ms <= one.at_ms < to_ms
            or (one.accepted is not None and from_ms <= (one.decided_ms or 0) < to_ms)
        )
    )


def _doubt(one: RefusedCount) -> Doubt:
    return Doubt(
        asset=one.asset,
        measurement=one.measurement,
        at_ms=one.at_ms,
        amount=one.amount,
        why=one.why,
        decided=one.decided_ms is not None,
        decided_ms=one.decided_ms,
        accepted=one.accepted,
        decided_by=one.person,
        note=one.note,
    )
