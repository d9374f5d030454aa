"""What a stage, a village or a kitchen takes through a show day."""

import math
from random import Random

from msgspec import Struct

from collector.simulator.physics.flow import PHASES
from collector.simulator.physics.noise import Lag, Wander

ACT_MIN = 48.0
CHANGEOVER_MIN = 12.0


class LoadSpec(Struct, frozen=True, kw_only=True):
    """Powers in W over all phases; `show_w` comes on top of `base_w` while an act plays.

    `hours` is the show's span; `split` is each phase's share; `spike_w` what a hoist or a chord
    adds for some seconds.
    """

    base_w: float
    show_w: float
    spike_w: float = 0.0
    hours: tuple[float, float] = (11.0, 24.0)
    split: tuple[float, float, float] = (0.37, 0.34, 0.29)
    power_factor: float = 0.93


class Load:
    """The demand: `p` in W and `q` in var for each phase. What is served is the feeder's affair."""

    def __init__(self, spec: LoadSpec, random: Random) -> None:
        self.spec = spec
        self._random = random
        self._offset_min = random.uniform(0, ACT_MIN + CHANGEOVER_MIN)
        self._show = Lag(0.8, 45)
        self._music = Wander(random, 1.0, 0.09, 6)
        self._shares = [Wander(random, share, 0.008, 120) for share in spec.split]
        self._spike_left_s = 0.0
        self._spike_phase = 0
        self.p = [0.0] * 3
        self.q = [0.0] * 3

    def _playing(self, hour: float) -> float:
        """How much of the show power the programme asks for now."""
        start, end = self.spec.hours
        if not start <= hour % 24 < end:
            return 0.0
        at = (hour * 60 + self._offset_min) % (ACT_MIN + CHANGEOVER_MIN)
        return 1.0 if at < ACT_MIN else 0.35

    def step(self, dt_s: float, hour: float) -> None:
        """Advance to `hour` of the day."""
        spec = self.spec
        level = self._show.step(self._playing(hour), dt_s)
        whole = spec.base_w + spec.show_w * level * max(0.4, self._music.step(dt_s))
        self.p = [max(0.0, whole * share.step(dt_s)) for share in self._shares]
        self._spike(dt_s, level)
        if self._spike_left_s > 0:
            self.p[self._spike_phase] += spec.spike_w
        lag = math.tan(math.acos(spec.power_factor))
        self.q = [self.p[phase] * lag for phase in PHASES]

    def _spike(self, dt_s: float, level: float) -> None:
        self._spike_left_s -= dt_s
        if self._spike_left_s <= 0 and self._random.random() < dt_s / 80 * level:
            self._spike_left_s = self._random.uniform(2, 9)
            self._spike_phase = self._random.randrange(3)
