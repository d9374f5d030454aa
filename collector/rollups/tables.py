"""The rows in `node.db`: plain functions over the connection, for any transaction.

A row's id is its track's number and its beginning in one integer, so that a track's rows lie in
order of time beside each other. A *track* is a subject: an asset under one kind, in one system.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from collector.model.kinds import AssetKind
from collector.model.rollup import Rollup
from collector.model.rollup_codec import MINUTE_MS, BadRollup, pack
from collector.model.rollup_decode import unpack
from collector.rollups.track import Closed, Subject

Db = sqlite3.Connection

TIME_BITS = 42
"""UTC ms up to the year 2109."""
TIME_MASK = (1 << TIME_BITS) - 1


class Row(NamedTuple):
    """A packed rollup and what it is about: readable without the registry of its time."""

    subject: Subject
    from_ms: int
    body: bytes

    def rollup(self) -> Rollup:
        """What it holds. Raises BadRollup."""
        return unpack(self.body, self.from_ms)


def packed(closed: Closed) -> Row:
    """A part as it is kept."""
    return Row(closed.subject, closed.row.from_ms, pack(closed.row))


def row_id(track: int, from_ms: int) -> int:
    """The id of a track's row that begins at `from_ms`."""
    return track << TIME_BITS | from_ms


# -- writing ---------------------------------------------------------------------------------


def write(db: Db, rows: Iterable[Row], upto_ms: int | None = None) -> None:
    """Keep rows; one of the same subject and beginning is replaced. With `upto_ms` all minutes up
    to there are stored now."""
    numbers: dict[Subject, int] = {}
    for row in rows:
        number = numbers.get(row.subject)
        if number is None:
            number = numbers[row.subject] = track_number(db, row.subject)
        db.execute(
            "INSERT OR REPLACE INTO rollup (id, body) VALUES (?, ?)",
            (row_id(number, row.from_ms), row.body),
        )
    if upto_ms is not None:
        db.execute(
            "INSERT INTO rollup_mark VALUES (1, ?) "
            "ON CONFLICT (only) DO UPDATE SET upto_ms = excluded.upto_ms",
            (upto_ms,),
        )


def track_number(db: Db, subject: Subject) -> int:
    """The number of a subject's track; a new one gets the next."""
    key = (subject.asset, subject.kind.value, subject.system)
    db.execute("INSERT OR IGNORE INTO rollup_track (asset, kind, system) VALUES (?, ?, ?)", key)
    row = db.execute(
        "SELECT no FROM rollup_track WHERE asset = ? AND kind = ? AND system = ?", key
    ).fetchone()
    return int(row[0])


def mark(db: Db) -> int:
    """Up to when all minutes are stored, UTC ms; 0 when nothing is known of any."""
    row = db.execute("SELECT upto_ms FROM rollup_mark").fetchone()
    return 0 if row is None else int(row[0])


def replace(db: Db, row: Row, parts: Iterable[Row]) -> None:
    """Keep `parts` instead of a row that they come to."""
    number = track_number(db, row.subject)
    db.execute("DELETE FROM rollup WHERE id = ?", (row_id(number, row.from_ms),))
    write(db, parts)


# -- reading ---------------------------------------------------------------------------------


def tracks(db: Db, assets: Sequence[str] | None = None) -> Mapping[int, Subject]:
    """The subjects of these assets (None: of all), by number."""
    rows = db.execute("SELECT no, asset, kind, system FROM rollup_track ORDER BY no")
    return {
        no: Subject(asset, AssetKind(kind), system)
        for no, asset, kind, system in rows
        if assets is None or asset in assets
    }


def window(
    db: Db, assets: Sequence[str], from_ms: int, to_ms: int, span_ms: int
) -> tuple[list[Row], int]:
    """Rows of `assets` that touch `from_ms` to `to_ms`, in order of time: those of the first
    `span_ms` in which there are any. Also where the next window begins (`to_ms`: none follows).

    A damaged row is left out here: it is where it can be counted that it is read.
    """
    known = tracks(db, assets)
    start_ms = from_ms // MINUTE_MS * MINUTE_MS
    firsts = [
        first & TIME_MASK for no in known if (first := _first(db, no, start_ms, to_ms)) is not None
    ]
    if not firsts:
        return [], to_ms
    first_ms = min(firsts)
    end_ms = min(to_ms, (max(first_ms, from_ms) // span_ms + 1) * span_ms)
    rows = [
        Row(subject, id_ & TIME_MASK, body)
        for no, subject in known.items()
        for id_, body in db.execute(
            "SELECT id, body FROM rollup WHERE id >= ? AND id < ? ORDER BY id",
            (row_id(no, first_ms), row_id(no, end_ms)),
        )
    ]
    found = [row for row in rows if row.from_ms >= from_ms or _ends_after(row, from_ms)]
    return sorted(found, key=lambda row: (row.from_ms, row.subject.asset)), end_ms


def _first(db: Db, track: int, from_ms: int, to_ms: int) -> int | None:
    row = db.execute(
        "SELECT min(id) FROM rollup WHERE id >= ? AND id < ?",
        (row_id(track, from_ms), row_id(track, to_ms)),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def _ends_after(row: Row, at_ms: int) -> bool:
    try:
        return row.rollup().to_ms > at_ms
    except BadRollup:
        return False


def straddling(db: Db, asset: str, at_ms: int) -> list[Row]:
    """The asset's rows that begin before `at_ms` and end after it."""
    found, _ = window(db, [asset], at_ms, at_ms + 1, MINUTE_MS)
    return [row for row in found if row.from_ms < at_ms]


def ends(db: Db, before_ms: int) -> dict[str, int]:
    """Up to when each asset has rows that begin before `before_ms`, UTC ms."""
    found: dict[str, int] = {}
    for no, subject in tracks(db).items():
        row = db.execute(
            "SELECT id, body FROM rollup WHERE id < ? ORDER BY id DESC LIMIT 1",
            (row_id(no, before_ms),),
        ).fetchone()
        if row is None or row[0] >> TIME_BITS != no:
            continue
        last = Row(subject, row[0] & TIME_MASK, row[1])
        try:
            end_ms = last.rollup().to_ms
        except BadRollup:
            end_ms = last.from_ms
        found[subject.asset] = max(end_ms, found.get(subject.asset, 0))
    return found


def has_row(db: Db, asset: str, from_ms: int, to_ms: int) -> bool:
    """Whether any row of the asset begins from `from_ms` to `to_ms` (excluded)."""
    return any(_first(db, no, from_ms, to_ms) is not None for no in tracks(db, [asset]))
