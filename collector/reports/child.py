"""How the reporting process begins: as the least important one of the node, bound to the collector.

Run as a script by its path, with the collector's pid, its bounds and then what `python -m
reporting` takes. Nothing of ours is imported but what is run in the end.
"""

import contextlib
import ctypes
import os
import platform
import resource
import runpy
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
"""The number of the system call, by machine (glibc has no name for it)."""
IOPRIO_WHO_PROCESS, IOPRIO_IDLE = 1, 3 << 13
LEAST = 19
FIRST_TO_GO = "1000"
"""The kernel's word for the process that it takes first when memory is short."""


def bind(parent: int) -> None:
    """Die with the collector, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before
        os._exit(1)


def humble(memory_bytes: int, file_bytes: int) -> None:
    """Give way to everybody, and take no more than this."""
    os.nice(LEAST)
    number = IOPRIO_SET.get(platform.machine())
    if number is not None:  # where the kernel refuses, nice alone has to do
        ctypes.CDLL(None).syscall(number, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, encoding="ascii")
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """The arguments: parent, memory_bytes, file_bytes, module, what the module takes."""
    parent, memory_bytes, file_bytes, module = sys.argv[1:5]
    bind(int(parent))
    humble(int(memory_bytes), int(file_bytes))
    sys.argv = [module, *sys.argv[5:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
