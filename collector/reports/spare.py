"""Reporting processes that have begun and wait: who stands beside a system that leaves should not
wait for a program to start."""

from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable

import structlog

from collector.reports.process import end

log = structlog.get_logger("reports")


class Spare:
    """`begin` starts one. It belongs to the event loop."""

    def __init__(self, begin: Callable[[], Awaitable[Process]]) -> None:
        self._begin = begin
        self._waiting: list[Process] = []
        self._refused = False

    async def keep(self, count: int) -> None:
        """So many wait from now on; what the machine refuses is tried at the next time."""
        self._waiting = [one for one in self._waiting if one.returncode is None]
        try:
            while len(self._waiting) < count:
                one = await self._begin()
                self._waiting.append(one)  # to the list as it is now
        except OSError as error:
            if not self._refused:
                log.warning(
                    "Reports will take longer after a leave, no process can wait for them",
                    cause=str(error),
                )
            self._refused = True
        else:
            self._refused = False
        spare, self._waiting = self._waiting[count:], self._waiting[:count]
        for one in spare:  # all of them, before anything is waited for
            end(one)
        for one in spare:
            await one.wait()

    async def take(self) -> Process:
        """One that has begun, or begins now. Raises OSError when it cannot be started."""
        while self._waiting:
            one = self._waiting.pop(0)
            if one.returncode is None:
                return one
        return await self._begin()

    async def end(self) -> None:
        """None waits any more."""
        await self.keep(0)
