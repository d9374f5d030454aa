"""What counters were not given, in `node.db`: plain functions over the connection."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from collector.model.refused import RefusedCount

_COLUMNS = (
    "id, asset, measurement, unit, path, at_ms, raw_before, raw_after, amount, times, why, alarms, "
    "decided_ms, accepted, person, note"
)


def keep(db: sqlite3.Connection, refused: Iterable[RefusedCount]) -> None:
    """Add or replace these."""
    db.executemany(
        f"INSERT OR REPLACE INTO refused_energy ({_COLUMNS}) "  # noqa: S608  a constant
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        [
            (
                one.id,
                one.asset,
                one.measurement,
                one.unit,
                one.path,
                one.at_ms,
                one.raw_before,
                one.raw_after,
                one.amount,
                one.times,
                one.why,
                one.alarms,
                one.decided_ms,
                one.accepted,
                one.person,
                one.note,
            )
            for one in refused
        ],
    )


def open_ones(db: sqlite3.Connection) -> list[RefusedCount]:
    """Those that nobody has decided, the oldest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM refused_energy "  # noqa: S608  a constant
        "WHERE decided_ms IS NULL ORDER BY id"
    )
    return [_refused(row) for row in rows]


def decided_ones(db: sqlite3.Connection, limit: int) -> list[RefusedCount]:
    """Those that somebody has decided, the newest decision first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM refused_energy "  # noqa: S608  a constant
        "WHERE decided_ms IS NOT NULL ORDER BY decided_ms DESC, id DESC LIMIT ?",
        (limit,),
    )
    return [_refused(row) for row in rows]


def _refused(row: tuple[Any, ...]) -> RefusedCount:
    return RefusedCount(
        id=row[0],
        asset=row[1],
        measurement=row[2],
        unit=row[3],
        path=row[4],
        at_ms=row[5],
        raw_before=row[6],
        raw_after=row[7],
        amount=row[8],
        times=row[9],
        why=row[10],
        alarms=bool(row[11]),
        decided_ms=row[12],
        accepted=row[13],
        person=row[14],
        note=row[15],
    )
