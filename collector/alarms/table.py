"""Alarms in `node.db` (`schema/alarms.sql`): plain functions, for use within one transaction."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping

import msgspec

from collector.alarms.life import Step
from collector.alarms.nominal import Nominal
from collector.model.alarm import Alarm, AlarmChange, Clamp, Commissioning

Put = Callable[[sqlite3.Connection, Alarm, AlarmChange], None]
"""Hands a change on (to the outbox) within the transaction that keeps it."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Alarm).decode


def keep(db: sqlite3.Connection, steps: Iterable[Step], put: Put | None) -> None:
    """Keep changes, in order. What is kept already does no harm; handed on it is only once."""
    for step in steps:
        if _keep_step(db, step) and put is not None:
            put(db, step.alarm, step.change)


def _keep_step(db: sqlite3.Connection, step: Step) -> bool:
    alarm, change = step.alarm, step.change
    opened = alarm.state != "closed"
    if opened:  # an earlier one of the condition whose end was lost
        db.execute(
            "UPDATE alarm SET open = 0 WHERE condition = ? AND id <> ? AND open = 1",
            (alarm.key, alarm.id),
        )
    db.execute(
        "INSERT INTO alarm VALUES (?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "
        "open = excluded.open, changed_ms = excluded.changed_ms, "
        "cleared_ms = excluded.cleared_ms, body = excluded.body",
        (
            alarm.id,
            alarm.key,
            int(opened),
            alarm.raised_ms,
            alarm.changed_ms,
            alarm.cleared_ms,
            _encode(alarm),
        ),
    )
    new = db.execute(
        "INSERT OR IGNORE INTO alarm_change VALUES (?,?,?,?,?,?)",
        (change.id, change.alarm, change.at_ms, change.what, change.person, change.note),
    )
    return new.rowcount > 0


def load_open(db: sqlite3.Connection) -> tuple[Alarm, ...]:
    """The alarms that are not closed, the oldest first."""
    rows = db.execute("SELECT body FROM alarm WHERE open = 1 ORDER BY raised_ms, id")
    return tuple(_decode(body) for (body,) in rows)


def history(db: sqlite3.Connection, from_ms: int, to_ms: int, limit: int) -> tuple[Alarm, ...]:
    """Alarms that were not over at some time of the window, the newest first."""
    rows = db.execute(
        "SELECT body FROM alarm WHERE raised_ms <= ? AND (cleared_ms IS NULL OR cleared_ms >= ?) "
        "ORDER BY raised_ms DESC, id DESC LIMIT ?",
        (to_ms, from_ms, limit),
    )
    return tuple(_decode(body) for (body,) in rows)


def changes(db: sqlite3.Connection, alarm_id: str) -> tuple[AlarmChange, ...]:
    """Each step of one alarm's life, the oldest first."""
    rows = db.execute(
        "SELECT id, alarm, at_ms, what, person, note FROM alarm_change WHERE alarm = ? "
        "ORDER BY at_ms, id",
        (alarm_id,),
    )
    return tuple(
        AlarmChange(id=row[0], alarm=row[1], at_ms=row[2], what=row[3], person=row[4], note=row[5])
        for row in rows
    )


def forget(db: sqlite3.Connection, before_ms: int) -> int:
    """Delete what closed before a time; how many alarms that were."""
    gone = db.execute("DELETE FROM alarm WHERE open = 0 AND changed_ms < ?", (before_ms,))
    db.execute(
        "DELETE FROM commissioned WHERE released_ms IS NOT NULL AND released_ms < ?", (before_ms,)
    )
    return gone.rowcount


# -- what is watched -----------------------------------------------------------------------------


def load_commissioned(db: sqlite3.Connection) -> Mapping[str, Commissioning]:
    """What is watched now, by asset."""
    rows = db.execute(
        "SELECT asset, at_ms, person, note FROM commissioned WHERE released_ms IS NULL"
    )
    return {
        row[0]: Commissioning(
            asset=row[0], at_ms=row[1], person=row[2], note=row[3], clamps=_clamps(db, row[0])
        )
        for row in rows.fetchall()
    }


def _clamps(db: sqlite3.Connection, asset: str) -> tuple[Clamp, ...]:
    """The newest readings of an asset."""
    rows = db.execute(
        "SELECT phase, clamp_a, meter_a, at_ms FROM clamp WHERE asset = ?1 "
        "AND at_ms = (SELECT max(at_ms) FROM clamp WHERE asset = ?1) ORDER BY phase",
        (asset,),
    )
    return tuple(Clamp(phase=row[0], clamp_a=row[1], meter_a=row[2], at_ms=row[3]) for row in rows)


def verify(db: sqlite3.Connection, asset: str, clamps: Iterable[Clamp], person: str) -> None:
    """Keep what a clamp showed."""
    db.executemany(
        "INSERT OR REPLACE INTO clamp VALUES (?,?,?,?,?,?)",
        [(asset, one.at_ms, one.phase, one.clamp_a, one.meter_a, person) for one in clamps],
    )


def commission(db: sqlite3.Connection, new: Commissioning) -> None:
    """An asset is watched from now on."""
    verify(db, new.asset, new.clamps, new.person)
    db.execute(
        "INSERT INTO commissioned VALUES (NULL,?,?,?,?,NULL,'')",
        (new.asset, new.at_ms, new.person, new.note),
    )


def release(db: sqlite3.Connection, asset: str, at_ms: int, person: str) -> None:
    """An asset is watched no more."""
    db.execute(
        "UPDATE commissioned SET released_ms = ?, released_by = ? "
        "WHERE asset = ? AND released_ms IS NULL",
        (at_ms, person, asset),
    )


# -- what was learned ----------------------------------------------------------------------------


def load_nominal(db: sqlite3.Connection) -> dict[str, Nominal]:
    """Nominal values, by asset."""
    rows = db.execute("SELECT asset, volts, hertz, phases FROM nominal")
    return {
        asset: Nominal(volts=volts, hertz=hertz, phases=tuple(phases.split()))
        for asset, volts, hertz, phases in rows
    }


def keep_nominal(db: sqlite3.Connection, known: Mapping[str, Nominal]) -> None:
    """Replace what is kept."""
    db.execute("DELETE FROM nominal")
    db.executemany(
        "INSERT INTO nominal VALUES (?,?,?,?)",
        [(asset, n.volts, n.hertz, " ".join(n.phases)) for asset, n in known.items()],
    )
