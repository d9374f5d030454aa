"""The book of events: what people do, each deed whole or not at all."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar

import structlog
from msgspec import Struct

from collector.errors import BadClock, NotPossible
from collector.events import holding, prompts, tables
from collector.events.deed import Around, Deed, Word, found
from collector.events.hooks import Hooks
from collector.model.event import (
    Change,
    Conflict,
    Event,
    EventNow,
    EventStatus,
    Participation,
    UseCase,
)
from collector.model.event_history import Dossier, History
from collector.model.ids import uuid7
from collector.model.text import clean
from collector.store import NodeDb

T = TypeVar("T")
Db = sqlite3.Connection

MINUTE_S = 60.0
REASON_CELLS = 300
Held = list[tuple[Participation, list[str]]]
"""Participations, each with the assets whose minutes it holds."""
BLANK = Event(id="", name="", timezone="UTC", created_ms=0, changed_ms=0)

log = structlog.get_logger("events")


class EventFile(Struct, frozen=True, kw_only=True):
    """All that is known of an event. `conflicts`: what lost where it was changed in two places."""

    event: Event
    participations: tuple[Participation, ...]
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    prompt: str = ""


class Listed(Struct, frozen=True, kw_only=True):
    """An event in a list; `conflicts` are counted."""

    event: Event
    participations: tuple[Participation, ...]
    conflicts: int
    prompt: str = ""


class Live(Struct, frozen=True, kw_only=True):
    """An event that is not over, or that systems of this node are in."""

    event: Event
    inside: tuple[Participation, ...]


class EventBook:
    """Events in `node.db`. All its methods raise StoreError, and NotPossible for what cannot be;
    UnknownRecord where nothing is meant, RecordChanged for another revision.

    `systems` gives the assets of each system as they are now, `confirmed` whether the node's clock
    is right; `wall` gives UTC seconds. `blank` is an event of which nothing is said yet, with the
    node's defaults. `hooks` may be set until the first deed; `split(assets, at_ms)` splits the
    minute that goes on, so that a report need not wait until it is stored.
    """

    def __init__(
        self,
        db: NodeDb,
        *,
        node: str,
        systems: Callable[[], Mapping[str, Collection[str]]],
        confirmed: Callable[[], bool] = lambda: True,
        blank: Event = BLANK,
        wall: Callable[[], float] = time.time,
        new_id: Callable[[int], str] = uuid7,
    ) -> None:
        self.hooks = Hooks()
        self.split: Callable[[Sequence[str], int], object] = lambda _assets, _at_ms: None
        self.blank = blank
        self.node = node
        self._db = db
        self._systems = systems
        self._confirmed = confirmed
        self._wall = wall
        self._new_id = new_id
        self._live: tuple[Live, ...] = ()
        self._news = asyncio.Event()

    async def open(self) -> None:
        """See what goes on; before the first tick."""
        self._live = await self._db.run("read the events", self._look)

    async def run(self, ready: Callable[[], None]) -> None:
        """Hold the minutes of assets that come to systems that take part, once a minute and when
        `refresh` was asked for, until cancelled."""
        ready()
        while True:
            self._news.clear()
            await self._done("hold minutes of events", "", lambda deed: deed.refresh())
            try:
                async with asyncio.timeout(MINUTE_S):
                    await self._news.wait()
            except TimeoutError:
                pass

    def refresh(self) -> None:
        """The registry or an assignment is another: look at once who belongs to whom."""
        self._news.set()

    # -- what goes on ------------------------------------------------------------------------

    def active_systems(self) -> frozenset[str]:
        """This node's systems that take part in an event now."""
        return frozenset(one.system for live in self._live for one in live.inside)

    def now(self, now_ms: int) -> tuple[EventNow, ...]:
        """Events that are on, or about which somebody should do something, for the snapshot."""
        found = (prompts.now(live.event, live.inside, now_ms) for live in self._live)
        return tuple(one for one in found if one is not None)

    def problems(self, now_ms: int) -> tuple[str, ...]:
        """What somebody should do about events, in words."""
        told = ((live.event, prompts.now(live.event, live.inside, now_ms)) for live in self._live)
        return tuple(
            prompts.problem(one, event) for event, one in told if one is not None and one.prompt
        )

    # -- looking -----------------------------------------------------------------------------

    async def events(
        self, statuses: Collection[EventStatus] = tuple(EventStatus), limit: int = 1000
    ) -> list[Listed]:
        """So many events of these statuses, the newest first."""

        def read(db: Db) -> list[Listed]:
            found = tables.listed(db, statuses, limit)
            return [self._listed(db, event, conflicts) for event, conflicts in found]

        return await self._db.run("read the events", read)

    async def find(self, wanted: str) -> EventFile:
        """The event that is meant by its id, job code, name or a part of them."""
        return await self._db.run("read an event", lambda db: self._file(db, found(db, wanted)))

    async def participation(self, id_: str) -> str:
        """Which participation that is, in words; "" for one that is not there."""

        def read(db: Db) -> str:
            one = tables.participation(db, id_)
            event = None if one is None else tables.event(db, one.event)
            return "" if one is None or event is None else f"{one.system} in {event.name}"

        return await self._db.run("read a participation", read)

    async def dossier(self, wanted: str) -> tuple[Event, Dossier]:
        """All that is known of an event, to be merged elsewhere."""

        def read(deed: Deed) -> tuple[Event, Dossier]:
            event = deed.find(wanted)
            return event, deed.dossier(event.id)

        return await self._done("read an event", "", read)

    # -- deeds -------------------------------------------------------------------------------

    async def create(self, draft: Event, *, person: str, reason: str = "") -> Event:
        """A planned event of the draft's fields; its id, times and status are none of them."""
        self._known(use.system for use in draft.systems)
        return await self._done("keep an event", person, lambda deed: deed.create(draft), reason)

    async def edit(
        self,
        wanted: str,
        revision: int | None,
        change: Callable[[Event], Event],
        *,
        person: str,
        reason: str = "",
    ) -> Event:
        """The event is what `change` makes of it, if it is still of this revision (None: any)."""
        return await self._done(
            "keep an event", person, lambda deed: deed.edit(wanted, revision, change), reason
        )

    async def start(
        self, wanted: str, *, at_ms: int | None = None, person: str, reason: str = ""
    ) -> Event:
        """It is on, since now or an earlier time. Raises BadClock while the clock is not right."""
        self._clock()
        return await self._done(
            "start an event", person, lambda deed: deed.start(wanted, at_ms), reason
        )

    async def end(
        self, wanted: str, *, at_ms: int | None = None, person: str, reason: str = ""
    ) -> tuple[Event, list[Participation]]:
        """It is over, and what was still in has left; that is the second. Raises BadClock."""
        self._clock()

        def act(db: Db, deed: Deed) -> tuple[Event, Held]:
            event, left = deed.end(wanted, at_ms)
            return event, _held(db, left)

        event, left = await self._write("end an event", person, act, reason)
        return event, self._cut(left)

    async def cancel(self, wanted: str, *, person: str, reason: str = "") -> Event:
        """It does not take place."""
        return await self._done("cancel an event", person, lambda deed: deed.cancel(wanted), reason)

    async def join(
        self,
        wanted: str,
        systems: Sequence[str],
        *,
        at_ms: int | None = None,
        to_ms: int | None = None,
        use_case: UseCase | None = None,
        person: str,
        reason: str = "",
    ) -> list[Participation]:
        """Systems take part, since now or an earlier time; with `to_ms` they did. Raises BadClock
        while the clock is not right."""
        self._clock()
        self._known(systems)
        joined = await self._write(
            "keep who takes part",
            person,
            lambda db, deed: _held(db, deed.join(wanted, systems, at_ms, to_ms, use_case)),
            reason,
        )
        return self._cut(joined)

    async def leave(
        self,
        wanted: str,
        systems: Sequence[str],
        *,
        at_ms: int | None = None,
        person: str,
        reason: str = "",
    ) -> list[Participation]:
        """Systems have left, now or at an earlier time. Raises BadClock."""
        self._clock()
        left = await self._write(
            "keep who takes part",
            person,
            lambda db, deed: _held(db, deed.leave(wanted, systems, at_ms)),
            reason,
        )
        return self._cut(left)

    async def correct(
        self,
        participation: str,
        revision: int | None,
        change: Callable[[Participation], Participation],
        *,
        person: str,
        reason: str,
    ) -> Participation:
        """A participation's times or use were otherwise."""
        return await self._done(
            "correct who took part",
            person,
            lambda deed: deed.correct(participation, revision, change),
            reason,
        )

    async def merge(self, one: str, other: str, *, person: str, reason: str = "") -> Event:
        """Two events are one, under the id that was made first."""
        return await self._done("merge events", person, lambda deed: deed.merge(one, other), reason)

    async def touched(
        self, why: str, *, assets: Collection[str], from_ms: int, to_ms: int, person: str
    ) -> None:
        """What reports of these assets and this window say may be otherwise, for a reason that is
        none of the book's."""

        def tell(db: Db, deed: Deed) -> None:
            deed.hooks.touched(
                db,
                self.now_ms(),
                why,
                assets=frozenset(assets),
                from_ms=from_ms,
                to_ms=to_ms,
            )

        await self._write("ask for reports", person, tell, "")

    async def write(
        self, what: str, person: str, act: Callable[[Db, Deed], T], reason: str = ""
    ) -> T:
        """`act` in one transaction of the book, which others share who write beside it."""
        return await self._write(what, person, act, reason)

    # -- how ---------------------------------------------------------------------------------

    async def read(self, what: str, act: Callable[[Db], T]) -> T:
        """What `act` reads."""
        return await self._db.run(what, act)

    def now_ms(self) -> int:
        """The time now, UTC ms."""
        return round(self._wall() * 1000)

    def _cut(self, changed: Held) -> list[Participation]:
        """The minute that goes on is split where they begin and end."""
        for one, assets in changed:
            for at_ms in (one.from_ms, one.to_ms):
                if at_ms is not None:
                    self.split(assets, at_ms)
        return [one for one, _ in changed]

    def _clock(self) -> None:
        if not self._confirmed():
            raise BadClock(
                "nobody has confirmed the clock since this node was switched on: times of an "
                "event would be wrong; connect it to NTP or a GX that knows the time, or set it "
                "and say `ovr clock confirm`"
            )

    def _known(self, systems: Iterable[str]) -> None:
        known = self._systems()
        for system in systems:
            if system not in known:
                near = get_close_matches(system, sorted(known), n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {_some(known)}"
                raise NotPossible(f"there is no system {clean(system)} on this node: {hint}")

    async def _done(self, what: str, person: str, act: Callable[[Deed], T], reason: str = "") -> T:
        return await self._write(what, person, lambda _, deed: act(deed), reason)

    async def _write(self, what: str, person: str, act: Callable[[Db, Deed], T], reason: str) -> T:
        around = Around(
            node=self.node, systems=self._systems(), hooks=self.hooks, new_id=self._new_id
        )
        word = Word(person=clean(person), reason=clean(reason, REASON_CELLS), now_ms=self.now_ms())

        def write(db: Db) -> tuple[T, tuple[Live, ...]]:
            return act(db, Deed(db, around, word)), self._look(db)

        done, self._live = await self._db.run(what, write)
        return done

    def _look(self, db: Db) -> tuple[Live, ...]:
        running = tables.running(db, self.node)
        events = tables.events(db, (EventStatus.PLANNED, EventStatus.ACTIVE))
        known = {one.id for one in events}
        for id_ in dict.fromkeys(one.event for one in running if one.event not in known):
            event = tables.event(db, id_)
            events += [] if event is None else [event]
        return tuple(
            Live(event=event, inside=tuple(one for one in running if one.event == event.id))
            for event in events
        )

    def _file(self, db: Db, event: Event) -> EventFile:
        history = History(tables.changes(db, event.id))
        listed = self._listed(db, event, 0)
        return EventFile(
            event=event,
            participations=listed.participations,
            changes=history.changes,
            conflicts=history.conflicts(),
            prompt=listed.prompt,
        )

    def _listed(self, db: Db, event: Event, conflicts: int) -> Listed:
        parts = tables.participations(db, event.id)
        inside = [one for one in parts if one.node == self.node and one.to_ms is None]
        return Listed(
            event=event,
            participations=tuple(parts),
            conflicts=conflicts,
            prompt=prompts.prompt(event, inside, self.now_ms()),
        )


def _held(db: Db, changed: Iterable[Participation]) -> Held:
    return [(one, sorted(holding.held(db, one.id))) for one in changed]


def _some(known: Collection[str]) -> str:
    shown = ", ".join(sorted(known)[:8])
    more = len(known) - 8
    return (f"{shown} and {more} more" if more > 0 else shown) or "none"
