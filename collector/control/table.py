"""Rows of lockouts, of tries and of the PIN in `node.db`: plain functions over the connection."""

import sqlite3

from collector.model.control import Lockout


def lockouts(db: sqlite3.Connection) -> list[Lockout]:
    """All that stand."""
    rows = db.execute("SELECT asset, name, reason, at_ms, person FROM lockout ORDER BY asset")
    return [
        Lockout(asset=row[0], name=row[1], reason=row[2], at_ms=row[3], person=row[4])
        for row in rows
    ]


def lock(db: sqlite3.Connection, lockout: Lockout) -> None:
    """Keep one; the asset has none."""
    db.execute(
        "INSERT INTO lockout (asset, name, reason, at_ms, person) VALUES (?,?,?,?,?)",
        (lockout.asset, lockout.name, lockout.reason, lockout.at_ms, lockout.person),
    )


def unlock(db: sqlite3.Connection, asset: str) -> None:
    """Remove one."""
    db.execute("DELETE FROM lockout WHERE asset = ?", (asset,))


def begin_try(
    db: sqlite3.Connection, try_id: str, at_ms: int, fingerprint: str, keep_ms: int
) -> tuple[str, bytes | None] | None:
    """Take an id; None when it is new, else what it stands for and how that ended (None: nobody
    has written that down). Older tries than `keep_ms` go."""
    db.execute("DELETE FROM control_try WHERE at_ms < ?", (at_ms - keep_ms,))
    row = db.execute("SELECT fingerprint, answer FROM control_try WHERE id = ?", (try_id,))
    known = row.fetchone()
    if known is not None:
        return known[0], known[1]
    db.execute(
        "INSERT INTO control_try (id, at_ms, fingerprint) VALUES (?,?,?)",
        (try_id, at_ms, fingerprint),
    )
    return None


def end_try(db: sqlite3.Connection, try_id: str, answer: bytes) -> None:
    """Write down how it ended."""
    db.execute("UPDATE control_try SET answer = ? WHERE id = ?", (answer, try_id))


def pin(db: sqlite3.Connection) -> tuple[bytes, bytes] | None:
    """Salt and hash of the node's PIN; None: none is set."""
    row = db.execute("SELECT salt, hash FROM control_pin").fetchone()
    return None if row is None else (row[0], row[1])


def keep_pin(
    db: sqlite3.Connection, kept: tuple[bytes, bytes] | None, at_ms: int, person: str
) -> None:
    """Another one in its place, or none."""
    db.execute("DELETE FROM control_pin")
    if kept is not None:
        row = (1, *kept, at_ms, person)
        db.execute(
            "INSERT INTO control_pin (one, salt, hash, at_ms, person) VALUES (?,?,?,?,?)", row
        )
