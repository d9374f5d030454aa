"""The `dead` table: samples that were refused for good, kept to be looked at and sent again."""

import sqlite3

import structlog

from collector.journal import ledger
from collector.journal.records import Dead

DEAD_BYTES = 64 << 20

log = structlog.get_logger("journal")


def damaged(seq: int, at_ms: int, samples: int, body: bytes, why: str) -> Dead:
    """A batch of the journal that cannot be read, as it stands on disk."""
    return Dead(
        sink="", first_seq=seq, last_seq=seq, at_ms=at_ms, reason=why, samples=samples, body=body
    )


def insert(db: sqlite3.Connection, dead: Dead) -> None:
    """Keep `dead`; beyond 64 MiB the oldest are dropped and counted."""
    db.execute(
        "INSERT INTO dead (sink, first_seq, last_seq, at_ms, reason, samples, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            dead.sink,
            dead.first_seq,
            dead.last_seq,
            dead.at_ms,
            dead.reason,
            dead.samples,
            dead.body,
        ),
    )
    excess = db.execute("SELECT sum(length(body)) FROM dead").fetchone()[0] - DEAD_BYTES
    while excess > 0:
        number, samples, size = db.execute(
            "SELECT id, samples, length(body) FROM dead ORDER BY id LIMIT 1"
        ).fetchone()
        db.execute("DELETE FROM dead WHERE id = ?", (number,))
        ledger.add(db, ledger.DROPPED_DEAD, samples)
        log.warning(
            "{samples} samples that receivers refused are dropped, the oldest first: see ovr "
            "journal dead.",
            samples=samples,
        )
        excess -= size


def select(db: sqlite3.Connection, sink: str | None, after: int, limit: int) -> list[Dead]:
    """Those with an id above `after`, oldest first, of one sink or of all."""
    rows = db.execute(
        "SELECT sink, first_seq, last_seq, at_ms, reason, samples, body, id FROM dead "
        "WHERE id > ? AND (? IS NULL OR sink = ?) ORDER BY id LIMIT ?",
        (after, sink, sink, limit),
    )
    return [
        Dead(
            sink=of,
            first_seq=first,
            last_seq=last,
            at_ms=at_ms,
            reason=reason,
            samples=samples,
            body=body,
            id=number,
        )
        for of, first, last, at_ms, reason, samples, body, number in rows
    ]


def delete(db: sqlite3.Connection, ids: tuple[int, ...]) -> None:
    """They were sent after all, or a person gave them up."""
    db.executemany("DELETE FROM dead WHERE id = ?", [(number,) for number in ids])


def samples(db: sqlite3.Connection) -> dict[str, int]:
    """How many are kept, by sink."""
    return dict(db.execute("SELECT sink, sum(samples) FROM dead GROUP BY sink").fetchall())
