"""The computer under the collector, looked at when somebody asks, at most every 5 s.

All of it stands in the kernel's memory: nothing here can wait for a disk.
"""

import os
import platform
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from collector.app.kernel import steady_ms, synchronised
from collector.app.surroundings import Disk
from collector.wire import MachineHealth

FRESH_S = 5.0
MEMORY = Path("/proc/meminfo")
SYSTEM = Path("/etc/os-release")


class Machine:
    """`disk` gives what is known of the state folder's."""

    def __init__(
        self,
        disk: Callable[[], Disk | None],
        *,
        mono: Callable[[], float] = time.monotonic,
        memory: Path = MEMORY,
        system: Path = SYSTEM,
    ) -> None:
        self._disk = disk
        self._mono = mono
        self._memory = memory
        self._system = system_of(system)
        self._seen = MachineHealth()
        self._seen_s = -FRESH_S

    def health(self) -> MachineHealth:
        """How it is."""
        now_s = self._mono()
        if now_s - self._seen_s >= FRESH_S:
            self._seen, self._seen_s = self._look(), now_s
        return self._seen

    def _look(self) -> MachineHealth:
        disk, (free, size) = self._disk(), memory_of(self._memory)
        return MachineHealth(
            disk_free_bytes=None if disk is None else disk.free,
            disk_size_bytes=None if disk is None else disk.size,
            memory_free_bytes=free,
            memory_size_bytes=size,
            load=_load(),
            cores=len(os.sched_getaffinity(0)),
            up_s=steady_ms() / 1000,
            ntp=synchronised(),
            system=self._system,
            kernel=platform.release(),
            python=platform.python_version(),
            sqlite=sqlite3.sqlite_version,
        )


def memory_of(file: Path) -> tuple[int | None, int | None]:
    """Bytes that programs can still have, and all (proc(5), `MemAvailable` and `MemTotal`)."""
    try:
        lines = file.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None, None
    rows = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
    free, size = rows.get("MemAvailable"), rows.get("MemTotal")
    return _kib(free), _kib(size)


def _kib(words: list[str] | None) -> int | None:
    return int(words[0]) * 1024 if words and words[0].isdigit() else None


def system_of(file: Path) -> str:
    """What the system calls itself (os-release(5)); "" when it does not."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    named = (line.partition("=")[2] for line in lines if line.startswith("PRETTY_NAME="))
    return next(named, "").strip("\"'")


def _load() -> tuple[float, float, float] | None:
    try:
        return os.getloadavg()
    except OSError:
        return None
