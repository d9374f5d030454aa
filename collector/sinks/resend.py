"""Refused samples that a person wants sent again, on their way, one by one.

2xx is not durable here either: the store keeps an entry until the same receiver was seen alive a
minute after its answer; what was answered before a restart is sent again by itself. Nothing of this
outlives the process: after a restart of ours the entry is refused as before, a person sees it, and
sending it twice harms nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import NamedTuple

import structlog

from collector.errors import JournalError
from collector.journal import Dead, Journal
from collector.model.dead import DeadState, Resent
from collector.net.http import Unreachable
from collector.sinks.answers import Kept
from collector.sinks.link import Link
from collector.sinks.state import SinkState

PATIENCE = 20
"""Refusals in a row, after which the rest is not tried: the receiver may refuse everything."""
UNTRIED = f"not tried: the receiver has just refused {PATIENCE} others in a row"

SendAgain = Callable[[Dead], Awaitable[str]]
"""Sends one entry; "" when it was taken, else why it was refused. Raises Kept or Unreachable."""

log = structlog.get_logger("sink")


class Taken(NamedTuple):
    """An answer: under which epoch (None: one that nobody vouches for) and generation of the
    sink's state it was asked for, and when it came."""

    epoch: str | None
    generation: int
    at_s: float

    def holds(self, state: SinkState) -> bool:
        """Whether the process that answered has not been seen to fail since."""
        if self.epoch is None:
            return self.generation == state.generation
        return state.vouched and self.epoch == state.epoch


class Resends:
    """One sink's entries on their way. `run` is a lane of the sink; the rest is for its owner.

    `state` gives the sink's state, `clock` monotonic seconds; `failed` is told of failures.
    """

    def __init__(
        self,
        journal: Journal,
        link: Link,
        *,
        send: SendAgain,
        state: Callable[[], SinkState],
        failed: Callable[[Kept], None],
        clock: Callable[[], float],
    ) -> None:
        self._journal = journal
        self._link = link
        self._send = send
        self._state = state
        self._failed = failed
        self._clock = clock
        self._waiting: dict[int, None] = {}
        self._taken: dict[int, Taken] = {}
        self._refused: dict[int, str] = {}
        self._refusals = 0
        self._news = asyncio.Event()

    async def want(self, ids: Collection[int], *, wait_s: float) -> list[Resent]:
        """Send these entries, which the store holds, once more; what became of each, as far as it
        is known after `wait_s` seconds."""
        self._refusals = 0
        for number in ids:
            self._refused.pop(number, None)
            if number not in self._taken:
                self._waiting[number] = None
        self._tell()
        try:
            async with asyncio.timeout(wait_s):
                while not self._waiting.keys().isdisjoint(ids):
                    await self._news.wait()
        except TimeoutError:
            pass
        return [self._outcome(number) for number in ids]

    def _outcome(self, number: int) -> Resent:
        if number in self._waiting:
            return Resent(id=number, outcome="waiting", why=self._link.cause)
        if number in self._refused:
            return Resent(id=number, outcome="refused", why=self._refused[number])
        return Resent(id=number, outcome="sent")

    def condition(self, number: int) -> DeadState:
        """Where an entry of the store is."""
        if number in self._waiting:
            return "waiting"
        return "sent" if number in self._taken else "refused"

    def forget(self, ids: Iterable[int]) -> None:
        """The store holds them no more."""
        for number in ids:
            for known in (self._waiting, self._taken, self._refused):
                known.pop(number, None)
        self._tell()

    def settled(self, at_s: float) -> tuple[int, ...]:
        """Those that the receiver, seen at `at_s`, surely has; what it may have lost waits again.

        They are the caller's to take out of the store.
        """
        state = self._state()
        lost = [number for number, taken in self._taken.items() if not taken.holds(state)]
        for number in lost:
            del self._taken[number]
            self._waiting[number] = None
        if lost:
            self._tell()
        ripe = at_s - state.settle_s
        return tuple(number for number, taken in self._taken.items() if taken.at_s <= ripe)

    async def run(self) -> None:
        """Send what is wanted, for ever."""
        while True:
            number = next(iter(self._waiting), None)
            if number is None:
                await self._news.wait()
                continue
            await self._link.clear(first=False)
            if number in self._waiting:
                await self._send_one(number)

    async def _send_one(self, number: int) -> None:
        try:
            found = await self._journal.dead(after=number - 1, limit=1)
            if not found or found[0].id != number:
                self.forget((number,))
                return
            before = self._state()
            why = await self._send(found[0])
            if number not in self._waiting:
                return  # given up meanwhile
        except JournalError as error:
            self._failed(Kept(str(error)))
        except Unreachable as error:
            self._failed(Kept(str(error), doubt=True))
        except Kept as error:
            self._failed(error)
        else:
            del self._waiting[number]
            if why:
                self._note_refusal(number, why)
            else:
                self._refusals = 0
                epoch = before.epoch if before.vouched else None
                self._taken[number] = Taken(epoch, before.generation, self._clock())
            self._tell()

    def _note_refusal(self, number: int, why: str) -> None:
        self._refused[number] = why
        self._refusals += 1
        if self._refusals >= PATIENCE:
            self._refused |= dict.fromkeys(self._waiting, UNTRIED)
            self._waiting.clear()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
