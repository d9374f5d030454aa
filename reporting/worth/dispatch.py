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
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from reporting.fuel import default_curve

Row = NDArray[np.float64]
Flags = NDArray[np.bool_]

LOW, START, STOP, FULL = 0.10, 0.25, 0.90, 0.95
CHARGE_C, DISCHARGE_C = 0.5, 1.0
ONE_WAY = 0.95
GOOD_LOAD = 0.75
MINUTE_H = 1 / 60
AT_ONCE = 64
"""Steps whose sums are made together."""


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


def run(sets: Sequence[Set], *loads: Sequence[Step]) -> list[list[Ran]]:
    """What each set does, under each of several loads whose steps take the same times."""
    if not sets:
        return [[] for _ in loads]
    fleet = _Fleet([one for _ in loads for one in sets])
    for at in range(0, len(loads[0]), AT_ONCE):
        steps = list(zip(*(load[at : at + AT_ONCE] for load in loads), strict=True))
        means = np.array([[step.mean_kw for step in some] for some in steps])
        peaks = np.array([[step.peak_kw for step in some] for some in steps])
        fleet.run(
            [some[0].hours for some in steps],
            means.repeat(len(sets), axis=1),
            peaks.repeat(len(sets), axis=1),
        )
    ran = fleet.result()
    return [ran[at : at + len(sets)] for at in range(0, len(ran), len(sets))]


class _Fleet:
    """All sets side by side, each under a load of its own."""

    def __init__(self, sets: Sequence[Set]) -> None:
        self.capacity = np.array([one.battery_kwh for one in sets])
        self.rated = np.array([one.generator_kw for one in sets])
        inverter = np.array([one.inverter_kw for one in sets])
        self.has = self.rated > 0
        self.takes = np.minimum(inverter, self.capacity * CHARGE_C)
        self.gives = np.minimum(inverter, self.capacity * DISCHARGE_C)
        self.good = self.rated * GOOD_LOAD
        self.curves = np.array([_points(one.generator_kw) for one in sets]).T.ravel()
        self.columns = np.arange(len(sets))
        self.stored = self.capacity * STOP
        self.least = self.stored.copy()
        self.on = np.zeros(len(sets), dtype=np.bool_)
        self.starts = np.zeros(len(sets), dtype=np.int64)
        self.hours, self.litres, self.kwh, self.unserved = (np.zeros(len(sets)) for _ in range(4))

    def run(self, hours: Sequence[float], mean: Row, peak: Row) -> None:
        """Some steps of time: for each its hours, and each set's load (kW)."""
        found = self._steps(hours, mean, peak > self.gives)
        began = np.vstack([self.on, found.on[:-1]])
        self.on, self.stored = found.on[-1], found.stored[-1]
        self.starts += (found.on & ~began).sum(axis=0)
        self.least = np.minimum(self.least, found.stored.min(axis=0))
        can = np.where(found.on, self.rated, 0.0) + found.gives
        times = np.array(hours)[:, np.newaxis]
        short = np.maximum((mean - found.made - found.out) * times, (peak - can) * MINUTE_H)
        self.unserved = _added(self.unserved, np.maximum(short, 0.0))
        self.hours = _added(self.hours, found.on * times)
        self.kwh = _added(self.kwh, found.made * times)
        burnt = np.where(found.on, self._l_per_h(found.made) * times, 0.0)
        self.litres = _added(self.litres, burnt)

    def _steps(self, hours: Sequence[float], mean: Row, over: Flags) -> "_Steps":
        """What follows from the step before. `over`: the inverter cannot carry the highest minute.
        Whatever does not is reckoned of many steps at once."""
        rows = [np.empty(mean.shape) for _ in range(4)]
        found = _Steps(rows[0], rows[1], rows[2], rows[3], np.empty(mean.shape, np.bool_))
        before, on = self.stored, self.on
        least, above = np.maximum(self.good, mean), np.maximum(mean, 0.0)
        low, start = self.capacity * LOW, self.capacity * START
        stop, full = self.capacity * STOP, self.capacity * FULL
        room, space, into = (np.empty(len(before)) for _ in range(3))
        for at, length in enumerate(hours):
            gives, made, out, stored = (row[at] for row in rows)
            np.maximum(np.subtract(before, low, out=room), 0.0, out=room)
            np.minimum(self.gives, np.multiply(room, ONE_WAY / length, out=room), out=gives)
            np.maximum(np.subtract(full, before, out=space), 0.0, out=space)
            takes = np.minimum(self.takes, np.divide(space, ONE_WAY * length, out=space), out=space)
            must = over[at] | (mean[at] > gives) | (before <= start)
            on = np.logical_and(self.has, must | (on & (before < stop)), out=found.on[at])
            wanted = np.minimum(least[at], above[at] + takes)
            np.multiply(np.minimum(wanted, self.rated, out=wanted), on, out=made)
            left = mean[at] - made
            np.minimum(np.maximum(left, 0.0, out=out), gives, out=out)
            np.minimum(np.maximum(np.negative(left, out=left), 0.0, out=into), takes, out=into)
            np.add(before, np.multiply(into, ONE_WAY * length, out=into), out=stored)
            np.subtract(stored, out * (length / ONE_WAY), out=stored)
            before = stored
        return found

    def _l_per_h(self, made: Row) -> Row:
        """Each set's curve: five points at even loads."""
        at = made / np.where(self.has, self.rated, 1.0) * 4.0
        piece = np.minimum(at.astype(np.int64), 3)
        place = piece * len(self.columns) + self.columns
        low = self.curves.take(place)
        found: Row = low + (self.curves.take(place + len(self.columns)) - low) * (at - piece)
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


class _Steps(NamedTuple):
    """Rows of steps, columns of sets: what the battery can give, what the generator makes and the
    battery gives (kW), what is stored then (kWh), and whether the generator runs."""

    gives: Row
    made: Row
    out: Row
    stored: Row
    on: Flags


def _added(total: Row, rows: Row) -> Row:
    """One row after the other added to a total: as sums of a loop, on every CPU."""
    found: Row = np.add.accumulate(np.vstack([total, rows]), axis=0)[-1]
    return found


def _points(rated_kw: float) -> list[float]:
    """Litres an hour at 0, 25, 50, 75 and 100 % of a set's rating."""
    return [litres for _, litres in default_curve(rated_kw)] if rated_kw > 0 else [0.0] * 5
