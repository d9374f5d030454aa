"""The event's powers by minute: the flows that count, of all systems, added up.

A system that is there for a part of a minute adds its mean for that part, so that a sum of minutes
is the mean of the whole minute. What a system's meter missed within a minute is taken to be like
the rest of that minute. A minute in which a meter that counts saw nothing at all has the sum of
the others: it is the least that it can be, and is counted (`unseen`).
"""

import math
from array import array
from collections.abc import Mapping
from typing import NamedTuple

from reporting.event.plan import Place, Plan
from reporting.event.spread import POWER_OF, length_ms
from reporting.measured.model import MINUTE_MS, Minutes
from reporting.profile import ProfileTable

LOAD = "load_power_w"
POWERS: Mapping[str, tuple[str, ...]] = {
    power: tuple(energy for energy, (name, _) in POWER_OF.items() if name == power)
    for power in dict.fromkeys(name for name, _ in POWER_OF.values())
}


class Window(NamedTuple):
    """The event's minutes: the first, how many, and the time that counts (UTC ms)."""

    from_ms: int
    to_ms: int

    @property
    def first_ms(self) -> int:
        """The beginning of the first minute."""
        return self.from_ms // MINUTE_MS * MINUTE_MS

    @property
    def minutes(self) -> int:
        """How many UTC minutes the window touches."""
        return max(0, -(-(self.to_ms - self.first_ms) // MINUTE_MS))

    def span_ms(self, index: int) -> int:
        """How much of a minute lies in the window."""
        start = self.first_ms + index * MINUTE_MS
        return max(0, min(start + MINUTE_MS, self.to_ms) - max(start, self.from_ms))


class Sum:
    """One power of several flows by minute; `add` one after the other, then read `minutes`."""

    def __init__(self, window: Window) -> None:
        self._window = window
        size = window.minutes
        self._pos, self._neg = array("d", bytes(8 * size)), array("d", bytes(8 * size))
        self._least, self._greatest = array("d", bytes(8 * size)), array("d", bytes(8 * size))
        self._share = array("d", [2.0]) * size
        self.good_ms = 0
        """Time in which the flows were seen, of all together."""
        self.due_ms = 0
        """Time in which they should have been."""
        self.unseen: set[int] = set()
        """Minutes in which one that counts was not seen at all."""

    def add(self, table: ProfileTable, flow: Minutes | None, place: Place) -> None:
        """A flow of one part while it counts; None: nobody saw it."""
        for index, start in enumerate(table.starts_ms):
            at = (start - self._window.first_ms) // MINUTE_MS
            there = length_ms(place.counts, start, start + MINUTE_MS)
            if not there or not 0 <= at < len(self._pos):
                continue
            window = length_ms(place.owned, start, start + MINUTE_MS)
            good = min(window, flow.good_ms[index]) if flow is not None else 0
            part = there / window
            self.due_ms += there
            self.good_ms += round(good * part)
            if flow is None or not good:
                self.unseen.add(at)
                continue
            filled = part * window / good
            self._pos[at] += flow.pos[index] * filled
            self._neg[at] += flow.neg[index] * filled
            self._least[at] += flow.least[index]
            self._greatest[at] += flow.greatest[index]
            self._share[at] = min(self._share[at], good / window)

    def minutes(self) -> Minutes:
        """The sum. `good_ms` is the minute's time in the window by the least share that a flow was
        seen of it; the integrals are over that time."""
        good, pos, neg = array("q"), array("q"), array("q")
        for index, share in enumerate(self._share):
            seen = share <= 1.0
            good.append(max(1, round(self._window.span_ms(index) * share)) if seen else 0)
            pos.append(round(self._pos[index] * share) if seen else 0)
            neg.append(round(self._neg[index] * share) if seen else 0)
        return Minutes(
            good_ms=good,
            pos=pos,
            neg=neg,
            least=array("q", map(round, self._least)),
            greatest=array("q", map(round, self._greatest)),
        )

    def mean_kw(self, index: int) -> float | None:
        """The mean of one minute over its time in the window, kW; None when it was not seen."""
        span = self._window.span_ms(index)
        if self._share[index] > 1.0 or not span:
            return None
        return (self._pos[index] - self._neg[index]) / span / 10_000

    @property
    def first_ms(self) -> int:
        """The beginning of the first minute."""
        return self._window.first_ms

    def means(self) -> "array[float]":
        """The mean of each minute over its time in the window, kW; NaN where it was not seen."""
        found = (self.mean_kw(index) for index in range(len(self._pos)))
        return array("d", (math.nan if one is None else one for one in found))

    def peak_kw(self) -> float | None:
        """The greatest mean of a whole minute that was seen for 80 % of its time or more."""
        found = [
            (self._pos[index] - self._neg[index]) / MINUTE_MS / 10_000
            for index, share in enumerate(self._share)
            if 0.8 <= share <= 1.0 and self._window.span_ms(index) == MINUTE_MS
        ]
        return max(found, default=None)


def counting(plan: Plan, part: int, power: str) -> Mapping[str, Place]:
    """The assets of a part that count for a power, and when. Of grid and battery the first of their
    two energies decides, or the other where it is the only one."""
    found: dict[str, Place] = {}
    for energy in POWERS[power]:
        for key, place in plan.places[part].items():
            if key.energy == energy and place.counts:
                found.setdefault(key.asset, place)
    return found
