"""The `gap` table: from when to when ticks could not be journaled, and how much that was."""

import sqlite3

from collector.journal import ledger
from collector.model.snapshot import Gap

KEPT = 1000
"""Gaps that are listed; what they held stays counted in the ledger."""


def insert(db: sqlite3.Connection, gap: Gap, next_seq: int) -> None:
    """Keep `gap`, which lies before batch `next_seq`, and count it."""
    db.execute(
        "INSERT INTO gap (next_seq, from_ms, to_ms, boot, ticks, samples, cause) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (next_seq, gap.from_ms, gap.to_ms, gap.boot or None, gap.ticks, gap.samples, gap.cause),
    )
    db.execute("DELETE FROM gap WHERE id <= (SELECT max(id) FROM gap) - ?", (KEPT,))
    ledger.add(db, ledger.GAP_TICKS, gap.ticks)
    ledger.add(db, ledger.GAP_SAMPLES, gap.samples)


def confirm(db: sqlite3.Connection, boot: str, offset_ms: int) -> None:
    """The steady times of this boot's gaps become UTC."""
    db.execute(
        "UPDATE gap SET from_ms = from_ms + ?, to_ms = to_ms + ?, boot = NULL WHERE boot = ?",
        (offset_ms, offset_ms, boot),
    )


def newest(db: sqlite3.Connection, limit: int) -> list[Gap]:
    """The newest gaps, the newest first."""
    rows = db.execute(
        "SELECT from_ms, to_ms, boot, ticks, samples, cause FROM gap ORDER BY id DESC LIMIT ?",
        (limit,),
    )
    return [
        Gap(from_ms=start, to_ms=end, boot=boot or "", ticks=ticks, samples=samples, cause=cause)
        for start, end, boot, ticks, samples, cause in rows
    ]
