"""Asking for reports: what is called in the very transaction that makes a report necessary.

So there is no end of a participation without its job, and no job without an end. All functions
only write; who works on jobs looks often enough, and at once when it is woken.
"""

from collections.abc import Collection

from msgspec import structs

from collector.model.event import Event, Participation
from collector.model.ids import uuid7
from collector.model.report_state import ReportState
from collector.reports import table
from collector.reports.table import Db, Job, Stored

QUIET_MS = 60_000
"""Late data is waited for until nothing more has come for so long."""
LONGEST_MS = 600_000
"""But no longer than this after the first of it."""


def system_ended(db: Db, participation: Participation, at_ms: int, why: str = "") -> None:
    """A participation has ended, or its times were changed after its end: its report is to be made
    (anew). `at_ms` is now, `why` what is told of a next revision.

    Raises ValueError for one that goes on.
    """
    if participation.to_ms is None:
        raise ValueError(f"participation {participation.id} goes on: it has no report yet")
    done = table.newest(db, participation.id)
    first = done is None or done.entry.state is ReportState.PROVISIONAL
    _ask(
        db,
        Job(
            id=uuid7(at_ms),
            report=participation.id,
            kind="system",
            stage="provisional" if first else "final",
            event=participation.event,
            system=participation.system,
            participation=participation.id,
            part_of=participation.event,
            from_ms=participation.from_ms,
            to_ms=participation.to_ms,
            queued_ms=at_ms,
            due_ms=at_ms if first else at_ms + QUIET_MS,
            why=why,
        ),
    )


def event_ended(db: Db, event: Event, at_ms: int, why: str = "") -> None:
    """An event has ended, or was changed after its end: its report follows those of its systems.

    Raises ValueError for one that has no beginning or no end.
    """
    if event.from_ms is None or event.to_ms is None:
        raise ValueError(f"event {event.id} has not ended: it has no report yet")
    _ask(
        db,
        Job(
            id=uuid7(at_ms),
            report=event.id,
            kind="event",
            stage="final",
            event=event.id,
            from_ms=event.from_ms,
            to_ms=event.to_ms,
            queued_ms=at_ms,
            due_ms=at_ms + QUIET_MS if why else at_ms,
            why=why,
        ),
    )


def renamed(db: Db, gone: str, kept: str) -> None:
    """An event goes by another id: so do its reports and their jobs; files stay where they are."""
    for one in table.listed(db, gone, -1):
        entry = one.entry
        if entry.id == gone:
            db.execute("DELETE FROM report WHERE id = ? AND revision = ?", (gone, entry.revision))
            if table.newest(db, kept) is not None:
                continue  # it has reports of its own, of which the next one is of both
        table.keep(
            db,
            structs.replace(
                one,
                entry=structs.replace(entry, event=kept, id=kept if entry.id == gone else entry.id),
                part_of=kept if one.part_of == gone else one.part_of,
            ),
        )
    for job in table.jobs(db):
        if gone in (job.event, job.report):
            table.drop_job(db, job.report)
            _ask(
                db,
                structs.replace(
                    job,
                    event=kept,
                    report=kept if job.report == gone else job.report,
                    part_of=kept if job.part_of == gone else job.part_of,
                ),
            )


def touch(
    db: Db,
    at_ms: int,
    why: str,
    /,
    *,
    event: str = "",
    systems: Collection[str] = (),
    assets: Collection[str] = (),
    from_ms: int = 0,
    to_ms: int | None = None,
) -> int:
    """What reports are made of has changed: those of a window that it may concern are made again,
    after a quiet minute, and become a next revision if their inputs differ. How many that are.

    `event` alone concerns all its reports; `systems` and `assets` those that speak of one of them
    (an asset stands for its device's others too: what is said of a device holds for them).
    """
    devices = {asset.partition(".")[0] for asset in assets}
    found = [
        one for one in table.touching(db, from_ms, to_ms) if _concerns(one, event, systems, devices)
    ]
    whole = table.newest(db, event) if event and not systems and not assets else None
    for one in [*found, *([] if whole is None else [whole])]:
        again(db, one, at_ms, why, due_ms=at_ms + QUIET_MS)
    return len(found)


def _concerns(one: Stored, event: str, systems: Collection[str], devices: set[str]) -> bool:
    if event and one.entry.event != event:
        return False
    if not systems and not devices:
        return bool(event)
    own = {asset.partition(".")[0] for asset in one.assets}
    return one.entry.system in systems or bool(devices & own)


def again(
    db: Db, one: Stored, at_ms: int, why: str, *, due_ms: int, person: str = "", anew: bool = False
) -> Job:
    """A report that there is is to be made again; the job that does it."""
    entry = one.entry
    return _ask(
        db,
        Job(
            id=uuid7(at_ms),
            report=entry.id,
            kind=entry.kind,
            stage="final",
            event=entry.event,
            system=entry.system,
            participation=entry.participation,
            part_of=one.part_of,
            from_ms=entry.from_ms,
            to_ms=entry.to_ms,
            queued_ms=at_ms,
            due_ms=due_ms,
            why=why,
            person=person,
            anew=anew,
        ),
    )


def ask(db: Db, job: Job) -> Job:
    """A report is asked for that there is none of yet (interim); the job that does it."""
    return _ask(db, job)


def hurry(db: Db, job: Job, at_ms: int, person: str) -> Job:
    """A job is done now, also if it had failed for good."""
    soon = structs.replace(
        job, state="waiting", tries=0, reason="", due_ms=at_ms, person=person, asked=job.asked + 1
    )
    table.put_job(db, soon)
    return soon


def _ask(db: Db, job: Job) -> Job:
    """Keep the job, or have the one of its report do this too."""
    known = table.job_of(db, job.report)
    merged = job if known is None else _joined(known, job)
    table.put_job(db, merged)
    return merged


def _joined(known: Job, job: Job) -> Job:
    """One job for both, at its stage, with the newer window; what failed is tried anew."""
    due_ms = job.due_ms
    if known.state != "failed" and known.due_ms < due_ms:
        late = known.queued_ms + LONGEST_MS
        first = known.stage == "provisional" or not known.why
        settling = first or known.due_ms <= job.queued_ms
        due_ms = known.due_ms if settling else min(due_ms, max(late, known.due_ms))
    return structs.replace(
        known,
        from_ms=job.from_ms,
        to_ms=job.to_ms,
        due_ms=due_ms,
        state="waiting",
        asked=known.asked + 1,
        tries=0,
        reason="",
        why=_both(known.why, job.why),
        person=job.person or known.person,
        anew=known.anew or job.anew,
    )


def _both(one: str, other: str) -> str:
    words = [part for part in one.split("; ") if part]
    return one if not other or other in words else "; ".join([*words, other])
