"""Randomness that does not depend on how time is cut into steps more than it must."""

import math
from random import Random


def stream(seed: int, name: str) -> Random:
    """A random stream of its own for one part, so that adding a part changes no other."""
    return Random(f"{seed}/{name}")


class Wander:
    """A mean-reverting random walk (Ornstein-Uhlenbeck, stepped exactly).

    `value` wanders about `mean` with standard deviation `spread` and forgets in `memory_s`.
    """

    __slots__ = ("_memory_s", "_random", "_spread", "mean", "value")

    def __init__(self, random: Random, mean: float, spread: float, memory_s: float) -> None:
        self._random = random
        self._spread = spread
        self._memory_s = memory_s
        self.mean = mean
        self.value = random.gauss(mean, spread)

    def step(self, dt_s: float) -> float:
        """Advance by `dt_s` and return the new value, within four standard deviations."""
        kept = math.exp(-dt_s / self._memory_s)
        shake = self._spread * math.sqrt(1 - kept * kept) * self._random.gauss(0, 1)
        off = (self.value - self.mean) * kept + shake
        reach = 4 * self._spread
        self.value = self.mean + min(reach, max(-reach, off))
        return self.value


class Lag:
    """A first-order lag: follows its target with time constant `tau_s`."""

    __slots__ = ("_tau_s", "value")

    def __init__(self, value: float, tau_s: float) -> None:
        self.value = value
        self._tau_s = tau_s

    def step(self, target: float, dt_s: float) -> float:
        """Advance by `dt_s` towards `target` and return the new value."""
        self.value += (target - self.value) * (1 - math.exp(-dt_s / self._tau_s))
        return self.value
