"""What becomes of rows and jobs when a report is made, and when it is not: one transaction each."""

from msgspec import Struct, structs

from collector.model.outbox import FileRef
from collector.model.report_input import EventInputs, ReportInputs
from collector.model.report_meta import ReportMeta
from collector.model.report_state import ReportEntry, ReportState
from collector.model.rollup_codec import MINUTE_MS
from collector.outbox import put
from collector.reports import jobs, table
from collector.reports.check import Checked
from collector.reports.place import folder_of
from collector.reports.table import Db, Job, Stored

KIND = "reports"
"""The kind of its records in the outbox, by the report's id."""
DECIDED_MS = 61_000
"""So long after the end a counter that fell may still turn out to have dipped only."""
STORED_MS = 1_500
"""A minute that has ended is stored by then, as a rule."""
FIRST_MS, LONGEST_MS = 5_000, 600_000
MOST_TRIES = 8


class Made(Struct, frozen=True, kw_only=True):
    """What is to be committed: the job's inputs, what came of them, and where it lies."""

    job: Job
    inputs: ReportInputs | EventInputs
    inputs_sha256: str
    rows: int
    checked: Checked
    former: Stored | None
    """The revision whose files it replaces."""


def stored_of(made: Made, now_ms: int) -> Stored:
    """The row of what was made."""
    job, inputs = made.job, made.inputs
    state = ReportState.PROVISIONAL if job.stage == "provisional" else ReportState.DRAFT
    entry = ReportEntry(
        id=job.report,
        revision=inputs.revision,
        kind=job.kind,
        state=state,
        event=job.event,
        system=job.system,
        node=inputs.node,
        participation=job.participation,
        from_ms=inputs.from_ms,
        to_ms=inputs.to_ms,
        folder=folder_of(job.kind, job.event, job.system, job.report, inputs.revision),
        made_ms=now_ms,
        report_sha256=made.checked.report_sha256,
        headline=made.checked.headline,
        why=job.why,
    )
    former = made.former
    if former is not None:  # it stays where it lies, also when its event has another id since
        entry = structs.replace(entry, folder=former.entry.folder)
        if former.entry.state is not ReportState.PROVISIONAL:  # its damaged files are whole again
            kept = former.entry
            entry = structs.replace(kept, made_ms=now_ms, headline=entry.headline)
    return Stored(
        entry=entry,
        part_of=job.part_of,
        inputs_sha256=made.inputs_sha256,
        rows=made.rows,
        assets=_assets(inputs),
        meta=told(made.checked.meta, entry),
    )


def _assets(inputs: ReportInputs | EventInputs) -> tuple[str, ...]:
    return tuple(one.id for one in inputs.assets) if isinstance(inputs, ReportInputs) else ()


def told(meta: ReportMeta, entry: ReportEntry) -> ReportMeta:
    """What `report.meta.json` says when the revision stands as in `entry`."""
    return structs.replace(
        meta,
        state=entry.state,
        why=entry.why,
        released_ms=entry.released_ms,
        released_by=entry.released_by,
        release_note=entry.release_note,
    )


def commit(db: Db, made: Made, stored: Stored, now_ms: int) -> list[Stored]:
    """The report is there: its row, those that it supersedes, its record for the cloud, and what
    is to be done next. All rows that changed."""
    changed = [stored]
    if stored.entry.state is not ReportState.PROVISIONAL:
        changed += superseded(db, stored, (ReportState.PROVISIONAL, ReportState.DRAFT))
    for one in changed:
        table.keep(db, one)
        if one.entry.state is not ReportState.PROVISIONAL:
            queue(db, one, now_ms)
    _next(db, made.job, now_ms)
    if stored.part_of and stored.entry.state is not ReportState.PROVISIONAL:
        _tell_whole(db, stored, now_ms)
    return changed


def taken(db: Db, stored: Stored, now_ms: int) -> None:
    """A report that another node made is here: its row, those before it, and the event's report
    that it is a part of. Its own node tells the cloud."""
    released = stored.entry.state is ReportState.RELEASED
    states = (ReportState.DRAFT, *((ReportState.RELEASED,) if released else ()))
    newer = [one for one in table.revisions(db, stored.entry.id) if _later(one, stored)]
    if newer:
        entry = structs.replace(stored.entry, state=ReportState.SUPERSEDED)
        stored = restated(stored, entry)
    for one in (stored, *superseded(db, stored, states)):
        table.keep(db, one)
    if not newer:
        _tell_whole(db, stored, now_ms)


def _later(one: Stored, other: Stored) -> bool:
    return one.entry.revision > other.entry.revision


def superseded(db: Db, by: Stored, states: tuple[ReportState, ...]) -> list[Stored]:
    """The earlier revisions of these states, as they stand once `by` is there."""
    return [
        restated(one, structs.replace(one.entry, state=ReportState.SUPERSEDED))
        for one in table.revisions(db, by.entry.id)
        if one.entry.revision < by.entry.revision and one.entry.state in states
    ]


def restated(one: Stored, entry: ReportEntry) -> Stored:
    """A revision that stands otherwise."""
    return structs.replace(one, entry=entry, meta=told(one.meta, entry))


def queue(db: Db, one: Stored, now_ms: int) -> None:
    """A record for the cloud, with all files that no state changes."""
    folder = one.entry.folder
    put(
        db,
        kind=KIND,
        record_id=one.entry.id,
        at_ms=now_ms,
        body={"report": one.entry, "part_of": one.part_of, "meta": one.meta},
        files=[
            FileRef(name=f.name, path=f"{folder}/{f.name}", sha256=f.sha256, size=f.size)
            for f in one.meta.files
        ],
    )


def _next(db: Db, job: Job, now_ms: int) -> None:
    """What is left to be done for the report."""
    now = table.job_of(db, job.report)
    if now is None:
        return
    if job.stage == "provisional":
        due_ms = max(now_ms, -(-now.to_ms // MINUTE_MS) * MINUTE_MS + STORED_MS)
        rested = structs.replace(now, stage="final", due_ms=due_ms)
    elif now.asked != job.asked:
        rested = structs.replace(now, due_ms=now_ms + jobs.QUIET_MS)
    else:
        table.drop_job(db, job.report)
        return
    table.put_job(db, structs.replace(rested, state="waiting", tries=0, reason=""))


def _tell_whole(db: Db, part: Stored, now_ms: int) -> None:
    """The event's report that this is a part of is made now, if it waits, or once more."""
    if table.job_of(db, part.part_of) is not None:
        hasten(db, part.part_of, now_ms)
        return
    whole = table.newest(db, part.part_of)
    if whole is not None:
        entry = part.entry
        why = f"{entry.system} has revision {entry.revision}"
        jobs.again(db, whole, now_ms, why, due_ms=now_ms)


def hasten(db: Db, report: str, now_ms: int) -> None:
    """A job that waits is looked at now."""
    job = table.job_of(db, report)
    if job is not None and job.state != "failed" and job.due_ms > now_ms:
        table.put_job(db, structs.replace(job, due_ms=now_ms))


def nothing_new(db: Db, job: Job, now_ms: int) -> None:
    """The inputs are what they were: there is nothing to be made."""
    _next(db, structs.replace(job, stage="final"), now_ms)


def with_next(db: Db, job: Job, now_ms: int) -> None:
    """Other figures come of the same inputs: they become a next revision."""
    now = table.job_of(db, job.report)
    if now is not None:
        table.put_job(db, structs.replace(now, next=True, due_ms=now_ms))


def failed(db: Db, job: Job, why: str, now_ms: int, *, final: bool, counted: bool) -> Job | None:
    """It was not made, for `why`; the job as it rests now. With `final` it is not tried again by
    itself, nor after too many tries that are `counted` (what is not the report's own fault is
    not)."""
    now = table.job_of(db, job.report)
    if now is None:
        return None
    tries = now.tries + 1
    given_up = final or (counted and tries >= MOST_TRIES)
    rested = structs.replace(
        now,
        tries=tries,
        reason=why,
        state="failed" if given_up else "retrying",
        due_ms=now_ms + min(LONGEST_MS, FIRST_MS * 2 ** min(tries - 1, 10)),
    )
    table.put_job(db, rested)
    if given_up and job.part_of:
        hasten(db, job.part_of, now_ms)
    return rested
