"""Demand: means over windows of the clock, and the greatest of them.

Sources: DESIGN §10; block-interval demand as utilities bill it (windows that follow on each other,
aligned with the clock), e.g. IEEE Std 100: *demand interval*, *integrated demand*.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reporting.figures.clock import MINUTE_MS, LocalClock
from reporting.figures.parts import GOOD_SHARE_PCT, Part, by_cell, joined


class Window(NamedTuple):
    """The mean of a window from `from_ms` to `to_ms` (UTC ms), in quanta, over its good time."""

    from_ms: int
    to_ms: int
    mean: float
    good_ms: int


def windows(parts: Sequence[Part], clock: LocalClock, length_ms: int) -> list[Window]:
    """The demand windows that count: those that lie wholly in the clock's stretch, were not cut
    by a change of the clock, and had a good reading for at least 80 % of their length. Energy that
    came in gaps is in no part, hence in no demand. `parts` are in order of time."""
    found = []
    for cell, inside in by_cell(parts, clock.cells(length_ms)):
        if not inside or not cell.whole:
            continue
        if cell.from_ms < clock.from_ms or cell.to_ms > clock.to_ms:
            continue
        whole = joined(inside)
        if whole.good_ms * 100 >= length_ms * GOOD_SHARE_PCT:
            found.append(Window(cell.from_ms, cell.to_ms, whole.mean, whole.good_ms))
    return found


def minute_windows(minutes: Iterable[Part]) -> list[Window]:
    """The same for whole UTC minutes, from one part for each."""
    return [
        Window(part.from_ms, part.to_ms, part.mean, part.good_ms)
        for part in minutes
        if part.to_ms - part.from_ms == MINUTE_MS
        and part.good_ms * 100 >= MINUTE_MS * GOOD_SHARE_PCT
    ]


def greatest(found: Iterable[Window]) -> Window | None:
    """The window with the greatest mean; of equals the first."""
    return max(found, key=lambda window: (window.mean, -window.from_ms), default=None)
