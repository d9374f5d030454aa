"""A reporting process that crashes, hangs or lies: its report is tried again, with the reason for
everybody to see; others go on, and the collector with them."""

import json
import sqlite3
from pathlib import Path

import pytest

from collector.reports import commit, table
from collector.reports.check import whole
from collector.reports.commit import DECIDED_MS, LONGEST_MS, MOST_TRIES, Made
from collector.reports.process import Limits
from collector.reports.table import Db, Job, Stored
from tests.reports.support import FAKE, Node, folders, names, node

REASONS = {
    "crash": "ended by SIGKILL",
    "hungry": "windows of fewer days take less",
    "starved": "windows of fewer days take less",
    "refuse": "the report is impossible: it has no load",
    "hang": "was ended",
    "noise": "it was too much",
    "garbage": "report.json cannot be read",
    "liar": "report.html is not what report.meta.json says of it",
    "link": "passwords is no file",
}


async def _failing(one: Node, report: str, tries: int = 1) -> Job:
    await one.until(lambda db: (job := table.job_of(db, report)) is not None and job.tries >= tries)
    job = await one.job(report)
    assert job is not None
    return job


@pytest.mark.parametrize("system", REASONS)
async def test_reason_is_told_and_others_go_on(tmp_path: Path, system: str) -> None:
    """The job says why; the other system that left at once has its report; nothing of the failed
    one is left."""
    async with node(tmp_path, limits=Limits(module=FAKE.module, quiet_s=1.0)) as one:
        event = await one.event([system, "stage-a"])
        bad = await one.leave(event, system)
        good = await one.leave(event, "stage-a")
        job = await _failing(one, bad.id)
        assert REASONS[system] in job.reason
        assert job.state == "retrying"
        assert job.due_ms > one.now_ms
        await one.draft(good.id)
        await one.until(lambda _: not one.runner.busy)
        assert await one.revisions(bad.id) == []
        assert all(good.id in folder for folder in folders(tmp_path))


async def test_given_up_then_asked_for_again(tmp_path: Path) -> None:
    """After eight failures it rests as failed and is a problem for a person; who asks for it again
    has it tried."""
    async with node(tmp_path) as one:
        event = await one.event(["refuse"])
        bad = await one.leave(event, "refuse")
        for tries in range(1, MOST_TRIES + 1):
            await _failing(one, bad.id, tries)
            one.later(LONGEST_MS)
        job = await one.job(bad.id)
        assert job is not None
        assert job.state == "failed"
        await one.until(lambda _: one.runner.standing.failed == 1)
        assert "it has no load" in one.runner.standing.problem
        assert "ovr report build" in one.runner.standing.problem

        (again,) = await one.build(report=bad.id)
        assert (again.state, again.tries) == ("waiting", 0)
        await _failing(one, bad.id)


async def test_second_try_is_good(tmp_path: Path) -> None:
    """What failed once is made at the next try."""
    async with node(tmp_path) as one:
        event = await one.event(["once-bad"])
        left = await one.leave(event, "once-bad")
        await _failing(one, left.id)
        stored = await one.draft(left.id)
        assert stored.entry.revision == 1


async def test_no_room(tmp_path: Path) -> None:
    """On a full disk no report is begun, which is no fault of it: it is tried for ever, and made
    once there is room."""
    async with node(tmp_path, least_free=1 << 60) as one:
        event = await one.event(["stage-a"])
        left = await one.leave(event, "stage-a")
        for tries in range(1, MOST_TRIES + 2):
            await _failing(one, left.id, tries)
            one.later(LONGEST_MS)
        job = await one.job(left.id)
        assert job is not None
        assert job.state == "retrying"
        assert "make room" in job.reason
    async with node(tmp_path) as one:
        one.now_ms += 20 * LONGEST_MS
        await one.draft(left.id)


async def test_folder_cannot_be_written(tmp_path: Path) -> None:
    """Where the folder of jobs is a file, the reason says so, and nothing else is harmed."""
    async with node(tmp_path, running=False) as one:
        event = await one.event(["stage-a"])
        left = await one.leave(event, "stage-a")
        (tmp_path / "reports").mkdir()
        (tmp_path / "reports" / ".jobs").write_text("no folder")
        one.start()
        assert "cannot be written" in (await _failing(one, left.id)).reason
        (tmp_path / "reports" / ".jobs").unlink()
        await one.draft(left.id)


async def test_hostile_ids(tmp_path: Path) -> None:
    """Ids that lead elsewhere stay within the folder of reports, and have folders of their own."""
    hostile = ["../../../up", "..", "a/b", "/etc/passwd", "a b\n", "é" * 90, "x-1"]
    async with node(tmp_path / "state") as one:
        event = await one.event(id_="../../event")
        for number, name in enumerate(hostile):
            await one.minutes(name)
            await one.leave(event, name, id_=f"../{number}")
        for number in range(len(hostile)):
            await one.draft(f"../{number}")
        await one.idle()
        made = folders(tmp_path / "state")
        assert len(made) == len(hostile)
        assert names(tmp_path) == ["state"]
        for folder in made:
            path = tmp_path / "state" / "reports" / folder / "report.meta.json"
            assert json.loads(path.read_bytes())["report"].startswith("../")


async def test_row_cannot_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When node.db refuses the row of a draft (a full disk), the provisional files are back in
    their place, and it is tried until it can be kept."""
    true_commit = commit.commit
    refused: list[str] = []

    def full(db: Db, made: Made, stored: Stored, now_ms: int) -> list[Stored]:
        if made.job.stage == "final" and len(refused) < 3:
            refused.append(made.job.report)
            raise sqlite3.OperationalError("database or disk is full")
        return true_commit(db, made, stored, now_ms)

    monkeypatch.setattr(commit, "commit", full)
    async with node(tmp_path) as one:
        event = await one.event(["stage-a"])
        left = await one.leave(event, "stage-a")
        await one.until(lambda db: table.newest(db, left.id) is not None)
        (first,) = await one.revisions(left.id)
        one.later(DECIDED_MS)
        job = await _failing(one, left.id)
        assert "node.db: cannot keep a report" in job.reason
        await one.until(lambda _: not one.runner.busy)
        assert whole(tmp_path / first.entry.folder, first.meta.files)
        for tries in (2, 3):
            one.later(LONGEST_MS)
            await _failing(one, left.id, tries)
        await one.draft(left.id)
        assert len(refused) == 3
