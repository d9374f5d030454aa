"""The audit as the event loop sees it."""

import sqlite3
import time
from collections.abc import Callable
from functools import partial

import structlog
from msgspec import structs

from collector.audit import table
from collector.model.audit import BEGUN, AuditEntry, Deed
from collector.model.ids import uuid7
from collector.model.text import clean
from collector.store import NodeDb

DAY_MS = 86_400_000
TEXT_CELLS = 600
DONE = "done"
FAILURES = ("refused", "failed", "no reply")
DONE_BY, NOT_DONE = (
    "{person}: {action} {subject}, {outcome}.",
    "{person} could not: {action} {subject}, {outcome}.",
)

log = structlog.get_logger("audit")


class AuditBook:
    """Who changed what, in `node.db`. All methods raise StoreError.

    `wall` gives UTC seconds; `keep_days` is how long lines stay.
    """

    def __init__(
        self,
        db: NodeDb,
        *,
        keep_days: int = 3650,
        wall: Callable[[], float] = time.time,
        new_id: Callable[[int], str] = uuid7,
    ) -> None:
        self._db = db
        self._keep_ms = keep_days * DAY_MS
        self._wall = wall
        self._new_id = new_id

    async def begin(self, deed: Deed) -> AuditEntry:
        """Write down what is about to be done; durable when this returns."""
        now_ms = int(self._wall() * 1000)
        entry = AuditEntry(
            id=self._new_id(now_ms), at_ms=now_ms, deed=_cleaned(deed), outcome=BEGUN
        )

        def write(db: sqlite3.Connection) -> None:
            table.insert(db, entry)
            table.prune(db, now_ms - self._keep_ms)

        await self._db.run("keep the audit", write)
        return entry

    async def end(self, entry: AuditEntry, outcome: str = DONE, after: str | None = None) -> None:
        """Add how it ended."""
        told = clean(outcome, TEXT_CELLS)
        new = None if after is None else clean(after, TEXT_CELLS)
        log.info(
            NOT_DONE if outcome.startswith(FAILURES) else DONE_BY,
            action=entry.deed.action,
            subject=entry.deed.about,
            person=entry.deed.person,
            outcome=told,
        )
        await self._db.run(
            "keep the audit",
            partial(table.conclude, entry_id=entry.id, outcome=told, after=new),
        )

    async def read(
        self, from_ms: int, to_ms: int, limit: int, before_id: str = "", subject: str = ""
    ) -> list[AuditEntry]:
        """Lines of a window, the newest first; `before_id` goes on where a list ended, `subject`
        leaves out what is not about it."""
        find = partial(
            table.select,
            from_ms=from_ms,
            to_ms=to_ms,
            limit=limit,
            before_id=before_id,
            subject=subject,
        )
        return await self._db.run("read the audit", find)


def _cleaned(deed: Deed) -> Deed:
    return structs.replace(
        deed, **{name: clean(text, TEXT_CELLS) for name, text in structs.asdict(deed).items()}
    )
