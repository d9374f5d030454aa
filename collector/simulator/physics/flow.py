"""A three-phase point in the wiring: what flows through it, and what a meter there would count."""

import math
from random import Random

from collector.simulator.physics.noise import Wander

PHASES = (0, 1, 2)
NOMINAL_V = 120.0
NOMINAL_HZ = 60.0


class Bus:
    """The voltages of one island: phase to neutral, in V; zero while it is dead."""

    __slots__ = ("_hz", "_thd", "_wander", "hz", "live", "thd_pct", "u")

    def __init__(self, random: Random, nominal_v: float = NOMINAL_V) -> None:
        self._wander = [Wander(random, nominal_v, nominal_v * 0.002, 20) for _ in PHASES]
        self._hz = Wander(random, 0, 0.008, 5)
        self._thd = Wander(random, 2.1, 0.3, 60)
        self.live = True
        self.u = [nominal_v] * 3
        self.hz = NOMINAL_HZ
        self.thd_pct = 2.1

    def step(self, dt_s: float, *, live: bool, sag: float = 0.0, hz: float = NOMINAL_HZ) -> None:
        """Advance; `sag` is the fraction of the voltage lost to load, `hz` what the source runs."""
        self.live = live
        if not live:
            self.u = [0.0] * 3
            self.hz = 0.0
            self.thd_pct = 0.0
            return
        self.u = [w.step(dt_s) * (1 - sag) for w in self._wander]
        self.hz = hz + self._hz.step(dt_s)
        self.thd_pct = self._thd.step(dt_s)


class Flow:
    """Active power `p` (W) and reactive power `q` (var) of the three phases on a bus.

    Energies are integrals since start, in Wh, varh and VAh: forward where the whole (or the
    phase) is positive, reverse where it is negative.
    """

    __slots__ = (
        "bus", "forward_wh", "p", "phase_forward_wh", "phase_reverse_wh", "phase_vah",
        "phase_varh", "phase_varh_reverse", "q", "reverse_wh", "vah", "varh", "varh_reverse",
    )  # fmt: skip

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.p = [0.0] * 3
        self.q = [0.0] * 3
        self.forward_wh = self.reverse_wh = 0.0
        self.varh = self.varh_reverse = self.vah = 0.0
        self.phase_forward_wh = [0.0] * 3
        self.phase_reverse_wh = [0.0] * 3
        self.phase_varh = [0.0] * 3
        self.phase_varh_reverse = [0.0] * 3
        self.phase_vah = [0.0] * 3

    @property
    def total_w(self) -> float:
        """Active power of all phases."""
        return self.p[0] + self.p[1] + self.p[2]

    @property
    def total_var(self) -> float:
        """Reactive power of all phases."""
        return self.q[0] + self.q[1] + self.q[2]

    def va(self, phase: int) -> float:
        """Apparent power of one phase."""
        return math.hypot(self.p[phase], self.q[phase])

    @property
    def total_va(self) -> float:
        """Apparent power: the arithmetic sum of the phases."""
        return self.va(0) + self.va(1) + self.va(2)

    def amps(self, phase: int) -> float:
        """Current of one phase, without sign; zero on a dead bus."""
        u = self.bus.u[phase]
        return self.va(phase) / u if u else 0.0

    @property
    def neutral_a(self) -> float:
        """The neutral's current: the phasor sum of the phase currents."""
        re = im = 0.0
        for phase in PHASES:
            angle = -phase * 2 * math.pi / 3 - math.atan2(self.q[phase], self.p[phase])
            re += self.amps(phase) * math.cos(angle)
            im += self.amps(phase) * math.sin(angle)
        return math.hypot(re, im)

    def power_factor(self, phase: int | None = None) -> float:
        """Active over apparent power, signed as the active power; 1 without current."""
        p, s = (self.total_w, self.total_va) if phase is None else (self.p[phase], self.va(phase))
        return p / s if s > 1 else 1.0

    def carry(self, p: list[float], q: list[float], dt_s: float) -> None:
        """Let `p` and `q` flow for `dt_s`."""
        self.p, self.q = p, q
        hours = dt_s / 3600
        total, reactive = self.total_w * hours, self.total_var * hours
        self.forward_wh += max(total, 0.0)
        self.reverse_wh += max(-total, 0.0)
        self.varh += max(reactive, 0.0)
        self.varh_reverse += max(-reactive, 0.0)
        for phase in PHASES:
            self.phase_forward_wh[phase] += max(p[phase], 0.0) * hours
            self.phase_reverse_wh[phase] += max(-p[phase], 0.0) * hours
            self.phase_varh[phase] += max(q[phase], 0.0) * hours
            self.phase_varh_reverse[phase] += max(-q[phase], 0.0) * hours
            va = self.va(phase) * hours
            self.phase_vah[phase] += va
            self.vah += va


class DcFlow:
    """Power (W, signed) through a DC point, with its forward and reverse integral in Wh."""

    __slots__ = ("forward_wh", "reverse_wh", "w")

    def __init__(self) -> None:
        self.w = 0.0
        self.forward_wh = self.reverse_wh = 0.0

    def carry(self, w: float, dt_s: float) -> None:
        """Let `w` flow for `dt_s`."""
        self.w = w
        self.forward_wh += max(w, 0.0) * dt_s / 3600
        self.reverse_wh += max(-w, 0.0) * dt_s / 3600
