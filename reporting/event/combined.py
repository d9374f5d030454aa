"""The event's powers by minute: the flows that count, of all systems, added up.

A system that is there for a part of a minute adds its mean for that part, so that a sum of minutes
is the mean of the whole minute. What a system's meter missed within a minute is taken to be like
the rest of that minute. A minute in which a meter that counts saw nothing at all has the sum of
the others: it is the least that it can be, and is counted (`unseen`).
"""

from array import array
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reporting.event.places import Place, Plan, Stretch
from reporting.event.spread import POWER_OF
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


Reals = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]


class Share(NamedTuple):
    """What one flow of a part adds in each of its minutes, while it counts: `starts` (UTC ms),
    `due` ms that it should have been seen and `good` ms that it was; powers in quanta · ms and
    quanta; `seen` is good ÷ the minute's time in its system (0: not seen)."""

    starts: Wholes
    due: Wholes
    good: Wholes
    pos: Reals
    neg: Reals
    least: Wholes
    greatest: Wholes
    seen: Reals


def share(table: ProfileTable, flow: Minutes | None, place: Place) -> Share:
    """A flow of one part while it counts; None: nobody saw it. Elementwise only, so that it has
    the same bits on each machine."""
    starts = np.asarray(table.starts_ms, dtype=np.int64)
    due, window = within(place.counts, starts), within(place.owned, starts)
    nothing = np.zeros(len(starts), dtype=np.int64)
    told = [
        nothing if flow is None else np.asarray(one, dtype=np.int64)
        for one in (
            (flow.good_ms, flow.pos, flow.neg, flow.least, flow.greatest)
            if flow is not None
            else (nothing,) * 5
        )
    ]
    good, pos, neg, least, greatest = told
    good = np.where(due > 0, np.minimum(good, window), 0)
    some = np.maximum(good, 1)
    part = due / np.maximum(window, 1)
    filled = part * window / some
    return Share(
        starts=starts,
        due=due,
        good=np.rint(good * part).astype(np.int64),
        pos=pos * filled,
        neg=neg * filled,
        least=least,
        greatest=greatest,
        seen=good / np.maximum(window, 1),
    )


def turned(one: Share) -> Share:
    """The same flow, counted the other way."""
    return one._replace(pos=one.neg, neg=one.pos, least=-one.greatest, greatest=-one.least)


def within(stretches: Sequence[Stretch], starts: Wholes) -> Wholes:
    """How many ms of each minute some stretches take, which do not overlap."""
    found = np.zeros(len(starts), dtype=np.int64)
    for one in stretches:
        begin, end = np.maximum(starts, one.from_ms), np.minimum(starts + MINUTE_MS, one.to_ms)
        found += np.maximum(0, end - begin)
    return found


class Sum:
    """One power of several flows by minute; `add` one after the other, then read `minutes`."""

    def __init__(self, window: Window) -> None:
        self._window = window
        size = window.minutes
        self._pos, self._neg = np.zeros(size), np.zeros(size)
        self._least, self._greatest = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self._share = np.full(size, 2.0)
        self._blind = np.zeros(size, np.bool_)
        self.good_ms = 0
        """Time in which the flows were seen, of all together."""
        self.due_ms = 0
        """Time in which they should have been."""

    def add(self, flow: Share) -> None:
        """One more flow."""
        at = (flow.starts - self._window.first_ms) // MINUTE_MS
        there = (at >= 0) & (at < len(self._pos)) & (flow.due > 0)
        seen = there & (flow.seen > 0)
        self.due_ms += int(flow.due[there].sum())
        self.good_ms += int(flow.good[there].sum())
        self._blind[at[there & ~seen]] = True
        here = at[seen]
        self._pos[here] += flow.pos[seen]
        self._neg[here] += flow.neg[seen]
        self._least[here] += flow.least[seen]
        self._greatest[here] += flow.greatest[seen]
        self._share[here] = np.minimum(self._share[here], flow.seen[seen])

    @property
    def unseen(self) -> int:
        """Minutes in which one that counts was not seen at all."""
        return int(self._blind.sum())

    @property
    def first_ms(self) -> int:
        """The beginning of the first minute."""
        return self._window.first_ms

    def minutes(self) -> Minutes:
        """The sum. `good_ms` is the minute's time in the window by the least share that a flow was
        seen of it; the integrals are over that time."""
        seen = self._share <= 1.0
        part = np.where(seen, self._share, 0.0)
        good = np.where(seen, np.maximum(1, np.rint(self._spans() * part)), 0)
        return Minutes(
            good_ms=_wholes(good),
            pos=_wholes(np.rint(self._pos * part)),
            neg=_wholes(np.rint(self._neg * part)),
            least=_wholes(self._least),
            greatest=_wholes(self._greatest),
        )

    def means(self) -> "array[float]":
        """The mean of each minute over its time in the window, kW; NaN where it was not seen."""
        spans = self._spans()
        seen = (self._share <= 1.0) & (spans > 0)
        values = (self._pos - self._neg) / np.maximum(spans, 1) / 10_000
        return array("d", np.where(seen, values, np.nan).tobytes())

    def net(self, during: Sequence[Stretch]) -> Share:
        """What is left of all in these times, as one flow: its integral is of what came less what
        went; it was seen as long as each of them was."""
        window = self._window
        starts = window.first_ms + MINUTE_MS * np.arange(window.minutes, dtype=np.int64)
        due = within(during, starts)
        seen = np.where((self._share <= 1.0) & ~self._blind & (due > 0), self._share, 0.0)
        left = np.where(seen > 0, self._pos - self._neg, 0.0)
        return Share(
            starts=starts,
            due=due,
            good=np.rint(due * seen).astype(np.int64),
            pos=np.maximum(left, 0.0),
            neg=np.maximum(-left, 0.0),
            least=self._least,
            greatest=self._greatest,
            seen=seen,
        )

    def peak_kw(self) -> float | None:
        """The greatest mean of a whole minute that was seen for 80 % of its time or more."""
        counts = (self._share >= 0.8) & (self._share <= 1.0) & (self._spans() == MINUTE_MS)
        found = (self._pos[counts] - self._neg[counts]) / MINUTE_MS / 10_000
        return float(found.max()) if len(found) else None

    def _spans(self) -> Wholes:
        window = self._window
        starts = window.first_ms + MINUTE_MS * np.arange(window.minutes, dtype=np.int64)
        return within([Stretch(window.from_ms, window.to_ms)], starts)


def _wholes(values: Reals | Wholes) -> "array[int]":
    return array("q", values.astype(np.int64).tobytes())


def counting(plan: Plan, part: int, power: str) -> Mapping[str, Place]:
    """The assets of a part that count for a power, and when. Of grid and battery the first of their
    two energies decides, or the other where it is the only one."""
    found: dict[str, Place] = {}
    for energy in POWERS[power]:
        for key, place in plan.places[part].items():
            if key.energy == energy and place.counts:
                found.setdefault(key.asset, place)
    return found
