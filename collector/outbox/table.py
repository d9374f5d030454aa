"""The outbox's rows in `node.db`: plain functions over the connection, for any transaction."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from collector.model.ids import uuid7
from collector.model.outbox import KINDS, FileRef

MAX_ID = 200
MAX_REASON = 600

Db = sqlite3.Connection
Confirmed = Callable[[Db, str, str], None]
"""`confirmed(db, kind, record_id)`, in the transaction that lets go of the record."""


class Packet(Struct, frozen=True, kw_only=True):
    """What a loader gives: a body to be sent as JSON, and binary contents by their names."""

    body: object
    blobs: Mapping[str, bytes] = {}


Loader = Callable[[Db, str], Packet | None]
"""Makes the packet of a record id when its turn has come; None: its data are gone for good."""


Loaders = Mapping[str, Loader]
Settle = Callable[[Db], None]


class Waiting(Struct, frozen=True, kw_only=True):
    """A record whose turn has come. `body` is JSON."""

    revision: int
    record_id: str
    node: str
    format: int
    changed_ms: int
    body: bytes
    files: tuple[FileRef, ...] = ()
    blobs: Mapping[str, bytes] = {}


class Self(Struct, frozen=True, kw_only=True):
    """Who sends: the installation and the node."""

    install: str
    node: str
    last_revision: int


def put(
    db: Db,
    *,
    kind: str,
    record_id: str,
    at_ms: int,
    body: object = None,
    files: Sequence[FileRef] = (),
    format: int = 1,  # noqa: A002  the record's own word
) -> int:
    """Queue a record in the present transaction; its revision.

    `kind` is one of `KINDS`; `body` what msgspec makes a JSON object of, None where the kind has a
    loader; `at_ms` when the record was changed (UTC). Revisions rise, also over a restored copy of
    the file: they follow the clock. Raises ValueError for what no caller may queue.
    """
    if kind not in KINDS:
        raise ValueError(f"the outbox knows no kind {kind!r}")
    if not 0 < len(record_id) <= MAX_ID:
        raise ValueError(f"{record_id!r} is no id of a record")
    own = me(db, at_ms)
    revision = max(own.last_revision + 1, at_ms)
    db.execute("UPDATE outbox_self SET last_revision = ?", (revision,))
    if KINDS[kind].newest:
        db.execute("DELETE FROM outbox WHERE kind = ? AND record_id = ?", (kind, record_id))
    db.execute(
        "INSERT INTO outbox (revision, kind, record_id, node, format, changed_ms, body, files) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            revision,
            kind,
            record_id,
            own.node,
            format,
            at_ms,
            None if body is None else msgspec.json.encode(body),
            msgspec.json.encode(files) if files else None,
        ),
    )
    return revision


def me(db: Db, at_ms: int) -> Self:
    """Who this installation is; its id is made at the first call for a file."""
    row = db.execute("SELECT install, node, last_revision FROM outbox_self").fetchone()
    if row is None:
        last = db.execute("SELECT max(revision) FROM outbox").fetchone()[0] or 0
        row = (uuid7(at_ms), "", last)
        db.execute("INSERT INTO outbox_self VALUES (1, ?, ?, ?)", row)
    return Self(install=row[0], node=row[1], last_revision=row[2])


def introduce(db: Db, node: str, at_ms: int) -> Self:
    """From now on records are made by `node`."""
    me(db, at_ms)
    db.execute("UPDATE outbox_self SET node = ?", (node,))
    return me(db, at_ms)


def kinds_waiting(db: Db, kinds: Iterable[str]) -> list[str]:
    """Those of `kinds` that have a waiting record."""
    found = "SELECT 1 FROM outbox WHERE kind = ? AND state = 'waiting' LIMIT 1"
    return [kind for kind in kinds if db.execute(found, (kind,)).fetchone()]


def turn(
    db: Db, kind: str, *, most: int, most_bytes: int, loader: Loader | None = None
) -> list[Waiting]:
    """The next records of `kind`: at most `most`, and no more bytes of bodies but for the first.

    A record whose loader finds nothing is dropped and counted.
    """
    rows = db.execute(
        "SELECT revision, record_id, node, format, changed_ms, body, files FROM outbox "
        "WHERE kind = ? AND state = 'waiting' ORDER BY revision LIMIT ?",
        (kind, most),
    ).fetchall()
    found: list[Waiting] = []
    size = 0
    for revision, record_id, node, number, changed_ms, body, files in rows:
        packet = None
        if body is None:
            packet = loader(db, record_id) if loader is not None else None
            if packet is None:
                drop(db, kind, [revision])
                continue
            body = msgspec.json.encode(packet.body)
        size += len(body)
        if found and size > most_bytes:
            break
        found.append(
            Waiting(
                revision=revision,
                record_id=record_id,
                node=node,
                format=number,
                changed_ms=changed_ms,
                body=body,
                files=files_of(files),
                blobs={} if packet is None else packet.blobs,
            )
        )
    return found


def settle(
    db: Db,
    *,
    kind: str,
    done: Sequence[Waiting],
    bad: Sequence[tuple[int, str]],
    at_ms: int,
    confirmed: Confirmed | None = None,
) -> None:
    """The cloud has `done`: let go of them; set `bad` aside (revision and reason) until `resend`.

    `confirmed` hears of each record id of which nothing is left here (a newer revision may wait).
    """
    if bad:
        db.executemany(
            "UPDATE outbox SET state = 'refused', reason = ? WHERE revision = ?",
            [(reason[:MAX_REASON], revision) for revision, reason in bad],
        )
    if not done:
        return
    db.executemany("DELETE FROM outbox WHERE revision = ?", [(record.revision,) for record in done])
    db.execute(
        "INSERT INTO outbox_count (kind, sent, sent_ms) VALUES (?1, ?2, ?3) ON CONFLICT (kind) "
        "DO UPDATE SET sent = sent + ?2, sent_ms = ?3",
        (kind, len(done), at_ms),
    )
    left = "SELECT 1 FROM outbox WHERE record_id = ? AND kind = ?"
    for record_id in dict.fromkeys(record.record_id for record in done):
        if confirmed is not None and not db.execute(left, (record_id, kind)).fetchone():
            confirmed(db, kind, record_id)


def files_of(raw: bytes | None) -> tuple[FileRef, ...]:
    """The files of a row, from its column."""
    return () if raw is None else msgspec.json.decode(raw, type=tuple[FileRef, ...])


def drop(db: Db, kind: str, revisions: Sequence[int]) -> int:
    """Give records up, counted; how many."""
    if revisions:
        db.executemany("DELETE FROM outbox WHERE revision = ?", [(one,) for one in revisions])
        db.execute(
            "INSERT INTO outbox_count (kind, dropped) VALUES (?1, ?2) ON CONFLICT (kind) "
            "DO UPDATE SET dropped = dropped + ?2",
            (kind, len(revisions)),
        )
    return len(revisions)
