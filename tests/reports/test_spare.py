"""A process waits for systems to leave; it is one that has begun, and none is left behind."""

import asyncio
import os
import signal
from asyncio.subprocess import Process
from functools import partial
from pathlib import Path

import pytest

from collector.reports.process import begin
from collector.reports.spare import Spare
from collector.rollups import holds
from collector.simulator.virtual.loop import VirtualLoop, run
from tests.reports.support import FAKE, FROM_MS, TO_MS, node
from tests.support.waiting import until


class _Begun:
    """Begins real ones, and knows them."""

    def __init__(self, scratch: Path) -> None:
        self.all: list[Process] = []
        self.refused = False
        self._begin = partial(begin, scratch, FAKE)

    async def __call__(self) -> Process:
        if self.refused:
            raise OSError("no more processes")
        self.all.append(await self._begin())
        return self.all[-1]


async def test_who_waits_is_taken(tmp_path: Path) -> None:
    """The first that began is the first that works; the next keeps their number."""
    begun = _Begun(tmp_path)
    spare = Spare(begun)
    await spare.keep(2)
    first = await spare.take()
    assert first is begun.all[0]
    await spare.keep(2)
    assert len(begun.all) == 3
    await spare.end()
    assert [one.returncode for one in begun.all] == [None, -signal.SIGKILL, -signal.SIGKILL]
    os.kill(first.pid, signal.SIGKILL)
    await first.wait()


async def test_one_that_died_is_not_taken(tmp_path: Path) -> None:
    """The kernel took it: another begins."""
    begun = _Begun(tmp_path)
    spare = Spare(begun)
    await spare.keep(1)
    os.kill(begun.all[0].pid, signal.SIGKILL)
    await until(lambda: begun.all[0].returncode is not None, "it has died")
    assert await spare.take() is begun.all[1]
    begun.all[1].kill()
    await begun.all[1].wait()


async def test_a_machine_that_refuses(tmp_path: Path) -> None:
    """Nobody waits then; who is needed says why not."""
    begun = _Begun(tmp_path)
    begun.refused = True
    spare = Spare(begun)
    await spare.keep(1)
    with pytest.raises(OSError, match="no more processes"):
        await spare.take()
    begun.refused = False
    await spare.keep(1)
    assert len(begun.all) == 1
    await asyncio.wait_for(spare.end(), 5)


async def test_an_end_that_is_cancelled_leaves_none(tmp_path: Path) -> None:
    """Who hurries the end of the collector does not keep the others from being ended."""
    begun = _Begun(tmp_path)
    spare = Spare(begun)
    await spare.keep(3)
    ending = asyncio.create_task(spare.end())
    await asyncio.sleep(0)
    ending.cancel()
    for one in begun.all:
        assert await asyncio.wait_for(one.wait(), 5) == -signal.SIGKILL
    with pytest.raises(asyncio.CancelledError):
        await ending


def test_no_time_passes_while_those_that_were_ended_go(tmp_path: Path) -> None:
    """Also where time is scripted the end of a node waits for them, however short its patience."""

    async def ended(_: VirtualLoop) -> list[int | None]:
        begun = _Begun(tmp_path)
        spare = Spare(begun)
        await spare.keep(3)
        async with asyncio.timeout(1):
            await spare.end()
        return [one.returncode for one in begun.all]

    assert run(ended) == [-signal.SIGKILL] * 3


def _children() -> list[int]:
    """Processes of ours that make reports."""
    found = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in found if b"fake_reporting" in _line(pid)]


def _line(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


async def test_it_waits_while_a_system_is_in_an_event(tmp_path: Path) -> None:
    """It has begun before the system leaves, makes its report, and ends when nobody is in."""
    async with node(tmp_path, spare=1) as one:
        event = await one.event(["stage-a"])
        assert _children() == []
        await one.db.run("join", lambda db: holds.hold(db, "p", ["stage-a"], FROM_MS))
        one.runner.wake()
        await until(lambda: len(_children()) == 1, "a process waits")
        (waiting,) = _children()
        await one.leave(event, "stage-a", id_="p")
        await one.until(lambda db: db.execute("SELECT 1 FROM report").fetchone() is not None)
        assert (tmp_path / "reports" / ".scratch" / "by").read_text() == str(waiting)
        assert waiting not in _children()
        one.now_ms = TO_MS
        await one.draft("p")
        await until(lambda: _children() == [], "no process waits")
    assert _children() == []
