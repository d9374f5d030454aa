"""Counters that outlive the process."""

import sqlite3

LOST = "lost_samples"
"""Samples that a sink had not settled and that are gone."""
DROPPED_DEAD = "dropped_dead_samples"
"""Refused samples that the `dead` store had no more room for."""


def value(db: sqlite3.Connection, counter: str) -> int:
    """The counter's value; 0 before it was ever counted."""
    row = db.execute("SELECT value FROM ledger WHERE counter = ?", (counter,)).fetchone()
    return 0 if row is None else int(row[0])


def add(db: sqlite3.Connection, counter: str, by: int) -> None:
    """Count, within the caller's transaction."""
    db.execute(
        "INSERT INTO ledger (counter, value) VALUES (?, ?) "
        "ON CONFLICT (counter) DO UPDATE SET value = value + excluded.value",
        (counter, by),
    )
