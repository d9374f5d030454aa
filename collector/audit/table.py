"""The audit's rows in `node.db`: plain functions over the connection."""

import sqlite3

from collector.model.audit import AuditEntry, Deed

_COLUMNS = "id, at_ms, person, transport, address, action, subject, before, after, outcome"


def insert(db: sqlite3.Connection, entry: AuditEntry) -> None:
    """Write one line."""
    deed = entry.deed
    db.execute(
        f"INSERT INTO audit ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)",  # noqa: S608  a constant
        (
            entry.id,
            entry.at_ms,
            deed.person,
            deed.transport,
            deed.address,
            deed.action,
            deed.subject,
            deed.before,
            deed.after,
            entry.outcome,
        ),
    )


def conclude(db: sqlite3.Connection, entry_id: str, outcome: str, after: str | None) -> None:
    """Add how it ended; `after` replaces what was expected where it turned out otherwise."""
    db.execute(
        "UPDATE audit SET outcome = ?, after = coalesce(?, after) WHERE id = ?",
        (outcome, after, entry_id),
    )


def select(
    db: sqlite3.Connection,
    *,
    from_ms: int,
    to_ms: int,
    limit: int,
    before_id: str = "",
    subject: str = "",
) -> list[AuditEntry]:
    """Lines of a window, the newest first; with `before_id` only those older than that line, with
    `subject` only those about it."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM audit WHERE at_ms BETWEEN ? AND ? "  # noqa: S608  a constant
        "AND (? = '' OR (at_ms, id) < (SELECT at_ms, id FROM audit WHERE id = ?)) "
        "AND (? = '' OR subject = ?) "
        "ORDER BY at_ms DESC, id DESC LIMIT ?",
        (from_ms, to_ms, before_id, before_id, subject, subject, limit),
    )
    return [
        AuditEntry(
            id=row[0],
            at_ms=row[1],
            deed=Deed(
                person=row[2],
                transport=row[3],
                address=row[4],
                action=row[5],
                subject=row[6],
                before=row[7],
                after=row[8],
            ),
            outcome=row[9],
        )
        for row in rows
    ]


def prune(db: sqlite3.Connection, before_ms: int) -> None:
    """Let go of lines from before."""
    db.execute("DELETE FROM audit WHERE at_ms < ?", (before_ms,))
