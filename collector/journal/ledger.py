"""Counters that outlive the process."""

import sqlite3

LOST = "lost_samples"
"""Samples that a sink had not settled and that are gone."""
GAP_TICKS = "gap_ticks"
GAP_SAMPLES = "gap_samples"
"""Ticks, and their samples, that could not be journaled at all."""
ESTIMATED = "estimated_ticks"
"""Batches whose times were estimated, for nobody confirmed the clock of their boot."""
DROPPED_DEAD = "dropped_dead_samples"
"""Refused samples that the `dead` store had no more room for."""


def value(db: sqlite3.Connection, counter: str) -> int:
    """The counter's value; 0 before it was ever counted."""
    row = db.execute("SELECT value FROM ledger WHERE counter = ?", (counter,)).fetchone()
    return 0 if row is None else int(row[0])


def values(db: sqlite3.Connection) -> dict[str, int]:
    """All counters that were ever counted."""
    return dict(db.execute("SELECT counter, value FROM ledger").fetchall())


def add(db: sqlite3.Connection, counter: str, by: int) -> None:
    """Count, within the caller's transaction."""
    db.execute(
        "INSERT INTO ledger (counter, value) VALUES (?, ?) "
        "ON CONFLICT (counter) DO UPDATE SET value = value + excluded.value",
        (counter, by),
    )
