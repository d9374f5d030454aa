"""The loop whose clock jumps: time stands while somebody works for it."""

import asyncio
import sys
from asyncio.subprocess import PIPE

from collector.simulator.virtual.loop import VirtualLoop, run

SLOW = "import sys, time; told = sys.stdin.read(); time.sleep(0.3); print(told)"


def test_a_sleep_passes_at_once() -> None:
    """A day is over before it has begun."""

    async def a_day(loop: VirtualLoop) -> float:
        await asyncio.sleep(86_400)
        return loop.now_s

    assert run(a_day) == 86_400


def test_time_stands_while_a_program_works_that_was_told_all() -> None:
    """Its stdin is closed, and it works on: no timer of the loop is due meanwhile."""

    async def told(loop: VirtualLoop) -> tuple[bytes, float]:
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SLOW, stdin=PIPE, stdout=PIPE
        )
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(b"a word")
        program.stdin.close()
        async with asyncio.timeout(60):
            said = await program.stdout.read()
        await program.wait()
        return said, loop.now_s

    assert run(told) == (b"a word\n", 0.0)


def test_time_goes_on_while_a_program_waits_for_a_word() -> None:
    """An hour passes, then it is told, works, and time stands; one that is never told is ended."""

    async def later(loop: VirtualLoop) -> tuple[bytes, float]:
        program, never = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", SLOW, stdin=PIPE, stdout=PIPE
            )
            for _ in range(2)
        ]
        await asyncio.sleep(3600)
        said, _ = await program.communicate(b"a word")
        now_s = loop.now_s
        never.kill()
        await never.wait()
        return said, now_s

    assert run(later) == (b"a word\n", 3600.0)
