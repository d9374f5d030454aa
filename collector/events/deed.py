"""One deed in one transaction: changes, the rows made of them, records for the cloud, holds, and
what reports make of it."""

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence

from msgspec import Struct, structs

from collector.errors import NotPossible, RecordChanged, UnknownRecord
from collector.events import holding, rules, said_tables, tables
from collector.events.checks import check_event, cleaned
from collector.events.find import find_event
from collector.events.hooks import Hooks
from collector.events.rules import Setting, Stay
from collector.events.words import called
from collector.model.event import (
    Change,
    Event,
    EventRecord,
    EventStatus,
    Participation,
    ParticipationRecord,
    UseCase,
)
from collector.model.event_fields import named
from collector.model.event_history import Dossier, History, merged
from collector.outbox.table import put

Db = sqlite3.Connection


class Word(Struct, frozen=True, kw_only=True):
    """Who does it, why, and when (UTC ms)."""

    person: str
    reason: str = ""
    now_ms: int


class Around(Struct, frozen=True, kw_only=True):
    """What a deed knows of its node: its id, and the assets of each system as they are now."""

    node: str
    systems: Mapping[str, Collection[str]]
    hooks: Hooks
    new_id: Callable[[int], str]


class Deed:
    """What is done within the present transaction. Everything raises NotPossible for what cannot
    be, UnknownRecord and RecordChanged; then nothing may be committed."""

    def __init__(self, db: Db, around: Around, word: Word) -> None:
        self._db = db
        self._around = around
        self._word = word

    # -- events ------------------------------------------------------------------------------

    def create(self, draft: Event) -> Event:
        """An event that is planned. Its job code is nobody else's."""
        wanted = structs.replace(cleaned(draft), id=self._new_id(), status=EventStatus.PLANNED)
        wanted = structs.replace(wanted, from_ms=None, to_ms=None)
        check_event(wanted)
        self._own_job(wanted)
        self._set(wanted.id, rules.create(wanted, self._word.now_ms))
        return self.find(wanted.id)

    def edit(self, event_id: str, revision: int | None, change: Callable[[Event], Event]) -> Event:
        """The event is what `change` makes of it, if it still has this revision (None: any)."""
        before = self.find(event_id)
        _same(revision, before.revision, called(before))
        after = cleaned(change(before))
        if _content(after) != _content(before):
            check_event(after)
        if after.job.casefold() != before.job.casefold():
            self._own_job(after)
        parts = self._own(before.id)
        settings = rules.edit(
            before, after, parts, reason=self._word.reason, now_ms=self._word.now_ms
        )
        self._set(before.id, settings)
        self._tell(before, settings)
        return self.find(before.id)

    def start(self, event_id: str, at_ms: int | None) -> Event:
        """It becomes active."""
        event = self.find(event_id)
        self._set(event.id, rules.start(event, self._at(at_ms), self._word.now_ms))
        return self.find(event.id)

    def end(self, event_id: str, at_ms: int | None) -> tuple[Event, list[Participation]]:
        """It ends; the participations that ended with it."""
        event = self.find(event_id)
        parts = tables.participations(self._db, event.id)
        settings = rules.end(event, parts, self._around.node, self._at(at_ms), self._word.now_ms)
        self._set(event.id, settings)
        event = self.find(event.id)
        left = self._left([one.subject for one in settings if one.subject != event.id])
        self.hooks.ended(self._db, event, self._word.now_ms)
        return event, left

    def cancel(self, event_id: str) -> Event:
        """It does not take place."""
        event = self.find(event_id)
        self._set(event.id, rules.cancel(event))
        return self.find(event.id)

    # -- participations ----------------------------------------------------------------------

    def join(
        self,
        event_id: str,
        systems: Sequence[str],
        at_ms: int | None,
        to_ms: int | None,
        use_case: UseCase | None,
    ) -> list[Participation]:
        """Systems take part, all of them or none."""
        event = self.find(event_id)
        found = []
        for system in dict.fromkeys(systems):
            new = Participation(
                id=self._new_id(),
                event=event.id,
                node=self._around.node,
                system=system,
                from_ms=self._at(at_ms),
                to_ms=to_ms,
                use_case=use_case or event.use_of(system).use_case,
                changed_ms=self._word.now_ms,
            )
            self._set(event.id, rules.join(event, new, self._stays(system), self._word.now_ms))
            found.append(new.id)
        joined = [self.participation(one) for one in found]
        self._hold(joined)
        for one in joined:
            if one.to_ms is not None:
                self.hooks.left(self._db, one, self._word.now_ms)
        self._late(event, f"{', '.join(one.system for one in joined)} took part too")
        return joined

    def leave(
        self, event_id: str, systems: Sequence[str], at_ms: int | None
    ) -> list[Participation]:
        """Systems' time is over, all of them or none."""
        event = self.find(event_id)
        parts = self._own(event.id)
        settings: list[Setting] = []
        for system in dict.fromkeys(systems):
            own = [one for one in parts if one.system == system]
            if not own:
                raise NotPossible(f"{system} did not take part in {called(event)}")
            settings += rules.leave(event, own[-1], self._at(at_ms), self._word.now_ms)
        self._set(event.id, settings)
        left = self._left([one.subject for one in settings])
        self._late(event, f"{', '.join(one.system for one in left)} left")
        return left

    def correct(
        self,
        participation_id: str,
        revision: int | None,
        change: Callable[[Participation], Participation],
    ) -> Participation:
        """A participation was from or until another time, or for another use."""
        before = self.participation(participation_id)
        if before.node != self._around.node:
            raise NotPossible(f"{before.system} is a system of {before.node}: correct it there")
        _same(revision, before.revision, f"the participation of {before.system}")
        event = self.find(before.event)
        settings = rules.correct(
            event,
            before,
            change(before),
            self._stays(before.system),
            reason=self._word.reason,
            now_ms=self._word.now_ms,
        )
        self._set(event.id, settings)
        after = self.participation(participation_id)
        if settings:
            self._hold([after])
            why = f"{', '.join(one.field for one in settings)} corrected: {self._word.reason}"
            if after.to_ms is not None:
                self.hooks.moved(self._db, after, self._word.now_ms, why)
        return after

    def _late(self, event: Event, why: str) -> None:
        """Somebody came or left whose event is over: its report says so too."""
        if event.status is EventStatus.ENDED:
            self.hooks.edited(self._db, event, self._word.now_ms, why)

    # -- from elsewhere ----------------------------------------------------------------------

    def take_in(self, other: Dossier) -> Event:
        """What another node knows of an event is known here too. It is one of this node's if they
        share an id or a job code."""
        known = self._same_event(other)
        dossiers = [self.dossier(one.id) for one in known]
        whole = merged(other, *dossiers)
        before = {one.id: one for each in dossiers for one in each.changes}
        new = [one for one in whole.changes if one.id not in before]
        gone = [event.id for event in known if event.id != whole.id]
        for event_id in gone:
            own = [one for one in whole.changes if one.id in before]
            tables.rename(self._db, event_id, whole.id, own)
            said_tables.rename(self._db, event_id, whole.id)
            self.hooks.renamed(self._db, event_id, whole.id)
        for alias in whole.ids[1:]:
            tables.add_alias(self._db, alias, whole.id)
        tables.add(self._db, new)
        if new or gone:
            changed = whole.changes if gone else new
            self._rows(whole.id, {whole.id, *(one.subject for one in changed)})
            self._merged(whole.id, known)
        return self.find(whole.id)

    def _merged(self, event_id: str, known: Sequence[Event]) -> None:
        """Reports of what this node knew before may be otherwise."""
        event, now_ms = self.find(event_id), self._word.now_ms
        if not known:
            return
        self.hooks.touched(self._db, now_ms, "merged with another node's", event=event_id)
        ended = event.status is EventStatus.ENDED
        if ended and any(one.status is not EventStatus.ENDED for one in known):
            self.hooks.ended(self._db, event, now_ms)
        elif ended:
            self.hooks.edited(self._db, event, now_ms, "merged with another node's")

    def merge(self, one_id: str, other_id: str) -> Event:
        """Two events are one."""
        one, other = self.find(one_id), self.find(other_id)
        if one.id == other.id:
            raise NotPossible(f"{called(one)} is that very event")
        if one.job and other.job and one.job.casefold() != other.job.casefold():
            raise NotPossible(
                f"{called(one)} and {called(other)} have different job codes: give them the same "
                "one first (ovr event edit --job)"
            )
        return self.take_in(merged(self.dossier(one.id), self.dossier(other.id)))

    def dossier(self, event_id: str) -> Dossier:
        """All that is known of an event."""
        ids = (event_id, *tables.aliases(self._db, event_id))
        return Dossier(ids=tuple(sorted(ids)), changes=tuple(tables.changes(self._db, event_id)))

    # -- holds -------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Hold assets that came to their system, and tell reports which assignments were made."""
        node, db = self._around.node, self._db
        unseen = holding.unseen(db)
        first_ms = min((from_ms for _, from_ms in unseen), default=None)
        parts = tables.running(db, node)
        if first_ms is not None:
            parts = tables.of_node(db, node, first_ms, None)
        self._hold(parts)
        for asset, from_ms in unseen:
            self.hooks.touched(
                db,
                self._word.now_ms,
                f"an assignment of {asset} was made",
                assets=frozenset((asset,)),
                from_ms=from_ms,
            )

    def _hold(self, parts: Sequence[Participation]) -> None:
        if parts:
            belonging = holding.Belonging(self._db, self.systems)
            for one in parts:
                holding.keep(self._db, one, belonging)

    # -- what there is -----------------------------------------------------------------------

    @property
    def hooks(self) -> Hooks:
        """What others do in the same transaction."""
        return self._around.hooks

    @property
    def systems(self) -> Mapping[str, Collection[str]]:
        """The assets of each system as they are now."""
        return self._around.systems

    def find(self, wanted: str) -> Event:
        """The event that is meant."""
        return found(self._db, wanted)

    def participation(self, id_: str) -> Participation:
        """The participation of this id."""
        one = tables.participation(self._db, id_)
        if one is None:
            raise UnknownRecord(f"there is no participation {id_}")
        return one

    def _own(self, event_id: str) -> list[Participation]:
        parts = tables.participations(self._db, event_id)
        return [one for one in parts if one.node == self._around.node]

    def _stays(self, system: str) -> list[Stay]:
        parts = tables.stays(self._db, self._around.node, system)
        found = [Stay(one, self.find(one.event)) for one in parts]
        return [stay for stay in found if stay.event.status is not EventStatus.CANCELLED]

    def _same_event(self, other: Dossier) -> list[Event]:
        known = [tables.event(self._db, id_) for id_ in other.ids]
        job = History(other.changes).text(other.id, "job")
        listed = [*filter(None, known), *tables.of_job(self._db, job)]
        return list({event.id: event for event in listed}.values())

    def _own_job(self, event: Event) -> None:
        for other in tables.of_job(self._db, event.job):
            if other.id != event.id:
                raise NotPossible(
                    f"{event.job} is the job code of {called(other)} ({other.status.value}, "
                    f"{other.id[-8:]}): use that event; one that was created apart without a code "
                    f"becomes the same by ovr event merge {other.id[-8:]} OTHER"
                )

    # -- writing -----------------------------------------------------------------------------

    def _new_id(self) -> str:
        return self._around.new_id(self._word.now_ms)

    def _at(self, at_ms: int | None) -> int:
        return self._word.now_ms if at_ms is None else at_ms

    def _set(self, event_id: str, settings: Sequence[Setting]) -> None:
        """Keep the changes that make these settings, and what follows from them."""
        history = History(tables.changes(self._db, event_id))
        new = []
        for one in settings:
            known = history.open(one.subject, one.field)
            held = history.text(one.subject, one.field)
            if held == one.text and len(known) < 2:
                continue
            after = history.last_ms(one.subject, one.field)
            new.append(
                Change(
                    id=self._new_id(),
                    event=event_id,
                    subject=one.subject,
                    field=one.field,
                    before=held,
                    after=one.text,
                    at_ms=max(self._word.now_ms, after + 1),
                    person=self._word.person,
                    reason=self._word.reason,
                    origin=self._around.node,
                    replaces=tuple(each.id for each in known),
                )
            )
        tables.add(self._db, new)
        self._rows(event_id, {one.subject for one in new})

    def _rows(self, event_id: str, subjects: Collection[str]) -> None:
        """The rows of what has changed, and their records for the cloud."""
        if not subjects:
            return
        history = History(tables.changes(self._db, event_id))
        event = history.event(event_id)
        tables.put_event(self._db, event, len(history.conflicts()))
        for subject in sorted(subjects):
            own = tuple(one for one in history.changes if one.subject == subject)
            if subject == event_id:
                also = tables.aliases(self._db, event_id)
                self._put("events", subject, EventRecord(event=event, changes=own, also=also))
            else:
                part = history.participation(subject)
                tables.put_participation(self._db, part)
                record = ParticipationRecord(participation=part, changes=own)
                self._put("participations", subject, record)

    def _put(self, kind: str, id_: str, body: EventRecord | ParticipationRecord) -> None:
        put(self._db, kind=kind, record_id=id_, body=body, at_ms=self._word.now_ms)

    def _left(self, ids: Sequence[str]) -> list[Participation]:
        found = [self.participation(one) for one in dict.fromkeys(ids)]
        self._hold(found)
        for one in found:
            self.hooks.left(self._db, one, self._word.now_ms)
        return found

    def _tell(self, before: Event, settings: Sequence[Setting]) -> None:
        """Reports hear of what is otherwise."""
        fields = list(dict.fromkeys(named(one.field).kind for one in settings))
        if not fields:
            return
        after, now_ms = self.find(before.id), self._word.now_ms
        reason = f": {self._word.reason}" if self._word.reason else ""
        why = f"{', '.join(fields)} changed{reason}"
        self.hooks.touched(self._db, now_ms, why, event=before.id)
        if after.status is EventStatus.ENDED:
            self.hooks.edited(self._db, after, now_ms, why)


def found(db: Db, wanted: str) -> Event:
    """The event that is meant by its id, job code, name or a part of them. Raises UnknownRecord
    and NotPossible."""
    event = tables.event(db, wanted)
    return find_event(tables.events(db), wanted) if event is None else event


def _same(wanted: int | None, revision: int, what: str) -> None:
    if wanted is not None and wanted != revision:
        raise RecordChanged(
            f"{what} was changed meanwhile (revision {revision}, this is for {wanted}): read it "
            "again, then repeat the change"
        )


def _content(event: Event) -> Event:
    return structs.replace(event, revision=0, changed_ms=0, origin="")
