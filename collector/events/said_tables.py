"""Corrections and log entries in `node.db`: plain functions over the connection."""

import sqlite3
from collections.abc import Iterable

import msgspec

from collector.model.said import Correction, LogEntry

Db = sqlite3.Connection
ALWAYS_MS = 1 << 62

_correction = msgspec.json.Decoder(Correction).decode
_entry = msgspec.json.Decoder(LogEntry).decode


def correction(db: Db, id_: str) -> Correction | None:
    """The correction of this id."""
    row = db.execute("SELECT body FROM correction WHERE id = ?", (id_,)).fetchone()
    return None if row is None else _correction(row[0])


def corrections(
    db: Db,
    assets: Iterable[str] | None = None,
    from_ms: int = 0,
    to_ms: int = ALWAYS_MS,
    *,
    node: str | None = None,
) -> list[Correction]:
    """What is said of these assets (None: of any) and has time in common with a window, in the
    order in which it was said, also what was withdrawn. Assets are those of `node`, where it was
    said (None: of any)."""
    rows = db.execute(
        "SELECT body FROM correction WHERE (?1 IS NULL OR asset IN "
        "(SELECT value FROM json_each(?1))) AND from_ms < ?3 AND (to_ms IS NULL OR to_ms > ?2) "
        "AND (?4 IS NULL OR origin = ?4) ORDER BY id",
        (_listed(assets), from_ms, to_ms, node),
    )
    return [_correction(body) for (body,) in rows]


def put_correction(db: Db, one: Correction) -> None:
    """The row of a correction."""
    db.execute(
        "INSERT OR REPLACE INTO correction (id, origin, asset, from_ms, to_ms, body) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (one.id, one.origin, one.asset, one.from_ms, one.to_ms, msgspec.json.encode(one)),
    )


def entry(db: Db, id_: str) -> LogEntry | None:
    """The log entry of this id."""
    row = db.execute("SELECT body FROM log_entry WHERE id = ?", (id_,)).fetchone()
    return None if row is None else _entry(row[0])


def log(
    db: Db,
    from_ms: int = 0,
    to_ms: int = ALWAYS_MS,
    *,
    event: str = "",
    node: str | None = None,
) -> list[LogEntry]:
    """The log of a window (its end excluded), in its order, also what was withdrawn; with `event`
    (its id) of that one alone. With `node` what was said there, and what is said of no system or
    asset: those are named as they are where it was said."""
    rows = db.execute(
        "SELECT body FROM log_entry WHERE at_ms >= ?1 AND at_ms < ?2 AND (?3 = '' OR event = ?3) "
        "AND (?4 IS NULL OR origin = ?4 OR (system = '' AND asset = '')) ORDER BY at_ms, id",
        (from_ms, to_ms, event, node),
    )
    return [_entry(body) for (body,) in rows]


def put_entry(db: Db, one: LogEntry) -> None:
    """The row of a log entry."""
    db.execute(
        "INSERT OR REPLACE INTO log_entry (id, origin, event, system, asset, at_ms, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (one.id, one.origin, one.event, one.system, one.asset, one.at_ms,
         msgspec.json.encode(one)),
    )  # fmt: skip


def rename(db: Db, gone: str, kept: str) -> None:
    """An event goes by another id."""
    for one in log(db, event=gone):
        put_entry(db, msgspec.structs.replace(one, event=kept))


def _listed(assets: Iterable[str] | None) -> str | None:
    return None if assets is None else msgspec.json.encode(sorted(set(assets))).decode()
