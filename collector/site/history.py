"""The last 15 minutes of every reading in memory, one value a second."""

import math
from array import array

SECONDS = 900

_EMPTY = array("f", [math.nan]) * SECONDS


class Times:
    """The ring of tick times that all value rings share."""

    def __init__(self) -> None:
        self.at_ms = array("q", [0]) * SECONDS
        self.slot = 0

    def advance(self, at_ms: int) -> int:
        """Begin the tick's slot and return it."""
        self.slot = (self.slot + 1) % SECONDS
        self.at_ms[self.slot] = at_ms
        return self.slot

    @property
    def first_ms(self) -> int | None:
        """The oldest tick in the ring; None before the first."""
        return min((at_ms for at_ms in self.at_ms if at_ms), default=None)

    def order(self, from_ms: int, to_ms: int) -> list[int]:
        """The slots of the window, oldest first."""
        slots = [(self.slot + 1 + i) % SECONDS for i in range(SECONDS)]
        return [s for s in slots if self.at_ms[s] and from_ms <= self.at_ms[s] <= to_ms]


def new_ring() -> "array[float]":
    """An empty value ring (float32; NaN is a gap)."""
    return _EMPTY[:]


def window(
    times: Times, ring: "array[float]", from_ms: int, to_ms: int, step_s: int
) -> tuple[list[int], list[float | None]]:
    """Times and values of a window; a step above 1 s gives the means of its good seconds,
    stamped with the step's start."""
    slots = times.order(from_ms, to_ms)
    if step_s <= 1:
        values = [ring[s] for s in slots]
        return [times.at_ms[s] for s in slots], [None if math.isnan(v) else v for v in values]
    step_ms = step_s * 1000
    sums: dict[int, tuple[float, int]] = {}
    for s in slots:
        start = times.at_ms[s] // step_ms * step_ms
        total, count = sums.get(start, (0.0, 0))
        value = ring[s]
        sums[start] = (total, count) if math.isnan(value) else (total + value, count + 1)
    return list(sums), [total / count if count else None for total, count in sums.values()]
