"""`python -m reporting JOB_FOLDER…`: the reports of these jobs, one after another; with `-` for the
folders they are read from stdin, one as a JSON string in each line, until its end.

The least important process of its machine. Each job's end is one line of JSON on stdout; a job that
fails is said on stderr and takes no other along. Exit status 0 if all were made, else 1, with the
last reason as the last line of stderr.
"""

import contextlib
import ctypes
import gc
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
"""The number of the system call, by machine (glibc has no name for it)."""
_WHO_PROCESS, _IDLE = 1, 3 << 13
_LEAST = 19
TOLD = "-"
USAGE = "usage: python -m reporting JOB_FOLDER… | -  (folders with inputs.json; -: told on stdin)"


def humble() -> None:
    """Give way to everybody; where the kernel refuses, nice alone has to do."""
    os.nice(_LEAST)
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    number = IOPRIO_SET.get(platform.machine())
    if number is not None:
        ctypes.CDLL(None).syscall(number, _WHO_PROCESS, 0, _IDLE)


def main(folders: Sequence[str]) -> int:
    """Make the reports of all folders; how many failed decides the status."""
    told = list(folders) == [TOLD]
    if not folders or (not told and any(word.startswith("-") for word in folders)):
        sys.stderr.write(f"{USAGE}\n")
        return 64
    humble()
    gc.disable()  # a job makes millions of objects that no ring holds: searching costs a tenth
    asked = _told() if told else folders
    reasons = [reason for folder in asked if (reason := _one(Path(folder)))]
    sys.stderr.writelines(f"{reason}\n" for reason in reasons)
    return 1 if reasons else 0


def _told() -> Iterator[str]:
    """The folders that stdin names. What reports need is there before the first is read."""
    try:
        from reporting import warm

        warm.up()
    except Exception:  # noqa: BLE001 - it will be said of the report that it befalls
        traceback.print_exc()
    gc.collect()
    for line in sys.stdin:
        yield json.loads(line)


def _one(folder: Path) -> str:
    """Make one report and say so; the reason if it could not be made."""
    began = time.monotonic_ns()

    def took_ms() -> int:
        return (time.monotonic_ns() - began) // 1_000_000

    reason = ""
    try:
        from reporting.job import BadJob, make

        try:
            make(folder, time.time_ns() // 1_000_000, took_ms)
        except BadJob as why:
            reason = f"{folder.name}: {why}"
    except MemoryError:
        raise  # whatever else this process holds may be broken too
    except OSError as why:
        reason = f"{folder.name}: {why.filename or folder}: {why.strerror or why}"
    except Exception as why:  # noqa: BLE001 - one job's fault takes no other job along
        traceback.print_exc()
        reason = f"{folder.name}: {type(why).__name__}: {why}".replace("\n", " ")
    gc.collect()
    told = {"job": str(folder), "made": not reason, "took_ms": took_ms()}
    sys.stdout.write(json.dumps(told | ({"reason": reason} if reason else {})) + "\n")
    sys.stdout.flush()
    return reason


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
