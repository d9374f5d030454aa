"""Demand: means over windows of the clock, and the greatest of them.

Sources: DESIGN §10; block-interval demand as utilities bill it (windows that follow on each other,
aligned with the clock), e.g. IEEE Std 100: *demand interval*, *integrated demand*.
"""

from collections.abc import Iterable
from typing import NamedTuple

from reporting.figures.clock import MINUTE_MS, LocalClock
from reporting.figures.column import GOOD_SHARE_PCT, Column, by_cell


class Window(NamedTuple):
    """The mean of a window from `from_ms` to `to_ms` (UTC ms), in quanta, over its good time."""

    from_ms: int
    to_ms: int
    mean: float
    good_ms: int


def windows(column: Column, clock: LocalClock, length_ms: int) -> list[Window]:
    """The demand windows that count: those that lie wholly in the clock's stretch, were not cut
    by a change of the clock, and had a good reading for at least 80 % of their length. Energy that
    came in gaps is in no stretch, hence in no demand."""
    found = []
    for cell, first, last in by_cell(column.from_ms, clock.cells(length_ms)):
        if not cell.whole or cell.from_ms < clock.from_ms or cell.to_ms > clock.to_ms:
            continue
        good = sum(column.good_ms[first:last])
        if good * 100 >= length_ms * GOOD_SHARE_PCT:
            mean = column.mean(first, last)
            found.append(Window(cell.from_ms, cell.to_ms, mean, good))
    return found


def greatest_minute(column: Column) -> Window | None:
    """The same for whole UTC minutes: the greatest, of equals the first."""
    means = column.means()
    whole = [
        index
        for index, (begin, end, good) in enumerate(
            zip(column.from_ms, column.to_ms, column.good_ms, strict=True)
        )
        if end - begin == MINUTE_MS and good * 100 >= MINUTE_MS * GOOD_SHARE_PCT
    ]
    if not whole:
        return None
    top = max(whole, key=means.__getitem__)
    return Window(column.from_ms[top], column.to_ms[top], means[top], column.good_ms[top])


def greatest(found: Iterable[Window]) -> Window | None:
    """The window with the greatest mean; of equals the first."""
    return max(found, key=lambda window: (window.mean, -window.from_ms), default=None)
