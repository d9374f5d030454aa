"""The tries by their ids: the same request again gets the first one's answer and writes nothing."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

import msgspec
import structlog
from msgspec import Struct

from collector.control import table
from collector.errors import StoreError
from collector.model.control import ControlValue
from collector.store import NodeDb

log = structlog.get_logger("control")

REMEMBERED = 1_000
KEEP_MS = 86_400_000


class Done(Struct, frozen=True, kw_only=True):
    """How a try ended: `outcome` in words, the value that the device has since, what came of it;
    or the refusal with its code (`outcome` is "refused" then, and nothing was written)."""

    outcome: str
    value: ControlValue | None = None
    effect: str = ""
    code: str = ""
    reason: str = ""
    hint: str = ""


USED = Done(
    outcome="refused",
    code="id_used",
    reason="another request has had this id",
    hint="every request takes a new id",
)
CUT_OFF = Done(
    outcome="refused",
    code="cut_off",
    reason="this request was cut off by the end of the collector, and nobody knows how it ended",
    hint="look at the device, then ask anew",
)


class _Try(NamedTuple):
    fingerprint: str
    task: "asyncio.Task[Done]"


class Tries:
    """Runs each id once. In `node.db` for a day, for a restart must not make it run twice."""

    def __init__(self, db: NodeDb) -> None:
        self._db = db
        self._known: OrderedDict[str, _Try] = OrderedDict()

    async def once(
        self, try_id: str, fingerprint: str, at_ms: int, act: Callable[[], Awaitable[Done]]
    ) -> Done:
        """What `act` gives, or gave when this id came first. It goes on when the caller leaves.
        Raises StoreError when the id cannot be kept; then nothing was done."""
        known = self._known.get(try_id)
        if known is None:
            run = self._run(try_id, fingerprint, at_ms, act)
            known = _Try(fingerprint, asyncio.create_task(run, name=f"control {try_id}"))
            self._known[try_id] = known
            self._forget_old()
        elif known.fingerprint != fingerprint:
            return USED
        return await asyncio.shield(known.task)

    def _forget_old(self) -> None:
        for try_id in list(self._known):
            if len(self._known) <= REMEMBERED:
                return
            if self._known[try_id].task.done():
                del self._known[try_id]

    async def _run(
        self, try_id: str, fingerprint: str, at_ms: int, act: Callable[[], Awaitable[Done]]
    ) -> Done:
        begin = partial(
            table.begin_try,
            try_id=try_id,
            at_ms=at_ms,
            fingerprint=fingerprint,
            keep_ms=KEEP_MS,
        )
        try:
            before = await self._db.run("keep the id of a command", begin)
        except StoreError:
            del self._known[try_id]
            raise
        if before is not None:
            return _told(before, fingerprint)
        done = await act()
        end = partial(table.end_try, try_id=try_id, answer=msgspec.json.encode(done))
        try:
            await self._db.run("keep how a command ended", end)
        except StoreError as error:  # it is done all the same, and the audit was begun
            log.warning("How a command ended is not kept", id=try_id, cause=str(error))
        return done

    async def end(self, limit_s: float) -> None:
        """Let what is under way come to its end, for so long; then break it off."""
        running = [each.task for each in self._known.values() if not each.task.done()]
        if running:
            _, late = await asyncio.wait(running, timeout=limit_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def _told(before: tuple[str, bytes | None], fingerprint: str) -> Done:
    known, answer = before
    if known != fingerprint:
        return USED
    return CUT_OFF if answer is None else msgspec.json.decode(answer, type=Done)
