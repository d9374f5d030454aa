"""What kind of process makes reports: the least of the node, without secrets, and never alone."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

from collector.reports.process import Ended, Limits, Word, begin, run_reporting
from tests.reports.support import FAKE
from tests.support.waiting import until

ROOT = Path(__file__).parent.parent.parent
PARENT = """
import asyncio, sys
from pathlib import Path
from collector.reports.process import begin, run_reporting, Limits
async def said(_): pass
limits = Limits(module="tests.reports.fake_reporting")
async def main():
    process = await begin(Path(sys.argv[2]), limits)
    await run_reporting(process, [Path(sys.argv[1])], 60, said)
asyncio.run(main())
"""


def _job(folder: Path, system: str) -> Path:
    job = folder / "job"
    job.mkdir()
    (job / "inputs.json").write_text(
        f'{{"system": "{system}", "report": "r", "revision": 1, "stage": "final"}}'
    )
    return job


async def _pid(folder: Path) -> int:
    """The pid of the process that hangs."""
    file = folder / "pid"
    await until(lambda: file.exists() and file.read_text() != "", "the process has begun")
    return int(file.read_text())


def _there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def _run(folder: Path, limits: Limits, words: list[Word], system: str) -> Ended:
    async def said(word: Word) -> None:
        words.append(word)

    process = await begin(folder, limits)
    return await run_reporting(process, [_job(folder, system)], limits.quiet_s, said)


@pytest.mark.parametrize("turns", range(6))
async def test_cancelled_while_it_begins(tmp_path: Path, turns: int) -> None:
    """A collector that ends while a process begins leaves none, and no pipe to it."""
    before = set(Path("/proc/self/fd").iterdir())  # noqa: ASYNC240  of this process
    starting = asyncio.create_task(begin(tmp_path, FAKE))
    for _ in range(turns):
        await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await asyncio.sleep(0)
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()  # noqa: ASYNC240
    assert not [pid for pid in children if str(tmp_path) in _command(int(pid))]
    assert len(set(Path("/proc/self/fd").iterdir()) - before) <= 1  # noqa: ASYNC240  (of the look)


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cwd").readlink().as_posix()
    return ""


async def test_least_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nice 19, first for the kernel to take, bounded, in a session of its own, with three open
    files and no word of the collector's environment that is not for it."""
    monkeypatch.setenv("OVR_SECRET", "a password")
    with (tmp_path / "open").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        running = asyncio.create_task(_run(tmp_path, FAKE, [], "hang"))
        pid = await _pid(tmp_path)
        proc = Path(f"/proc/{pid}")
        assert os.getpriority(os.PRIO_PROCESS, pid) == 19
        assert proc.joinpath("oom_score_adj").read_text().strip() == "1000"
        assert "Max address space         4294967296" in proc.joinpath("limits").read_text()
        assert os.getsid(pid) == pid
        assert b"a password" not in proc.joinpath("environ").read_bytes()
        targets = {str(path.readlink()) for path in proc.joinpath("fd").iterdir()}
        assert str(tmp_path / "open") not in targets
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert not _there(pid)


async def test_dies_with_the_collector(tmp_path: Path) -> None:
    """Who started it is killed: the kernel ends it too."""
    job = _job(tmp_path, "hang")
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(job), str(tmp_path),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    pid = await _pid(tmp_path)
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    await until(lambda: not _there(pid), "the process has ended", 5)


@pytest.mark.parametrize("system", ["hang", "busy"])
async def test_silence_is_ended(tmp_path: Path, system: str) -> None:
    """What says nothing is ended, with that reason: when it does nothing, and when it works on and
    on."""
    limits = Limits(module=FAKE.module, quiet_s=1.0)
    ended = await _run(tmp_path, limits, [], system)
    assert (ended.code, "was ended" in ended.reason) == (-signal.SIGKILL, True)


async def test_words(tmp_path: Path) -> None:
    """Each line on stdout is a word; a failure's reason is the last line on stderr."""
    words: list[Word] = []
    ended = await _run(tmp_path, FAKE, words, "stage-a")
    assert (ended, words) == (Ended(code=0, reason=""), [Word(job="job")])
    (tmp_path / "second").mkdir()
    refused = await _run(tmp_path / "second", FAKE, [], "refuse")
    assert refused == Ended(code=1, reason="the report is impossible: it has no load")
