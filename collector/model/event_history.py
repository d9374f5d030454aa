"""What an event and its participations are, as it follows from the changes that are known.

Changes are only ever added, so merging what two nodes know is a union of sets: in whatever order,
however often, everybody who knows the same changes has the same event (a join semilattice). Of one
field these decide:

- a change that another one `replaces` holds no more;
- of what is left the latest holds (`at_ms`, then `origin`, then the id);
- a status only moves forward: the furthest one ever reached holds;
- a beginning or an end that nobody corrected goes by the earliest; a correction (it replaces what
  was known) goes before it, the latest correction before the others;
- what is left, is otherwise and does not hold is a conflict: nobody has decided it.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

import msgspec
from msgspec import Struct, structs

from collector.model.event import (
    Change,
    Conflict,
    Event,
    EventStatus,
    Participation,
    UseCase,
)
from collector.model.event_fields import (
    ACCOUNT,
    CREATED,
    FROM,
    SHARE,
    STATUS,
    SYSTEM,
    TERMS,
    TEXTS,
    TIMES,
    TO,
    USE_CASE,
    named,
    text_of,
    value_of,
)
from collector.model.terms import Terms

FORWARD = tuple(EventStatus(word) for word in ("planned", "cancelled", "active", "ended"))
"""Whoever started an event that somebody else cancelled has measured: that counts."""
EARLIEST = (FROM, TO)


class History:
    """The changes of one event and its participations, by subject and field."""

    def __init__(self, changes: Iterable[Change]) -> None:
        """Changes that are there twice count once."""
        self.changes: tuple[Change, ...] = tuple(
            sorted({one.id: one for one in changes}.values(), key=rank)
        )
        gone = {other for one in self.changes for other in one.replaces}
        found: dict[tuple[str, str], list[Change]] = {}
        self._ever: dict[tuple[str, str], int] = {}
        for one in self.changes:
            about = (one.subject, one.field)
            self._ever[about] = max(one.at_ms, self._ever.get(about, 0))
            if one.id not in gone or one.field == STATUS:
                found.setdefault(about, []).append(one)
        self._open: Mapping[tuple[str, str], list[Change]] = found

    def subjects(self) -> tuple[str, ...]:
        """The ids that anything is said of, in order."""
        return tuple(dict.fromkeys(one.subject for one in self.changes))

    def fields(self, subject: str) -> tuple[str, ...]:
        """The fields that were ever set of a subject, in order."""
        return tuple(sorted(field for about, field in self._open if about == subject))

    def open(self, subject: str, field: str) -> tuple[Change, ...]:
        """The changes of a field that no other one replaces: several were made apart."""
        return tuple(self._open.get((subject, field), ()))

    def last_ms(self, subject: str, field: str) -> int:
        """When a field was set last (UTC ms); 0: never."""
        return self._ever.get((subject, field), 0)

    def holds(self, subject: str, field: str) -> Change | None:
        """The change that a field's value comes from; None: it was never set."""
        found = self._open.get((subject, field))
        if not found:
            return None
        if field == STATUS:
            return max(found, key=lambda one: (_forward(one.after), *rank(one)))
        if field in EARLIEST:
            return max(found, key=_of_times)
        if field == CREATED:
            return min(found, key=rank)
        return max(found, key=rank)

    def value(self, subject: str, field: str) -> Any:
        """A field's value; None: it was never set, or is nothing."""
        held = self.holds(subject, field)
        return None if held is None else value_of(field, held.after)

    def text(self, subject: str, field: str) -> str:
        """The same as text."""
        held = self.holds(subject, field)
        return "" if held is None else held.after

    def conflicts(self) -> tuple[Conflict, ...]:
        """What was set apart and does not hold, as long as nobody has decided it."""
        found = []
        for subject, field in sorted(self._open):
            held = self.holds(subject, field)
            if held is None or field in (CREATED, STATUS):
                continue
            found += [
                Conflict(
                    subject=subject,
                    field=field,
                    kept=held.after,
                    lost=one.after,
                    lost_origin=one.origin,
                    lost_ms=one.at_ms,
                )
                for one in self._open[subject, field]
                if one.after != held.after
            ]
        return tuple(found)

    # -- what they are -----------------------------------------------------------------------

    def event(self, event_id: str) -> Event:
        """The event. Raises KeyError where nobody has said that it was created."""
        own = [one for one in self.changes if one.subject == event_id]
        created = self.holds(event_id, CREATED)
        if created is None:
            raise KeyError(event_id)
        newest = max(own, key=rank)
        fields: dict[str, Any] = {name: self.text(event_id, name) for name in TEXTS}
        fields |= {name: self.value(event_id, name) for name in TIMES}
        keyed = {kind: self._keyed(event_id, kind) for kind in (SYSTEM, ACCOUNT, SHARE)}
        terms = {name: self.value(event_id, name) for name in TERMS}
        return Event(
            id=event_id,
            **fields,
            status=self.value(event_id, STATUS) or EventStatus.PLANNED,
            terms=structs.replace(
                Terms(),
                **{name: value for name, value in terms.items() if value is not None},
                accounts=keyed[ACCOUNT],
                shares=keyed[SHARE],
            ),
            systems=keyed[SYSTEM],
            created_ms=created.at_ms,
            created_by=created.person,
            revision=len(own),
            changed_ms=newest.at_ms,
            origin=newest.origin,
        )

    def participation(self, subject: str) -> Participation:
        """One participation. Raises KeyError where its system or beginning is not said."""
        created, from_ms = self.holds(subject, CREATED), self.value(subject, FROM)
        if created is None or from_ms is None:
            raise KeyError(subject)
        own = [one for one in self.changes if one.subject == subject]
        newest = max(own, key=rank)
        node, _, system = created.after.partition("/")
        return Participation(
            id=subject,
            event=created.event,
            node=node,
            system=system,
            from_ms=from_ms,
            to_ms=self.value(subject, TO),
            use_case=self.value(subject, USE_CASE) or UseCase.METERING,
            revision=len(own),
            changed_ms=newest.at_ms,
            origin=newest.origin,
        )

    def participations(self, event_id: str) -> tuple[Participation, ...]:
        """All of the event, the earliest first."""
        found = [self.participation(one) for one in self.subjects() if one != event_id]
        return tuple(sorted(found, key=lambda one: (one.from_ms, one.system, one.id)))

    def _keyed(self, subject: str, kind: str) -> tuple[Any, ...]:
        fields = (field for field in self.fields(subject) if named(field).kind == kind)
        values = (self.value(subject, field) for field in fields)
        return tuple(value for value in values if value is not None)


def rank(change: Change) -> tuple[int, str, str]:
    """By what changes of one field go: the later one, then by origin, then by id."""
    return (change.at_ms, change.origin, change.id)


def _forward(status: str) -> int:
    return next((at for at, one in enumerate(FORWARD) if one.value == status), -1)


def _of_times(change: Change) -> tuple[int, int, tuple[int, str, str]]:
    """Corrections first, the latest of them; else the earliest time."""
    if change.replaces:
        return (1, 0, rank(change))
    return (0, -int(change.after or 0), rank(change))


class Dossier(Struct, frozen=True, kw_only=True):
    """All that is known of one event: `ids` are all ids that it has had; its own is the least, for
    that was made first."""

    ids: tuple[str, ...]
    changes: tuple[Change, ...] = ()

    @property
    def id(self) -> str:
        """The event's id."""
        return min(self.ids)


def merged(one: Dossier, *others: Dossier) -> Dossier:
    """What all of them know together, under the least id. Commutative, associative, idempotent."""
    return reduce(_merged, others, _under(one.ids, one.changes))


def _merged(one: Dossier, other: Dossier) -> Dossier:
    return _under((*one.ids, *other.ids), (*one.changes, *other.changes))


def _under(ids: Iterable[str], changes: Iterable[Change]) -> Dossier:
    known = tuple(sorted(set(ids)))
    own = known[0]
    found: dict[str, Change] = {}
    for one in changes:
        subject = own if one.subject in known else one.subject
        made = structs.replace(one, event=own, subject=subject)
        other = found.get(one.id, made)
        found[one.id] = made if made == other else min(made, other, key=msgspec.json.encode)
    return Dossier(ids=known, changes=tuple(sorted(found.values(), key=rank)))


def settings_of(event: Event) -> dict[str, str]:
    """The fields of an event as texts, those that are nothing left out: what creating it sets."""
    found = {name: getattr(event, name) for name in (*TEXTS, *TIMES, STATUS)}
    found |= {name: getattr(event.terms, name) for name in TERMS}
    found |= {f"{SYSTEM}:{use.system}": use for use in event.systems}
    found |= {f"{ACCOUNT}:{one.id}": one for one in event.terms.accounts}
    found |= {f"{SHARE}:{one.asset}/{one.account}": one for one in event.terms.shares}
    texts = {name: text_of(value) for name, value in found.items()}
    return {name: text for name, text in texts.items() if text}
