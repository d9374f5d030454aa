"""Which batches go when room is needed, and giving pages back."""

import os
import sqlite3
from pathlib import Path

from collector.journal import ledger, sinks
from collector.journal.ranges import minus

AT_ONCE = 16
SPARE_PAGES = 128
VACUUM_PAGES = 64


def prune(db: sqlite3.Connection, first: int, last: int, before_ms: int | None) -> int:
    """Delete the oldest settled batches from `first` to `last`; how many were deleted, at most 16.

    With `before_ms` only settled ones of earlier ticks. Without it room is needed: if none is
    settled the oldest go, whoever waits for them, and are counted as lost.
    """
    doomed: list[tuple[int, int]] = []
    for low, high in minus(((first, last),), sinks.unsettled(db)):
        doomed = _oldest(db, low, high, before_ms)
        if doomed:
            break
    if not doomed and before_ms is None:
        doomed = _oldest(db, first, last, None)
        ledger.add(db, ledger.LOST, sum(samples for _, samples in doomed))
    db.executemany("DELETE FROM batch WHERE seq = ?", [(seq,) for seq, _ in doomed])
    return len(doomed)


def _oldest(
    db: sqlite3.Connection, first: int, last: int, before_ms: int | None
) -> list[tuple[int, int]]:
    rows = db.execute(
        "SELECT seq, samples, at_ms FROM batch WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?",
        (first, last, AT_ONCE),
    ).fetchall()
    return [(seq, samples) for seq, samples, at in rows if before_ms is None or at < before_ms]


def free_bytes(folder: Path) -> int:
    """What the disk below `folder` has left for us; much, when it does not tell."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 1 << 62
    return disk.f_bavail * disk.f_frsize


def vacuum(db: sqlite3.Connection) -> bool:
    """Give some pages back to the file system while more than an eighth of them is unused;
    whether there were such."""
    pages: int = db.execute("PRAGMA page_count").fetchone()[0]
    free: int = db.execute("PRAGMA freelist_count").fetchone()[0]
    if free <= max(SPARE_PAGES, pages // 8):
        return False
    # executescript steps to the end; execute would free one page, as this pragma has no columns.
    db.executescript(f"PRAGMA incremental_vacuum({VACUUM_PAGES});")
    return True
