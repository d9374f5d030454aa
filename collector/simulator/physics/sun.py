"""The sun over the site and the clouds before it."""

import math
from random import Random

from collector.simulator.physics.noise import Lag, Wander

SUNRISE_H = 6.0
SUNSET_H = 20.0


def clear_sky(hour: float) -> float:
    """The fraction of its rating that an array could give at `hour` of the day without clouds."""
    x = (hour % 24 - SUNRISE_H) / (SUNSET_H - SUNRISE_H)
    return float(math.sin(math.pi * x) ** 1.2) if 0 < x < 1 else 0.0


class Sun:
    """Clear spells and clouds in turn, the same over the whole site; `level` is 0 to 1."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._left_s = random.expovariate(1 / 300)
        self._target = 1.0
        self._through = Lag(1.0, 12)
        self.level = 0.0

    def step(self, dt_s: float, hour: float) -> None:
        """Advance to `hour` of the day."""
        self._left_s -= dt_s
        if self._left_s <= 0:
            cloudy = self._target == 1.0
            self._target = self._random.uniform(0.25, 0.75) if cloudy else 1.0
            self._left_s = self._random.expovariate(1 / (70 if cloudy else 400))
        self.level = clear_sky(hour) * self._through.step(self._target, dt_s)


class Array:
    """Solar modules of `rated_w`: what they could give now, before anything limits them."""

    def __init__(self, rated_w: float, random: Random) -> None:
        self.rated_w = rated_w
        self._yield = Wander(random, 0.88, 0.012, 40)
        self.available_w = 0.0
        self.dark = True
        """The sun is down: no inverter has anything to stay up for."""
        self.enabled = True

    def step(self, dt_s: float, sun: Sun) -> None:
        """Advance under `sun`; under 0.5 % of the rating nothing comes out."""
        self.dark = sun.level <= 0
        w = self.rated_w * sun.level * self._yield.step(dt_s)
        self.available_w = w if self.enabled and w > self.rated_w * 0.005 else 0.0
