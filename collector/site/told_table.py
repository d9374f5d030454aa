"""What devices told of their assets in `node.db`: plain functions over the connection."""

import sqlite3
from collections.abc import Mapping

from collector.site.told import Key, Spans


def select(db: sqlite3.Connection) -> dict[Key, Spans]:
    """All of it, in the order of time."""
    found: dict[Key, Spans] = {}
    rows = db.execute("SELECT asset, key, from_ms, body FROM told ORDER BY asset, key, from_ms")
    for asset, key, from_ms, body in rows:
        found[asset, key] = (*found.get((asset, key), ()), (from_ms, body))
    return found


def keep(db: sqlite3.Connection, told: Mapping[Key, Spans]) -> None:
    """Replace what was told of these."""
    for key, spans in told.items():
        db.execute("DELETE FROM told WHERE asset = ? AND key = ?", key)
        db.executemany("INSERT INTO told VALUES (?,?,?,?)", [(*key, *span) for span in spans])
