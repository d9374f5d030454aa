"""Reports that a person asks for: one once more, or one of any window."""

from collections.abc import Sequence

from msgspec import Struct

from collector.errors import NotPossible, UnknownRecord
from collector.events import tables as events
from collector.model.event import Event, Participation
from collector.model.ids import uuid7
from collector.model.rollup_codec import MINUTE_MS
from collector.model.text import called, clean
from collector.reports import jobs, table
from collector.reports.table import Db, Job

LONGEST_MS = 400 * 86_400_000
REASON_CELLS = 300


class Wish(Struct, frozen=True, kw_only=True):
    """What is wished for: `report` once more; else of `event`, or of `system` in it, the report
    that is due, or with `from_ms` or `to_ms` (UTC ms) an interim one of that window (what is left
    out: from the beginning, until now)."""

    report: str = ""
    event: str = ""
    system: str = ""
    from_ms: int | None = None
    to_ms: int | None = None
    reason: str = ""

    @property
    def interim(self) -> bool:
        """Whether it is about a window."""
        return self.from_ms is not None or self.to_ms is not None


def ask(
    db: Db, wish: Wish, event: Event | None, node: str, person: str, now_ms: int
) -> Sequence[Job]:
    """Ask for it; the jobs that do it. Raises UnknownRecord and NotPossible."""
    why = clean(wish.reason, REASON_CELLS) or f"asked for by {called(person)}"
    if wish.report:
        return [_again(db, wish.report, why, person, now_ms)]
    if event is None:
        raise NotPossible("say which report, or which event")
    inside = [
        one
        for one in events.participations(db, event.id)
        if one.node == node and wish.system in ("", one.system)
    ]
    if wish.system and not inside:
        raise UnknownRecord(f"{clean(wish.system)} takes no part in this event on this node")
    if wish.interim:
        return _interim(db, wish, event, inside, why, person, now_ms)
    if wish.system:
        return [_of(db, one, why, person, now_ms) for one in inside if one.to_ms is not None]
    if event.to_ms is None:
        raise NotPossible("the event goes on: end it, or ask for a window of it")
    if table.newest(db, event.id) is None and table.job_of(db, event.id) is None:
        jobs.event_ended(db, event, now_ms)
    return [_again(db, event.id, why, person, now_ms)]


def _of(db: Db, one: Participation, why: str, person: str, now_ms: int) -> Job:
    if table.newest(db, one.id) is None and table.job_of(db, one.id) is None:
        jobs.system_ended(db, one, now_ms)
    return _again(db, one.id, why, person, now_ms)


def _again(db: Db, report: str, why: str, person: str, now_ms: int) -> Job:
    """A report that there is is made once more, one that failed is tried anew."""
    one = table.newest(db, report)
    if one is not None and one.foreign:
        raise NotPossible(f"node {one.entry.node} made it, and makes it anew: take that one in")
    if one is not None:
        return jobs.again(db, one, now_ms, why, due_ms=now_ms, person=person, anew=True)
    job = table.job_of(db, report)
    if job is None:
        raise UnknownRecord(f"there is no report {clean(report)} (ovr report list)")
    return jobs.hurry(db, job, now_ms, person)


def _interim(
    db: Db,
    wish: Wish,
    event: Event,
    inside: Sequence[Participation],
    why: str,
    person: str,
    now_ms: int,
) -> Sequence[Job]:
    """Of each participation that has time in common with the window; of a whole event also that
    of the event, with these as its parts. Windows are whole minutes: rows are not cut for them."""
    begin_ms = event.from_ms if event.from_ms is not None else now_ms
    from_ms = _minute(begin_ms if wish.from_ms is None else wish.from_ms)
    to_ms = _minute(min(now_ms if wish.to_ms is None else wish.to_ms, now_ms))
    if not 0 < to_ms - from_ms <= LONGEST_MS:
        raise NotPossible(
            "a window begins in the past, ends after that, and spans 400 days at most"
        )
    whole = "" if wish.system else uuid7(now_ms)

    def job(report: str, first_ms: int, last_ms: int, one: Participation | None) -> Job:
        return Job(
            id=uuid7(now_ms),
            report=report,
            kind="event" if one is None else "interim",
            stage="final" if one is None else "provisional",
            event=event.id,
            system="" if one is None else one.system,
            participation="" if one is None else one.id,
            part_of="" if one is None else whole,
            from_ms=first_ms,
            to_ms=last_ms,
            queued_ms=now_ms,
            due_ms=now_ms,
            why=why,
            person=person,
        )

    asked = []
    for one in inside:
        first_ms = max(from_ms, one.from_ms)
        last_ms = to_ms if one.to_ms is None else min(to_ms, one.to_ms)
        if first_ms < last_ms:
            asked.append(job(uuid7(now_ms), first_ms, last_ms, one))
    if not asked:
        raise NotPossible("no system took part in that window on this node")
    if whole:
        asked.append(job(whole, from_ms, to_ms, None))
    return [jobs.ask(db, each) for each in asked]


def _minute(at_ms: int) -> int:
    return at_ms // MINUTE_MS * MINUTE_MS
