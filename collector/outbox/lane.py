"""Sends the records of some kinds, kind by kind in turn, each kind in its order.

What holds one kind up does not hold up the others: a kind has its own back-off and size of request.
All wait only while there is no connection, and while the cloud has asked for it.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import structlog
from msgspec import Raw, Struct

from collector.errors import StoreError
from collector.model.cloud import SCHEMA, BlobRef, CloudRecord, RecordResult, RecordsRequest
from collector.model.text import clean
from collector.outbox import table
from collector.outbox.attach import FileLost, attach
from collector.outbox.door import Door, Held, Refused
from collector.outbox.pause import Pause
from collector.outbox.table import Loaders, Self, Waiting
from collector.outbox.turns import Line, Turn
from collector.store import NodeDb
from collector.supervisor import back_off

log = structlog.get_logger("outbox")


class Pace(Struct, frozen=True, kw_only=True):
    """How fast the outbox goes about its business; seconds.

    `look_s` is the pause before looking for new records; `rest` the pause after a bulky request as
    a share of the time it took; a request holds at most `most` records and `most_bytes` of bodies.
    """

    look_s: float = 2.0
    tidy_s: float = 60.0
    figures_s: float = 5.0
    status_s: float = 60.0
    rest: float = 0.5
    most: int = 100
    most_bytes: int = 256 << 10
    back_off: Callable[[int], float] = back_off


class Desk(Struct, frozen=True, kw_only=True):
    """What the lanes work with. `state` is the folder that paths of files are relative to; `clock`
    gives monotonic seconds, `wall` UTC seconds."""

    db: NodeDb
    line: Line
    node: str
    state: Path
    loaders: Loaders
    confirmed: table.Confirmed | None
    clock: Callable[[], float]
    wall: Callable[[], float]
    pace: Pace


class Lane:
    """One request at a time for `kinds`. `bulk`: large ones, which leave room for others.

    `cause` tells in words why `node.db` cannot be read, while it cannot.
    """

    def __init__(self, desk: Desk, kinds: Iterable[str], *, bulk: bool = False) -> None:
        most = 1 if bulk else desk.pace.most
        self.turns = {
            kind: Turn(kind, most, Pause(desk.clock, desk.pace.back_off)) for kind in kinds
        }
        self.cause = ""
        self._desk = desk
        self._rest = desk.pace.rest if bulk else 0.0

    async def run(self, door: Door, own: Self, ready: Callable[[], None]) -> None:
        """Send until cancelled; `ready` is called whenever the cloud has taken something."""
        clock = self._desk.clock
        while True:
            started = clock()
            if await self._round(door, own, ready):
                await asyncio.sleep(self._rest * (clock() - started))
            else:
                await asyncio.sleep(self._desk.pace.look_s)

    async def _round(self, door: Door, own: Self, ready: Callable[[], None]) -> bool:
        """A request for each kind that is due, who was served last comes last; whether there may be
        more to send at once."""
        line = self._desk.line
        more = False
        for kind in await self._waiting():
            if line.pause.left_s:
                return False
            turn = self.turns[kind] = self.turns.pop(kind)
            if await self._guarded(turn, door, own):
                more = True
                if line.proven:
                    ready()
        return more

    async def _waiting(self) -> list[str]:
        """The kinds that are due and have something to send or to settle."""
        due = [kind for kind, turn in self.turns.items() if not turn.pause.left_s]
        if not due or self._desk.line.pause.left_s:
            return []
        try:
            look = partial(table.kinds_waiting, kinds=due)
            found = await self._desk.db.run("look into the outbox", look)
        except StoreError as error:
            self.cause = str(error)
            return []
        self.cause = ""
        for kind in due:
            turn = self.turns[kind]
            if turn.unsettled is None and kind not in found:
                turn.works()  # what was held up is gone
        return [kind for kind in due if kind in found or self.turns[kind].unsettled is not None]

    async def _guarded(self, turn: Turn, door: Door, own: Self) -> bool:
        """Whether the kind may go on at once. What fails is noted, whoever's fault it is."""
        try:
            await self._send(turn, door, own)
        except Held as error:
            if error.unconnected:
                self._desk.line.failed(str(error))
            else:
                self._desk.line.pause.extend(error.wait_s or 0.0)
                turn.failed(str(error))
        except StoreError as error:
            turn.failed(str(error))
        except Exception as error:  # about one kind; the others go on
            if not turn.pause.tries:
                log.exception(
                    "Records of {kind} do not go to the cloud by a fault of ours",
                    kind=turn.kind,
                )
            turn.failed(f"by a fault of ours, please report it: {type(error).__name__}: {error}")
        else:
            return True
        return False

    async def _send(self, turn: Turn, door: Door, own: Self) -> None:
        """One request. Raises Held and StoreError when the kind must wait."""
        await self._settle(turn)
        records = await self._desk.db.run("read the outbox", partial(self._next, turn))
        if not records:
            return  # their data are gone
        parts: list[CloudRecord] = []
        for record in records:
            try:
                parts.append(_wire(record, self._desk.node, await self._attached(record, door)))
            except FileLost as error:
                await self._set_aside(turn, record, str(error))
                return
            except Refused as error:
                await self._refused(turn, [record], error)
                return
            except Held as error:  # where contents go may be another server behind the same name
                turn.pause.extend(error.wait_s or 0.0)
                raise Held(str(error), unconnected=error.unconnected) from error
        request = RecordsRequest(
            schema=SCHEMA,
            node=self._desk.node,
            install=own.install,
            kind=turn.kind,
            records=tuple(parts),
        )
        try:
            results = await door.records(request)
        except Refused as error:
            await self._refused(turn, records, error)
            return
        except Held as error:
            if error.slow:
                turn.halve(len(records))
            raise
        self._desk.line.works()
        await self._answered(turn, records, results)

    def _next(self, turn: Turn, db: table.Db) -> list[Waiting]:
        return table.turn(
            db,
            turn.kind,
            most=turn.limit,
            most_bytes=self._desk.pace.most_bytes,
            loader=self._desk.loaders.get(turn.kind),
        )

    async def _attached(self, record: Waiting, door: Door) -> tuple[BlobRef, ...]:
        if not record.files and not record.blobs:
            return ()
        return await attach(record, self._desk.state, door)

    async def _answered(
        self, turn: Turn, records: Sequence[Waiting], results: Sequence[RecordResult]
    ) -> None:
        """Settle what was answered; raises Held when the next in order was not taken."""
        by_revision = {(one.id, one.revision): one for one in results}
        done: list[Waiting] = []
        bad: list[tuple[int, str]] = []
        later = ""
        for record in records:
            result = by_revision.get((record.record_id, record.revision))
            if result is None or result.outcome == "later":
                later = _why(result, "the cloud did not look at it")
                break
            if result.outcome == "refused":
                bad.append((record.revision, _why(result, "the cloud refuses it")))
            else:
                done.append(record)
        self._desk.line.taken += len(done)
        if not (done or bad):
            raise Held(f"{turn.kind} are not taken: {later}")
        turn.unsettled = partial(
            table.settle,
            kind=turn.kind,
            done=done,
            bad=bad,
            at_ms=int(self._desk.wall() * 1000),
            confirmed=self._desk.confirmed,
        )
        await self._settle(turn)
        turn.refused(bad)
        turn.grow()

    async def _settle(self, turn: Turn) -> None:
        """Write down what the cloud has answered, before anything else of the kind is sent."""
        if turn.unsettled is not None:
            await self._desk.db.run("note what the cloud has", turn.unsettled)
            turn.unsettled = None
            turn.works()

    async def _refused(self, turn: Turn, records: Sequence[Waiting], error: Refused) -> None:
        """The request as a whole was refused: find out which record it is about, and whether it is
        about a record at all. Raises Held while that is not known."""
        if len(records) > 1:
            turn.halve(len(records))
        elif error.proven and turn.convicts(records[0].revision, self._desk.line.taken):
            await self._set_aside(turn, records[0], str(error))
        else:
            raise Held(str(error))

    async def _set_aside(self, turn: Turn, record: Waiting, reason: str) -> None:
        bad = [(record.revision, reason)]
        turn.refused(bad)
        turn.unsettled = partial(table.settle, kind=turn.kind, done=(), bad=bad, at_ms=0)
        await self._settle(turn)


def _wire(record: Waiting, node: str, blobs: tuple[BlobRef, ...]) -> CloudRecord:
    return CloudRecord(
        id=record.record_id,
        node=record.node or node,
        revision=record.revision,
        changed_at=record.changed_ms,
        format=record.format,
        body=Raw(record.body),
        files=blobs,
    )


def _why(result: RecordResult | None, otherwise: str) -> str:
    return otherwise if result is None or result.error is None else clean(str(result.error), 300)
