"""What the node itself stands on: its disk and its network links."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

INTERFACES = Path("/sys/class/net")
LOOK_TICKS = 5


class Disk(NamedTuple):
    """Bytes of a file system: free for us, and all."""

    free: int
    size: int


def disk_of(folder: Path) -> Disk | None:
    """The disk below `folder`; None when it does not tell."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return Disk(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)


def link_up(interfaces: Path = INTERFACES) -> bool | None:
    """Whether any network interface that is real hardware has a link; None when there is no such
    interface, or nothing to read (`/sys` of Linux)."""
    found = None
    for device in sorted(interfaces.glob("*/device")):
        found = bool(found) or _carrier(device.parent / "carrier")
    return found


def _carrier(file: Path) -> bool:
    try:
        return file.read_text(encoding="ascii").strip() == "1"
    except (OSError, ValueError):  # an interface that is switched off cannot be asked
        return False


class Surroundings:
    """Disk and link as they were at most five ticks ago.

    `fingerprint` gives that of the certificate which the node shows on TCP, "" without one; who
    listens sets it.
    """

    def __init__(self, state: Path) -> None:
        self._state = state
        self._ticks = 0
        self.fingerprint: Callable[[], str] = str
        self.disk = disk_of(state)
        self.link_up = link_up()

    def tick(self) -> None:
        """Look again when it is time."""
        self._ticks += 1
        if self._ticks % LOOK_TICKS == 0:
            self.disk = disk_of(self._state)
            self.link_up = link_up()
