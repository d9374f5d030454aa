"""The inverter/charger's losses, both ways."""

import math
from random import Random

from msgspec import Struct

STANDBY = 0.004
LINEAR = 0.02
SQUARE = 0.03


class InverterSpec(Struct, frozen=True, kw_only=True):
    """Rated apparent power of all phases together."""

    kva: float

    @property
    def rated_w(self) -> float:
        """What it inverts for long."""
        return self.kva * 850


class Inverter:
    """AC power is + while it feeds the AC side, − while it charges. DC power likewise."""

    def __init__(self, spec: InverterSpec) -> None:
        self.spec = spec
        self._a = STANDBY * spec.rated_w
        self._c = SQUARE / spec.rated_w
        self.loss_w = 0.0
        self.loss_wh = 0.0

    def loss(self, ac_w: float) -> float:
        """What it turns to heat at `ac_w`."""
        return self._a + LINEAR * abs(ac_w) + self._c * ac_w * ac_w

    def dc(self, ac_w: float) -> float:
        """What it draws from the DC side to give `ac_w` (− : gives to it)."""
        return ac_w + self.loss(ac_w)

    def ac(self, dc_w: float) -> float:
        """The AC power at which it draws `dc_w`: the inverse of `dc`."""
        slope = 1 + LINEAR if dc_w >= self._a else 1 - LINEAR
        root = math.sqrt(max(0.0, slope * slope - 4 * self._c * (self._a - dc_w)))
        return (root - slope) / (2 * self._c)

    def step(self, ac_w: float, dt_s: float, *, on: bool) -> float:
        """Work at `ac_w` for `dt_s`; returns the DC power drawn."""
        self.loss_w = self.loss(ac_w) if on else 0.0
        self.loss_wh += self.loss_w * dt_s / 3600
        return ac_w + self.loss_w if on else 0.0


class EnergyPaths:
    """Where energy went through the inverter/charger, in Wh, as Victron's `Energy/*` counts it.

    At any moment there are givers and takers among AC input, AC output and inverter; each giver
    serves the takers in a fixed order.
    """

    NAMES = ("in_out", "in_inverter", "out_in", "out_inverter", "inverter_in", "inverter_out")

    def __init__(self) -> None:
        self.wh = dict.fromkeys(self.NAMES, 0.0)

    def step(self, in_w: float, inverter_w: float, out_w: float, dt_s: float) -> None:
        """`in_w` + into the system, `inverter_w` + from DC, `out_w` + out of the AC output."""
        give = {"in": max(in_w, 0.0), "inverter": max(inverter_w, 0.0), "out": max(-out_w, 0.0)}
        take = {"out": max(out_w, 0.0), "inverter": max(-inverter_w, 0.0), "in": max(-in_w, 0.0)}
        for giver, has in give.items():
            for taker in ("out", "inverter", "in"):
                if giver == taker:
                    continue
                moved = min(has, take[taker])
                has -= moved
                take[taker] -= moved
                self.wh[f"{giver}_{taker}"] += moved * dt_s / 3600


def jitter(random: Random, share: float) -> float:
    """A constant error of an instrument: 1 ± up to `share`."""
    return 1 + random.uniform(-share, share)
