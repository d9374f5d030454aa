"""The book of assignments: what changes in the registry, and what is told later of the past."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import structlog

from collector.assignments import table
from collector.assignments.facts import Stated, changed, facts_of
from collector.assignments.tell import tell
from collector.errors import NotPossible
from collector.model.assignment import SERIAL, About, Assignment, Fact, Timeline
from collector.model.ids import uuid7
from collector.model.text import clean
from collector.store import NodeDb

AHEAD_MS = 60_000
"""A moment that is said to be past may be so far ahead of the node's clock."""
FIRST = "it was so when this node first started"
FOUND = "found in registry.toml at the start"
MET = "told by the device itself"
REASON_CELLS = 300

log = structlog.get_logger("assignments")


class AssignmentBook:
    """Assignments in `node.db`. All its methods raise StoreError; `wall` gives UTC seconds."""

    def __init__(
        self,
        db: NodeDb,
        *,
        wall: Callable[[], float] = time.time,
        new_id: Callable[[int], str] = uuid7,
    ) -> None:
        self._db = db
        self._wall = wall
        self._new_id = new_id

    async def begin(self, registry: Stated, serials: Mapping[str, str]) -> list[Assignment]:
        """State what holds at the start and was not said before: what was edited by hand while
        nothing ran, from now on; in a new book everything, since ever. `serials`: who was met, by
        device."""
        wanted = facts_of(registry, serials)

        def write(db: sqlite3.Connection) -> list[Assignment]:
            told = table.select(db)
            new, now_ms, known = not told, self._after(told), Timeline(told)
            return self._keep(
                db,
                known,
                changed(_of_registry(known.now(now_ms)), wanted),
                from_ms=0 if new else now_ms,
                reason=FIRST if new else FOUND,
            )

        return await self._db.run("keep assignments", write)

    async def changed(
        self,
        before: Stated,
        after: Stated,
        *,
        person: str,
        reason: str = "",
        at_ms: int | None = None,
    ) -> list[Assignment]:
        """The registry was changed: state what is otherwise `after`, from `at_ms` on (None: now).
        What was said of the time since then is replaced. Identities that were only met are no
        part of a registry, and stay. Raises NotPossible for a time that is not past."""
        facts = changed(facts_of(before), facts_of(after))
        return await self.state(facts, person=person, reason=reason, from_ms=at_ms)

    async def state(
        self,
        facts: Mapping[About, str],
        *,
        person: str,
        reason: str = "",
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> list[Assignment]:
        """State facts, from `from_ms` (None: now) to `to_ms` (None: on and on).

        Raises NotPossible for times that are not past, or in the wrong order.
        """
        now_ms = self._now_ms()
        begin_ms = now_ms if from_ms is None else from_ms
        for moment in (begin_ms, to_ms):
            if moment is not None and not 0 <= moment <= now_ms + AHEAD_MS:
                raise NotPossible("an assignment says what was or is: its time lies ahead")
        if to_ms is not None and to_ms <= begin_ms:
            raise NotPossible("an assignment must end after it begins")

        def write(db: sqlite3.Connection) -> list[Assignment]:
            told = table.select(db, assets={about.asset for about in facts})
            return self._keep(
                db,
                Timeline(told),
                facts,
                from_ms=self._after(told) if from_ms is None else begin_ms,
                to_ms=to_ms,
                person=clean(person),
                reason=clean(reason, REASON_CELLS),
            )

        return await self._db.run("keep assignments", write)

    async def read(self, asset: str | None = None, what: Fact | None = None) -> list[Assignment]:
        """All statements about an asset and a fact (None: any), in the order they were made."""
        assets = None if asset is None else (asset,)
        return await self._db.run(
            "read assignments", partial(table.select, assets=assets, what=what)
        )

    def _keep(
        self,
        db: sqlite3.Connection,
        known: Timeline,
        facts: Mapping[About, str],
        *,
        from_ms: int,
        to_ms: int | None = None,
        person: str = "",
        reason: str = "",
    ) -> list[Assignment]:
        statements = tell(
            known,
            facts,
            from_ms=from_ms,
            to_ms=to_ms,
            made_ms=self._now_ms(),
            person=person,
            reason=reason,
            new_id=self._new_id,
        )
        table.keep(db, statements)
        for one in statements:
            log.info(
                "{asset}: its {what} {key} is {value}.",
                asset=one.asset,
                what=one.what.value,
                key=one.key,
                value=one.value or "none",
            )
        return statements

    def _after(self, told: Iterable[Assignment]) -> int:
        """Now, and after all that was told, though the clock may be behind until it is set."""
        return max([self._now_ms(), *(max(one.from_ms, one.made_ms) + 1 for one in told)])

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)


def _of_registry(facts: Mapping[About, str]) -> dict[About, str]:
    """The facts that a registry and its devices' pins state: not the serials of units behind
    devices, which only those tell."""
    return {about: value for about, value in facts.items() if not _told(about)}


def _told(about: About) -> bool:
    return (about.what, about.key) == (Fact.UNIT, SERIAL) and "." in about.asset
