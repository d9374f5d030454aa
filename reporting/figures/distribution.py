"""How a quantity is distributed over time: percentiles and the duration curve.

A value counts as long as it was held: minute means, weighted by the good time of their minute
(DESIGN §10). So minutes that are half good count half, and gaps count nothing.
"""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

from reporting.figures.parts import Part


class Distribution:
    """Values, each with the milliseconds for which it stands."""

    def __init__(self, values: Iterable[tuple[float, int]]) -> None:
        ordered = sorted([(value, ms) for value, ms in values if ms > 0])
        self._values = [value for value, _ in ordered]
        self._until = list(accumulate(ms for _, ms in ordered))

    @classmethod
    def of(cls, parts: Iterable[Part]) -> "Distribution":
        """The means of parts, weighted by their good time."""
        return cls([(part.integral / part.good_ms, part.good_ms) for part in parts])

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

    def outside_ms(self, least: float | None, greatest: float | None) -> tuple[int, int]:
        """For how long the value was below `least` and above `greatest` (None: no such limit)."""
        below = above = earlier = 0
        for value, until in zip(self._values, self._until, strict=True):
            ms, earlier = until - earlier, until
            if least is not None and value < least:
                below += ms
            elif greatest is not None and value > greatest:
                above += ms
        return below, above
