"""Energies since local midnight."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from collector.site.counters import CounterState
from collector.site.energy import Key


class Today:
    """The totals that each counter had when the local day began, as far as it was watched.

    A counter that is first heard later in the day begins at its first total.
    """

    def __init__(self, zone: str, day: str = "", base: Mapping[Key, float] | None = None) -> None:
        self._zone = ZoneInfo(zone)
        self.day = day
        self.base: dict[Key, float] = dict(base or {})
        self._until_ms = 0

    def tick(self, at_ms: int | None, states: Mapping[Key, CounterState]) -> bool:
        """Begin a new day when the tick lies in one, and take in new counters; True when a day
        has begun. Without `at_ms` nobody knows the time, and the day stays."""
        begun = False
        if at_ms is not None and at_ms >= self._until_ms:
            moment = datetime.fromtimestamp(at_ms / 1000, self._zone)
            day = moment.date().isoformat()
            self._until_ms = at_ms // 60_000 * 60_000 + 60_000
            if day != self.day:
                self.day = day
                self.base = {}
                begun = True
        if len(self.base) != len(states):
            for key, state in states.items():
                self.base.setdefault(key, state.total)
        return begun
