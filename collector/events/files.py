"""Events in files: written on one node, taken in on another. What comes in is hostile."""

import sqlite3
from collections.abc import Iterable
from typing import TypeVar

import msgspec
from msgspec import structs

from collector.errors import NotPossible
from collector.events import holding, said_tables, tables
from collector.events.book import EventBook
from collector.events.checks import check_correction, check_entry
from collector.events.deed import Deed
from collector.events.said import keep_correction, keep_entry
from collector.model.event import Change, Event
from collector.model.event_fields import (
    CREATED,
    FROM,
    OF_EVENTS,
    OF_PARTICIPATIONS,
    named,
    value_of,
)
from collector.model.event_file import EVENT_FILE_SCHEMA, EventExport
from collector.model.event_history import Dossier, History
from collector.model.ids import uuid7_ms
from collector.model.said import Correction, LogEntry
from collector.model.text import clean

Db = sqlite3.Connection
Said = TypeVar("Said", Correction, LogEntry)

VALUE_CELLS = 100_000
MOST_CHANGES = 100_000


async def export(book: EventBook, wanted: str) -> EventExport:
    """All that this node knows of an event. Raises UnknownRecord, NotPossible, StoreError."""

    def read(db: Db, deed: Deed) -> EventExport:
        event = deed.find(wanted)
        dossier = deed.dossier(event.id)
        return EventExport(
            node=book.node,
            made_ms=book.now_ms(),
            ids=dossier.ids,
            event=event,
            participations=tuple(tables.participations(db, event.id)),
            changes=dossier.changes,
            corrections=tuple(_corrections(db, event, book.node)),
            log=tuple(said_tables.log(db, event=event.id)),
        )

    return await book.write("read an event", "", read)


def _corrections(db: Db, event: Event, node: str) -> list[Correction]:
    """Those of assets of its participations, of their time; of another node's what it sent."""
    found: dict[str, Correction] = {}
    for part in tables.participations(db, event.id):
        assets = holding.held(db, part.id) if part.node == node else None
        until = said_tables.ALWAYS_MS if part.to_ms is None else part.to_ms
        for one in said_tables.corrections(db, assets, part.from_ms, until, node=part.node):
            found[one.id] = one
    return [found[id_] for id_ in sorted(found)]


def read_file(content: bytes) -> EventExport:
    """The file, as far as it can be one. Raises NotPossible with what is wrong."""
    try:
        number = msgspec.json.decode(content, type=_Numbered).schema
        if number != EVENT_FILE_SCHEMA:
            raise NotPossible(
                f"the file is of schema {number}, this program reads {EVENT_FILE_SCHEMA}"
            )
        found = msgspec.json.decode(content, type=EventExport)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        told = clean(str(error), 300)
        raise NotPossible(f"this is no file of ovr event export: {told}") from error
    check_file(found)
    return found


class _Numbered(msgspec.Struct):
    schema: int


def check_file(found: EventExport) -> None:
    """Raises NotPossible for what no node of ours has written."""
    if not found.ids or len(found.changes) > MOST_CHANGES:
        raise NotPossible("the file tells of no event, or of too much")
    for id_ in (*found.ids, *(one.id for one in found.changes)):
        _check_id(id_)
    for one in found.changes:
        _check_change(one, found.ids)
    history = History(found.changes)
    own = Dossier(ids=found.ids, changes=found.changes).id
    subjects = set(history.subjects()) - set(found.ids)
    if history.holds(own, CREATED) is None:
        raise NotPossible("the file does not say when the event was created")
    for subject in subjects:
        if history.holds(subject, CREATED) is None or history.holds(subject, FROM) is None:
            raise NotPossible("the file has a participation without a system or a beginning")
    for each in found.corrections:
        check_correction(each)
        _check_words(each.id, each.asset, each.origin, each.person, each.reason)
    for entry in found.log:
        check_entry(entry)
        _check_words(entry.id, entry.asset, entry.system, entry.origin, entry.person, entry.text)


def _check_id(id_: str) -> None:
    try:
        uuid7_ms(id_)
    except ValueError:
        raise NotPossible(f"the file has an id that is none: {clean(id_, 60)}") from None


def _check_change(one: Change, ids: Iterable[str]) -> None:
    kind = named(one.field).kind
    if kind not in (OF_EVENTS if one.subject in ids else OF_PARTICIPATIONS):
        raise NotPossible(f"the file sets {clean(one.field, 60)}, which this program does not know")
    if one.event not in ids or not 0 <= one.at_ms < 1 << 47:
        raise NotPossible("the file has a change of another event, or of no time")
    try:
        values = [value_of(one.field, text) for text in (one.before, one.after)]
    except ValueError as error:
        raise _no_value(str(error)) from error
    if any(isinstance(value, int) and not 0 <= value < 1 << 47 for value in values):
        raise _no_value(f"{one.field}: {one.after}")
    _check_words(one.subject, one.field, one.before, one.after, one.origin, one.person, one.reason)


def _no_value(told: str) -> NotPossible:
    return NotPossible(f"the file has a value that is none: {clean(told, 200)}")


def _check_words(*texts: str) -> None:
    for text in texts:
        if clean(text, VALUE_CELLS) != text:
            raise NotPossible(f"the file has a text that no node writes: {clean(text, 60)}")


async def take_in(book: EventBook, found: EventExport, *, person: str) -> Event:
    """What the file tells is known here too; the event as it is then. The same again changes
    nothing. Raises NotPossible for what cannot be, StoreError."""
    check_file(found)

    def write(db: Db, deed: Deed) -> Event:
        event = deed.take_in(Dossier(ids=tuple(sorted(set(found.ids))), changes=found.changes))
        now_ms = book.now_ms()
        for one in found.corrections:
            known = said_tables.correction(db, one.id)
            both = _both(known, one)
            if both != known:
                keep_correction(db, both, now_ms)
        for each in found.log:
            entry = structs.replace(each, event=event.id if each.event in found.ids else "")
            before = said_tables.entry(db, entry.id)
            whole = _both(before, entry)
            if whole != before:
                keep_entry(db, whole, now_ms)
        return event

    return await book.write("take in an event", person, write)


def _both(known: Said | None, new: Said) -> Said:
    """A statement that two nodes know: withdrawn if one of them knows that; the earlier one."""
    if known is None:
        return new
    times = [
        (one.withdrawn_ms, one.withdrawn_by) for one in (known, new) if one.withdrawn_ms is not None
    ]
    if not times:
        return known
    at_ms, person = min(times)
    return structs.replace(known, withdrawn_ms=at_ms, withdrawn_by=person)
