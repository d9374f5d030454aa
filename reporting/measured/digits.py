"""The last digit of a register: how finely it can say what came.

A register is read with half a digit's doubt at each end, and one that cuts its digits off with up
to a whole one at either, which both come to at most one step of what it rose.
"""

from collections.abc import Sequence
from itertools import chain
from math import gcd

from collector.model.rollup import Counter
from reporting.measured.rises import QUANTA_PER_KWH

DIGITS = (QUANTA_PER_KWH, 1000, 100, 10, 1)
"""Digits of a register, in quanta: from a whole kWh down."""


def step(counters: Sequence[Counter]) -> int:
    """One step of the register behind these parts of a counter, in quanta of its total; 0 where
    nothing says.

    The greatest common divisor of all that the register showed, which is no more than its least
    rise; times what the total rose for each of its steps, for a correction may have a factor. Of
    the total itself, which has no digits of its own, the least rise where no register was seen. A
    register that never moved: the last digit that is not nought, at most a kWh.
    """
    shown = {raw for one in counters for raw in (one.raw_first, one.raw_last) if raw is not None}
    if not shown:
        return min((one.last - one.first for one in counters if one.last > one.first), default=0)
    if len(shown) == 1:
        return digit(*shown)
    own = raw = 0
    for one in counters:
        if one.raw_first is not None and one.raw_last is not None and one.raw_last > one.raw_first:
            own += one.last - one.first
            raw += one.raw_last - one.raw_first
    found = gcd(*shown)
    return max(0, round(found * own / raw)) if own and raw else found


def digit(*shown: int) -> int:
    """The last digit of registers as they are written, in quanta: at most a kWh."""
    return next(size for size in DIGITS if not any(level % size for level in shown))


def still(counters: Sequence[Counter]) -> bool:
    """Whether a register was seen, and showed the same all the time."""
    ends = chain.from_iterable((one.raw_first, one.raw_last) for one in counters)
    return len({raw for raw in ends if raw is not None}) == 1
