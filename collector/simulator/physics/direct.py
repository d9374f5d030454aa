"""What stands on the site without a battery system: a generator with its loads, a solar field on
the grid, single loads on house power."""

from msgspec import Struct

from collector.simulator.physics.battery import Battery, BatterySpec
from collector.simulator.physics.flow import NOMINAL_V, PHASES, Bus, Flow
from collector.simulator.physics.genset import Genset, GensetSpec
from collector.simulator.physics.load import Load, LoadSpec
from collector.simulator.physics.noise import stream
from collector.simulator.physics.sun import Array, Sun

CABLE_LOSS = 0.006


class VillageSpec(Struct, frozen=True, kw_only=True):
    """A generator that runs through and its feeders; `nominal_v` is phase to neutral."""

    genset: GensetSpec
    loads: tuple[LoadSpec, ...]
    nominal_v: float = NOMINAL_V


class Village:
    """`genset.flow` is the loads and what the cables lose."""

    def __init__(self, spec: VillageSpec, seed: int, name: str) -> None:
        self.name = name
        self.bus = Bus(stream(seed, f"{name}/bus"), spec.nominal_v)
        self.genset = Genset(spec.genset, stream(seed, f"{name}/genset"), self.bus)
        self.loads = [Load(s, stream(seed, f"{name}/load{k}")) for k, s in enumerate(spec.loads)]
        self.flows = [Flow(self.bus) for _ in self.loads]
        self.loss_wh = 0.0

    def step(self, dt_s: float, hour: float, sun: Sun) -> None:
        """Advance by `dt_s` to `hour` of the day."""
        del sun
        self.genset.step(dt_s)
        live = self.genset.ready
        p, q = [0.0] * 3, [0.0] * 3
        for load, flow in zip(self.loads, self.flows, strict=True):
            load.step(dt_s, hour)
            flow.carry(load.p if live else [0.0] * 3, load.q if live else [0.0] * 3, dt_s)
            p = [p[k] + flow.p[k] for k in PHASES]
            q = [q[k] + flow.q[k] for k in PHASES]
        loss_w = sum(p) * CABLE_LOSS
        self.loss_wh += loss_w * dt_s / 3600
        self.genset.flow.carry([x * (1 + CABLE_LOSS) for x in p], q, dt_s)
        sag = 0.01 * self.genset.load_pct / 100
        self.bus.step(dt_s, live=live, sag=sag, hz=self.genset.hz)


class FieldSpec(Struct, frozen=True, kw_only=True):
    """PV modules behind an AC inverter, and the load beside it, on one grid connection. With a
    battery the inverter is a hybrid: it stores what the load leaves over, and gives it back."""

    pv_w: float
    load: LoadSpec
    battery: BatterySpec | None = None


class Field:
    """`grid` is + while the connection imports."""

    def __init__(self, spec: FieldSpec, seed: int, name: str) -> None:
        self.spec = spec
        self.name = name
        self.bus = Bus(stream(seed, f"{name}/bus"))
        self.array = Array(spec.pv_w, stream(seed, f"{name}/array"))
        self.load = Load(spec.load, stream(seed, f"{name}/load"))
        self.battery = (
            Battery(spec.battery, stream(seed, f"{name}/battery")) if spec.battery else None
        )
        self.pv = Flow(self.bus)
        self.served = Flow(self.bus)
        self.grid = Flow(self.bus)

    def step(self, dt_s: float, hour: float, sun: Sun) -> None:
        """Advance by `dt_s` to `hour` of the day."""
        self.bus.step(dt_s, live=True)
        self.array.step(dt_s, sun)
        self.load.step(dt_s, hour)
        third = (self.array.available_w - self._store(dt_s)) / 3
        self.pv.carry([third] * 3, [0.0] * 3, dt_s)
        self.served.carry(self.load.p, self.load.q, dt_s)
        self.grid.carry([x - third for x in self.load.p], self.load.q, dt_s)

    def _store(self, dt_s: float) -> float:
        """What the battery takes, + charging."""
        if self.battery is None:
            return 0.0
        left_w = self.array.available_w - sum(self.load.p)
        most_w = min(self.battery.charge_limit_w, self.array.available_w)
        watts = min(max(left_w, -self.battery.discharge_limit_w), most_w)
        self.battery.step(watts, dt_s)
        return watts


class MainsLoad:
    """A load on house power that nobody meters but at the load itself."""

    def __init__(self, spec: LoadSpec, seed: int, name: str) -> None:
        self.name = name
        self.bus = Bus(stream(seed, f"{name}/bus"))
        self.load = Load(spec, stream(seed, f"{name}/load"))
        self.served = Flow(self.bus)

    def step(self, dt_s: float, hour: float, sun: Sun) -> None:
        """Advance by `dt_s` to `hour` of the day."""
        del sun
        self.bus.step(dt_s, live=True)
        self.load.step(dt_s, hour)
        self.served.carry(self.load.p, self.load.q, dt_s)
