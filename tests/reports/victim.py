"""A node whose reports are being made, and that is killed at a named step: run as a process.

The arguments: its home, the step, and at which time that the step is come to.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from collector.reports import commit, making, place, releasing, runner
from tests.reports.support import node

STEPS: dict[str, tuple[Any, str, str]] = {
    "before the folder": (making, "write_folder", "before"),
    "after the folder": (making, "write_folder", "after"),
    "before the process": (runner, "run_reporting", "before"),
    "before the check": (making, "check", "before"),
    "after the check": (making, "check", "after"),
    "before it is durable": (place, "sync_all", "before"),
    "before it is in place": (place, "put", "before"),
    "after it is in place": (place, "put", "after"),
    "in the transaction": (commit, "commit", "after"),
    "after the commit": (making, "tell_done", "before"),
}
"""Where a kill may come: a function, and whether before or after it."""
RELEASING: dict[str, tuple[Any, str, str]] = {
    "before the release's process": (releasing, "run_reporting", "before"),
    "before its pages are in place": (releasing, "_keep", "before"),
    "after its pages are in place": (releasing, "_commit", "before"),
    "in the release's transaction": (releasing, "_commit", "after"),
    "after the release": (releasing, "_keep", "after"),
}
"""The same while the draft is released."""


def _deadly(call: Callable[..., Any], when: str, turns: list[int]) -> Callable[..., Any]:
    def die() -> None:
        turns[0] -= 1
        if not turns[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    def deadly(*args: Any, **named: Any) -> Any:
        if when == "before":
            die()
        found = call(*args, **named)
        if when == "after" and not asyncio.iscoroutine(found):
            die()
        return _after(found, die) if when == "after" and asyncio.iscoroutine(found) else found

    return deadly


async def _after(work: Any, die: Callable[[], None]) -> Any:
    found = await work
    die()
    return found


async def main() -> None:
    """Leave, let a minute pass when the provisional report is there, release
    the draft, and work until killed."""
    home, step, turn = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    owner, name, when = (STEPS | RELEASING)[step]
    setattr(owner, name, _deadly(getattr(owner, name), when, [turn]))
    async with node(home) as one:
        event = await one.event(["stage-a"], id_="event-1")
        await one.leave(event, "stage-a", id_="participation-1")
        await one.until(lambda db: db.execute("SELECT 1 FROM report").fetchone() is not None)
        await one.draft("participation-1")
        await one.idle()
        await one.release("participation-1")
    sys.exit(3)


if __name__ == "__main__":
    asyncio.run(main())
