"""What belongs together because somebody said so of two at a time."""

from typing import Generic, TypeVar

K = TypeVar("K", str, int)


class Unions(Generic[K]):
    """Disjoint sets; the least member stands for each."""

    def __init__(self) -> None:
        self._lower: dict[K, K] = {}

    def of(self, one: K) -> K:
        """What stands for the set of this one; itself, where nothing was said of it."""
        while (lower := self._lower.get(one, one)) != one:
            one = lower
        return one

    def join(self, one: K, other: K) -> None:
        """Both belong together."""
        low, high = sorted((self.of(one), self.of(other)))
        if low != high:
            self._lower[high] = low
