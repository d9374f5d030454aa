"""Which times unconfirmed batches get once a clock is confirmed. Pure; all times in ms.

Steady time counts from the start of a boot, suspends included; an *offset* makes UTC of it.
"""

from collections.abc import Sequence
from typing import NamedTuple

SECOND = 1000
SET_MS = 5_000
"""A clock that moved further than this within a boot was set, not merely adjusted."""


class Point(NamedTuple):
    """One batch: its steady time, and what the clock said then."""

    mono_ms: int
    at_ms: int

    @property
    def offset_ms(self) -> int:
        """What the clock took for the offset."""
        return self.at_ms - self.mono_ms


class Stretch(NamedTuple):
    """The unconfirmed batches of one boot: the first one and the last one."""

    first: Point
    last: Point


def place(
    earlier: Sequence[Stretch], own: Stretch | None, *, offset_ms: int, now_ms: int, after_ms: int
) -> tuple[list[int], int]:
    """The offsets of `earlier` boots, and the one of the boot whose clock is confirmed.

    `earlier` are the boots before it that never were confirmed, in order; `own` its unconfirmed
    batches, None without any; `offset_ms` what was measured now, at the true time `now_ms`;
    `after_ms` is the time of the newest batch before all of them. Times rise over all batches:
    where a wish does not fit between its neighbours it gives way, to the later ones first.

    An earlier boot's clock counts as wrong by as much as the clock of `own` was at its start (the
    same battery-backed clock started both); if it was set meanwhile, what it was set to counts.
    """
    error_ms = 0 if own is None else offset_ms - own.first.offset_ms
    wishes = [_believed(stretch, error_ms) for stretch in earlier]
    before_ms = now_ms if own is None else own.first.mono_ms + offset_ms
    for index in range(len(earlier) - 1, -1, -1):
        stretch = earlier[index]
        wishes[index] = min(wishes[index], before_ms - SECOND - stretch.last.mono_ms)
        before_ms = stretch.first.mono_ms + wishes[index]
    for index, stretch in enumerate(earlier):
        wishes[index] = max(wishes[index], after_ms + SECOND - stretch.first.mono_ms)
        after_ms = stretch.last.mono_ms + wishes[index]
    if own is not None:
        offset_ms = max(offset_ms, after_ms + SECOND - own.first.mono_ms)
    return wishes, offset_ms


def _believed(stretch: Stretch, error_ms: int) -> int:
    if abs(stretch.last.offset_ms - stretch.first.offset_ms) > SET_MS:
        return stretch.last.offset_ms
    return stretch.first.offset_ms + error_ms
