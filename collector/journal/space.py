"""Which batches go when room is needed, giving pages back, and a reserve for a full disk."""

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import structlog

from collector.journal import ledger, sinks
from collector.journal.boots import utc_ms
from collector.journal.connection import Connection
from collector.journal.files import PAGE_BYTES, WAL_LIMIT_BYTES
from collector.journal.ranges import minus

AT_ONCE = 16
FREE_PAGES = 128
VACUUM_PAGES = 64
PORTION_BYTES = 4 << 20
"""The reserve is made and used in portions of so much."""
RESERVE_BYTES = 32 << 20
RESERVE_SHARE = 64
"""The reserve is at most this part of the cap."""
LAST_BYTES = 8 << 20
"""With less than this on the disk, and nothing settled, the reserve is used."""
PLENTY_BYTES = 256 << 20
"""The reserve is made while more than this is left on the disk."""

log = structlog.get_logger("journal")

Row = tuple[int, int]
"""Sequence number and number of samples of a batch."""


def prune(db: sqlite3.Connection, first: int, last: int, *, settled: bool) -> int:
    """Delete the oldest batches from `first` to `last` to make room; how many, at most 16.

    Settled ones. Only if there is none, and not just `settled` ones may go, the oldest of all,
    whoever waits for them: these are counted as lost.
    """
    doomed: list[Row] = []
    for low, high in minus(((first, last),), sinks.unsettled(db)):
        doomed = _oldest(db, low, high)
        if doomed:
            break
    if not doomed and not settled:
        doomed = _oldest(db, first, last)
        ledger.add(db, ledger.LOST, sum(samples for _, samples in doomed))
    return _delete(db, doomed)


def expire(
    db: sqlite3.Connection, first: int, last: int, before_ms: int, offsets: Mapping[str, int]
) -> int:
    """Delete the oldest settled batches from `first` to `last` of ticks before `before_ms`, at
    most 16; how many. All of them must be confirmed: `offsets` are those of their boots."""
    for low, high in minus(((first, last),), sinks.unsettled(db)):
        rows = db.execute(
            "SELECT seq, samples, at_ms, boot, mono_ms FROM batch WHERE seq BETWEEN ? AND ? "
            "ORDER BY seq LIMIT ?",
            (low, high, AT_ONCE),
        ).fetchall()
        doomed = [(row[0], row[1]) for row in rows if utc_ms(offsets, *row[2:]) < before_ms]
        if doomed:
            return _delete(db, doomed)
        if rows:
            break
    return 0


def _oldest(db: sqlite3.Connection, first: int, last: int) -> list[Row]:
    return db.execute(
        "SELECT seq, samples FROM batch WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?",
        (first, last, AT_ONCE),
    ).fetchall()


def _delete(db: sqlite3.Connection, doomed: list[Row]) -> int:
    db.executemany("DELETE FROM batch WHERE seq = ?", [(seq,) for seq, _ in doomed])
    return len(doomed)


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
    pages = _pragma(db, "page_count")
    free = _pragma(db, "freelist_count")
    if free <= max(FREE_PAGES, pages // 8):
        return False
    _shrink(db, VACUUM_PAGES)
    return True


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _shrink(db: sqlite3.Connection, pages: int) -> None:
    # executescript steps to the end; execute would free one page, as this pragma has no columns.
    db.executescript(f"PRAGMA incremental_vacuum({pages});")


# -- the reserve: rows of zeros, whose pages nobody else can take


def save_up(connection: Connection, cap_bytes: int, free: int) -> bool:
    """Add a portion to the reserve while it is not whole and the disk has plenty of room (`free`
    bytes); whether one was added. Raises JournalError."""
    wanted = min(RESERVE_BYTES, cap_bytes // RESERVE_SHARE) // PORTION_BYTES
    if free < PLENTY_BYTES or wanted == 0:
        return False
    with connection.transaction("save up a reserve") as db:
        held: int = db.execute("SELECT count(*) FROM spare").fetchone()[0]
        if held >= wanted:
            return False
        db.execute("INSERT INTO spare (filler) VALUES (zeroblob(?))", (PORTION_BYTES,))
    return True


def hold_wal(path: Path, cap_bytes: int) -> None:
    """Take from the disk now what the WAL may need, when there is a reserve at all.

    Zeros behind the WAL's last frame are no frame, hence nothing to SQLite. A disk that has no
    room for it is met by the first commit.
    """
    wal = path.with_name(f"{path.name}-wal")
    if cap_bytes // RESERVE_SHARE < PORTION_BYTES or free_bytes(path.parent) < PLENTY_BYTES:
        return
    try:
        with wal.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, WAL_LIMIT_BYTES)
    except OSError as error:
        log.warning("No room could be held for the journal's write-ahead file", cause=str(error))


def give_spare(connection: Connection) -> bool:
    """Turn a portion of the reserve into free pages of the file; whether one was left.

    Pages that are in the WAL and could not be put at the end of the file, for the disk was full
    already, move into the free ones: so the WAL can be folded into the file and used again.
    Raises JournalError.
    """
    with connection.transaction("use the reserve") as db:
        row = db.execute("SELECT max(id) FROM spare").fetchone()
        if row[0] is None:
            return False
        db.execute("DELETE FROM spare WHERE id = ?", (row[0],))
    log.warning(
        "The disk is full and the journal lives on its reserve, {left} parts of it are left: "
        "make room on the disk.",
        left=row[0] - 1,
    )
    beyond = _pragma(connection.db, "page_count") - connection.path.stat().st_size // PAGE_BYTES
    try:
        if beyond > 0:
            _shrink(connection.db, beyond)
        connection.db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except sqlite3.Error as error:
        connection.recover(error)
        log.warning(
            "The journal's write-ahead file cannot be folded into the journal", cause=str(error)
        )
    return True
