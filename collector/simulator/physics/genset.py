"""A diesel generator: engine, fuel, start and stop."""

from enum import IntEnum
from random import Random

from msgspec import Struct

from collector.simulator.physics.flow import NOMINAL_HZ, Bus, Flow
from collector.simulator.physics.noise import Lag, Wander

CRANK_S = 6.0
STOPPING_S = 4.0
REFUEL_L_PER_S = 1.2


class Engine(IntEnum):
    """What the set does."""

    STOPPED = 0
    STARTING = 1
    WARM_UP = 2
    RUNNING = 3
    COOL_DOWN = 4
    STOPPING = 5


class GensetSpec(Struct, frozen=True, kw_only=True):
    """Rated apparent power (at power factor 0.8), tank in litres, times in seconds."""

    kva: float
    tank_l: float = 400.0
    first_fuel_pct: float = 70.0
    first_hours: float = 1200.0
    running: bool = False
    warm_up_s: float = 20.0
    cool_down_s: float = 60.0

    @property
    def rated_w(self) -> float:
        """The most active power that it gives for long."""
        return self.kva * 800


class Genset:
    """`wanted` says whether it shall run; `flow` is what it delivers at its terminals. `broken`: it
    stands, and does not start. With `own_refuel` a lorry comes when the tank runs low."""

    def __init__(self, spec: GensetSpec, random: Random, bus: Bus) -> None:
        self.spec = spec
        self.flow = Flow(bus)
        self.wanted = spec.running
        self.engine = Engine.RUNNING if spec.running else Engine.STOPPED
        self.in_engine_s = 0.0
        self.run_s = 0.0
        self.this_run_s = 0.0
        self.starts = 0
        self.fuel_l = spec.tank_l * spec.first_fuel_pct / 100
        self.burnt_l = 0.0
        self.coolant_c = 82.0 if spec.running else 31.0
        self.speed_rpm = 1800.0 if spec.running else 0.0
        self._coolant = Lag(self.coolant_c, 150)
        self._speed = Lag(self.speed_rpm, 1.5)
        self._shake = Wander(random, 0, 4, 3)
        self._slosh = Wander(random, 0, 0.5, 20)
        self._refuelling = False
        self.broken = False
        self.own_refuel = True

    def replace(self, spec: GensetSpec) -> None:
        """Another set stands here now, with its own hours and fuel. What flowed through the
        terminals, and what was burnt here, goes on."""
        self.spec = spec
        self.run_s = 0.0
        self.starts = 0
        self.fuel_l = spec.tank_l * spec.first_fuel_pct / 100
        self.coolant_c = 31.0
        self._coolant = Lag(self.coolant_c, 150)
        self.broken = False
        self._enter(Engine.STOPPED)

    def deliver(self, litres: float) -> float:
        """Fuel comes; how much of it went into the tank."""
        taken = min(litres, self.spec.tank_l - self.fuel_l)
        self.fuel_l += taken
        return taken

    @property
    def turning(self) -> bool:
        """Whether the engine runs, with load or without."""
        return self.engine in (Engine.WARM_UP, Engine.RUNNING, Engine.COOL_DOWN)

    @property
    def ready(self) -> bool:
        """Whether it may be loaded."""
        return self.engine is Engine.RUNNING

    @property
    def load_pct(self) -> float:
        """Active power against the rating."""
        return 100 * self.flow.total_w / self.spec.rated_w

    @property
    def fuel_pct(self) -> float:
        """The tank's level as its sender says it: the fuel sloshes."""
        return min(100.0, max(0.0, 100 * self.fuel_l / self.spec.tank_l + self._slosh.value))

    @property
    def oil_kpa(self) -> float:
        """Oil pressure, by speed and heat."""
        return self.speed_rpm / 1800 * (520 - 1.8 * self.coolant_c)

    @property
    def starter_v(self) -> float:
        """The starter battery: charged while the engine turns, sagging while it cranks."""
        if self.engine is Engine.STARTING:
            return 10.4
        return 14.1 if self.turning else 12.7

    @property
    def hz(self) -> float:
        """Frequency at the present speed and load: 1 % droop."""
        return NOMINAL_HZ * (1.004 - 0.01 * self.load_pct / 100)

    def fuel_l_per_h(self) -> float:
        """Consumption: idle 1.6 % of the rating in kW, and 0.25 L for each kWh."""
        if not self.turning:
            return 0.0
        return 0.016 * self.spec.rated_w / 1000 + 0.25 * max(0.0, self.flow.total_w) / 1000

    def step(self, dt_s: float) -> None:
        """Advance the engine; what it delivers is set by whoever is fed (`flow.carry`)."""
        self.in_engine_s += dt_s
        self._next()
        if self.turning:
            self.run_s += dt_s
            self.this_run_s += dt_s
        burnt = min(self.fuel_l, self.fuel_l_per_h() * dt_s / 3600)
        self.fuel_l -= burnt
        self.burnt_l += burnt
        self._refuel(dt_s)
        heat = 78 + 0.12 * self.load_pct if self.turning else 30
        self.coolant_c = self._coolant.step(heat, dt_s)
        full = 1800 * self.hz / NOMINAL_HZ + self._shake.step(dt_s)
        speed = {Engine.STARTING: 220.0, Engine.STOPPED: 0.0, Engine.STOPPING: 0.0}
        self.speed_rpm = self._speed.step(speed.get(self.engine, full), dt_s)
        self._slosh.step(dt_s)

    def _refuel(self, dt_s: float) -> None:
        if self.own_refuel and self.fuel_l < 0.12 * self.spec.tank_l:
            self._refuelling = True
        if self._refuelling:
            self.fuel_l += REFUEL_L_PER_S * dt_s
            self._refuelling = self.fuel_l < 0.95 * self.spec.tank_l

    def _next(self) -> None:
        engine, in_s, spec = self.engine, self.in_engine_s, self.spec
        if self.broken:
            if engine is not Engine.STOPPED:
                self._enter(Engine.STOPPED)
        elif engine is Engine.STOPPED and self.wanted:
            self._enter(Engine.STARTING)
            self.this_run_s = 0.0
        elif engine is Engine.STARTING and in_s >= CRANK_S:
            self.starts += 1
            self._enter(Engine.WARM_UP)
        elif engine is Engine.WARM_UP and in_s >= spec.warm_up_s:
            self._enter(Engine.RUNNING)
        elif engine is Engine.RUNNING and not self.wanted:
            self._enter(Engine.COOL_DOWN)
        elif engine is Engine.COOL_DOWN and self.wanted:
            self._enter(Engine.RUNNING)
        elif engine is Engine.COOL_DOWN and in_s >= spec.cool_down_s:
            self._enter(Engine.STOPPING)
        elif engine is Engine.STOPPING and in_s >= STOPPING_S:
            self._enter(Engine.STOPPED)

    def _enter(self, engine: Engine) -> None:
        self.engine = engine
        self.in_engine_s = 0.0
