"""Reports and their jobs in `node.db`: plain functions over the connection, for any transaction."""

import sqlite3
from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import Struct

from collector.model.report_input import Stage
from collector.model.report_meta import ReportMeta
from collector.model.report_state import ReportEntry, ReportKind

Db = sqlite3.Connection

JobRest = Literal["waiting", "retrying", "failed"]
"""How a job rests. That one is being worked on is known only to who does it."""


class Stored(Struct, frozen=True, kw_only=True):
    """A revision as it is kept.

    `part_of` is the event's report that it belongs to; `inputs_sha256` is of its inputs but for
    their revision, stage and time of data; `rows` is how many rows of rollups were read; `assets`
    are those that it speaks of; `foreign`: another node made it, and alone can make it anew; `meta`
    what the reporting process said of its files.
    """

    entry: ReportEntry
    part_of: str = ""
    inputs_sha256: str
    rows: int = 0
    assets: tuple[str, ...] = ()
    foreign: bool = False
    meta: ReportMeta


class Job(Struct, frozen=True, kw_only=True):
    """Work on one report, from the moment it is asked for to the commit of its files.

    `asked` rises with each time that it is asked for: who works on it sees by that whether it is
    to be done once more. `person`: somebody asked for it, `anew` also if its inputs are the same.
    `next`: it has been seen that other figures come of the same inputs. Times are UTC ms; `tries`
    counts failures in a row of the present stage.
    """

    id: str
    report: str
    kind: ReportKind
    stage: Stage
    event: str
    system: str = ""
    participation: str = ""
    part_of: str = ""
    from_ms: int
    to_ms: int
    queued_ms: int
    due_ms: int
    state: JobRest = "waiting"
    asked: int = 1
    tries: int = 0
    reason: str = ""
    why: str = ""
    person: str = ""
    anew: bool = False
    next: bool = False


_stored = msgspec.json.Decoder(Stored).decode
_job = msgspec.json.Decoder(Job).decode
_encode = msgspec.json.Encoder().encode

# -- reports ---------------------------------------------------------------------------------


def keep(db: Db, stored: Stored) -> None:
    """Keep a revision; the same one is replaced."""
    entry = stored.entry
    db.execute(
        "INSERT OR REPLACE INTO report VALUES (?,?,?,?,?,?,?,?)",
        (
            entry.id,
            entry.revision,
            entry.event,
            entry.state.value,
            stored.part_of,
            entry.from_ms,
            entry.to_ms,
            _encode(stored),
        ),
    )


def revisions(db: Db, report: str) -> list[Stored]:
    """All revisions of a report, the oldest first."""
    rows = db.execute("SELECT body FROM report WHERE id = ? ORDER BY revision", (report,))
    return [_stored(body) for (body,) in rows]


def newest(db: Db, report: str) -> Stored | None:
    """The newest revision of a report."""
    row = db.execute(
        "SELECT body FROM report WHERE id = ? ORDER BY revision DESC LIMIT 1", (report,)
    ).fetchone()
    return None if row is None else _stored(row[0])


def parts_of(db: Db, report: str) -> list[Stored]:
    """The newest revision of each report that is a part of an event's, by system and time."""
    rows = db.execute(
        "SELECT body FROM report AS r WHERE part_of = ? AND revision = "
        "(SELECT max(revision) FROM report WHERE id = r.id)",
        (report,),
    )
    found = [_stored(body) for (body,) in rows]
    return sorted(found, key=lambda s: (s.entry.node, s.entry.system, s.entry.from_ms, s.entry.id))


def touching(db: Db, from_ms: int, to_ms: int | None) -> list[Stored]:
    """The newest revisions of systems' reports whose window shares a time with this one."""
    rows = db.execute(
        "SELECT body FROM report AS r WHERE to_ms > ?1 AND (?2 IS NULL OR from_ms < ?2) "
        "AND revision = (SELECT max(revision) FROM report WHERE id = r.id)",
        (from_ms, to_ms),
    )
    found = [_stored(body) for (body,) in rows]
    return [one for one in found if one.entry.kind != "event" and not one.foreign]


def listed(db: Db, event: str | None, limit: int) -> list[Stored]:
    """Revisions, the newest made first; of one event or of all."""
    rows = db.execute(
        "SELECT body FROM report WHERE ?1 IS NULL OR event = ?1 OR id = ?1 "
        "ORDER BY to_ms DESC, id, revision DESC LIMIT ?2",
        (event, limit),
    )
    return [_stored(body) for (body,) in rows]


STEP_MS = 60_000
"""A job that was asked for so far ahead was so before the clock was set back: it is due."""

# -- jobs ------------------------------------------------------------------------------------


def put_job(db: Db, job: Job) -> None:
    """Keep a job; that of the same report is replaced."""
    db.execute(
        "INSERT OR REPLACE INTO report_job VALUES (?,?,?,?,?,?,?)",
        (job.report, job.id, job.event, job.part_of, job.state, job.due_ms, _encode(job)),
    )


def job_of(db: Db, report: str) -> Job | None:
    """What is to be done for a report."""
    row = db.execute("SELECT body FROM report_job WHERE report = ?", (report,)).fetchone()
    return None if row is None else _job(row[0])


def drop_job(db: Db, report: str) -> None:
    """Nothing is to be done for a report."""
    db.execute("DELETE FROM report_job WHERE report = ?", (report,))


def jobs(db: Db) -> list[Job]:
    """All jobs, in the order in which they are due."""
    rows = db.execute("SELECT body FROM report_job ORDER BY due_ms, id")
    return [_job(body) for (body,) in rows]


def due(db: Db, now_ms: int, but: Iterable[str]) -> tuple[list[Job], int | None]:
    """Jobs that are due, those of people and the provisional ones first, without those of the
    reports `but`; and when the next one will be, if none is."""
    busy = set(but)
    rows = db.execute("SELECT body FROM report_job WHERE state <> 'failed' ORDER BY due_ms, id")
    waiting = [job for (body,) in rows if (job := _job(body)).report not in busy]
    ready = [job for job in waiting if job.due_ms <= now_ms or job.queued_ms > now_ms + STEP_MS]
    ready.sort(key=lambda job: (job.kind == "event", job.stage != "provisional", job.due_ms))
    later = [job.due_ms for job in waiting if job.due_ms > now_ms]
    return ready, min(later, default=None)


def jobs_of_parts(db: Db, report: str) -> list[Job]:
    """The jobs of the parts of an event's report."""
    rows = db.execute("SELECT body FROM report_job WHERE part_of = ? ORDER BY report", (report,))
    return [_job(body) for (body,) in rows]
