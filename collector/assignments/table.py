"""The statements in `node.db`: plain functions over the connection, for any transaction."""

import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec

from collector.model.assignment import Assignment, Fact
from collector.outbox.table import put

KIND = "assignments"
"""Their kind in the outbox: each statement is a record of its own, by its id."""
_COLUMNS = "id, asset, what, key, value, from_ms, made_ms, person, reason, replaces"


def keep(db: sqlite3.Connection, statements: Iterable[Assignment]) -> None:
    """Add statements, each with its record for the cloud, in the present transaction."""
    for one in statements:
        db.execute(
            f"INSERT INTO assignment ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)",  # noqa: S608
            (
                one.id,
                one.asset,
                one.what.value,
                one.key,
                one.value,
                one.from_ms,
                one.made_ms,
                one.person,
                one.reason,
                msgspec.json.encode(one.replaces).decode(),
            ),
        )
        put(db, kind=KIND, record_id=one.id, body=one, at_ms=one.made_ms)


def select(
    db: sqlite3.Connection, *, assets: Iterable[str] | None = None, what: Fact | None = None
) -> list[Assignment]:
    """Statements about these assets and this fact (None: any), in the order they were made."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM assignment WHERE (?1 IS NULL OR what = ?1) "  # noqa: S608
        "AND (?2 IS NULL OR asset IN (SELECT value FROM json_each(?2))) ORDER BY made_ms, id",
        (
            None if what is None else what.value,
            None if assets is None else msgspec.json.encode(sorted(set(assets))).decode(),
        ),
    )
    return [_statement(row) for row in rows]


def _statement(row: tuple[Any, ...]) -> Assignment:
    return Assignment(
        id=row[0],
        asset=row[1],
        what=Fact(row[2]),
        key=row[3],
        value=row[4],
        from_ms=row[5],
        made_ms=row[6],
        person=row[7],
        reason=row[8],
        replaces=msgspec.json.decode(row[9], type=tuple[str, ...]),
    )
