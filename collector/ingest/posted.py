"""Which rows were taken: plain functions over the connection of `node.db`."""

import hashlib
import sqlite3
import struct
from collections.abc import Sequence

from collector.ingest.axm import Row

MOST = 2_000_000
_SIGNED = struct.Struct("<q")
_VALUE = struct.Struct("<d")


def digest(row: Row) -> int:
    """64 bits of what a row says, the same in whichever order it says it."""
    told = hashlib.blake2b(digest_size=8)
    for name in sorted(row.values):
        told.update(name.encode() + b"\0" + _VALUE.pack(row.values[name]))
    number: int = _SIGNED.unpack(told.digest())[0]
    return number


def fresh(db: sqlite3.Connection, device: str, rows: Sequence[Row]) -> list[Row]:
    """The rows that were not taken before, each once."""
    seen: set[tuple[int, int]] = set()
    found = []
    for row in rows:
        key = (row.at_ms, digest(row))
        known = (
            key in seen
            or db.execute(
                "SELECT 1 FROM posted WHERE device = ? AND at_ms = ? AND digest = ?", (device, *key)
            ).fetchone()
        )
        seen.add(key)
        if not known:
            found.append(row)
    return found


def remember(
    db: sqlite3.Connection, device: str, rows: Sequence[Row], before_ms: int, most: int = MOST
) -> None:
    """These rows are taken; those from before `before_ms`, and beyond `most`, are forgotten."""
    db.executemany(
        "INSERT OR IGNORE INTO posted VALUES (?, ?, ?)",
        [(device, row.at_ms, digest(row)) for row in rows],
    )
    db.execute("DELETE FROM posted WHERE at_ms < ?", (before_ms,))
    over = db.execute("SELECT count(*) FROM posted").fetchone()[0] - most
    if over > 0:
        cut = "SELECT at_ms FROM posted ORDER BY at_ms LIMIT 1 OFFSET ?"
        db.execute(f"DELETE FROM posted WHERE at_ms <= ({cut})", (over - 1,))  # noqa: S608
