"""Which jobs can be worked on now, and why others wait."""

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct, structs

from collector.model.report_input import Stage
from collector.model.rollup_codec import MINUTE_MS
from collector.reports import table
from collector.reports.commit import DECIDED_MS
from collector.reports.parts import unready
from collector.reports.table import Db, Job
from collector.rollups import holds
from collector.rollups import tables as rollups

SOON_MS = 10_000
"""A provisional report is made by then, or has lost its use."""
EXPECTED_MS = 10_000
"""A participation that goes on so long is one that people will look for the report of."""
CUT_MS = 90_000
"""So long after its end a minute may be made again, to be split where the participation ends."""


class Now(Struct, frozen=True, kw_only=True):
    """What the collector knows that is not in node.db: `undecided` are assets with a counter of
    which nobody knows yet whether it dipped or began anew; `cuts` where assets were split, if all
    before is stored."""

    undecided: Collection[str] = ()
    cuts: Mapping[str, int] = {}


class Due(Struct, frozen=True, kw_only=True):
    """`ready` can be made now; `waits` says of others that are due what they wait for, by report;
    `next_ms` is when the next one is due."""

    ready: tuple[Job, ...]
    waits: Mapping[str, str]
    next_ms: int | None


def look(
    db: Db,
    now_ms: int,
    busy: Collection[str],
    limit: int,
    stage: Stage,
    now: Now,
) -> Due:
    """What is due of a stage. A provisional report that nobody came to in time is made as a draft
    as soon as it can be."""
    found, next_ms = table.due(db, now_ms, busy)
    ready: list[Job] = []
    waits: dict[str, str] = {}
    mark_ms = rollups.mark(db)
    for job in found:
        if len(ready) == limit:
            break
        if job.stage == "provisional":
            late = now_ms >= job.queued_ms + SOON_MS
            late = late and not _wait(db, job, now_ms, mark_ms, now)
            if late and stage == "final":
                ready.append(structs.replace(job, stage="final"))
            elif not late and stage == "provisional":
                ready.append(job)
        elif stage == "provisional":
            continue
        elif why := _wait(db, job, now_ms, mark_ms, now):
            waits[job.report] = why
        else:
            ready.append(job)
    return Due(ready=tuple(ready), waits=waits, next_ms=next_ms)


def expected(db: Db, now_ms: int, jobs: Iterable[Job]) -> bool:
    """Whether a system is in an event, and its report will be asked for as soon as it leaves, or
    one that has left still waits for its first report; `jobs` are all."""
    first = (job for job in jobs if job.stage == "provisional" and job.state != "failed")
    return holds.open_since(db, now_ms - EXPECTED_MS) or any(first)


def _wait(db: Db, job: Job, now_ms: int, mark_ms: int, now: Now) -> str:
    """Why a final report cannot be made yet; "" when it can."""
    if job.kind == "event":
        return unready(db, job.report)
    hold = holds.find(db, job.participation)
    held = () if hold is None else hold.assets
    if mark_ms < job.to_ms and not _closed(job, held, mark_ms, now):
        return "its last minute is not stored yet"
    if now_ms < job.to_ms + DECIDED_MS and not set(held).isdisjoint(now.undecided):
        return "its counters are not decided yet"
    if now_ms < max(job.to_ms, job.queued_ms) + CUT_MS and _uncut(db, job, held):
        return "its first or last minute is not split yet"
    return ""


def _closed(job: Job, held: Collection[str], mark_ms: int, now: Now) -> bool:
    """Whether the last minute goes on, but what was before the end is stored."""
    begun = mark_ms >= job.to_ms // MINUTE_MS * MINUTE_MS
    return begun and bool(held) and all(now.cuts.get(asset) == job.to_ms for asset in held)


def _uncut(db: Db, job: Job, held: Iterable[str]) -> bool:
    return any(
        rollups.straddling(db, asset, at_ms) for asset in held for at_ms in (job.from_ms, job.to_ms)
    )
