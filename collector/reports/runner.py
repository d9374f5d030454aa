"""Makes the reports that are asked for, several in one process of lowest priority."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import structlog
from msgspec import Struct

from collector.errors import OvrError, StoreError
from collector.model.report_input import Stage
from collector.model.text import clean
from collector.reports import commit, due, place, recover, table
from collector.reports.due import Due, Now
from collector.reports.folder import NotWritten
from collector.reports.inputs import Impossible
from collector.reports.making import Maker, NoRoom, Ready
from collector.reports.means import Means
from collector.reports.process import REASON_CELLS, Word, begin, run_reporting
from collector.reports.spare import Spare
from collector.reports.table import Db, Job

LOOK_S = 5.0
LEAST_S = 0.05
SCRATCH = ".scratch"
TOLD_TRIES = 3
"""After so many failures a person should look."""

log = structlog.get_logger("reports")


class Standing(Struct, frozen=True, kw_only=True):
    """How the work is: jobs that are to be done, and in words what does not go on."""

    open: int = 0
    failed: int = 0
    problem: str = ""


class Runner:
    """Works on jobs for ever; all belongs to the event loop.

    `busy` are the reports that are being made, `waits` what due ones wait for, by report;
    `standing` is as of the last look.
    """

    def __init__(self, means: Means) -> None:
        self.busy: set[str] = set()
        self.waits: Mapping[str, str] = {}
        self.standing = Standing()
        self._means = means
        self._maker = Maker(means)
        self._news: Mapping[Stage, asyncio.Event] = {
            "provisional": asyncio.Event(),
            "final": asyncio.Event(),
        }
        self._gate = asyncio.Semaphore(means.processes)
        self._looking: Mapping[Stage, asyncio.Lock] = {
            "provisional": asyncio.Lock(),
            "final": asyncio.Lock(),
        }
        self._alone: set[str] = set()
        self._hurried = 0
        """How many provisional reports are being made."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scratch = means.state / place.REPORTS / SCRATCH
        self._spare = Spare(self.begin)

    def wake(self) -> None:
        """Something was asked for."""
        for news in self._news.values():
            news.set()

    def asked(self) -> None:
        """The same from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.wake)

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Work until cancelled. Raises OvrError and OSError when it cannot begin."""
        self.busy.clear()
        self._hurried = 0
        self._loop = asyncio.get_running_loop()
        rows = await self._means.db.run("read reports", recover.read_rows)
        await asyncio.to_thread(recover.recover, self._means.state, rows)
        ready()
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(max(self._means.spare, 1)):  # somebody stands there and waits
                    group.create_task(self._lane("provisional"))
                for _ in range(self._means.processes + 1):  # one prepares while others work
                    group.create_task(self._lane("final"))
        finally:
            await self._spare.end()

    async def _lane(self, stage: Stage) -> None:
        while True:
            async with self._looking[stage]:
                batch = await self._claim(stage)
            try:
                await self._work(batch)
            finally:
                self.busy -= {job.report for job in batch}
                self._hurried -= stage == "provisional"
                self.wake()

    # -- which -------------------------------------------------------------------------------

    async def _claim(self, stage: Stage) -> Sequence[Job]:
        """Wait for jobs that can be worked on, and take some."""
        while True:
            self._news[stage].clear()
            now_ms = self._means.wall()
            wait_s = LOOK_S
            try:
                found, standing, expected = await self._means.db.run(
                    "look for reports to be made",
                    partial(
                        _look,
                        now_ms=now_ms,
                        busy=self.busy,
                        limit=self._means.batch,
                        stage=stage,
                        now=self._means.now(),
                    ),
                )
            except StoreError as error:
                self.standing = Standing(problem=f"reports are not made: {error}")
            else:
                self.standing = standing
                if stage == "final":
                    self.waits = found.waits
                ready = [job for job in found.ready if job.report not in self.busy]
                if ready:  # the other stage's lane may have taken one meanwhile
                    batch = self._together(ready)
                    self.busy |= {job.report for job in batch}
                    self._hurried += stage == "provisional"
                    return batch
                if stage == "provisional" and not self._hurried:  # what begins takes their time
                    await self._spare.keep(self._means.spare if expected else 0)
                if found.next_ms is not None:
                    wait_s = min(LOOK_S, max(LEAST_S, (found.next_ms - now_ms) / 1000))
            try:
                async with asyncio.timeout(wait_s):
                    await self._news[stage].wait()
            except TimeoutError:
                continue

    def _together(self, ready: Sequence[Job]) -> Sequence[Job]:
        """Those that share a process: final ones. One that has failed before is alone in it, and
        an event's report, which many wait for, too."""
        if self._apart(ready[0]):
            return ready[:1]
        return [job for job in ready if not self._apart(job)]

    def _apart(self, job: Job) -> bool:
        again = job.tries > 0 or job.report in self._alone
        return again or job.stage == "provisional" or job.kind == "event"

    # -- work --------------------------------------------------------------------------------

    async def _work(self, batch: Sequence[Job]) -> None:
        ready: list[Ready] = []
        known = self._means.known()
        for job in batch:
            try:
                made = await self._maker.prepare(job, known)
            except Exception as error:  # noqa: BLE001  about one report; the others go on
                await self._failed(job, error)
            else:
                ready += [] if made is None else [made]
        if ready:
            if ready[0].job.stage == "provisional":
                await self._report(ready)
                return
            async with self._gate:
                await self._report(ready)

    async def _report(self, ready: list[Ready]) -> None:
        """Have the reporting process make these, and keep each as soon as it is made."""
        left = {one.folder.name: one for one in ready}

        async def said(word: Word) -> None:
            one = left.pop(Path(word.job).name, None)
            if one is None:
                return
            if word.reason:
                await self._failed(one.job, OvrError(clean(word.reason, REASON_CELLS)))
            else:
                await self._finish(one)

        try:
            process = await self._spare.take()
        except OSError as error:
            for one in left.values():
                await self._failed(one.job, error)
            return
        folders = [one.folder for one in ready]
        ended = await run_reporting(process, folders, self._means.limits.quiet_s, said)
        for number, one in enumerate(left.values()):
            self._alone.add(one.job.report)
            if number == 0:  # of the others nobody knows whether they were begun
                reason = ended.reason or "the reporting process made no report of it"
                await self._failed(one.job, OvrError(reason))
            else:
                await asyncio.to_thread(place.remove, one.folder)

    async def begin(self) -> Process:
        """A reporting process that waits to be told folders. Raises OSError."""
        await asyncio.to_thread(partial(self._scratch.mkdir, parents=True, exist_ok=True))
        return await begin(self._scratch, self._means.limits)

    async def _finish(self, one: Ready) -> None:
        try:
            await self._maker.finish(one)
        except Exception as error:  # noqa: BLE001  about one report; the others go on
            await self._failed(one.job, error)
        else:
            self._alone.discard(one.job.report)

    async def _failed(self, job: Job, error: Exception) -> None:
        """Write down why it was not made. What cannot even be written down is tried again."""
        expected = isinstance(error, (OvrError, OSError))
        why = str(error) or type(error).__name__
        if not expected:
            log.error(
                "Report {report} is not made by a fault of ours",
                exc_info=error,
                report=job.report,
            )
            why = f"fault of ours, please report it: {type(error).__name__}: {why}"
        elif job.tries == 0:
            log.warning("A report is not made and tried again", cause=why, job=job.id)
        short = await asyncio.to_thread(self._maker.short_of_room)
        await asyncio.to_thread(place.remove, self._maker.folder(job))
        act = partial(
            commit.failed,
            job=job,
            why=why,
            now_ms=self._means.wall(),
            final=isinstance(error, Impossible),
            counted=not (short or isinstance(error, (StoreError, NoRoom, NotWritten, OSError))),
        )
        try:
            await self._means.db.run("note why a report is not made", act)
        except StoreError as again:
            log.warning("Why a report is not made cannot be kept", cause=str(again))
            await asyncio.sleep(LOOK_S)


def _look(
    db: Db, now_ms: int, busy: set[str], limit: int, stage: Stage, now: Now
) -> tuple[Due, Standing, bool]:
    found, jobs = due.look(db, now_ms, busy, limit, stage, now), table.jobs(db)
    return found, _standing(jobs), due.expected(db, now_ms, jobs)


def _standing(jobs: Sequence[Job]) -> Standing:
    failed = [job for job in jobs if job.state == "failed"]
    stuck = [job for job in jobs if job.state == "failed" or job.tries >= TOLD_TRIES]
    problem = ""
    if stuck:
        first = stuck[0]
        name = first.system or "the event"
        more = f" (and {len(stuck) - 1} more)" if len(stuck) > 1 else ""
        again = ": ovr report build makes it again" if first.state == "failed" else ""
        problem = f"the report of {name} is not made{more}: {first.reason}{again}"
    return Standing(open=len(jobs) - len(failed), failed=len(failed), problem=problem)
