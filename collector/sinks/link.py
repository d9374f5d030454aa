"""Whether a receiver takes samples now: back-off, its cause, and who tries again."""

import asyncio
from collections.abc import Callable

import structlog

from collector.sinks.answers import Kept
from collector.supervisor import back_off

HEAD_START_S = 2.0

log = structlog.get_logger("sink")


class Link:
    """The way to one receiver, shared by the lanes that send on it.

    Logs the first failure and the recovery. `cause` is the last failure while it lasts.
    """

    def __init__(
        self,
        sink: str,
        clock: Callable[[], float],
        wait_s: Callable[[int], float] = back_off,
    ) -> None:
        self.sink = sink
        self.cause = ""
        self.proven = False
        self.tries = 0
        self._clock = clock
        self._wait_s = wait_s
        self._retry_at = 0.0
        self._asked_until = 0.0
        self._since = 0.0
        self._up = asyncio.Event()
        self._up.set()

    @property
    def down(self) -> bool:
        """Whether the last try failed."""
        return self.tries > 0

    async def clear(self, *, first: bool) -> None:
        """Return when it makes sense to send: at once while all is well, else after the back-off.

        The `first` lane tries; another one waits for its success, or a little longer. What the
        receiver asked for (Retry-After) is waited out though another request was taken meanwhile.
        """
        if (asked := self._asked_until - self._clock()) > 0:
            await asyncio.sleep(asked)
        while self.down:
            delay = self._retry_at - self._clock() + (0.0 if first else HEAD_START_S)
            if delay <= 0:
                return
            try:
                async with asyncio.timeout(delay):
                    await self._up.wait()
            except TimeoutError:
                continue

    def failed(self, error: Kept) -> None:
        """A try failed: everything waits."""
        if not self.down:
            self._since = self._clock()
            log.warning(
                "Sink {sink} takes nothing, samples wait in the journal",
                sink=self.sink,
                cause=str(error),
            )
        self.tries += 1
        self.cause = str(error)
        now_s = self._clock()
        self._asked_until = max(self._asked_until, now_s + (error.wait_s or 0.0))
        self._retry_at = max(now_s + self._wait_s(self.tries), self._asked_until)
        self._up.clear()

    def works(self) -> None:
        """A try succeeded."""
        if self.down:
            after_s = round(self._clock() - self._since, 1)
            log.info(
                "Sink {sink} takes samples again, after {after_s} s.",
                sink=self.sink,
                after_s=after_s,
                tries=self.tries,
            )
        self.tries = 0
        self.cause = ""
        self.proven = True
        self._up.set()
