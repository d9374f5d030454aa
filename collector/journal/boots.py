"""The `boot` table: from which batch on a boot's clock was unconfirmed, and what became of it."""

import sqlite3
from collections.abc import Mapping

import structlog
from msgspec import Struct

from collector.journal import gaps, ledger
from collector.journal.placing import Point, Stretch, place

ESTIMATED = "estimated"
"""How the times came about of a boot that was never confirmed itself."""

log = structlog.get_logger("journal")


class Boot(Struct, frozen=True, kw_only=True):
    """What is known of one boot's clock. `offset_ms` None: nobody has confirmed it yet.

    `how` says in words what confirmed it.
    """

    boot: str
    first_seq: int
    offset_ms: int | None
    how: str


def load(db: sqlite3.Connection) -> dict[str, Boot]:
    """All known boots, in the order of their batches."""
    rows = db.execute("SELECT boot, first_seq, offset_ms, how FROM boot ORDER BY first_seq, rowid")
    return {
        boot: Boot(boot=boot, first_seq=first, offset_ms=offset, how=how)
        for boot, first, offset, how in rows
    }


def begin(db: sqlite3.Connection, boot: str, seq: int, now_ms: int) -> None:
    """Batch `seq` is the first one of a boot whose clock is not confirmed."""
    db.execute(
        "INSERT INTO boot (boot, first_seq, how, at_ms) VALUES (?, ?, '', ?)", (boot, seq, now_ms)
    )


def keep(db: sqlite3.Connection, one: Boot, seq: int, now_ms: int) -> None:
    """Batch `seq` will be the first one of a boot whose clock was confirmed in an earlier file."""
    begin(db, one.boot, seq, now_ms)
    if one.offset_ms is not None:
        _decide(db, one.boot, seq - 1, one.offset_ms, one.how, now_ms)


def confirm(
    db: sqlite3.Connection, boot: str, offset_ms: int, how: str, *, newest: int, now_ms: int
) -> None:
    """The clock of `boot` is right with `offset_ms`, and by it all earlier boots get theirs.

    `newest` is the newest batch, `now_ms` the true time. A boot that was confirmed keeps what it
    got then.
    """
    known = load(db)
    own = known.get(boot)
    if own is not None and own.offset_ms is not None:
        return
    waiting = [one for one in known.values() if one.offset_ms is None]
    earlier = _held(db, [one for one in waiting if one.boot != boot], own, newest)
    first = waiting[0].first_seq if waiting else newest + 1
    offsets, offset_ms = place(
        [stretch for _, _, stretch in earlier if stretch is not None],
        _stretch(db, own, newest) if own else None,
        offset_ms=offset_ms,
        now_ms=now_ms,
        after_ms=time_before(db, first, known),
    )
    found = iter(offsets)
    for one, last, stretch in earlier:
        offset = 0 if stretch is None else next(found)
        _decide(db, one.boot, last, offset, ESTIMATED, now_ms)
        _count_estimated(db, one, last, offset)
    if own is None:
        begin(db, boot, newest + 1, now_ms)
    _decide(db, boot, newest, offset_ms, how, now_ms)
    _forget(db, boot)


def _held(
    db: sqlite3.Connection, earlier: list[Boot], own: Boot | None, newest: int
) -> list[tuple[Boot, int, Stretch | None]]:
    """Each earlier boot, its last batch (the next one's first is behind it), what is held of it."""
    lasts = [after.first_seq - 1 for after in earlier[1:]]
    lasts.append(newest if own is None else own.first_seq - 1)
    return [(one, last, _stretch(db, one, last)) for one, last in zip(earlier, lasts, strict=False)]


def _stretch(db: sqlite3.Connection, one: Boot, last: int) -> Stretch | None:
    """The batches of a boot that are still held; None when there are none."""
    one_of = "SELECT mono_ms, at_ms FROM batch WHERE seq BETWEEN ? AND ? AND boot = ? ORDER BY seq "
    which = (one.first_seq, last, one.boot)
    first = db.execute(one_of + "LIMIT 1", which).fetchone()
    newest = db.execute(one_of + "DESC LIMIT 1", which).fetchone()
    return Stretch(Point(*first), Point(*newest)) if first else None


def time_before(db: sqlite3.Connection, seq: int, known: Mapping[str, Boot]) -> int:
    """The time of the newest batch before `seq`; 0 when none is held. It must be confirmed."""
    row = db.execute(
        "SELECT at_ms, boot, mono_ms FROM batch WHERE seq < ? ORDER BY seq DESC LIMIT 1", (seq,)
    ).fetchone()
    if row is None:
        return 0
    at_ms, boot, mono_ms = row
    one = known.get(boot) if boot is not None else None
    return int(at_ms) if one is None else int(mono_ms) + (one.offset_ms or 0)


def _decide(
    db: sqlite3.Connection, boot: str, last: int, offset_ms: int, how: str, now_ms: int
) -> None:
    db.execute(
        "UPDATE boot SET last_seq = ?, offset_ms = ?, how = ?, at_ms = ? WHERE boot = ?",
        (last, offset_ms, how, now_ms, boot),
    )
    gaps.confirm(db, boot, offset_ms)


def _count_estimated(db: sqlite3.Connection, one: Boot, last: int, offset_ms: int) -> None:
    ticks = last - one.first_seq + 1
    ledger.add(db, ledger.ESTIMATED, ticks)
    log.warning(
        "Nobody confirmed the clock before the node went off: the times of {ticks} ticks that it "
        "measured then are estimated.",
        ticks=ticks,
        boot=one.boot,
        offset_ms=offset_ms,
    )


def _forget(db: sqlite3.Connection, boot: str) -> None:
    """Boots of which no batch is left need no line any more."""
    db.execute(
        "DELETE FROM boot WHERE boot <> ? AND last_seq < (SELECT coalesce(min(seq), 0) FROM batch)",
        (boot,),
    )


def utc_ms(offsets: Mapping[str, int], at_ms: int, boot: str | None, mono_ms: int | None) -> int:
    """The time of a batch or gap with these columns: confirmed, else provisional."""
    if boot is None or mono_ms is None:
        return at_ms
    offset = offsets.get(boot)
    return at_ms if offset is None else mono_ms + offset
