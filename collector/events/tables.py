"""Events, participations and their changes in `node.db`: plain functions over the connection.

The changes are what counts; the rows of events and participations are made from them, in the same
transaction, so that they can be looked for.
"""

import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

from collector.model.event import Change, Event, EventStatus, Participation

Db = sqlite3.Connection

_event = msgspec.json.Decoder(Event).decode
_participation = msgspec.json.Decoder(Participation).decode
_change = msgspec.json.Decoder(Change).decode


def event(db: Db, id_: str) -> Event | None:
    """The event of this id, or of one that it has had."""
    row = db.execute(
        "SELECT body FROM event WHERE id = coalesce("
        "(SELECT event FROM event_alias WHERE id = ?1), ?1)",
        (id_,),
    ).fetchone()
    return None if row is None else _event(row[0])


def events(db: Db, statuses: Iterable[EventStatus] = tuple(EventStatus)) -> list[Event]:
    """All events of these statuses, those that were made last first."""
    wanted = msgspec.json.encode([one.value for one in statuses]).decode()
    rows = db.execute(
        "SELECT body FROM event WHERE status IN (SELECT value FROM json_each(?)) ORDER BY id DESC",
        (wanted,),
    )
    return [_event(body) for (body,) in rows]


def listed(db: Db, statuses: Iterable[EventStatus], limit: int) -> list[tuple[Event, int]]:
    """So many of these statuses, those that were made last first, with their conflicts."""
    wanted = msgspec.json.encode([one.value for one in statuses]).decode()
    rows = db.execute(
        "SELECT body, conflicts FROM event WHERE status IN (SELECT value FROM json_each(?)) "
        "ORDER BY id DESC LIMIT ?",
        (wanted, limit),
    )
    return [(_event(body), count) for body, count in rows]


def of_job(db: Db, job: str) -> list[Event]:
    """The events of a job code that were not cancelled, the oldest first."""
    rows = db.execute(
        "SELECT body FROM event WHERE job = ? COLLATE NOCASE AND job != '' "
        "AND status != 'cancelled' ORDER BY id",
        (job,),
    )
    return [_event(body) for (body,) in rows]


def participation(db: Db, id_: str) -> Participation | None:
    """The participation of this id."""
    row = db.execute("SELECT body FROM participation WHERE id = ?", (id_,)).fetchone()
    return None if row is None else _participation(row[0])


def participations(db: Db, event_id: str) -> list[Participation]:
    """All of an event, of all nodes, the earliest first."""
    rows = db.execute(
        "SELECT body FROM participation WHERE event = ? ORDER BY from_ms, system, id", (event_id,)
    )
    return [_participation(body) for (body,) in rows]


def stays(db: Db, node: str, system: str) -> list[Participation]:
    """All of a system, in whatever event, the earliest first."""
    rows = db.execute(
        "SELECT body FROM participation WHERE node = ? AND system = ? ORDER BY from_ms, id",
        (node, system),
    )
    return [_participation(body) for (body,) in rows]


def running(db: Db, node: str) -> list[Participation]:
    """The node's participations that go on."""
    rows = db.execute(
        "SELECT body FROM participation WHERE node = ? AND to_ms IS NULL ORDER BY from_ms, id",
        (node,),
    )
    return [_participation(body) for (body,) in rows]


def of_node(db: Db, node: str, from_ms: int, to_ms: int | None) -> list[Participation]:
    """The node's participations that have time in common with a window (None: on and on), its
    ends included."""
    rows = db.execute(
        "SELECT body FROM participation WHERE node = ?1 AND (?3 IS NULL OR from_ms <= ?3) "
        "AND (to_ms IS NULL OR to_ms >= ?2) ORDER BY from_ms, id",
        (node, from_ms, to_ms),
    )
    return [_participation(body) for (body,) in rows]


def changes(db: Db, event_id: str, subject: str | None = None) -> list[Change]:
    """The changes of an event and its participations, or of one of them, in order."""
    rows = db.execute(
        "SELECT body FROM event_change WHERE event = ?1 AND (?2 IS NULL OR subject = ?2) "
        "ORDER BY at_ms, id",
        (event_id, subject),
    )
    return [_change(body) for (body,) in rows]


def aliases(db: Db, event_id: str) -> tuple[str, ...]:
    """The other ids that an event has had."""
    rows = db.execute("SELECT id FROM event_alias WHERE event = ? ORDER BY id", (event_id,))
    return tuple(id_ for (id_,) in rows)


# -- writing ---------------------------------------------------------------------------------


def add(db: Db, new: Iterable[Change]) -> None:
    """Keep changes; one that is there already stays as it is."""
    db.executemany(
        "INSERT OR IGNORE INTO event_change (id, event, subject, at_ms, body) "
        "VALUES (?, ?, ?, ?, ?)",
        ((one.id, one.event, one.subject, one.at_ms, msgspec.json.encode(one)) for one in new),
    )


def put_event(db: Db, one: Event, conflicts: int = 0) -> None:
    """The row of an event, with how many conflicts it and its participations have."""
    db.execute(
        "INSERT OR REPLACE INTO event (id, job, status, changed_ms, conflicts, body) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (one.id, one.job, one.status.value, one.changed_ms, conflicts, msgspec.json.encode(one)),
    )


def put_participation(db: Db, one: Participation) -> None:
    """The row of a participation."""
    db.execute(
        "INSERT OR REPLACE INTO participation (id, event, node, system, from_ms, to_ms, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (one.id, one.event, one.node, one.system, one.from_ms, one.to_ms,
         msgspec.json.encode(one)),
    )  # fmt: skip


def add_alias(db: Db, alias: str, event_id: str) -> None:
    """An event has had another id."""
    db.execute("INSERT OR REPLACE INTO event_alias (id, event) VALUES (?, ?)", (alias, event_id))


def rename(db: Db, gone: str, kept: str, changed: Sequence[Change]) -> None:
    """An event goes by another id; `changed` are its changes under that one."""
    db.execute("DELETE FROM event WHERE id = ?", (gone,))
    db.execute("DELETE FROM event_change WHERE event = ?", (gone,))
    db.execute("UPDATE event_alias SET event = ? WHERE event = ?", (kept, gone))
    add_alias(db, gone, kept)
    add(db, changed)
    for one in participations(db, gone):
        put_participation(db, msgspec.structs.replace(one, event=kept))
