"""The whole site as one thing that can be stepped, and its energy balance."""

from msgspec import Struct

from collector.simulator.physics.bess import Bess
from collector.simulator.physics.direct import Field, MainsLoad, Village
from collector.simulator.physics.noise import stream
from collector.simulator.physics.sun import Sun

MAX_STEP_S = 2.0

Part = Bess | Village | Field | MainsLoad


class Balance(Struct, frozen=True, kw_only=True):
    """Energies since start in Wh: `sources = loads + stored + losses` if nothing got lost."""

    sources: float
    loads: float
    stored: float
    losses: float

    @property
    def residual(self) -> float:
        """What does not add up, in Wh."""
        return self.sources - self.loads - self.stored - self.losses


class Plant:
    """Parts under one sun. The hour of the day starts at `start_hour` and runs with the steps."""

    def __init__(self, parts: list[Part], seed: int, start_hour: float) -> None:
        self.parts = parts
        self.sun = Sun(stream(seed, "sun"))
        self.start_hour = start_hour
        self.elapsed_s = 0.0
        self._first_stored = {
            id(part): part.battery.stored_wh
            for part in parts
            if isinstance(part, Bess | Field) and part.battery is not None
        }

    @property
    def hour(self) -> float:
        """The hour of the day, 0 to 24."""
        return (self.start_hour + self.elapsed_s / 3600) % 24

    def step(self, dt_s: float) -> None:
        """Advance by `dt_s` in equal steps of at most `MAX_STEP_S`."""
        count = max(1, -int(-dt_s // MAX_STEP_S))
        for _ in range(count):
            step_s = dt_s / count
            self.elapsed_s += step_s
            hour = self.hour
            self.sun.step(step_s, hour)
            for part in self.parts:
                part.step(step_s, hour, self.sun)

    def balance(self) -> Balance:
        """The energy balance of everything since start."""
        sums = [0.0, 0.0, 0.0, 0.0]
        for part in self.parts:
            for k, wh in enumerate(self._balance(part)):
                sums[k] += wh
        return Balance(sources=sums[0], loads=sums[1], stored=sums[2], losses=sums[3])

    def _balance(self, part: Part) -> tuple[float, float, float, float]:
        if isinstance(part, Bess):
            solar = sum(m.forward_wh for m in part.mppts) + part.pv_ac.forward_wh
            fed = part.input.forward_wh - part.input.reverse_wh
            stored = part.battery.stored_wh - self._first_stored[id(part)]
            lost = part.inverter.loss_wh + part.battery.loss_wh
            return solar + fed, part.served.forward_wh, stored, lost
        if isinstance(part, Village):
            loads = sum(f.forward_wh for f in part.flows)
            return part.genset.flow.forward_wh, loads, 0.0, part.loss_wh
        if isinstance(part, Field):
            fed = part.grid.forward_wh - part.grid.reverse_wh
            if part.battery is None:
                return part.pv.forward_wh + fed, part.served.forward_wh, 0.0, 0.0
            stored = part.battery.stored_wh - self._first_stored[id(part)]
            charged = part.battery.flow.forward_wh - part.battery.flow.reverse_wh
            sources = part.pv.forward_wh + charged + fed
            return sources, part.served.forward_wh, stored, part.battery.loss_wh
        return part.served.forward_wh, part.served.forward_wh, 0.0, 0.0
