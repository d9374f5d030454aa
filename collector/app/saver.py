"""Saves the site's counters again and again."""

import asyncio

import structlog

from collector.errors import StoreError
from collector.model.refused import RefusedCount
from collector.site.site import Site
from collector.site.store import Store

SAVE_S = 10

log = structlog.get_logger("node.db")


class CounterBook:
    """`collector.serve.feed.CounterDesk` over the site and its store."""

    def __init__(self, site: Site, store: Store, saver: "Saver") -> None:
        self._site = site
        self._store = store
        self._saver = saver

    @property
    def open(self) -> tuple[RefusedCount, ...]:
        """What nobody has decided about, the newest first."""
        return self._site.refusals.open

    @property
    def left_out(self) -> int:
        """How many went undecided because there were too many."""
        return self._site.refusals.left_out

    def find(self, wanted: str) -> RefusedCount:
        """The open one with this id. Raises NotPossible."""
        return self._site.refusals.find(wanted)

    async def decided(self, limit: int) -> list[RefusedCount]:
        """What was decided, the newest first. Raises StoreError."""
        return await self._store.decided(limit)

    async def decide(self, one: RefusedCount) -> None:
        """Keep a decision, and add what was accepted. Raises NotPossible and StoreError."""
        await self._saver.decide(one)


class Saver:
    """Saves every ten seconds, within one when a counter did something odd.

    `cause` says in words why the last save failed; empty when it did not.
    """

    def __init__(self, site: Site, store: Store) -> None:
        self._site = site
        self._store = store
        self.cause = ""
        self._saving = asyncio.Lock()

    async def run(self) -> None:
        """Save until cancelled."""
        while True:
            for _ in range(SAVE_S):
                await asyncio.sleep(1)
                if self._site.unsaved:
                    break
            await self.save()

    async def decide(self, one: RefusedCount) -> None:
        """Keep what a person decided about something refused, and with it the total that it
        changes, before anybody sees that total. Raises StoreError; then nothing was decided."""
        async with self._saving:
            self._site.refusals.find(one.id)  # somebody else may have decided meanwhile
            memory = self._site.memory_with(one)
            await self._store.save(memory, decided=one)
            self._site.saved(memory)
            self._site.decide(one)

    async def keep(self) -> None:
        """Save now. Raises StoreError."""
        async with self._saving:
            memory = self._site.memory()
            await self._store.save(memory)
            self._site.saved(memory)

    async def save(self) -> None:
        """Save now; a failure is told, and the next try may succeed."""
        async with self._saving:
            await self._save()

    async def _save(self) -> None:
        self._site.unsaved = False
        memory = self._site.memory()
        try:
            await self._store.save(memory)
        except Exception as error:  # whatever it is, counting goes on
            if not self.cause:
                fault = None if isinstance(error, StoreError) else error
                log.error(  # noqa: TRY400  a full or broken disk needs no trace
                    "Counters cannot be saved, counting goes on in memory",
                    cause=str(error),
                    exc_info=fault,
                )
            self.cause = str(error) or type(error).__name__
            self._site.unsaved = True
        else:
            self._site.saved(memory)
            if self.cause:
                log.info("Counters are saved again.")
            self.cause = ""
