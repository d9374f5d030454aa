"""A lithium iron phosphate battery: charge, voltage, limits, heat, cells."""

import math
from itertools import pairwise
from random import Random

from msgspec import Struct

from collector.simulator.physics.flow import DcFlow
from collector.simulator.physics.noise import Lag, Wander

# Open-circuit voltage of one LFP cell against its state of charge in %.
_OCV = (
    (0.0, 2.90), (5.0, 3.10), (10.0, 3.20), (20.0, 3.25), (40.0, 3.285),
    (60.0, 3.30), (80.0, 3.325), (95.0, 3.35), (100.0, 3.45),
)  # fmt: skip


def cell_ocv(soc_pct: float) -> float:
    """Open-circuit cell voltage in V, linear between the table's points."""
    soc_pct = min(100.0, max(0.0, soc_pct))
    for (s0, v0), (s1, v1) in pairwise(_OCV):
        if soc_pct <= s1:
            return v0 + (v1 - v0) * (soc_pct - s0) / (s1 - s0)
    return _OCV[-1][1]


def cell_energy(soc_pct: float) -> float:
    """The integral of `cell_ocv` from 0 % to `soc_pct`, in V·%: exact for the table."""
    area = 0.0
    for (s0, v0), (s1, _) in pairwise(_OCV):
        if soc_pct <= s0:
            break
        end = min(soc_pct, s1)
        area += (end - s0) * (v0 + cell_ocv(end)) / 2
    return area


class BatterySpec(Struct, frozen=True, kw_only=True):
    """`kwh` between 0 and 100 %; currents as multiples of the capacity per hour."""

    kwh: float
    cells: int = 16
    charge_c: float = 0.4
    discharge_c: float = 0.6
    first_soc_pct: float = 60.0


class Battery:
    """Power is DC at the terminals, + charging. `flow` holds it with its energies."""

    def __init__(self, spec: BatterySpec, random: Random) -> None:
        self.spec = spec
        self.capacity_ah = spec.kwh * 1000 * 100 / (spec.cells * cell_energy(100.0))
        self.resistance_ohm = 0.045 * spec.cells * 3.2 / self.capacity_ah
        self.soc_pct = spec.first_soc_pct
        self.flow = DcFlow()
        self.current_a = 0.0
        self.loss_wh = 0.0
        self.drawn_ah = 0.0
        self._heat = Lag(26.0, 3600)
        self._low_cell = Wander(random, 0.004, 0.0006, 120)
        self._high_cell = Wander(random, 0.005, 0.0006, 120)

    @property
    def ocv_v(self) -> float:
        """Voltage without current."""
        return self.spec.cells * cell_ocv(self.soc_pct)

    @property
    def voltage_v(self) -> float:
        """Voltage at the terminals now."""
        return self.ocv_v + self.current_a * self.resistance_ohm

    @property
    def temperature_c(self) -> float:
        """Temperature of the cells."""
        return self._heat.value

    @property
    def stored_wh(self) -> float:
        """Energy between 0 % and the present charge, from the table and not from the flow."""
        return self.spec.cells * cell_energy(self.soc_pct) * self.capacity_ah / 100

    @property
    def charge_limit_a(self) -> float:
        """What the BMS allows to go in: tapers above 92 % and is zero at 100 %."""
        return self.spec.charge_c * self.capacity_ah * min(1.0, max(0.0, (100 - self.soc_pct) / 8))

    @property
    def discharge_limit_a(self) -> float:
        """What the BMS allows to come out: tapers under 8 % and is zero at 3 %."""
        room = min(1.0, max(0.0, (self.soc_pct - 3) / 5))
        return self.spec.discharge_c * self.capacity_ah * room

    @property
    def charge_limit_w(self) -> float:
        """`charge_limit_a` as power at the terminals."""
        amps = self.charge_limit_a
        return amps * (self.ocv_v + amps * self.resistance_ohm)

    @property
    def discharge_limit_w(self) -> float:
        """`discharge_limit_a` as power at the terminals."""
        amps = self.discharge_limit_a
        return amps * (self.ocv_v - amps * self.resistance_ohm)

    @property
    def cell_min_v(self) -> float:
        """The lowest cell."""
        return self.voltage_v / self.spec.cells - self._low_cell.value

    @property
    def cell_max_v(self) -> float:
        """The highest cell."""
        return self.voltage_v / self.spec.cells + self._high_cell.value

    @property
    def time_to_go_s(self) -> float | None:
        """Until empty at the present current; None while it charges or rests."""
        if self.current_a > -0.004 * self.capacity_ah:
            return None
        return self.soc_pct / 100 * self.capacity_ah / -self.current_a * 3600

    def step(self, power_w: float, dt_s: float) -> None:
        """Take `power_w` (+ charging) at the terminals for `dt_s`."""
        ocv, ohm = self.ocv_v, self.resistance_ohm
        self.current_a = (math.sqrt(max(0.0, ocv * ocv + 4 * ohm * power_w)) - ocv) / (2 * ohm)
        amp_hours = self.current_a * dt_s / 3600
        self.soc_pct = min(100.0, max(0.0, self.soc_pct + 100 * amp_hours / self.capacity_ah))
        self.drawn_ah += max(0.0, -amp_hours)
        lost_w = self.current_a * self.current_a * ohm
        self.loss_wh += lost_w * dt_s / 3600
        self.flow.carry(power_w, dt_s)
        self._heat.step(25.0 + 18.0 * lost_w / (self.spec.kwh * 20), dt_s)
        self._low_cell.step(dt_s)
        self._high_cell.step(dt_s)
