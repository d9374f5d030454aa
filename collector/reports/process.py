"""The reporting process: started, bounded, ended."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from collector.model.text import clean

CHILD = Path(__file__).with_name("child.py")
ROOT = Path(__file__).parent.parent.parent
MEMORY_BYTES = 4 << 30
"""Of address space: threads and libraries reserve much more than they use."""
FILE_BYTES = 1 << 30
TOLD = "-"
"""Instead of folders: they are told on stdin."""
QUIET_S = 180.0
"""So many seconds of CPU one job may take, and so long it may do nothing."""
LOOK_S = 5.0
MOST_STDERR = MOST_WORD = 16 << 10
REASON_CELLS = 400
NO_MEMORY = ("MemoryError", "memory allocation of")
"""What a process leaves that was refused memory: Python's word, and that of what is compiled."""
TOO_LARGE = (
    "it needs more memory than a report may take: windows of fewer days take less, "
    "ovr report build --from … --to … makes interim reports of any"
)


class Limits(Struct, frozen=True, kw_only=True):
    """What the process may take; `module` is what is run."""

    memory_bytes: int = MEMORY_BYTES
    file_bytes: int = FILE_BYTES
    quiet_s: float = QUIET_S
    module: str = "reporting"


class Word(Struct, frozen=True, kw_only=True):
    """What the process says on stdout, as one line of JSON: a job's folder and, if it was not
    made, why."""

    job: str
    reason: str = ""


_word = msgspec.json.Decoder(Word).decode


class Ended(Struct, frozen=True, kw_only=True):
    """How it ended: `code` is its exit status (below 0: by that signal), `reason` says in words
    why it failed, "" when it did not."""

    code: int
    reason: str


async def begin(scratch: Path, limits: Limits) -> Process:
    """A reporting process that waits to be told folders: of a session of its own and lowest
    priority, and ends with the collector. `scratch` is where it may keep what it learns (fonts).

    Raises OSError when it cannot be started.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        str(CHILD),
        *map(str, (os.getpid(), limits.memory_bytes, limits.file_bytes, limits.module)),
        TOLD,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=scratch,
        env=environment(scratch),
        start_new_session=True,
    )


async def run_reporting(
    process: Process,
    folders: Sequence[Path],
    quiet_s: float,
    said: Callable[[Word], Awaitable[None]],
) -> Ended:
    """Have a process that has begun make the reports of job folders, in this order. `said` is
    awaited with each of its words: a job's end.

    It ends afterwards, with the task that runs this, and when it has said nothing though it took
    `quiet_s` of CPU, or took none for so long.
    """
    told = bytearray()
    reading = asyncio.create_task(_read_errors(process, told))
    try:
        await _tell(process, folders)
        late = await _listen(process, quiet_s, said)
        if late:
            end(process)
        code = await process.wait()
        await asyncio.wait([reading], timeout=1.0)
    finally:
        end(process)
        reading.cancel()
        await process.wait()
    if late:
        return Ended(
            code=code, reason=f"it did not end within {quiet_s:.0f} s of work and was ended"
        )
    return Ended(code=code, reason=reason(code, told.decode("utf-8", "replace")))


def environment(scratch: Path) -> dict[str, str]:
    """What the process gets of ours: where modules are, this very program's first, and nothing
    secret."""
    kept = ("PATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
    own = {name: os.environ[name] for name in kept if name in os.environ}
    modules = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return own | {
        "PYTHONPATH": os.pathsep.join(filter(None, modules)),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(scratch),
        "XDG_CACHE_HOME": str(scratch),
        "MPLCONFIGDIR": str(scratch),
        "TMPDIR": str(scratch),
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def reason(code: int, told: str) -> str:
    """Why it failed, in words: the last line that it left, else how it ended."""
    if code == 0:
        return ""
    if any(words in told for words in NO_MEMORY):
        return TOO_LARGE
    lines = [line for line in told.splitlines() if line.strip()]
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        hint = ": was there enough memory?" if -code == signal.SIGKILL else ""
        return f"the reporting process was ended by {name}{hint}"
    return clean(lines[-1], REASON_CELLS) if lines else f"it ended with status {code} and no reason"


async def _tell(process: Process, folders: Sequence[Path]) -> None:
    """Name the folders and that there are no more, each as a line of JSON."""
    pipe = process.stdin
    assert pipe is not None  # noqa: S101  a pipe was asked for
    with contextlib.suppress(ConnectionError):  # it has died: how is what its end says
        pipe.writelines(msgspec.json.encode(str(folder)) + b"\n" for folder in folders)
        pipe.close()
        await pipe.wait_closed()


async def _listen(
    process: Process, quiet_s: float, said: Callable[[Word], Awaitable[None]]
) -> bool:
    """Wait for the end of its words; whether it fell silent for too long. It is the least important
    process: one that gets no CPU from others for minutes is not silent."""
    assert process.stdout is not None  # noqa: S101  a pipe was asked for
    heard = bytearray()
    effort = _Effort(process.pid, quiet_s)
    while True:
        try:
            async with asyncio.timeout(min(LOOK_S, quiet_s / 2)):
                some = await process.stdout.read(4096)
        except TimeoutError:
            if effort.too_long(asyncio.get_running_loop().time()):
                return True
            continue
        if not some:
            return False
        heard += some
        *lines, rest = bytes(heard).split(b"\n")
        heard = bytearray(rest[-MOST_WORD:])
        for line in lines:
            with contextlib.suppress(msgspec.MsgspecError):  # whatever else it prints
                await said(_word(line))
                effort = _Effort(process.pid, quiet_s)


class _Effort:
    """What a process has done since its last word."""

    def __init__(self, pid: int, limit_s: float) -> None:
        self._pid = pid
        self._limit_s = limit_s
        self._began_s = self._seen_s = self._taken_s()
        self._seen_at: float | None = None

    def too_long(self, now_s: float) -> bool:
        """Whether it took more CPU than one job may, or took none for so long."""
        seen_s = self._taken_s()
        if self._seen_at is None or seen_s > self._seen_s:
            self._seen_s, self._seen_at = seen_s, now_s
        idle_s = now_s - self._seen_at
        return seen_s - self._began_s >= self._limit_s or idle_s >= self._limit_s

    def _taken_s(self) -> float:
        try:
            return cpu_s(self._pid)
        except OSError:  # it is gone
            return 0.0


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has taken, all its threads together (proc(5), stat: utime,
    stime). Raises OSError when it is gone."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _read_errors(process: Process, told: bytearray) -> None:
    """Keep the end of what it complains of."""
    assert process.stderr is not None  # noqa: S101  a pipe was asked for
    while some := await process.stderr.read(4096):
        told += some
        del told[:-MOST_STDERR]


def end(process: Process) -> None:
    """End it with all that it has started; it is told nothing more."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()
