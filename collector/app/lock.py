"""One collector for each state folder: a lock that the kernel drops when its holder dies."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from collector.errors import AlreadyRunning

LOOKS = 5
LOOK_S = 0.02


class CollectorLock:
    """`collector.lock` in the state folder, held while the block runs; holds the pid."""

    def __init__(self, state: Path) -> None:
        self._path = state / "collector.lock"
        self._fd: int | None = None

    def __enter__(self) -> "CollectorLock":
        """Take it. Raises AlreadyRunning with the holder's pid."""
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if not _try_exclusive(fd):
            pid = os.read(fd, 32).decode(errors="replace").strip() or "unknown"
            os.close(fd)
            raise AlreadyRunning(
                f"a collector (pid {pid}) runs on {self._path.parent} already: "
                "`ovr` attaches to it, `ovr status` tells how it is"
            )
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go. The file stays: removing it could let two collectors in."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _try_exclusive(fd: int) -> bool:
    """Take the lock, bearing with somebody who only looks (`holder`)."""
    for _ in range(LOOKS):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(LOOK_S)
        else:
            return True
    return False


def holder(state: Path) -> int | None:
    """The pid of the running collector; None when nobody holds the lock."""
    path = state / "collector.lock"
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        text = os.read(fd, 32).decode(errors="replace").strip()
        return int(text) if text.isdigit() else 0
    finally:
        os.close(fd)
    return None
