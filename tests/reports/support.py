"""A node.db with an event in it, and who makes its reports."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from collector.events import tables as events
from collector.model.event import Event, EventStatus, Participation
from collector.model.ids import uuid7
from collector.model.kinds import AssetKind
from collector.model.report_input import AssetInput
from collector.model.report_state import JobEntry, ReportEntry
from collector.model.rollup import Counter, Gauge, Rollup
from collector.reports import ReportDesk, Wish, jobs, table
from collector.reports.commit import DECIDED_MS
from collector.reports.due import Now
from collector.reports.hooks import event_hooks
from collector.reports.means import Means
from collector.reports.members import Known
from collector.reports.process import Limits
from collector.reports.runner import Runner
from collector.reports.table import Db, Stored
from collector.reports.verifying import Verification
from collector.rollups import Row, Subject, holds, reads
from collector.rollups import tables as rollups
from collector.rollups.tables import packed
from collector.rollups.track import Closed
from collector.store import NodeDb
from collector.supervisor import end

MINUTE_MS = 60_000
FROM_MS = 1_790_000_000_000 // MINUTE_MS * MINUTE_MS
TO_MS = FROM_MS + 10 * MINUTE_MS
FAKE = Limits(module="tests.reports.fake_reporting", quiet_s=5.0)


class Node:
    """A node that runs reports only; its clock stands until it is moved."""

    def __init__(
        self,
        home: Path,
        limits: Limits = FAKE,
        least_free: int = 1,
        name: str = "n1",
        spare: int = 0,
    ) -> None:
        home.mkdir(exist_ok=True)
        self.name = name
        self.state = home
        self.db = NodeDb(home / "node.db")
        self.now_ms = TO_MS
        self.undecided: frozenset[str] = frozenset()
        self.assets: dict[str, AssetInput] = {}
        self.means = Means(
            db=self.db,
            state=self.state,
            rows=self._rows,
            known=self._known,
            newest_ms=lambda: self.now_ms,
            wall=lambda: self.now_ms,
            now=lambda: Now(undecided=self.undecided),
            limits=limits,
            least_free=least_free,
            spare=spare,
        )
        self.runner = Runner(self.means)
        self.desk = ReportDesk(self.means, self.runner)
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Reports are made from now on."""
        self.task = asyncio.create_task(self.runner.run())

    def _known(self) -> Known:
        return Known(node=self.name, site="Field", assets=self.assets)

    async def _rows(
        self, assets: Sequence[str], from_ms: int, to_ms: int, _live: bool
    ) -> AsyncGenerator[list[Row], None]:
        async for piece in reads.rows(self.db, assets, from_ms, to_ms):
            yield piece

    # -- what happens on the node

    async def event(self, systems: Sequence[str] = (), *, id_: str | None = None) -> Event:
        """An event that goes on, with minutes of each system's one meter."""
        event = Event(
            id=id_ or uuid7(FROM_MS),
            name="Fair",
            timezone="UTC",
            status=EventStatus.ACTIVE,
            from_ms=FROM_MS,
            created_ms=FROM_MS,
            changed_ms=FROM_MS,
        )
        await self.db.run("keep", lambda db: events.put_event(db, event))
        for system in systems:
            await self.minutes(system)
        return event

    async def minutes(self, system: str, but: Callable[[int], bool] = lambda _: False) -> None:
        """Ten minutes of 6 kW of a system's meter, but for some."""
        subject = Subject(system, AssetKind.LOAD, system)
        rows = [
            packed(Closed(subject, minute(FROM_MS + number * MINUTE_MS, number)))
            for number in range(10)
            if not but(number)
        ]
        self.assets[system] = AssetInput(
            id=system, device=system, kind=AssetKind.LOAD, system=system
        )
        await self.db.run("keep", lambda db: rollups.write(db, rows, TO_MS))

    async def leave(self, event: Event, system: str, *, id_: str | None = None) -> Participation:
        """A system that was in from the beginning leaves at TO_MS."""
        one = Participation(
            id=id_ or uuid7(FROM_MS),
            event=event.id,
            node=self.name,
            system=system,
            from_ms=FROM_MS,
            to_ms=TO_MS,
            changed_ms=TO_MS,
        )

        def write(db: Db) -> None:
            events.put_participation(db, one)
            holds.hold(db, one.id, [system], FROM_MS, TO_MS)
            event_hooks(self.runner.wake).left(db, one, self.now_ms)

        await self.db.run("leave", write)
        return one

    async def end(self, event: Event) -> None:
        """The event ends at TO_MS."""
        over = msgspec.structs.replace(event, status=EventStatus.ENDED, to_ms=TO_MS)

        def write(db: Db) -> None:
            events.put_event(db, over)
            event_hooks(self.runner.wake).ended(db, over, self.now_ms)

        await self.db.run("end", write)

    async def stay(self, event: Event, system: str) -> Participation:
        """A system is in from the beginning, and stays."""
        one = Participation(
            id=uuid7(FROM_MS),
            event=event.id,
            node=self.name,
            system=system,
            from_ms=FROM_MS,
            changed_ms=FROM_MS,
        )
        await self.db.run("join", lambda db: events.put_participation(db, one))
        return one

    async def build(self, **wish: Any) -> tuple[JobEntry, ...]:
        """Ask for reports."""
        return await self.desk.build(Wish(**wish), "uid 0 (ann)")

    async def release(
        self, report: str, *, revision: int | None = None, force: bool = False, note: str = ""
    ) -> ReportEntry:
        """Release a report."""
        return await self.desk.release(
            report, revision, person="uid 0 (ann)", note=note, force=force
        )

    async def verify(self, report: str) -> Verification:
        """Write a report's job again."""
        return await self.desk.verify(report)

    async def touch(self, why: str, *assets: str) -> None:
        """Something that reports are made of is otherwise."""
        await self.db.run("touch", lambda db: jobs.touch(db, self.now_ms, why, assets=assets))

    def later(self, ms: int = DECIDED_MS) -> None:
        """So much time passes."""
        self.now_ms += ms
        self.runner.wake()

    # -- what is seen

    async def revisions(self, report: str) -> list[Stored]:
        """All revisions of a report."""
        return await self.db.run("read", lambda db: table.revisions(db, report))

    async def job(self, report: str) -> table.Job | None:
        """What is to be done for a report."""
        return await self.db.run("read", lambda db: table.job_of(db, report))

    async def until(self, seen: Callable[[Db], bool], timeout_s: float = 20.0) -> None:
        """Wait until node.db shows it."""
        deadline = time.monotonic() + timeout_s
        while not await self.db.run("look", seen):
            assert time.monotonic() < deadline, (self.runner.waits, self.runner.standing)
            assert self.task is None or not self.task.done(), self.task
            await asyncio.sleep(0.02)

    async def idle(self) -> None:
        """Wait until no job is left, and nothing of one."""
        await self.until(lambda db: not table.jobs(db) and not self.runner.busy)

    async def draft(self, report: str, revision: int = 1) -> Stored:
        """Let time pass until a revision is a draft."""
        self.later()

        def there(db: Db) -> bool:
            newest = table.newest(db, report)
            return (
                newest is not None
                and newest.entry.revision == revision
                and newest.entry.state.value == "draft"
            )

        await self.until(there)
        return (await self.revisions(report))[-1]


def minute(from_ms: int, number: int) -> Rollup:
    """A minute of 6 kW: 0.1 kWh."""
    integral = 60_000 * MINUTE_MS
    return Rollup(
        from_ms=from_ms,
        to_ms=from_ms + MINUTE_MS,
        gauges={"load_power_w": Gauge(MINUTE_MS, integral, 0, 60_000, 60_000, 60_000, 60_000)},
        counters={"load_energy_kwh": Counter(number * 100, number * 100 + 100)},
    )


@asynccontextmanager
async def node(
    home: Path,
    *,
    running: bool = True,
    limits: Limits = FAKE,
    least_free: int = 1,
    name: str = "n1",
    spare: int = 0,
) -> AsyncIterator[Node]:
    """A node in `home`, with its reports being made."""
    made = Node(home, limits, least_free, name, spare)
    await made.db.open()
    if running:
        made.start()
    try:
        yield made
    finally:
        if made.task is not None:
            await end(made.task)
        await made.db.close()


def folders(state: Path) -> list[str]:
    """All folders of reports there are, and what is left over of jobs."""
    root = state / "reports"
    found = [Path(at) for at, _, files in os.walk(root) if files]  # it may shrink meanwhile
    return sorted(str(path.relative_to(root)) for path in found if ".scratch" not in path.parts)


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())
