"""One sink at work: batches out of the journal into a receiver, until they surely are there.

Two lanes share one link. The live lane sends what is new, at most once in `flush_s`; what it
cannot keep up with becomes owed. The catch-up lane sends what is owed, oldest first, in requests
that take about two seconds, with a rest after each; while one is under way the next is made. With
`order = "oldest-first"` a single lane sends everything in order. Beside them one task watches the
receiver's epoch, and one keeps the state in the journal.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

import structlog

from collector.errors import JournalError
from collector.journal import Dead, Journal, SinkRecord
from collector.journal.ranges import union
from collector.model.sink import SinkSettings
from collector.model.snapshot import SinkHealth
from collector.net.http import Cold, Http, Unreachable
from collector.sinks import epoch
from collector.sinks.answers import Kept, OutOfOrder
from collector.sinks.collect import Load
from collector.sinks.epoch import Hidden
from collector.sinks.link import Link
from collector.sinks.pace import PACE, Pace
from collector.sinks.proof import Proof
from collector.sinks.reader import Reader
from collector.sinks.resend import Resends
from collector.sinks.send import Sender
from collector.sinks.state import SinkState, Span

OWED_BATCHES = 3600
CATCH_UP_REQUESTS = 2

log = structlog.get_logger("sink")


def _nobody_asks(first: int, last: int) -> None:
    """Nobody wants to know what was answered."""


class Deliverer:
    """Delivers the journal to one receiver. Run it under a supervisor; `health` is always there.

    `clock` is monotonic seconds. `answered` is told of each run of batches that the receiver has
    taken.
    """

    def __init__(
        self,
        settings: SinkSettings,
        journal: Journal,
        *,
        clock: Callable[[], float] = time.monotonic,
        pace: Pace = PACE,
        answered: Callable[[int, int], None] = _nobody_asks,
    ) -> None:
        self.name = settings.name
        self.settings = settings
        self.state = SinkState()
        self._journal = journal
        self._clock = clock
        self._pace = pace
        self._answered = answered
        self._link = Link(settings.name, clock, pace.back_off)
        self._sender = Sender(settings, journal)
        self._look_now = asyncio.Event()
        self._changed = asyncio.Event()
        self._reading = asyncio.Lock()
        self._saved: SinkRecord | None = None
        self._reader = Reader(journal, settings, pace)
        self._proof = Proof(settings.name)
        self._seen_s = 0.0
        self._singly_to = 0
        self._cold = False
        self._settled_dead: tuple[int, ...] = ()
        self._sent_batches = 0
        self._behind_s = 0.0
        self.resends = Resends(
            journal,
            self._link,
            send=self._send_again,
            state=lambda: self.state,
            failed=self._trouble,
            clock=clock,
        )

    # -- life ------------------------------------------------------------------------------------

    async def run(self, ready: Callable[[], None]) -> None:
        """Deliver until cancelled; `ready` is called at each first success. Raises JournalError."""
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(Http(self.settings.ca_pem))
            eyes = http
            if self._in_order:  # a connection that a look has opened is none to send on
                eyes = await stack.enter_async_context(Http(self.settings.ca_pem))
            self._sender.http, self._sender.may_connect = http, True
            await self._begin(eyes)
            stack.push_async_callback(self._save_last)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch(eyes))
                tasks.create_task(self._keep())
                tasks.create_task(self.resends.run())
                if self._in_order:
                    tasks.create_task(self._send_in_order(ready, eyes))
                else:
                    tasks.create_task(self._live(ready))
                    for _ in range(CATCH_UP_REQUESTS):
                        tasks.create_task(self._catch_up(ready))

    async def _begin(self, http: Http) -> None:
        self._seen_s = self._clock()
        records = await self._journal.load_sinks()
        self.state = SinkState.restore(
            records.get(self.name),
            first=self._journal.first,
            head=self._journal.head,
            settle_s=self._pace.settle_s,
        )
        await self._count_dead()
        await self._save()
        await self._look(http)

    async def _save(self) -> None:
        record = self.state.record(self.name)
        if record != self._saved:
            await self._journal.save_sink(record)
            self._saved = record

    async def _save_last(self) -> None:
        try:
            await self._save()
        except JournalError as error:
            log.warning(
                "How far sink {sink} is cannot be kept; after the next start it sends some "
                "samples twice",
                sink=self.name,
                cause=str(error),
            )

    async def drain(self) -> None:
        """Return when everything has been answered that is journaled now and may go out."""
        head = await self._ready()
        while self.state.head < head or self.state.pending or self.state.flying:
            self._changed.clear()
            await self._changed.wait()

    @property
    def _in_order(self) -> bool:
        return self.settings.order == "oldest-first"

    async def _ready(self) -> int:
        try:
            return await self._reader.ready()
        except JournalError:
            return self.state.head  # the journal itself has said so

    # -- lanes -----------------------------------------------------------------------------------

    async def _live(self, ready: Callable[[], None]) -> None:
        while True:
            await self._reader.more(self.state.head)
            await self._link.clear(first=True)
            started = self._clock()
            head = await self._ready()
            self.state, span = self.state.take_live(head, self._reader.at_once)
            self._changed.set()
            load = None if span is None else await self._collect(span)
            if load is not None:
                await self._ship(load, ready)
            await asyncio.sleep(max(0.0, started + self.settings.flush_s - self._clock()))

    async def _catch_up(self, ready: Callable[[], None]) -> None:
        while True:
            if not await self._owed(ready):
                self._changed.clear()
                await self._changed.wait()

    async def _owed(self, ready: Callable[[], None]) -> bool:
        """Send some of what is owed; whether there was any."""
        if not self.state.pending:
            return False
        await self._link.clear(first=await self._ready() <= self.state.head)
        started = self._clock()
        async with self._reading:
            self.state, span = self.state.take_owed(OWED_BATCHES)
            load = None if span is None else await self._collect(span)
        if load is not None:
            await self._ship(load, ready)
            await asyncio.sleep(self._pace.rest * (self._clock() - started))
        return True

    async def _send_in_order(self, ready: Callable[[], None], eyes: Http) -> None:
        """The lane of a receiver that takes nothing late.

        What is later must not get there before what it lost. After a failure everything unsettled
        goes first; and as a new connection may be to a new process, it is preceded by a look.
        """
        while True:
            head = (
                self.state.head if self.state.pending else await self._reader.more(self.state.head)
            )
            await self._link.clear(first=True)
            if self._cold:
                await self._look(eyes)
                self.state = self.state if self.state.vouched else self.state.doubt()
                self._cold, self._sender.may_connect = False, True
                continue
            started = self._clock()
            pending = self.state.pending
            behind = bool(pending)
            limit = 1 if behind and pending[0][0] <= self._singly_to else OWED_BATCHES
            self.state, span = self.state.take_oldest(head, limit)
            load = None if span is None else await self._collect(span)
            if load is not None:
                await self._ship(load, ready, repeated=behind)
            took = self._clock() - started
            rest = self._pace.rest * took if behind else self.settings.flush_s - took
            await asyncio.sleep(max(0.0, rest))

    # -- one request -----------------------------------------------------------------------------

    async def _collect(self, span: Span) -> Load | None:
        """Read as much of `span` as fits into one request; the rest is owed at once.

        Without anything to send, or when the journal cannot be read, nothing flies any more.
        """
        try:
            load = await self._reader.read(span)
        except JournalError as error:
            self._failed(Kept(str(error)), span)
            return None
        except BaseException:
            self.state = self.state.give_back(span)
            raise
        if load.span != span:
            self.state = self.state.give_back((load.span[1] + 1, span[1]))
            self._changed.set()
        self._proof.miss(load.span[1] - load.span[0] + 1 - load.batches)
        if load.batches:
            return load
        self.state = self.state.gone(load.span)
        self._changed.set()
        return None

    async def _ship(self, load: Load, ready: Callable[[], None], *, repeated: bool = False) -> None:
        """Send `load`; afterwards nothing of it is flying any more.

        What is sent in order and may be `repeated` is not taken again by Prometheus, which refuses
        a request as a whole when it holds a later sample of a series. Sent one by one, a batch that
        is refused so was held already: batches go in order, and a later one is there.
        """
        generation = self.state.generation
        started = self._clock()
        try:
            try:
                retried = await self._sender.send(load, repeated=repeated)
            except OutOfOrder:
                if load.span[0] < load.span[1]:
                    self._singly_to = load.span[1]
                    self.state = self.state.give_back(load.span)
                    return
                retried = False
        except JournalError as error:
            self._failed(Kept(str(error)), load.span)
        except Cold:
            self.state = self.state.give_back(load.span)
            self._cold = True
        except Unreachable as error:
            self._failed(Kept(str(error), doubt=True), load.span)
        except Kept as error:
            self._failed(error, load.span)
        except BaseException:
            self.state = self.state.give_back(load.span)
            raise
        else:
            now_s = self._clock()
            self._sender.may_connect = not self._in_order
            self.state = self.state.answer(load.span, generation=generation, at_s=now_s)
            self._reader.adapt(now_s - started, load.samples)
            self._sent_batches += load.batches
            self._answered(*load.span)
            if self._link.down:  # was it away, or has it restarted? Before much is sent in vain
                self._look_now.set()
            self._link.works()
            ready()
            if retried:
                self._doubt()
        finally:
            self._changed.set()

    def _failed(self, error: Kept, span: Span) -> None:
        self.state = self.state.give_back(span)
        self._reader.shrink()
        self._trouble(error)

    def _trouble(self, error: Kept) -> None:
        self._link.failed(error)
        self._changed.set()
        if error.doubt:
            self._doubt()

    def _doubt(self) -> None:
        self.state = self.state.doubt()
        self._look_now.set()
        self._changed.set()

    # -- beside the lanes ------------------------------------------------------------------------

    async def _watch(self, http: Http) -> None:
        pause = min(60.0, max(self._pace.look_s, self.settings.flush_s))
        while True:
            try:
                async with asyncio.timeout(pause):
                    await self._look_now.wait()
            except TimeoutError:
                pass
            else:
                self._look_now.clear()
                await asyncio.sleep(min(1.0, self._pace.look_s))
            await self._look(http)

    async def _look(self, http: Http) -> None:
        """See the receiver's epoch, and draw the conclusions."""
        asked_s = self._clock()
        try:
            seen = await epoch.look(http, self.settings)
        except Unreachable as error:
            if asked_s - self._seen_s < self._pace.blind_s:
                return
            seen = Hidden(f"the receiver's restarts cannot be seen now: {error}")
        before = self.state.generation
        self._proof.look(seen)
        if isinstance(seen, Hidden):
            self.state = self.state.unseen(at_s=asked_s)
        else:
            self._seen_s = asked_s
            self._sender.zstd = seen.zstd
            changed = self.state.epoch not in (None, seen.epoch)
            self.state = self.state.observe(seen.epoch, at_s=asked_s, vouched=seen.vouched)
            if changed:
                log.info("A receiver has restarted; what it may have lost is sent again.")
        if self.state.generation != before:
            self._changed.set()
        self._settled_dead = self.resends.settled(asked_s)

    async def _keep(self) -> None:
        failing = False
        while True:
            await asyncio.sleep(self._pace.save_s)
            try:
                await self._save()
                await self.forget_dead(self._settled_dead)
                self._behind_s = await self._measure_behind()
                failing = False
            except JournalError as error:
                if not failing:
                    log.warning(
                        "How far sink {sink} is cannot be kept", sink=self.name, cause=str(error)
                    )
                failing = True

    async def _measure_behind(self) -> float:
        waiting = union(self.state.pending, self.state.flying)
        oldest = waiting[0][0] if waiting else self.state.head + 1
        if oldest >= self._journal.head:
            return 0.0
        at_ms = await self._journal.at_ms(oldest)
        return 0.0 if at_ms is None else max(0.0, (self._journal.last_ms - at_ms) / 1000)

    # -- refused for good ------------------------------------------------------------------------

    async def _send_again(self, dead: Dead) -> str:
        refused, broke = await self._sender.send_again(dead)
        if broke:
            self._doubt()
        return refused

    async def forget_dead(self, ids: Sequence[int]) -> None:
        """Take these refused samples out of the store: sent after all, or given up. Raises
        JournalError."""
        if ids:
            await self._journal.forget_dead(tuple(ids))
            self.resends.forget(ids)
            await self._count_dead()

    async def _count_dead(self) -> None:
        self._sender.dead_samples = (await self._journal.dead_samples()).get(self.name, 0)

    # -- health ----------------------------------------------------------------------------------

    def health(self, state: str = "running", cause: str = "") -> SinkHealth:
        """How the sink is; `state` and `cause` are its supervisor's.

        Figures count since the program started, repeats included; `sent_bytes` are request bodies
        as they went over the wire.
        """
        if state == "running" or self._link.down:
            cause = self._link.cause or self._proof.thrown_away
            state = self._word()
        lossless, why = self._proof.verdict(
            dead=self._sender.dead_samples, left_out=self._sender.dropped.total()
        )
        return SinkHealth(
            sink=self.name,
            state=state,
            cause=cause,
            behind_s=round(self._behind_s, 1),
            head=self.state.head,
            settled=self.state.settled,
            owed_batches=self.state.owed_count,
            sent_batches=self._sent_batches,
            sent_samples=self._sender.sent_samples,
            sent_bytes=self._sender.sent_bytes,
            dead_samples=self._sender.dead_samples,
            lossless=lossless,
            lossless_why=why,
        )

    def _word(self) -> str:
        if self._link.down:
            return "backoff"
        if not self._link.proven:
            return "starting"
        return "catching up" if self.state.pending else "running"
