"""What sets of battery, inverter and generator would have done under a load: many sets at once.

Time is a loop, the sets are columns: only elementwise operations of IEEE doubles, and no reduction,
so the same figures come out on every CPU.

The rules by which a set runs (after the usual settings of a GX: start and stop by state of charge,
start by load):

- The battery is used from 10 to 95 % of its capacity, charges at no more than 0.5 C and discharges
  at no more than 1 C; each way through the inverter loses 5 %.
- The generator starts when the state of charge is at 25 % or less, when the inverter could not
  carry the highest minute of a step, or when the battery would not last the step. Once started it
  stops at 90 %, when the inverter carries the load again.
- While it runs it serves the load, and charges up to 75 % of its rating (60–80 % is the load that
  is recommended, reports.md §5.3). What exceeds its rating the battery adds.
- A set without a battery always runs. What no part of a set can carry is unserved.
- It begins at 90 %; at the end a generator fills up what is missing, which is in hours and fuel.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from reporting.fuel import default_curve

Row = NDArray[np.float64]

LOW, START, STOP, FULL = 0.10, 0.25, 0.90, 0.95
CHARGE_C, DISCHARGE_C = 0.5, 1.0
ONE_WAY = 0.95
GOOD_LOAD = 0.75
MINUTE_H = 1 / 60


class Step(Struct, frozen=True):
    """Some minutes of a load: how long, its mean, and the highest minute's mean (kW)."""

    hours: float
    mean_kw: float
    peak_kw: float


class Set(Struct, frozen=True, order=True):
    """A battery (kWh), what its inverter carries (kW), and a generator (kW); 0: none."""

    battery_kwh: float
    inverter_kw: float
    generator_kw: float


class Ran(Struct, frozen=True):
    """What a set did, unrounded."""

    hours: float
    starts: int
    litres: float
    kwh: float
    unserved_kwh: float
    soc_min_pct: float | None


def run(sets: Sequence[Set], steps: Sequence[Step]) -> list[Ran]:
    """What each set does under the same load."""
    if not sets:
        return []
    fleet = _Fleet(sets)
    for step in steps:
        fleet.step(step)
    return fleet.result()


class _Fleet:
    """All sets side by side."""

    def __init__(self, sets: Sequence[Set]) -> None:
        self.capacity = np.array([one.battery_kwh for one in sets])
        self.rated = np.array([one.generator_kw for one in sets])
        inverter = np.array([one.inverter_kw for one in sets])
        self.has = self.rated > 0
        self.takes = np.minimum(inverter, self.capacity * CHARGE_C)
        self.gives = np.minimum(inverter, self.capacity * DISCHARGE_C)
        self.good = self.rated * GOOD_LOAD
        self.curves = np.array([_points(one.generator_kw) for one in sets]).T
        self.columns = np.arange(len(sets))
        self.stored = self.capacity * STOP
        self.least = self.stored.copy()
        self.on = np.zeros(len(sets), dtype=np.bool_)
        self.hours, self.litres, self.kwh, self.unserved, self.starts = (
            np.zeros(len(sets)) for _ in range(5)
        )

    def step(self, step: Step) -> None:
        """A step of time."""
        hours, mean, peak = step.hours, step.mean_kw, step.peak_kw
        room = np.maximum(self.stored - self.capacity * LOW, 0.0)
        gives = np.minimum(self.gives, room * (ONE_WAY / hours))
        space = np.maximum(self.capacity * FULL - self.stored, 0.0)
        takes = np.minimum(self.takes, space / (ONE_WAY * hours))
        must = (peak > self.gives) | (mean > gives) | (self.stored <= self.capacity * START)
        on = self.has & (must | (self.on & (self.stored < self.capacity * STOP)))
        self.starts += on & ~self.on
        self.on = on
        wanted = np.minimum(np.maximum(self.good, mean), max(mean, 0.0) + takes)
        made = np.where(on, np.minimum(wanted, self.rated), 0.0)
        left = mean - made
        out = np.minimum(np.maximum(left, 0.0), gives)
        into = np.minimum(np.maximum(-left, 0.0), takes)
        self.stored = self.stored + into * (ONE_WAY * hours) - out * (hours / ONE_WAY)
        self.least = np.minimum(self.least, self.stored)
        can = np.where(on, self.rated, 0.0) + gives
        short = np.maximum((left - out) * hours, (peak - can) * MINUTE_H)
        self.unserved = self.unserved + np.maximum(short, 0.0)
        self.hours = self.hours + on * hours
        self.kwh = self.kwh + made * hours
        self.litres = self.litres + np.where(on, self._l_per_h(made) * hours, 0.0)

    def _l_per_h(self, made: Row) -> Row:
        """Each set's curve: five points at even loads."""
        at = made / np.where(self.has, self.rated, 1.0) * 4.0
        piece = np.minimum(at.astype(np.int64), 3)
        low = self.curves[piece, self.columns]
        found: Row = low + (self.curves[piece + 1, self.columns] - low) * (at - piece)
        return found

    def result(self) -> list[Ran]:
        """All of it, with the battery filled up again."""
        missing = np.maximum(self.capacity * STOP - self.stored, 0.0) / ONE_WAY
        refill = np.where(self.has, missing / np.where(self.has, self.good, 1.0), 0.0)
        hours = self.hours + refill
        litres = self.litres + refill * self._l_per_h(self.good)
        kwh = self.kwh + refill * self.good
        return [
            Ran(
                float(hours[n]),
                int(self.starts[n]),
                float(litres[n]),
                float(kwh[n]),
                float(self.unserved[n]),
                float(self.least[n] / self.capacity[n] * 100) if self.capacity[n] else None,
            )
            for n in range(len(self.columns))
        ]


def _points(rated_kw: float) -> list[float]:
    """Litres an hour at 0, 25, 50, 75 and 100 % of a set's rating."""
    return [litres for _, litres in default_curve(rated_kw)] if rated_kw > 0 else [0.0] * 5
