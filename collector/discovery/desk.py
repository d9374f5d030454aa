"""Starts a search, tells how far it is, ends it: one at a time."""

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog
from msgspec import structs

from collector.discovery import local
from collector.discovery.mark import Known
from collector.discovery.plan import Exclusion, Interface, Plan, plan, searched
from collector.discovery.search import Search, World
from collector.errors import NotPossible
from collector.model import discovery as model
from collector.model.text import clean

NOTHING_EXCLUDED = Exclusion()
THE_WORLD = World()

log = structlog.get_logger("discovery")


class SearchRunning(NotPossible):
    """A search is under way."""


class DiscoveryDesk:
    """Searches of this node, one after the other; the newest one's results stay.

    `known` gives the registry's devices as they are now, `in_event` tells whether an event is on.
    End it with `cancel`.
    """

    def __init__(
        self,
        *,
        known: Callable[[], Sequence[Known]],
        excluded: Exclusion = NOTHING_EXCLUDED,
        in_event: Callable[[], bool] = lambda: False,
        world: World = THE_WORLD,
        interfaces: Callable[[], Sequence[Interface]] = local.interfaces,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._known = known
        self._excluded = excluded
        self._in_event = in_event
        self._world = world
        self._interfaces = interfaces
        self._now_ms = now_ms
        self._last = model.Search()
        self._search: Search | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> model.Search:
        """The newest search, as it is now."""
        search = self._search
        if search is None:
            return self._last
        return structs.replace(
            self._last,
            hosts=search.hosts,
            asked=search.asked,
            doing=search.doing if self._last.state == "running" else "",
            found=search.book.results(),
            notes=tuple(search.notes),
        )

    def start(
        self, targets: Sequence[str], *, person: str = "", confirmed: bool = False
    ) -> model.Search:
        """Begin to search `targets` (networks, hosts; none: the local networks).

        Raises SearchRunning, and NotPossible when they may not be searched."""
        planned = self.plan(targets, confirmed=confirmed)
        known = self._known()
        search = Search(planned, known, self._excluded, self._world)
        self._search = search
        self._last = model.Search(
            state="running", targets=tuple(targets), person=person, started_ms=self._now_ms()
        )
        self._task = asyncio.create_task(self._run(search), name="discovery")
        return self.state

    def plan(self, targets: Sequence[str], *, confirmed: bool = False) -> Plan:
        """Which addresses `start` would ask. Raises what `start` raises."""
        if self._task is not None and not self._task.done():
            raise SearchRunning("a search is under way: wait for its end, or cancel it")
        return plan(
            targets,
            self._interfaces(),
            self._excluded,
            in_event=self._in_event(),
            confirmed=confirmed,
        )

    def networks(self) -> tuple[str, ...]:
        """The networks that a search without targets looks at."""
        return searched(self._interfaces())

    async def wait(self) -> model.Search:
        """The newest search once it has ended."""
        if self._task is not None:
            await asyncio.wait([self._task])
        return self.state

    async def cancel(self) -> model.Search:
        """End the search that runs; what it has found stays. Without one nothing happens."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
            if self._last.state == "running":  # it was ended before it had begun
                self._ended("cancelled")
        return self.state

    async def _run(self, search: Search) -> None:
        word: model.SearchState = "failed"
        cause = ""
        try:
            await search.run()
            word = "done"
        except asyncio.CancelledError:
            word = "cancelled"
        except Exception as error:
            cause = f"fault of ours: {type(error).__name__}: {error}"
            log.exception("A search for devices has failed by a fault of ours")
        self._ended(word, clean(cause))

    def _ended(self, word: model.SearchState, cause: str = "") -> None:
        self._last = structs.replace(self._last, state=word, ended_ms=self._now_ms(), cause=cause)
