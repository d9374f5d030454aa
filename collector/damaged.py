"""Database files that turn out to be damaged: how that shows, and where they go."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import structlog

KEPT = 3
"""So many damaged files of one name are kept, the newest."""
PARTS = ("", "-wal", "-shm")

DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

log = structlog.get_logger("disk")


def damage(error: sqlite3.Error) -> bool:
    """Whether `error` says that the file itself is broken."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in DAMAGED


def set_aside(path: Path, now: datetime) -> Path:
    """Move a damaged file out of the way, its WAL with it, and keep the newest three; where it is
    now. Raises OSError."""
    target = path.with_name(f"{path.name}.corrupt.{now.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}")
    for tail in PARTS:
        part = path.with_name(path.name + tail)
        if part.exists():
            part.replace(target.with_name(target.name + tail))
    for old in sorted(path.parent.glob(f"{path.name}.corrupt.*Z"))[:-KEPT]:
        log.warning("An old damaged file is deleted to make room: {path}.", path=str(old))
        for tail in PARTS:
            old.with_name(old.name + tail).unlink(missing_ok=True)
    return target
