"""Asks what the counters of an asset showed when the day began and when its system joined, once."""

from collections.abc import Awaitable, Callable

from collector.errors import ApiError
from collector.model.snapshot import AssetView, Snapshot
from collector.wire import EventAnswer, HistoryAnswer
from ovr_tui.console.asset.energy import (
    LATE_MS,
    MINUTE_MS,
    NAMES,
    STEP_S,
    Marks,
    asked,
    base,
    moments,
    since_word,
)

History = Callable[[str, str, int, int, int], Awaitable[HistoryAnswer]]
Event = Callable[[str], Awaitable[EventAnswer]]
KEPT = 200


class Starts:
    """Keeps what was answered for each asset, as long as the day and the event are the same."""

    def __init__(self, history: History, event: Event) -> None:
        self._history = history
        self._event = event
        self._known: dict[tuple[str, str, int], float | None] = {}
        self._vain: dict[tuple[str, str, int], int] = {}
        """What had no answer yet, and in which minute it was asked for."""
        self._joined: dict[tuple[str, str], int | None] = {}

    def marks(self, view: AssetView, shot: Snapshot) -> Marks:
        """What is known by now."""
        found = moments(view, shot, self._join(view, shot))
        today = self._of(view, found.midnight_ms)
        if found.joined_ms is None:
            return Marks(today=today)
        joined = self._of(view, found.joined_ms)
        return Marks(today=today, joined=joined, since=since_word(found.joined_ms, shot))

    async def ask(self, view: AssetView, shot: Snapshot, *, operator: bool) -> bool:
        """Ask for what is not known yet; whether anything was. Raises ApiError."""
        news = operator and await self._ask_join(view, shot)
        found = moments(view, shot, self._join(view, shot))
        for at_ms in (found.midnight_ms, found.joined_ms):
            for key in NAMES:
                wanted = (view.id, key, at_ms or 0)
                if at_ms is None or key not in view.readings or wanted in self._known:
                    continue
                if self._vain.get(wanted) == shot.at_ms // MINUTE_MS:
                    continue
                start_ms, end_ms = asked(at_ms)
                end_ms = max(start_ms, min(end_ms, shot.at_ms))
                answer = await self._history(view.id, key, start_ms, end_ms, STEP_S)
                found_there = base(answer, at_ms)
                if found_there is None and shot.at_ms < at_ms + LATE_MS:
                    self._vain[wanted] = shot.at_ms // MINUTE_MS
                    continue
                self._known[wanted] = found_there
                news = True
        for kept in (self._known, self._vain):
            while len(kept) > KEPT:
                del kept[next(iter(kept))]
        return news

    async def _ask_join(self, view: AssetView, shot: Snapshot) -> bool:
        """When the system joined the event that it takes part in."""
        event = _event(view, shot)
        if not event or (event, view.system) in self._joined:
            return False
        try:
            answer = await self._event(event)
        except ApiError:
            self._joined[event, view.system] = None  # the event's beginning has to do
            return False
        mine = [p for p in answer.participations if p.system == view.system and p.to_ms is None]
        self._joined[event, view.system] = max((p.from_ms for p in mine), default=None)
        return True

    def _join(self, view: AssetView, shot: Snapshot) -> int | None:
        return self._joined.get((_event(view, shot), view.system))

    def _of(self, view: AssetView, at_ms: int) -> dict[str, float]:
        known = {key: self._known.get((view.id, key, at_ms)) for key in NAMES}
        return {key: value for key, value in known.items() if value is not None}


def _event(view: AssetView, shot: Snapshot) -> str:
    """The event that it takes part in; of several the last begun."""
    mine = [e for e in shot.events if e.from_ms is not None and view.system in e.systems]
    return max(mine, key=lambda e: e.from_ms or 0).id if mine else ""
