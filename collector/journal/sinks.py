"""The `sink` table: what each known sink has not settled."""

import json
import sqlite3
from collections.abc import Collection

from collector.journal.ranges import normal, union
from collector.journal.records import Ranges, SinkRecord

ENDLESS = 1 << 62


def save(db: sqlite3.Connection, record: SinkRecord, now_ms: int) -> None:
    """Keep a sink's state instead of its earlier one."""
    db.execute(
        "INSERT INTO sink (name, head, unsettled, at_ms) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET head = excluded.head, "
        "unsettled = excluded.unsettled, at_ms = excluded.at_ms",
        (record.name, record.head, json.dumps(record.unsettled), now_ms),
    )


def load(db: sqlite3.Connection) -> dict[str, SinkRecord]:
    """All known sinks, by name."""
    rows = db.execute("SELECT name, head, unsettled FROM sink ORDER BY name")
    return {
        name: SinkRecord(name=name, head=head, unsettled=_ranges(unsettled))
        for name, head, unsettled in rows
    }


def keep(db: sqlite3.Connection, names: Collection[str]) -> list[SinkRecord]:
    """Nothing waits any more for sinks of other names; what is known of those."""
    gone = [record for name, record in load(db).items() if name not in names]
    for record in gone:
        db.execute("DELETE FROM sink WHERE name = ?", (record.name,))
    return gone


def unsettled(db: sqlite3.Connection) -> Ranges:
    """What any known sink may still have to send (again)."""
    records = load(db).values()
    beyond = [((record.head + 1, ENDLESS),) for record in records]
    return union(*(record.unsettled for record in records), *beyond)


def _ranges(text: str) -> Ranges:
    return normal((first, last) for first, last in json.loads(text))
