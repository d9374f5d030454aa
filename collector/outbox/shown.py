"""What people see of the outbox, and what they may do about it: functions for any transaction."""

from collections.abc import Iterable

from msgspec import Struct, structs

from collector.model.outbox import KINDS, OutboxItem, RecordState
from collector.outbox.table import Db, drop, files_of

ITEM = "revision, kind, record_id, changed_ms, state, reason, coalesce(length(body), 0), files"


class Count(Struct, frozen=True, kw_only=True):
    """What there is of one kind. `oldest_ms` is when the oldest waiting record was put,
    as its revision tells (a record may be about times long past)."""

    waiting: int = 0
    refused: int = 0
    oldest_ms: int | None = None
    sent: int = 0
    sent_ms: int = 0
    dropped: int = 0


def resend(db: Db, revisions: Iterable[int]) -> list[int]:
    """Queue refused records again, each in its old place; those that were refused."""
    again = (
        "UPDATE outbox SET state = 'waiting', reason = '' WHERE revision = ? AND state = 'refused'"
    )
    return [one for one in dict.fromkeys(revisions) if db.execute(again, (one,)).rowcount]


def forget(db: Db, revisions: Iterable[int]) -> list[OutboxItem]:
    """Delete refused records for good; those that there were."""
    found = (_item(db, one) for one in dict.fromkeys(revisions))
    chosen = [item for item in found if item is not None]
    for item in chosen:
        drop(db, item.kind, [item.revision])
    return chosen


def items(db: Db, kind: str | None, state: RecordState | None, limit: int) -> list[OutboxItem]:
    """What the cloud does not have, the oldest first; every kind or state where none is named."""
    wanted = {"state": state, "kind": kind}
    chosen = {name: value for name, value in wanted.items() if value is not None}
    where = " AND ".join(f"{name} = :{name}" for name in chosen) or "TRUE"
    rows = db.execute(
        f"SELECT {ITEM} FROM outbox WHERE {where} ORDER BY revision LIMIT :limit",  # noqa: S608  ours
        {**chosen, "limit": limit},
    )
    return [_as_item(row) for row in rows]


def trim(db: Db) -> int:
    """Hold the bounds of the kinds that have one, the oldest goes first; how many went."""
    number = 0
    for kind in KINDS.values():
        if kind.most is not None:
            rows = db.execute(
                "SELECT revision FROM outbox WHERE kind = ? AND state = 'waiting' "
                "ORDER BY revision DESC LIMIT -1 OFFSET ?",
                (kind.name, kind.most),
            ).fetchall()
            number += drop(db, kind.name, [row[0] for row in rows])
    return number


def tidy(db: Db) -> dict[str, Count]:
    """Hold the bounds, then count."""
    trim(db)
    return counts(db)


def counts(db: Db) -> dict[str, Count]:
    """The figures of each kind of which there is or was a record."""
    found: dict[str, Count] = {}
    for kind, sent, dropped, sent_ms in db.execute(
        "SELECT kind, sent, dropped, sent_ms FROM outbox_count"
    ):
        found[kind] = Count(sent=sent, dropped=dropped, sent_ms=sent_ms)
    groups = db.execute(
        "SELECT kind, state, count(*), min(revision) FROM outbox GROUP BY state, kind"
    ).fetchall()
    for kind, state, number, oldest in groups:
        count = found.get(kind, Count())
        if state == "refused":
            found[kind] = structs.replace(count, refused=number)
        else:
            found[kind] = structs.replace(count, waiting=number, oldest_ms=oldest)
    return found


def _item(db: Db, revision: int) -> OutboxItem | None:
    """The refused record of that revision."""
    row = db.execute(
        f"SELECT {ITEM} FROM outbox WHERE revision = ? AND state = 'refused'",  # noqa: S608
        (revision,),
    ).fetchone()
    return None if row is None else _as_item(row)


def _as_item(row: tuple[int, str, str, int, RecordState, str, int, bytes | None]) -> OutboxItem:
    return OutboxItem(
        revision=row[0],
        kind=row[1],
        record_id=row[2],
        changed_ms=row[3],
        state=row[4],
        reason=row[5],
        bytes=row[6],
        files=tuple(file.path for file in files_of(row[7])),
    )
