"""What people add to what was measured: corrections and the log. Statements are only ever added;
taking one back is one too."""

import sqlite3
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import TypeVar

from msgspec import structs

from collector.errors import NotPossible, UnknownRecord
from collector.events import holding, said_tables, tables
from collector.events.book import EventBook
from collector.events.checks import NOTE_CELLS, check_correction, check_entry
from collector.events.deed import Deed, found
from collector.model.event import EventStatus, Participation
from collector.model.ids import uuid7
from collector.model.said import Correction, LogEntry
from collector.model.text import clean
from collector.outbox.table import put

Db = sqlite3.Connection
S = TypeVar("S", Correction, LogEntry)
KIND_OF_CORRECTIONS, KIND_OF_LOG = "corrections", "log"


class SaidBook:
    """Corrections and log entries in `node.db`. All methods raise StoreError, and NotPossible for
    what cannot be said, UnknownRecord for what there is not. What they touch is told to `book`'s
    hooks in the same transaction."""

    def __init__(self, book: EventBook) -> None:
        self._book = book

    # -- corrections -------------------------------------------------------------------------

    async def correct(self, draft: Correction, *, person: str) -> Correction:
        """An asset's data is to be read otherwise."""
        now_ms = self._book.now_ms()
        one = structs.replace(
            draft,
            id=uuid7(now_ms),
            reason=clean(draft.reason, NOTE_CELLS),
            person=clean(person),
            made_ms=now_ms,
            origin=self._book.node,
            withdrawn_ms=None,
            withdrawn_by="",
        )
        check_correction(one)
        for moment in (one.from_ms, one.at_ms):
            if moment is not None and moment > now_ms:
                raise NotPossible("a correction is of what was measured: its time lies ahead")

        def write(db: Db, deed: Deed) -> Correction:
            _asset(db, deed, one.asset)
            keep_correction(db, one, now_ms)
            _corrected(db, deed, one, f"{one.kind.value} of {one.asset}", now_ms)
            return one

        return await self._book.write("keep a correction", person, write)

    async def withdraw_correction(self, id_: str, *, person: str) -> Correction:
        """It does not count any more; that it was said stays."""
        now_ms = self._book.now_ms()

        def write(db: Db, deed: Deed) -> Correction:
            one = _standing(said_tables.correction(db, id_), f"correction {id_}: ovr correct list")
            gone = structs.replace(one, withdrawn_ms=now_ms, withdrawn_by=clean(person))
            keep_correction(db, gone, now_ms)
            _corrected(db, deed, one, f"{one.kind.value} of {one.asset} withdrawn", now_ms)
            return gone

        return await self._book.write("withdraw a correction", person, write)

    async def correction(self, id_: str) -> Correction | None:
        """One, withdrawn or not; None when there is none."""
        return await self._book.read(
            "read a correction", lambda db: said_tables.correction(db, id_)
        )

    async def corrections(
        self, assets: Collection[str] | None, from_ms: int, to_ms: int
    ) -> list[Correction]:
        """What is said of assets (None: any) and of a window, also what was withdrawn."""

        return await self._book.read(
            "read the corrections",
            lambda db: said_tables.corrections(db, assets, from_ms, to_ms),
        )

    # -- the log -----------------------------------------------------------------------------

    async def note(self, draft: LogEntry, *, person: str) -> LogEntry:
        """Something is written down. An entry about a system or asset that took part in an event
        then belongs to that event, if nothing else is said."""
        now_ms = self._book.now_ms()
        one = structs.replace(
            draft,
            id=uuid7(now_ms),
            text=clean(draft.text, NOTE_CELLS),
            person=clean(person),
            made_ms=now_ms,
            origin=self._book.node,
            withdrawn_ms=None,
            withdrawn_by="",
        )
        check_entry(one)
        if one.at_ms > now_ms:
            raise NotPossible("the log says what was: its time lies ahead")

        def write(db: Db, deed: Deed) -> LogEntry:
            entry = _placed(db, deed, one, self._book.node)
            keep_entry(db, entry, now_ms)
            _logged(db, deed, entry, f"log: {entry.kind.value}", now_ms)
            return entry

        return await self._book.write("keep a log entry", person, write)

    async def withdraw_entry(self, id_: str, *, person: str) -> LogEntry:
        """It does not count any more; that it was said stays."""
        now_ms = self._book.now_ms()

        def write(db: Db, deed: Deed) -> LogEntry:
            one = _standing(said_tables.entry(db, id_), f"log entry {id_}: ovr log list")
            gone = structs.replace(one, withdrawn_ms=now_ms, withdrawn_by=clean(person))
            keep_entry(db, gone, now_ms)
            _logged(db, deed, one, f"log: {one.kind.value} withdrawn", now_ms)
            return gone

        return await self._book.write("withdraw a log entry", person, write)

    async def entry(self, id_: str) -> LogEntry | None:
        """One of the log, withdrawn or not; None when there is none."""
        return await self._book.read("read a log entry", lambda db: said_tables.entry(db, id_))

    async def log(self, from_ms: int, to_ms: int, event: str = "") -> list[LogEntry]:
        """The log of a window, or with `event` (its id, code, name) of that event alone."""

        def read(db: Db) -> list[LogEntry]:
            id_ = found(db, event).id if event else ""
            return said_tables.log(db, from_ms, to_ms, event=id_)

        return await self._book.read("read the log", read)


def _standing(one: S | None, asked: str) -> S:
    """A statement that counts; `asked`: which one, and where they are listed. Raises UnknownRecord,
    and NotPossible for one that was taken back."""
    if one is None:
        raise UnknownRecord(f"there is no {clean(asked)}")
    if one.withdrawn_ms is not None:
        raise NotPossible(f"it was withdrawn by {one.withdrawn_by} already")
    return one


def _asset(db: Db, deed: Deed, asset: str) -> None:
    """Raises NotPossible for an asset that never was on this node."""
    known = {one for assets in deed.systems.values() for one in assets}
    if asset in known:
        return
    was = db.execute(
        "SELECT 1 FROM assignment WHERE asset = ?1 UNION SELECT 1 FROM rollup_track "
        "WHERE asset = ?1 LIMIT 1",
        (asset,),
    ).fetchone()
    if was is None:
        raise NotPossible(f"there is no asset {clean(asset)}{_near(asset, sorted(known))}")


def _placed(db: Db, deed: Deed, one: LogEntry, node: str) -> LogEntry:
    """The entry with its event, and with names that there are."""
    if one.asset:
        _asset(db, deed, one.asset)
    unknown = one.system and one.system not in deed.systems
    if unknown and not tables.stays(db, node, one.system):
        near = _near(one.system, sorted(deed.systems))
        raise NotPossible(f"there is no system {clean(one.system)}{near}")
    if one.event:
        return structs.replace(one, event=deed.find(one.event).id)
    if not one.asset and not one.system:
        return one
    parts = _about(db, one, tables.of_node(db, node, one.at_ms, one.at_ms))
    parts = parts or _about(db, one, _of_events_at(db, node, one.at_ms))
    return structs.replace(one, event=parts[-1].event) if parts else one


def _of_events_at(db: Db, node: str, at_ms: int) -> list[Participation]:
    """The node's participations in events that were on at a moment, the latest last: fuel is often
    written down when the set has left already."""
    found = [
        part
        for event in tables.events(db, (EventStatus.ACTIVE, EventStatus.ENDED))
        if event.from_ms is not None and event.from_ms <= at_ms
        if event.to_ms is None or at_ms <= event.to_ms
        for part in tables.participations(db, event.id)
        if part.node == node
    ]
    return sorted(found, key=lambda part: (part.from_ms, part.id))


def keep_correction(db: Db, one: Correction, now_ms: int) -> None:
    """The row, and its record for the cloud."""
    said_tables.put_correction(db, one)
    put(db, kind=KIND_OF_CORRECTIONS, record_id=one.id, body=one, at_ms=now_ms)


def keep_entry(db: Db, one: LogEntry, now_ms: int) -> None:
    """The row, and its record for the cloud."""
    said_tables.put_entry(db, one)
    put(db, kind=KIND_OF_LOG, record_id=one.id, body=one, at_ms=now_ms)


def _corrected(db: Db, deed: Deed, one: Correction, why: str, now_ms: int) -> None:
    deed.hooks.touched(
        db, now_ms, why, assets=frozenset((one.asset,)), from_ms=one.from_ms, to_ms=one.to_ms
    )


def _logged(db: Db, deed: Deed, one: LogEntry, why: str, now_ms: int) -> None:
    """Reports of its event have it, or without one those of its time."""
    systems, assets = frozenset({one.system} - {""}), frozenset({one.asset} - {""})
    if one.event:
        deed.hooks.touched(db, now_ms, why, event=one.event, systems=systems, assets=assets)
    elif systems or assets:
        deed.hooks.touched(
            db,
            now_ms,
            why,
            systems=systems,
            assets=assets,
            from_ms=one.at_ms,
            to_ms=one.at_ms + 1,
        )


def _about(db: Db, one: LogEntry, parts: Sequence[Participation]) -> list[Participation]:
    held = holding.holding(db, one.asset) if one.asset else set()
    return [
        part
        for part in parts
        if (not one.asset or part.id in held) and (not one.system or part.system == one.system)
    ]


def _near(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f": did you mean {near[0]}?" if near else ""
