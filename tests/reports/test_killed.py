"""kill -9 at every step between a leave and its draft: afterwards there is one whole report."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from collector.model.report_state import ReportState
from collector.reports.check import read_meta, whole
from collector.reports.commit import DECIDED_MS
from tests.reports.support import TO_MS, Node, folders, node
from tests.reports.victim import RELEASING, STEPS

REPORT = "participation-1"


async def _kill_at(home: Path, step: str, turn: int) -> None:
    """Run the victim until it is killed there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.reports.victim",
        str(home),
        step,
        str(turn),
        cwd=Path(__file__).parent.parent.parent,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)},
    )
    assert await process.wait() == -signal.SIGKILL


async def _one_whole_report(one: Node) -> None:
    """Nothing but this report's folder is there, its files are what they say, and the row says
    the same."""
    (stored,) = await one.revisions(REPORT)
    assert stored.entry.state is ReportState.DRAFT
    folder = one.state / stored.entry.folder
    assert folders(one.state) == [stored.entry.folder.removeprefix("reports/")]
    assert whole(folder, stored.meta.files)
    assert read_meta(folder) == stored.meta
    records = await one.db.run(
        "count", lambda db: db.execute("SELECT count(*) FROM outbox WHERE kind = 'reports'")
    )
    assert records.fetchone() == (1,)


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.parametrize("step", STEPS)
async def test_killed_at(tmp_path: Path, step: str, turn: int) -> None:
    """Whatever the step, of the provisional report (1) or of the draft that takes its place (2):
    the next start sees what the rows say, and ends the work."""
    await _kill_at(tmp_path, step, turn)
    async with node(tmp_path, running=False) as one:
        one.now_ms = TO_MS + DECIDED_MS
        one.start()
        await one.idle()
        await one.until(lambda _: len(folders(one.state)) == 1)  # what was left over goes
        await _one_whole_report(one)


@pytest.mark.parametrize("step", RELEASING)
async def test_killed_while_it_is_released(tmp_path: Path, step: str) -> None:
    """Row and pages say the same: a draft until the commit, released after it."""
    await _kill_at(tmp_path, step, 1)
    released = step == "after the release"
    async with node(tmp_path, running=False) as one:
        one.now_ms = TO_MS + DECIDED_MS
        one.start()
        await one.idle()
        await one.until(lambda _: len(folders(one.state)) == 1)
        (stored,) = await one.revisions(REPORT)
        folder = one.state / stored.entry.folder
        assert stored.entry.state is (ReportState.RELEASED if released else ReportState.DRAFT)
        assert whole(folder, stored.meta.files)
        assert read_meta(folder) == stored.meta
        assert (b"released" in (folder / "report.html").read_bytes()) is released
