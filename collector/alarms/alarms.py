"""The alarms of a node: judged once a second, kept in `node.db` in the background.

How the collector uses it (the attach points):

- `Alarms(db, limits, keep_days=…, put=…)` once `NodeDb` is open, then `await open()`: what was open
  is open again. `put(db, alarm, change)` runs in the transaction that keeps the change: the place
  for the outbox.
- `tick(scene)` at each tick, after the site has been frozen; never blocks and never raises. Then
  `active()` is `Snapshot.alarms`, and `problem` one of `NodeHealth.problems`.
- `run(ready)` under the supervisor; at the end, `await flush()` once more before the file closes.
- `acknowledge`, `shelve`, `unshelve`, `commission`, `release` for people: durable when they return.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NoReturn

import structlog
from msgspec import structs

from collector.alarms import table
from collector.alarms.book import Book
from collector.alarms.evaluate import Memory, evaluate, remember
from collector.alarms.life import Step
from collector.alarms.nominal import Learned
from collector.alarms.scene import Scene
from collector.alarms.table import Put
from collector.config.figures import AlarmSettings
from collector.errors import NotPossible
from collector.model.alarm import (
    Alarm,
    AlarmChange,
    AlarmHealth,
    Clamp,
    Commissioning,
    urgent_first,
)
from collector.model.ids import uuid7
from collector.model.text import clean
from collector.store import NodeDb

WAITING = 10_000
"""Changes that may wait for the disk; beyond it the oldest is lost, and counted."""
BATCH = 500
FORGET_S = 3600.0
LONGEST_SHELF_MS = 7 * 86_400_000
MOST_HISTORY = 10_000
NOTE_CELLS = 500
DAY_MS = 86_400_000

log = structlog.get_logger("alarms")


class Alarms:
    """See the module. Everything runs on the event loop; `wall` gives UTC seconds."""

    def __init__(
        self,
        db: NodeDb,
        limits: AlarmSettings,
        *,
        keep_days: int = 730,
        put: Put | None = None,
        wall: Callable[[], float] = time.time,
        new_id: Callable[[int], str] = uuid7,
    ) -> None:
        self._db = db
        self._limits = limits
        self._keep_ms = keep_days * DAY_MS
        self._put = put
        self._wall = wall
        self._new_id = new_id
        self._book = Book(new_id=new_id)
        self._memory = Memory()
        self._commissioned: dict[str, Commissioning] = {}
        self._watched: frozenset[str] = frozenset()
        self._queue: deque[Step] = deque()
        self._some = asyncio.Event()
        self._writing = asyncio.Lock()
        self._deciding = asyncio.Lock()
        """One person at a time says what is watched."""
        self._learned_anew = False
        self._at_ms = 0
        self._lost = 0
        self._cause = ""
        self._fault = ""

    async def open(self) -> None:
        """Take up what was kept. Raises StoreError."""
        loaded = await self._db.run("read the alarms", table.load_open)
        self._book = Book(loaded, new_id=self._new_id)
        self._watch(dict(await self._db.run("read what is watched", table.load_commissioned)))
        known = await self._db.run("read nominal values", table.load_nominal)
        self._memory = Memory(learned=Learned(known=known))

    # -- the tick ----------------------------------------------------------------------------

    def tick(self, scene: Scene) -> None:
        """Judge a scene (what is commissioned is filled in here)."""
        try:
            self._judge(structs.replace(scene, commissioned=self._watched))
        except Exception as error:  # a fault of ours must not end the tick; it is shown
            if not self._fault:
                log.exception(
                    "Alarms are not judged, by a fault of ours: restart the collector, and "
                    "report this line."
                )
            self._fault = f"{type(error).__name__}: {error}"
        else:
            if self._fault:
                log.info("Alarms are judged again.")
            self._fault = ""

    def _judge(self, scene: Scene) -> None:
        self._at_ms = max(self._at_ms, scene.at_ms)
        before = self._memory.learned.known
        self._memory = remember(self._memory, scene)
        if self._memory.learned.known is not before and self._memory.learned.known != before:
            self._learned_anew = True
            self._some.set()
        findings = evaluate(scene, self._limits, self._memory, company=self._book.company())
        self._offer(self._book.judge(findings, self._at_ms, scene.now_s))

    def _offer(self, steps: Iterable[Step]) -> None:
        for step in steps:
            self._queue.append(step)
            self._some.set()
        self._trim()

    def _trim(self) -> None:
        while len(self._queue) > WAITING:
            self._queue.popleft()
            self._lost += 1

    # -- keeping -----------------------------------------------------------------------------

    async def run(self, ready: Callable[[], None]) -> NoReturn:
        """Keep changes as they come, and forget old ones, until cancelled. Raises StoreError
        while `node.db` takes nothing: what waits is kept for the next run."""
        while True:
            await self.flush()
            await self._db.run("forget old alarms", partial(table.forget, before_ms=self._oldest()))
            ready()
            await self._keep_for(FORGET_S)

    def _oldest(self) -> int:
        return self._now_ms() - self._keep_ms

    async def _keep_for(self, seconds: float) -> None:
        until_s = time.monotonic() + seconds
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(left_s):
                    await self._some.wait()
            except TimeoutError:
                return
            await self.flush()

    async def flush(self) -> None:
        """Everything that has changed until now is durable when this returns. Raises StoreError;
        then it waits for the next try."""
        async with self._writing:
            self._some.clear()
            try:
                await self._flush()
            except Exception as error:
                self._cause = str(error) or type(error).__name__
                raise
            self._cause = ""

    async def _flush(self) -> None:
        if self._learned_anew:
            known = dict(self._memory.learned.known)
            await self._db.run("keep nominal values", partial(table.keep_nominal, known=known))
            self._learned_anew = False
        while self._queue:
            steps = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
            try:
                await self._db.run("keep alarms", partial(table.keep, steps=steps, put=self._put))
            except BaseException:  # cancelled too: a step that was kept is kept once
                self._queue.extendleft(reversed(steps))
                self._trim()
                raise

    # -- looking -----------------------------------------------------------------------------

    def active(self) -> tuple[Alarm, ...]:
        """What people have to see: open and not shelved, the most urgent first."""
        return urgent_first([a for a in self._book.open() if a.state != "shelved"])

    def shelved(self) -> tuple[Alarm, ...]:
        """What is out of sight for now, the most urgent first."""
        return urgent_first([a for a in self._book.open() if a.state == "shelved"])

    @property
    def commissioned(self) -> Mapping[str, Commissioning]:
        """The assets that are watched beside those in events, with who said so and when."""
        return self._commissioned

    async def history(self, from_ms: int, to_ms: int, limit: int = 1000) -> tuple[Alarm, ...]:
        """Alarms of a window, also closed ones, the newest first; at most 10,000."""
        most = max(0, min(limit, MOST_HISTORY))
        read = partial(table.history, from_ms=from_ms, to_ms=to_ms, limit=most)
        return await self._db.run("read the history of alarms", read)

    async def changes(self, alarm_id: str) -> tuple[AlarmChange, ...]:
        """Each step of one alarm's life, the oldest first; none for an unknown id."""
        read = partial(table.changes, alarm_id=alarm_id)
        return await self._db.run("read the history of an alarm", read)

    def health(self) -> AlarmHealth:
        """How alarming itself is."""
        opened = self._book.open()
        shelved = sum(alarm.state == "shelved" for alarm in opened)
        return AlarmHealth(
            open=len(opened) - shelved,
            shelved=shelved,
            commissioned=len(self._commissioned),
            waiting=len(self._queue),
            lost=self._lost,
            refused=self._book.refused,
            cause=self._fault or self._cause,
        )

    @property
    def problem(self) -> str:
        """What is wrong with alarming itself, in words; "" when nothing is."""
        if self._fault:
            return f"alarms are not judged, by a fault of ours ({self._fault}): please report it"
        if self._cause:
            return f"alarms are raised, but not kept: {self._cause}"
        return ""

    # -- what people do ----------------------------------------------------------------------

    async def acknowledge(self, alarm_id: str, *, person: str, note: str = "") -> Alarm:
        """Somebody has seen it; again it changes nothing. Raises UnknownAlarm, and StoreError:
        then it counts as seen, and is kept as soon as node.db takes it."""
        step = self._book.acknowledge(
            alarm_id, person=clean(person), note=clean(note, NOTE_CELLS), at_ms=self._now_ms()
        )
        if step is None:
            await self.flush()
            return self._find(alarm_id)
        return await self._durable(step)

    async def shelve(self, alarm_id: str, *, person: str, until_ms: int, reason: str) -> Alarm:
        """Out of sight until `until_ms`, at most a week; then it comes back by itself.

        Raises UnknownAlarm, NotPossible (no reason, no such time) and StoreError as above.
        """
        now_ms, why = self._now_ms(), clean(reason, NOTE_CELLS)
        if not why:
            raise NotPossible("an alarm is shelved for a reason: say which")
        if until_ms > now_ms + LONGEST_SHELF_MS:
            raise NotPossible("an alarm is shelved for a week at most")
        step = self._book.shelve(
            alarm_id, until_ms=until_ms, person=clean(person), reason=why, at_ms=now_ms
        )
        return await self._durable(step)

    async def unshelve(self, alarm_id: str, *, person: str) -> Alarm:
        """Back into sight now. Raises UnknownAlarm, NotPossible when it is not shelved, and
        StoreError as above."""
        step = self._book.unshelve(alarm_id, person=clean(person), at_ms=self._now_ms())
        if step is None:
            raise NotPossible("the alarm is not shelved")
        return await self._durable(step)

    async def _durable(self, step: Step) -> Alarm:
        self._offer([step])
        await self.flush()
        return step.alarm

    def _find(self, alarm_id: str) -> Alarm:
        return next(alarm for alarm in self._book.open() if alarm.id == alarm_id)

    async def commission(
        self, asset: str, *, person: str, note: str = "", clamps: tuple[Clamp, ...] = ()
    ) -> Commissioning:
        """Watch an asset from now on; if it is watched already, that stands, and `clamps` are the
        newest readings that it was verified by. Raises StoreError: then nothing has changed."""
        async with self._deciding:
            known = self._commissioned.get(asset)
            if known is not None and not clamps:
                return known
            if known is not None:
                who = clean(person)
                keep = partial(table.verify, asset=asset, clamps=clamps, person=who)
                await self._db.run("keep what a clamp showed", keep)
                new = structs.replace(known, clamps=clamps)
            else:
                new = Commissioning(
                    asset=asset,
                    at_ms=self._now_ms(),
                    person=clean(person),
                    note=clean(note, NOTE_CELLS),
                    clamps=clamps,
                )
                await self._db.run("commission an asset", partial(table.commission, new=new))
            self._watch({**self._commissioned, asset: new})
            return new

    async def release(self, asset: str, *, person: str) -> None:
        """Watch an asset no more: its alarms are over. Raises NotPossible when it is not
        commissioned, StoreError when nothing has changed."""
        async with self._deciding:
            if asset not in self._commissioned:
                raise NotPossible(f"{asset} is not commissioned")
            who, now_ms = clean(person), self._now_ms()
            await self._db.run(
                "release an asset", partial(table.release, asset=asset, at_ms=now_ms, person=who)
            )
            self._watch({name: c for name, c in self._commissioned.items() if name != asset})
        self._offer(self._book.release(asset, person=who, at_ms=now_ms))
        await self.flush()

    def _watch(self, commissioned: dict[str, Commissioning]) -> None:
        self._commissioned = commissioned
        self._watched = frozenset(commissioned)

    def _now_ms(self) -> int:
        """Now, and never before the last tick."""
        return max(self._at_ms, int(self._wall() * 1000))
