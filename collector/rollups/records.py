"""The minutes of holds on their way to the cloud: which records there are, and what is in them.

A record holds one asset's rows that touch one block of UTC time (six hours, cut off at the hold's
ends), so its id, `node/asset/from-to`, is always the same for the same minutes. A block is queued
as soon as its last minute is stored. When the hold has ended and the cloud has all its records, the
hold is confirmed.
"""

import sqlite3
from collections.abc import Iterable

from collector.model.rollup_record import ROWS, RecordRow, RollupRecord
from collector.outbox import Packet, put
from collector.rollups import holds, tables
from collector.rollups.holds import Hold

Db = sqlite3.Connection

KIND = "rollups"
BLOCK_MS = 6 * 3_600_000
"""Of one asset 360 rows: 150 kB."""


def queue(db: Db, node: str, upto_ms: int) -> int:
    """Queue the blocks of active holds that are whole at `upto_ms`, up to where all minutes are
    stored; how many records that made."""
    made = 0
    for hold in holds.holds(db):
        if not hold.active:
            continue
        end_ms = upto_ms if hold.to_ms is None else min(hold.to_ms, upto_ms)
        done_ms = end_ms if end_ms == hold.to_ms else end_ms // BLOCK_MS * BLOCK_MS
        if done_ms > hold.queued_ms:
            for asset in hold.assets:
                for from_ms, to_ms in _blocks(hold.queued_ms, done_ms):
                    _put(db, hold, record_id(node, asset, from_ms, to_ms), upto_ms)
                    made += 1
            db.execute("UPDATE hold SET queued_ms = ? WHERE id = ?", (done_ms, hold.id))
        _confirm_if_whole(db, hold.id, upto_ms)
    return made


def touch(db: Db, node: str, asset: str, at_ms: int) -> None:
    """A minute has been filled late: what had been queued of it goes to the cloud once more."""
    for hold in holds.holds(db):
        if asset not in hold.assets or not hold.from_ms <= at_ms < hold.queued_ms:
            continue
        end_ms = hold.queued_ms if hold.to_ms is None else hold.to_ms
        block_ms = at_ms // BLOCK_MS * BLOCK_MS
        from_ms, to_ms = max(hold.from_ms, block_ms), min(end_ms, block_ms + BLOCK_MS)
        _put(db, hold, record_id(node, asset, from_ms, to_ms), at_ms)
        db.execute("UPDATE hold SET confirmed_ms = NULL WHERE id = ?", (hold.id,))


def load(db: Db, id_: str) -> Packet | None:
    """What a record holds now; None for an id that is none of ours."""
    try:
        node, asset, span = id_.split("/")
        first, _, last = span.partition("-")
        from_ms, to_ms = int(first), int(last)
    except ValueError:
        return None
    rows, _ = tables.window(db, [asset], from_ms, to_ms, BLOCK_MS)
    record = RollupRecord(
        node=node,
        asset=asset,
        from_ms=from_ms,
        to_ms=to_ms,
        rows=tuple(
            RecordRow(row.from_ms, row.subject.kind, row.subject.system, len(row.body))
            for row in rows
        ),
    )
    return Packet(body=record, blobs={ROWS: b"".join(row.body for row in rows)})


def confirmed(db: Db, id_: str, at_ms: int) -> None:
    """The cloud has this record; in the transaction that lets go of it."""
    rows = db.execute("DELETE FROM hold_record WHERE record_id = ? RETURNING hold", (id_,))
    for (hold,) in rows.fetchall():
        _confirm_if_whole(db, hold, at_ms)


def record_id(node: str, asset: str, from_ms: int, to_ms: int) -> str:
    """The id of the record of these minutes."""
    return f"{node}/{asset}/{from_ms}-{to_ms}"


def _blocks(from_ms: int, to_ms: int) -> Iterable[tuple[int, int]]:
    while from_ms < to_ms:
        end_ms = min(to_ms, (from_ms // BLOCK_MS + 1) * BLOCK_MS)
        yield from_ms, end_ms
        from_ms = end_ms


def _put(db: Db, hold: Hold, id_: str, at_ms: int) -> None:
    db.execute("INSERT OR IGNORE INTO hold_record VALUES (?, ?)", (id_, hold.id))
    put(db, kind=KIND, record_id=id_, at_ms=at_ms)


def _confirm_if_whole(db: Db, id_: str, at_ms: int) -> None:
    hold = holds.find(db, id_)
    waits = db.execute("SELECT 1 FROM hold_record WHERE hold = ? LIMIT 1", (id_,)).fetchone()
    if hold is None or hold.to_ms is None or waits is not None:
        return
    if hold.queued_ms >= hold.to_ms:
        holds.confirm(db, id_, at_ms)
