"""The outbox at work; this package's docstring is its contract."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import structlog

from collector.config.services import CloudSettings
from collector.errors import StoreError
from collector.model.cloud import NodeStatus
from collector.model.outbox import KINDS, OutboxHealth, OutboxItem, RecordState
from collector.model.text import clean
from collector.net.http import Http
from collector.outbox import shown, table
from collector.outbox.door import Door
from collector.outbox.lane import Desk, Lane, Pace
from collector.outbox.shown import Count
from collector.outbox.table import Confirmed, Loaders, Self
from collector.outbox.turns import Line
from collector.store import NodeDb

PACE = Pace()
MAX_PERSON = 64
FIGURES_SHARE = 50
"""Counting a backlog of years takes its time: at most a fiftieth of it is spent so."""

log = structlog.get_logger("outbox")


class Outbox:
    """Delivers records to the cloud API. Run it under a supervisor; `health` is always there.

    `settings` None: no cloud is set, records wait. `ca_pem`: the certificates of its own CA; "":
    the system's store counts. `node` is the node's id, `state` the folder that
    paths of files are relative to. `loaders` make the packets of kinds that are queued without a
    body. `confirmed` hears of each record that the cloud has, in the transaction that lets go of
    it. `status` gives what the cloud is told each minute (None: nothing now).
    """

    def __init__(
        self,
        db: NodeDb,
        settings: CloudSettings | None,
        *,
        node: str,
        state: Path,
        ca_pem: str = "",
        http: Http | None = None,
        loaders: Loaders | None = None,
        confirmed: Confirmed | None = None,
        status: Callable[[], NodeStatus | None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        pace: Pace = PACE,
    ) -> None:
        self._db = db
        self._settings = settings
        self._node = node
        self._ca_pem = ca_pem
        self._http = http
        self._status = status
        self._clock = clock
        self._wall = wall
        self._pace = pace
        self._line = Line(clock, pace.back_off)
        desk = Desk(
            db=db,
            line=self._line,
            node=node,
            state=state,
            loaders=loaders or {},
            confirmed=confirmed,
            clock=clock,
            wall=wall,
            pace=pace,
        )
        self._lanes = (
            Lane(desk, (kind.name for kind in KINDS.values() if not kind.bulk)),
            Lane(desk, (kind.name for kind in KINDS.values() if kind.bulk), bulk=True),
        )
        self._door: Door | None = None
        self._counts: Mapping[str, Count] = {}
        self._store_cause = ""

    async def prepare(self) -> Self:
        """Who sends; records that are put from now on are made by this node. Raises StoreError."""
        introduce = partial(table.introduce, node=self._node, at_ms=self._now_ms())
        return await self._db.run("name the node in the outbox", introduce)

    async def run(self, ready: Callable[[], None]) -> None:
        """Deliver until cancelled; `ready` is called when the cloud has taken something, at once
        without a cloud. Raises StoreError when `node.db` cannot even be read at the start."""
        own = await self.prepare()
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._look_after())
            if self._settings is None:
                ready()
                return
            http = self._http
            if http is None:
                http = await stack.enter_async_context(Http(self._ca_pem))
            self._door = Door(http, self._settings, wall=self._wall)
            tasks.create_task(self._tell_status())
            for lane in self._lanes:
                tasks.create_task(lane.run(self._door, own, ready))

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)

    # -- beside the lanes ------------------------------------------------------------------------

    async def _look_after(self) -> None:
        """Hold the bounds and keep the figures up to date."""
        tidy_at_s = 0.0
        while True:
            began_s = self._clock()
            tidy = began_s >= tidy_at_s
            look = shown.tidy if tidy else shown.counts
            try:
                self._counts = await self._db.run("look after the outbox", look)
            except StoreError as error:
                self._store_cause = str(error)
            else:
                self._store_cause = ""
                tidy_at_s = self._clock() + self._pace.tidy_s if tidy else tidy_at_s
            took_s = self._clock() - began_s
            await asyncio.sleep(max(self._pace.figures_s, FIGURES_SHARE * took_s))

    async def _tell_status(self) -> None:
        """Queue the node's status each minute. Records go on when it cannot be made."""
        failing = False
        while True:
            pause_s = self._pace.status_s
            try:
                if not await self._queue_status():
                    pause_s = self._pace.look_s
                failing = False
            except StoreError as error:
                self._store_cause = str(error)
            except Exception:  # whatever it is about, records matter more
                if not failing:
                    log.exception("The cloud is not told how this node is, by a fault of ours")
                failing = True
            await asyncio.sleep(pause_s)

    async def _queue_status(self) -> bool:
        """Whether there was a status to queue. Raises StoreError, and what making it raises."""
        status = None if self._status is None else self._status()
        if status is None:
            return False
        queue = partial(
            table.put, kind="status", record_id=self._node, body=status, at_ms=status.at_ms
        )
        await self._db.run("queue the node's status", queue)
        return True

    # -- for people ------------------------------------------------------------------------------

    def health(self, state: str = "running", cause: str = "") -> OutboxHealth:
        """How the outbox is; `state` and `cause` are its supervisor's. Figures may be 5 s old."""
        counts = self._counts.values()
        oldest = [count.oldest_ms for count in counts if count.oldest_ms is not None]
        sent_ms = max((count.sent_ms for count in counts), default=0)
        if state == "running" or self._line.pause.tries:
            state, cause = self._word()
        return OutboxHealth(
            state=state,
            cause=cause,
            waiting={kind: count.waiting for kind, count in self._counts.items() if count.waiting},
            refused={kind: count.refused for kind, count in self._counts.items() if count.refused},
            oldest_min=round(max(0, self._now_ms() - min(oldest)) / 60_000, 1) if oldest else 0.0,
            sent=sum(count.sent for count in counts),
            sent_bytes=0 if self._door is None else self._door.sent_bytes,
            sent_ms=sent_ms or None,
            dropped=sum(count.dropped for count in counts),
        )

    def _word(self) -> tuple[str, str]:
        """State and cause in words."""
        if self._line.pause.tries:
            return "backoff", self._line.pause.cause
        held = [turn for lane in self._lanes for turn in lane.turns.values() if turn.pause.tries]
        if held:
            return "backoff", f"{held[0].kind} are held up: {held[0].pause.cause}"
        store_causes = [self._store_cause, *(lane.cause for lane in self._lanes)]
        if any(store_causes):
            return "backoff", max(store_causes)
        if self._settings is None:
            return "off", ""
        if not self._line.proven:
            return "starting", ""
        waiting = any(count.waiting for count in self._counts.values())
        return ("catching up" if waiting else "running"), ""

    async def items(
        self, kind: str | None = None, state: RecordState | None = None, limit: int = 100
    ) -> list[OutboxItem]:
        """What the cloud does not have, the oldest first. Raises StoreError."""
        chosen = partial(shown.items, kind=kind, state=state, limit=limit)
        return await self._db.run("list the outbox", chosen)

    async def resend(self, revisions: Sequence[int]) -> list[int]:
        """Give refused records another turn, each in its old place; those that were refused.
        Raises StoreError."""
        return await self._db.run("send again", partial(shown.resend, revisions=revisions))

    async def forget(self, revisions: Sequence[int], person: str) -> list[OutboxItem]:
        """Delete refused records for good, by the will of `person`; those that there were. Raises
        StoreError."""
        gone = await self._db.run("forget records", partial(shown.forget, revisions=revisions))
        if gone:
            log.warning(
                "{person} had records forgotten that the cloud refuses: {records}.",
                person=clean(person, MAX_PERSON),
                records=[f"{item.kind}/{item.record_id}" for item in gone],
            )
        return gone
