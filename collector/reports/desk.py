"""What people ask of reports: the list, files, building, releasing, looking into one again."""

import asyncio
from functools import partial
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from collector.errors import NotPossible, UnknownRecord
from collector.events import tables as events
from collector.events.find import find_event
from collector.model.event import Event
from collector.model.report_meta import META_FILE
from collector.model.report_state import JobEntry, JobState, ReportEntry, ReportState
from collector.model.text import clean
from collector.reports import asking, table
from collector.reports.asking import Wish
from collector.reports.check import whole
from collector.reports.means import Means
from collector.reports.releasing import releasable, release
from collector.reports.runner import Runner, Standing
from collector.reports.table import Db, Job, Stored
from collector.reports.taking import take_in
from collector.reports.verifying import Verification, verify

NOTE_CELLS = 300
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Found(NamedTuple):
    """A file of a revision."""

    path: Path
    kind: str
    entry: ReportEntry


class Listed(Struct, frozen=True, kw_only=True):
    """Reports and the work on them."""

    reports: tuple[ReportEntry, ...]
    jobs: tuple[JobEntry, ...]


class ReportDesk:
    """All its methods raise StoreError; UnknownRecord for what is not there, NotPossible for what
    cannot be."""

    def __init__(self, means: Means, runner: Runner) -> None:
        self._means = means
        self._runner = runner
        self._verified = 0
        self._taking = asyncio.Lock()
        self._releasing = asyncio.Lock()

    @property
    def standing(self) -> Standing:
        """How the work is."""
        return self._runner.standing

    async def listed(self, event: str | None = None, limit: int = 1000) -> Listed:
        """Revisions, the latest window first, and the jobs that are not done; of one event (id, job
        code or name) or of all."""
        id_ = None if event is None else (await self._event(event)).id

        def read(db: Db) -> tuple[list[Stored], list[Job]]:
            return table.listed(db, id_, limit), table.jobs(db)

        found, open_jobs = await self._means.db.run("list reports", read)
        return Listed(
            reports=tuple(one.entry for one in found),
            jobs=tuple(self._job(job) for job in open_jobs if id_ in (None, job.event)),
        )

    def _job(self, job: Job) -> JobEntry:
        state = JobState(job.state)
        reason = job.reason
        if job.report in self._runner.busy:
            state = JobState.RUNNING
        elif job.state == "waiting":
            reason = self._runner.waits.get(job.report, "")
        return JobEntry(
            id=job.id,
            report=job.report,
            kind=job.kind,
            stage=job.stage,
            state=state,
            event=job.event,
            system=job.system,
            queued_ms=job.queued_ms,
            due_ms=job.due_ms,
            tries=job.tries,
            reason=reason,
        )

    async def file(self, report: str, name: str, revision: int | None = None) -> Found:
        """Where a file of a revision is (None: the newest)."""
        one = await self._stored(report, revision)
        if name not in {META_FILE, *(file.name for file in one.meta.files)}:
            named = ", ".join(sorted(file.name for file in one.meta.files))
            raise UnknownRecord(f"the report has no file {clean(name)}: it has {named}")
        path = self._means.state / one.entry.folder / name
        return Found(path, TYPES.get(path.suffix, "application/octet-stream"), one.entry)

    async def build(self, wish: Wish, person: str) -> tuple[JobEntry, ...]:
        """Have reports made: once more, or of any window; the jobs that do it."""
        event = await self._event(wish.event) if wish.event else None
        act = partial(
            asking.ask,
            wish=wish,
            event=event,
            node=self._means.known().node,
            person=clean(person),
            now_ms=self._means.wall(),
        )
        asked = await self._means.db.run("ask for reports", act)
        self._runner.wake()
        return tuple(self._job(job) for job in asked)

    async def release(
        self, report: str, revision: int | None, *, person: str, note: str, force: bool
    ) -> ReportEntry:
        """A revision goes out, and its files say so: the released one before it is superseded from
        now on. It takes as long as to set its pages.

        Raises NotPossible while it is provisional, superseded or not whole; and, but with `force`
        and a note that says why, while it is blocked or made anew.
        """
        one = await self._stored(report, revision)
        if one.foreign:
            raise NotPossible(f"node {one.entry.node} made it, and releases it")
        if one.entry.state is ReportState.RELEASED:
            return one.entry
        releasable(one)
        reasons = list(one.entry.headline.blocked_by)
        job = await self._means.db.run("read a job", partial(table.job_of, report=report))
        if job is not None:
            reasons.append(f"it is made once more ({job.why or 'somebody asked for it'})")
        note = clean(note, NOTE_CELLS)
        if reasons and not (force and note):
            raise NotPossible(f"it is not released: {'; '.join(reasons)}{_hint(force)}")
        folder = self._means.state / one.entry.folder
        if not await asyncio.to_thread(whole, folder, one.meta.files):
            raise NotPossible("its files are not what was made: build it again, then release it")
        async with self._releasing:
            return await release(self._means, self._runner.begin, one, clean(person), note)

    async def verify(self, report: str, revision: int | None = None) -> Verification:
        """Write the job of a revision again from what is stored now, to be computed anew beside
        it. The folder stays for a while: until more have been asked for, or the next start."""
        one = await self._stored(report, revision)
        if one.foreign:
            raise NotPossible(f"the rows that it was made of are on node {one.entry.node}")
        self._verified += 1
        return await verify(self._means, one, self._verified)

    async def take_in(self, content: bytes, person: str) -> ReportEntry:
        """A report of another node's system, as a ZIP of its files: it is a part of its event's
        report from now on. Raises NotPossible for what is none."""
        async with self._taking:
            stored = await take_in(self._means, content, person)
        self._runner.wake()
        return stored.entry

    async def called(self, report: str, event: str = "", system: str = "") -> str:
        """What a report is of, or those of an event, in words: the event's name, and the system;
        "" for what is not there."""
        if report:
            event, system = await self._of(report)
        try:
            name = (await self._event(event)).name if event else ""
        except (UnknownRecord, NotPossible):
            name = ""
        return ", ".join(filter(None, (name, system)))

    async def _of(self, report: str) -> tuple[str, str]:
        """The event and the system of a report, or of the job that is to make it."""
        try:
            one: ReportEntry | Job | None = (await self._stored(report, None)).entry
        except UnknownRecord:
            one = await self._means.db.run("read a job", partial(table.job_of, report=report))
        return ("", "") if one is None else (one.event, one.system)

    async def _stored(self, report: str, revision: int | None) -> Stored:
        found = await self._means.db.run("read a report", partial(table.revisions, report=report))
        for one in reversed(found):
            if revision in (None, one.entry.revision):
                return one
        which = "" if revision is None else f" revision {revision}"
        raise UnknownRecord(f"there is no report {clean(report)}{which} (ovr report list)")

    async def _event(self, wanted: str) -> Event:
        known = await self._means.db.run("read the events", events.events)
        return find_event(known, wanted)


def _hint(force: bool) -> str:
    return "; with force say why it goes out all the same" if force else ""
