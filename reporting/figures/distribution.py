"""How a quantity is distributed over time: percentiles and the duration curve.

A value counts as long as it was held: minute means, weighted by the good time of their minute
(DESIGN §10). So minutes that are half good count half, and gaps count nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import fsum
from operator import mul
from typing import NamedTuple

import numpy as np

from reporting.figures.column import Column


class Distribution:
    """The means of a column, each with the milliseconds for which it stands."""

    def __init__(self, column: Column) -> None:
        means, good = np.array(column.means(), np.float64), np.array(column.good_ms, np.int64)
        order = np.argsort(means, kind="stable")
        self._values: list[float] = means[order].tolist()
        self._until: list[int] = np.cumsum(good[order]).tolist()

    @property
    def total_ms(self) -> int:
        """For how long there is a value."""
        return self._until[-1] if self._until else 0

    def permille(self, share: int) -> float | None:
        """The least value that is not exceeded for `share` thousandths of the time (0 to 1000);
        None without values. 950 gives P95.

        Source: the inverse of the weighted empirical distribution function, which is definition 1
        of Hyndman and Fan, *Sample Quantiles in Statistical Packages* (The American Statistician
        50, 1996), with weights. It is always a value that was, and needs no interpolation.
        """
        if not self._values:
            return None
        needed = -(-self.total_ms * share // 1000)
        return self._values[min(bisect_left(self._until, max(needed, 1)), len(self._values) - 1)]

    def exceeded(self, pct: int) -> float | None:
        """The value that was reached or exceeded `pct` per cent of the time: 0 gives the greatest,
        100 the least. Source: the load duration curve, whose ordinate at p is the percentile at
        100 − p."""
        return self.permille(1000 - 10 * pct)

    def median_from(self, least: float) -> float | None:
        """The low median of the values that are `least` or more, whatever their time."""
        first = bisect_left(self._values, least)
        count = len(self._values)
        return self._values[(first + count - 1) // 2] if first < count else None

    def outside_ms(self, least: float, greatest: float) -> int:
        """For how long the value was below `least` or above `greatest`."""
        below = bisect_left(self._values, least)
        above = max(below, bisect_right(self._values, greatest))
        return self._time(0, below) + self._time(above, len(self._values))

    def _time(self, first: int, last: int) -> int:
        if first == last:
            return 0
        return self._until[last - 1] - (self._until[first - 1] if first else 0)


class Held(NamedTuple):
    """Values in order of time, each with the milliseconds for which it stands."""

    values: Sequence[float] = ()
    ms: Sequence[int] = ()

    def top(self) -> float | None:
        """The greatest; None without any."""
        return max(self.values, default=None)

    def mean(self) -> float | None:
        """The mean over time; None without any."""
        total = sum(self.ms)
        return fsum(map(mul, self.values, self.ms)) / total if total else None

    def over_ms(self, limit: float) -> int | None:
        """For how long the value was above a limit; None without any."""
        if not self.values:
            return None
        return sum(ms for value, ms in zip(self.values, self.ms, strict=True) if value > limit)
