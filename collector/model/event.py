"""Events and participations: who took part in which job, from when to when."""

from enum import StrEnum

from msgspec import Struct

from collector.model.terms import Baseline, Terms


class EventStatus(StrEnum):
    """It only moves forward: planned → active → ended, or planned → cancelled."""

    PLANNED = "planned"
    ACTIVE = "active"
    ENDED = "ended"
    CANCELLED = "cancelled"


class UseCase(StrEnum):
    """What a system is there for: it decides how its saving is reckoned."""

    METERING = "metering"
    """Nothing is saved, it is only measured."""
    HYBRIDIZATION = "hybridization"
    PV_OFFSET = "pv-offset"
    PEAK_SHAVING = "peak-shaving"
    TIME_SHIFTING = "time-shifting"


class SystemUse(Struct, frozen=True, kw_only=True):
    """A system that is to take part: what for, and its own baseline where it has one."""

    system: str
    use_case: UseCase = UseCase.METERING
    baseline: Baseline | None = None


class Event(Struct, frozen=True, kw_only=True):
    """A job. `id` is a UUIDv7, `job` the company's job code ("": none). Times are UTC ms:
    `planned_…` are scheduled (a prompt, nothing happens by itself), `from_ms` and `to_ms` when it
    was started and ended. `timezone` is a name of the time zone database, `locale` like `en-US`.
    `client_notes` are printed in the client's edition, `notes` never. `revision` rises with each
    change, `changed_ms` is when that was, `origin` the node where."""

    id: str
    name: str
    job: str = ""
    client: str = ""
    site: str = ""
    timezone: str
    locale: str = "en-US"
    notes: str = ""
    client_notes: str = ""
    status: EventStatus = EventStatus.PLANNED
    planned_from_ms: int | None = None
    planned_to_ms: int | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    terms: Terms = Terms()
    systems: tuple[SystemUse, ...] = ()
    created_ms: int
    created_by: str = ""
    revision: int = 1
    changed_ms: int
    origin: str = ""

    def use_of(self, system: str) -> SystemUse:
        """What a system is there for; metering where nobody has said."""
        found = (use for use in self.systems if use.system == system)
        return next(found, SystemUse(system=system))


class Participation(Struct, frozen=True, kw_only=True):
    """One system's time in one event, `from_ms` to `to_ms` (UTC ms, the end excluded; None: it is
    still in). `id` is a UUIDv7. A system that returns has several, which do not overlap."""

    id: str
    event: str
    node: str
    system: str
    from_ms: int
    to_ms: int | None = None
    use_case: UseCase = UseCase.METERING
    revision: int = 1
    changed_ms: int
    origin: str = ""


class Change(Struct, frozen=True, kw_only=True):
    """One field of an event or participation (`subject`: its id) that somebody set. Changes are
    only ever added, and what an event is follows from them (`collector.model.event_history`).

    `before` and `after` are text; "" is nothing. `replaces` are the ids of those changes of the
    same field that were known then: what none of them names was set by somebody who did not know
    of the others. `at_ms` is when it was set (UTC ms), `origin` the node where."""

    id: str
    event: str
    subject: str
    field: str
    before: str
    after: str
    at_ms: int
    person: str
    reason: str = ""
    origin: str = ""
    replaces: tuple[str, ...] = ()


class Conflict(Struct, frozen=True, kw_only=True):
    """What lost when the same record was changed in two places."""

    subject: str
    field: str
    kept: str
    lost: str
    lost_origin: str
    lost_ms: int


class EventRecord(Struct, frozen=True, kw_only=True):
    """The body of an `events` record of the outbox: the event as it is now, and all changes that
    made it so. `also` are ids that it had where it was created apart."""

    event: Event
    changes: tuple[Change, ...] = ()
    also: tuple[str, ...] = ()


class ParticipationRecord(Struct, frozen=True, kw_only=True):
    """The body of a `participations` record of the outbox, with all changes that made it so."""

    participation: Participation
    changes: tuple[Change, ...] = ()


class EventNow(Struct, frozen=True, kw_only=True):
    """An event that is on, or should be, in the snapshot. `systems` are those of this node that
    are in. `prompt` says what a person should do about it; "": nothing."""

    id: str
    name: str
    job: str = ""
    client: str = ""
    status: EventStatus
    timezone: str
    from_ms: int | None = None
    planned_from_ms: int | None = None
    planned_to_ms: int | None = None
    systems: tuple[str, ...] = ()
    prompt: str = ""
