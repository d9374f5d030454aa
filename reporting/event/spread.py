"""One flow of one part over time: how much of its energy of record fell into any stretch."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import fsum
from typing import NamedTuple

import numpy as np

from collector.model.report.quality import Gap
from reporting.event.parts import Part
from reporting.event.places import Key, Stretch
from reporting.measured.model import MINUTE_MS, Minutes
from reporting.profile import ProfileTable
from reporting.profile.columns import BY_BALANCE

EMPTY = ProfileTable(starts_ms=(), window_ms=(), flows={})
"""The minutes of a part that cannot be read."""
MOST = (1 << 63) - 1
"""What an integer of 64 bits holds."""
KWH = 36_000_000_000
"""Quanta of 0.1 W times milliseconds in a kilowatt-hour."""

POWER_OF = {
    "load_energy_kwh": ("load_power_w", 1),
    "grid_import_kwh": ("grid_power_w", 1),
    "grid_export_kwh": ("grid_power_w", -1),
    "generator_energy_kwh": ("generator_power_w", 1),
    "pv_energy_kwh": ("pv_power_w", 1),
    "battery_charged_kwh": ("battery_power_w", 1),
    "battery_discharged_kwh": ("battery_power_w", -1),
}
"""The power that an energy is the integral of, and the sign of those values (DESIGN §5)."""


class _Lump(NamedTuple):
    """Energy that came in a gap: nobody knows when in it."""

    from_ms: int
    to_ms: int
    kwh: float


class Spread:
    """The energy of record of a flow, while its asset was `owned` by the system, by time.

    - What its counter rose in a gap lies in that gap, evenly.
    - The rest lies where its power was seen, in the proportion of the minutes' integrals: register
      and integral differ by what the meter's sampling misses, and nobody knows in which minute.
    - Where no power was seen at all it lies evenly in the whole time.

    A minute is the finest that is known; a stretch that cuts one has its share by time.
    """

    def __init__(
        self,
        kwh: float,
        owned: Sequence[Stretch],
        profile: ProfileTable | None,
        flow: Minutes | None,
        energy: str,
        gaps: Iterable[Gap] = (),
    ) -> None:
        self.kwh = kwh
        self._owned = tuple(owned)
        self._begin, self._end = owned[0].from_ms, owned[-1].to_ms
        lumps = [_Lump(gap.from_ms, gap.to_ms, gap.gap_kwh or 0.0) for gap in gaps]
        values = _integrals(flow, POWER_OF[energy][1]) if flow is not None else ()
        self._sums = _summed(values)
        self._starts: Sequence[int] = profile.starts_ms if profile is not None else ()
        rest = kwh - fsum(lump.kwh for lump in lumps)
        if rest < 0:  # what a person decided is less than what came in gaps
            whole = fsum(lump.kwh for lump in lumps)
            self._scale = 0.0
            self._lumps = [one._replace(kwh=one.kwh * kwh / whole) for one in lumps]
        elif self._sums[-1] > 0:
            self._scale = rest / self._sums[-1]
            self._lumps = lumps
        else:
            self._scale = 0.0
            self._lumps = [*lumps, _Lump(self._begin, self._end, rest)]

    def during(self, stretches: Sequence[Stretch]) -> float:
        """The energy in stretches that do not overlap, kWh. The whole time gives exactly `kwh`."""
        if tuple(stretches) == self._owned:
            return self.kwh
        return fsum(part for one in stretches for part in (self._seen(one), self._in_gaps(one)))

    def _seen(self, one: Stretch) -> float:
        return (self._until(one.to_ms) - self._until(one.from_ms)) * self._scale

    def _until(self, at_ms: int) -> float:
        """The integral of everything before a moment."""
        index = bisect_right(self._starts, at_ms) - 1
        if index < 0:
            return 0.0
        begin = max(self._starts[index], self._begin)
        end = min(self._starts[index] + MINUTE_MS, self._end)
        share = min(1.0, max(0.0, (at_ms - begin) / (end - begin))) if end > begin else 1.0
        return self._sums[index] + (self._sums[index + 1] - self._sums[index]) * share

    def _in_gaps(self, one: Stretch) -> float:
        return fsum(
            lump.kwh
            * max(0, min(one.to_ms, lump.to_ms) - max(one.from_ms, lump.from_ms))
            / (lump.to_ms - lump.from_ms)
            for lump in self._lumps
            if lump.to_ms > lump.from_ms
        )


def _integrals(flow: Minutes, sign: int) -> Sequence[int]:
    return flow.pos if sign > 0 else flow.neg


def _summed(values: Sequence[int]) -> "array[int]":
    """The sum of all values before each, and of all."""
    whole = np.asarray(values, dtype=np.int64)
    if len(whole) and int(np.abs(whole).max()) > MOST // len(whole):
        return array("q", accumulate(values, initial=0))
    return array("q", np.cumsum(np.concatenate(([0], whole))).astype(np.int64).tobytes())


def spread_of(key: Key, owned: Sequence[Stretch], part: Part, table: ProfileTable) -> Spread:
    """The energy of record of a flow of a part, whose minutes are in `table`."""
    kwh = fsum(
        flow.kwh or 0.0
        for flow in part.report.energy.flows
        if flow.asset == key.asset and flow.flow == key.energy
    )
    if key.asset == BY_BALANCE:
        kwh = part.report.energy.load_kwh or 0.0
    power, _ = POWER_OF[key.energy]
    flow = table.flows.get((key.asset, power))
    return Spread(kwh, owned, table, flow, key.energy, _gaps(part, key))


def _gaps(part: Part, key: Key) -> Iterable[Gap]:
    """The gaps of a flow in which its counter rose; of a power's name are those of its positive
    side (`reporting.figures.days`)."""
    power, sign = POWER_OF[key.energy]
    names = (key.energy, power) if sign > 0 else (key.energy,)
    return [
        gap
        for gap in part.report.quality.gaps
        if gap.asset == key.asset and gap.flow in names and gap.gap_kwh and gap.gap_kwh > 0
    ]


def cut(stretches: Iterable[Stretch], from_ms: int, to_ms: int) -> tuple[Stretch, ...]:
    """What of some stretches lies in a time."""
    found = (Stretch(max(one.from_ms, from_ms), min(one.to_ms, to_ms)) for one in stretches)
    return tuple(one for one in found if one.to_ms > one.from_ms)


def length_ms(stretches: Sequence[Stretch], from_ms: int, to_ms: int) -> int:
    """How much of a time some stretches, in order, take."""
    at = max(0, bisect_left(stretches, from_ms, key=lambda one: one.to_ms))
    total = 0
    while at < len(stretches) and stretches[at].from_ms < to_ms:
        total += max(0, min(stretches[at].to_ms, to_ms) - max(stretches[at].from_ms, from_ms))
        at += 1
    return total
