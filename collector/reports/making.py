"""One report: planned, its folder written, what came of it checked, put in place and committed."""

import asyncio
import os
from functools import partial
from pathlib import Path

import structlog
from msgspec import Struct

from collector.errors import OvrError
from collector.model.report_input import OUT_FOLDER, STANDING_FILE, PartRef
from collector.model.report_meta import META_FILE
from collector.model.report_state import ReportState
from collector.reports import commit, place, table
from collector.reports.check import check, whole
from collector.reports.commit import Made, stored_of
from collector.reports.folder import Written, write_folder
from collector.reports.former import former_of
from collector.reports.inputs import Impossible, Plan, identity, plan
from collector.reports.means import Means
from collector.reports.members import Known
from collector.reports.recover import meta_bytes, tell
from collector.reports.releasing import standing
from collector.reports.table import Job, Stored

log = structlog.get_logger("reports")


class NoRoom(OvrError):
    """The disk has too little room for a report."""


class Ready(Struct, frozen=True, kw_only=True):
    """A job whose folder is written. `former` is the revision whose files it will replace."""

    job: Job
    folder: Path
    written: Written
    inputs_sha256: str
    former: Stored | None


class Maker:
    """The steps of one report; its methods belong to the event loop."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._jobs = means.state / place.REPORTS / place.JOBS

    def folder(self, job: Job) -> Path:
        """Where the job is worked on."""
        return self._jobs / place.segment(job.id)

    # -- before ------------------------------------------------------------------------------

    async def prepare(self, job: Job, known: Known) -> Ready | None:
        """Write the job's folder; None when there is nothing to be made: its inputs are what they
        were. Raises OvrError when it cannot be now, Impossible when it never can."""
        if short := await asyncio.to_thread(self.short_of_room):
            raise NoRoom(short)
        done = await self._means.db.run("read a report", partial(table.newest, report=job.report))
        planned = await self.plan(job, known, done)
        folder = self.folder(job)
        written = await self.write(folder, planned, live=job.stage == "provisional")
        if done is not None and planned.replaces and done.entry.state is ReportState.RELEASED:
            await asyncio.to_thread((folder / STANDING_FILE).write_bytes, standing(done.entry))
        sha256 = await asyncio.to_thread(identity, written.inputs)
        if done is not None and not planned.replaces and not job.anew:
            if sha256 == planned.was:
                await self._nothing_new(job, folder)
                return None
            _not_less(job, done, written)
        return Ready(
            job=job,
            folder=folder,
            written=written,
            inputs_sha256=sha256,
            former=done if planned.replaces else None,
        )

    async def plan(self, job: Job, known: Known, done: Stored | None) -> Plan:
        """What is to be built. Raises StoreError and Impossible."""
        means = self._means
        former = await asyncio.to_thread(former_of, means.state, job, done)
        upto_ms = means.newest_ms() if job.stage == "provisional" else job.to_ms
        planning = partial(plan, job=job, known=known, former=former, upto_ms=upto_ms)
        return await means.db.run("read what a report is made of", planning)

    async def write(self, folder: Path, planned: Plan, *, live: bool) -> Written:
        """Write the folder of what is planned; `live`: with rows that are not stored yet. Raises
        NotWritten and StoreError."""
        means = self._means
        places = await means.db.run("read where reports lie", partial(_places, planned=planned))

        return await write_folder(
            folder,
            planned,
            lambda assets, from_ms, to_ms: means.rows(assets, from_ms, to_ms, live),
            lambda part: means.state / places[part.report, part.revision],
        )

    def short_of_room(self) -> str:
        """Why the disk has too little room for a report; "" when it has enough."""
        found = os.statvfs(self._means.state)
        free = found.f_bavail * found.f_frsize
        if free >= self._means.least_free:
            return ""
        return f"the disk has {free >> 20} MB free: make room, it goes on by itself"

    async def _nothing_new(self, job: Job, folder: Path) -> None:
        now_ms = self._means.wall()
        await self._means.db.run(
            "end a report's job", partial(commit.nothing_new, job=job, now_ms=now_ms)
        )
        await asyncio.to_thread(place.remove, folder)
        log.info(
            "Report {report} stays as it is: nothing in it differs.",
            report=job.report,
            asked_for=job.why,
        )

    # -- after -------------------------------------------------------------------------------

    async def finish(self, ready: Ready) -> None:
        """Check what was made, put it in its place, and commit it.

        Raises BadReport, OSError and StoreError; then all is as before, and the job is there.
        """
        job, out = ready.job, ready.folder / OUT_FOLDER
        checked = await asyncio.to_thread(
            check, out, ready.folder, job.kind, job.report, ready.written.inputs.revision
        )
        made = Made(
            job=job,
            inputs=ready.written.inputs,
            inputs_sha256=ready.inputs_sha256,
            rows=ready.written.rows,
            checked=checked,
            former=ready.former,
        )
        if job.anew and ready.former is not None and await self._as_before(made):
            await asyncio.to_thread(place.remove, ready.folder)
            return
        stored = stored_of(made, self._means.wall())
        await self._replace(made, stored, out)
        tell_done(stored)
        await asyncio.to_thread(place.remove, ready.folder)

    async def _as_before(self, made: Made) -> bool:
        """A person had a revision made once more: whether there is nothing to put in its place. If
        other figures came of it, they become the next revision."""
        former, now_ms = made.former, self._means.wall()
        assert former is not None  # noqa: S101  asked for such only
        if former.entry.state is ReportState.PROVISIONAL:
            return False
        if made.checked.report_sha256 != former.entry.report_sha256:
            act = partial(commit.with_next, job=made.job, now_ms=now_ms)
            await self._means.db.run("go on with a report", act)
            return True
        folder = self._means.state / former.entry.folder
        if not await asyncio.to_thread(whole, folder, former.meta.files):
            return False
        await self._nothing_new(made.job, self.folder(made.job))
        return True

    async def _replace(self, made: Made, stored: Stored, out: Path) -> None:
        target = self._means.state / stored.entry.folder
        await asyncio.to_thread(_whole_on_disk, out, stored)
        there = await asyncio.to_thread(target.exists)
        await asyncio.to_thread(place.put, out, target)
        act = partial(commit.commit, made=made, stored=stored, now_ms=self._means.wall())
        try:
            changed = await self._means.db.run("keep a report", act)
        except Exception:  # of a cancelled one nobody knows: the next start sees to it
            await asyncio.to_thread(place.put_back, out, target, there=there)
            raise
        for one in changed[1:]:
            await asyncio.to_thread(tell, self._means.state, one)


def tell_done(stored: Stored) -> None:
    """Say in the log that a report is there."""
    entry = stored.entry
    log.info(
        "The report of {system} is there: revision {revision}, {state}.",
        kind=entry.kind,
        system=entry.system or "the whole event",
        state=entry.state.value,
        revision=entry.revision,
        folder=entry.folder,
    )


def _places(db: table.Db, planned: Plan) -> dict[tuple[str, int], str]:
    """Where the parts of an event's report lie, by report and revision."""
    parts: tuple[PartRef, ...] = getattr(planned.inputs, "parts", ())
    return {
        (one.entry.id, one.entry.revision): one.entry.folder
        for part in parts
        for one in table.revisions(db, part.report)
    }


def _not_less(job: Job, done: Stored, written: Written) -> None:
    """Rows expire: what was made of more of them stays, whatever has changed since."""
    same = (done.entry.from_ms, done.entry.to_ms) == (job.from_ms, job.to_ms)
    same = same and set(done.assets) <= {one.id for one in getattr(written.inputs, "assets", ())}
    if same and written.rows < done.rows:
        raise Impossible(
            f"of {done.rows} stored minutes {written.rows} are left: revision "
            f"{done.entry.revision} stays as it is"
        )


def _whole_on_disk(out: Path, stored: Stored) -> None:
    (out / META_FILE).write_bytes(meta_bytes(stored))
    place.sync_all(out)
