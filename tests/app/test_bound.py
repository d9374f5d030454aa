"""The end of a process that does not come to its end."""

import subprocess
import sys

HANGS = """
import asyncio, time
from concurrent.futures import ThreadPoolExecutor
from ovr_tui.commands import collect

collect.END_S = 0.3

async def main():
    stopping = asyncio.Event()
    task = asyncio.create_task(collect.bound_the_end(stopping))
    stopping.set()
    await task
    {how}

asyncio.run(main())
"""


def ended(how: str) -> "subprocess.CompletedProcess[str]":
    """A process whose end hangs, once it has ended."""
    program = HANGS.format(how=how)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30
    )


def test_an_event_loop_that_stands_is_ended() -> None:
    """Nothing on the loop could do it."""
    done = ended("time.sleep(60)")
    assert done.returncode == 1
    assert "ended as it was" in done.stderr


def test_a_thread_that_hangs_on_a_disk_is_ended() -> None:
    """Python would wait for it at its own end."""
    done = ended("ThreadPoolExecutor(1).submit(time.sleep, 60)")
    assert done.returncode == 1


def test_who_ends_in_time_is_left_alone() -> None:
    """The limit is no wait."""
    assert ended("pass").returncode == 0
