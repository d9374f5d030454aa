"""What systemd is told of the collector: that it is ready, how it is, that it lives, that it ends.

`READY=1` once the journal is open, the configuration good and the first tick done: not when devices
answer. `WATCHDOG=1` only while ticks succeed and the journal answers. An answer is an append that
has returned, also one that a full or failing disk has refused: a restart makes no room, and would
take the live view away; the collector itself says what is wrong. It is no answer when `append` does
not return, or fails by a fault of ours. (docs/adr/0025 gives the reasons.)
"""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping

import structlog
from msgspec import Struct

from collector.model.snapshot import Snapshot

STATUS_S = 10.0
LEAST_AGE_S = 3.0
"""However short the watchdog, ticks come once a second and may be late."""
MAX_STATUS = 200

log = structlog.get_logger("systemd")


class Notifier:
    """Datagrams to `$NOTIFY_SOCKET`; nothing at all where there is none.

    `watchdog_s` is how often a sign of life is due, None without a watchdog for this process.
    """

    def __init__(self, environ: Mapping[str, str], *, pid: int | None = None) -> None:
        path = environ.get("NOTIFY_SOCKET", "")
        self._address = f"\0{path[1:]}" if path.startswith("@") else path
        self._failed = False
        self.watchdog_s = _watchdog_s(environ, os.getpid() if pid is None else pid)

    @property
    def heard(self) -> bool:
        """Whether somebody wants to know."""
        return self._address.startswith(("/", "\0"))

    def tell(self, *lines: str) -> None:
        """Send assignments like `READY=1`, each without line breaks. Never raises, never waits;
        the first failure is logged."""
        if not self.heard:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
                sock.setblocking(False)
                sock.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            if not self._failed:
                log.warning("systemd cannot be told how the collector is", cause=str(error))
            self._failed = True


def _watchdog_s(environ: Mapping[str, str], pid: int) -> float | None:
    if environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    try:
        usec = int(environ.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return usec / 1e6 if usec > 0 else None


class Vital(Struct, frozen=True, kw_only=True):
    """Since when, in monotonic seconds: the last tick that succeeded, the journal's last answer."""

    ticked_s: float
    answered_s: float

    def lives(self, now_s: float, watchdog_s: float) -> bool:
        """Whether both are so young that a sign of life is deserved."""
        oldest = min(self.ticked_s, self.answered_s)
        return now_s - oldest < max(LEAST_AGE_S, watchdog_s / 2)


async def keep_telling(
    notifier: Notifier,
    vital: Callable[[], Vital],
    line: Callable[[], str],
    *,
    clock: Callable[[], float],
) -> None:
    """Ready, then signs of life and the state in words, until cancelled. Call it after the first
    tick."""
    notifier.tell("READY=1", f"STATUS={line()}")
    watchdog_s = notifier.watchdog_s
    pause_s = STATUS_S if watchdog_s is None else min(STATUS_S, watchdog_s / 4)
    told_s, silent = clock(), False
    while True:
        lives = watchdog_s is not None and vital().lives(clock(), watchdog_s)
        if lives:
            notifier.tell("WATCHDOG=1")
        elif watchdog_s is not None and not silent:
            log.error("No sign of life: ticks or the journal stand still. systemd will restart.")
        silent = not lives
        if clock() - told_s >= STATUS_S:
            notifier.tell(f"STATUS={line()}")
            told_s = clock()
        await asyncio.sleep(pause_s)


def plant_line(snapshot: Snapshot) -> str:
    """The plant in one line, for `systemctl status`."""
    live = sum(asset.status.value == "live" for asset in snapshot.assets)
    parts = [f"{live} of {len(snapshot.assets)} assets live"]
    load = snapshot.totals.get("load_power_w")
    if load is not None and load.value is not None:
        parts.append(f"load {load.value / 1000:.1f} kW{' (partial)' if load.partial else ''}")
    if snapshot.alarms:
        parts.append(f"{len(snapshot.alarms)} alarms")
    behind = [f"{s.sink} {s.behind_s / 60:.0f} min" for s in snapshot.sinks if s.behind_s >= 60]
    if behind:
        parts.append(f"behind: {', '.join(behind)}")
    if snapshot.health.problems:
        parts.append(snapshot.health.problems[0])
    return ", ".join(parts).replace("\n", " ")[:MAX_STATUS]
