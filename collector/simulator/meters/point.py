"""What a meter knows of the flow that it stands in: values, demand, registers that can restart."""

from random import Random

from collector.simulator.physics.flow import PHASES, Flow
from collector.simulator.physics.noise import Lag, Wander

DEMAND_S = 300.0


class Point:
    """A metering point with constant registers' start values. Energies are kWh, kvarh, kVAh.

    `turned` are the phases (0 to 2) whose CT faces backwards: powers and energies are what the
    meter sees then.
    """

    def __init__(self, flow: Flow, random: Random, first_kwh: float) -> None:
        self.flow = flow
        self.thd_i = [Wander(random, 9.0 + 2 * k, 1.2, 40) for k in PHASES]
        self.demand_w = Lag(flow.total_w, DEMAND_S)
        self.demand_var = Lag(flow.total_var, DEMAND_S)
        self._first_kwh = first_kwh
        self.turned: tuple[int, ...] = ()
        self._off_wh: dict[str, float] = {}
        """What the registers have beyond the truth."""
        self._base = self._energies()
        self.run_s = 3600.0 * random.randrange(200, 9000)

    def step(self, dt_s: float) -> None:
        """Advance what the meter averages."""
        self.demand_w.step(self.flow.total_w, dt_s)
        self.demand_var.step(self.flow.total_var, dt_s)
        self.run_s += dt_s
        for thd in self.thd_i:
            thd.step(dt_s)
        if self.turned:
            self._miscount(dt_s / 3600)

    @property
    def signs(self) -> list[float]:
        """With which sign each phase is seen."""
        return [-1.0 if k in self.turned else 1.0 for k in PHASES]

    def _miscount(self, hours: float) -> None:
        """Count as the meter does in a stretch in which the powers stayed as they are."""
        f = self.flow
        for names, true in ((("imp", "exp"), f.p), (("q_imp", "q_exp"), f.q)):
            seen = [sign * x for sign, x in zip(self.signs, true, strict=True)]
            pairs = [("", sum(seen), sum(true))]
            pairs += [(str(k), seen[k], true[k]) for k in PHASES]
            for tail, one, other in pairs:
                forward, reverse = f"{names[0]}{tail}", f"{names[1]}{tail}"
                up = (max(one, 0.0) - max(other, 0.0)) * hours
                down = (max(-one, 0.0) - max(-other, 0.0)) * hours
                self._off_wh[forward] = self._off_wh.get(forward, 0.0) + up
                self._off_wh[reverse] = self._off_wh.get(reverse, 0.0) + down

    def _energies(self) -> dict[str, float]:
        f = self.flow
        energies = {
            "imp": f.forward_wh, "exp": f.reverse_wh, "q_imp": f.varh, "q_exp": f.varh_reverse,
            "s": f.vah,
        }  # fmt: skip
        for k in PHASES:
            energies[f"imp{k}"] = f.phase_forward_wh[k]
            energies[f"exp{k}"] = f.phase_reverse_wh[k]
            energies[f"q_imp{k}"] = f.phase_varh[k]
            energies[f"q_exp{k}"] = f.phase_varh_reverse[k]
            energies[f"s{k}"] = f.phase_vah[k]
        return {name: (wh + self._off_wh.get(name, 0.0)) / 1000 for name, wh in energies.items()}

    def energies(self) -> dict[str, float]:
        """The registers now: `imp exp q_imp q_exp s`, and with 0 1 2 behind them each phase."""
        first = self._first_kwh
        starts = {"imp": first, "imp0": first / 3, "imp1": first / 3, "imp2": first / 3}
        now = self._energies()
        return {name: starts.get(name, 0.0) + now[name] - self._base[name] for name in now}

    def reset(self) -> None:
        """Somebody cleared the energy registers."""
        self._first_kwh = 0.0
        self._base = self._energies()

    def line_to_line(self) -> list[float]:
        """U12, U23, U31: the phases stand at 120°."""
        u = self.flow.bus.u
        pairs = ((u[0], u[1]), (u[1], u[2]), (u[2], u[0]))
        return [float((a * a + b * b + a * b) ** 0.5) for a, b in pairs]

    def unbalance(self, values: list[float]) -> float:
        """The largest deviation from the mean over the mean, as a fraction."""
        mean = sum(values) / len(values)
        return max(abs(v - mean) for v in values) / mean if mean > 0 else 0.0
