"""Saves the site's counters again and again."""

import asyncio

import structlog

from collector.errors import StoreError
from collector.site.site import Site
from collector.site.store import Store

SAVE_S = 10

log = structlog.get_logger("node.db")


class Saver:
    """Saves every ten seconds, within one when a counter did something odd.

    `cause` says in words why the last save failed; empty when it did not.
    """

    def __init__(self, site: Site, store: Store) -> None:
        self._site = site
        self._store = store
        self.cause = ""

    async def run(self) -> None:
        """Save until cancelled."""
        while True:
            for _ in range(SAVE_S):
                await asyncio.sleep(1)
                if self._site.unsaved:
                    break
            await self.save()

    async def save(self) -> None:
        """Save now; a failure is told, and the next try may succeed."""
        self._site.unsaved = False
        try:
            await self._store.save(self._site.memory())
        except Exception as error:  # whatever it is, counting goes on
            if not self.cause:
                fault = None if isinstance(error, StoreError) else error
                log.error(  # noqa: TRY400  a full or broken disk needs no trace
                    "Counters cannot be saved; counting goes on.", cause=str(error), exc_info=fault
                )
            self.cause = str(error) or type(error).__name__
            self._site.unsaved = True
        else:
            if self.cause:
                log.info("Counters are saved again.")
            self.cause = ""
