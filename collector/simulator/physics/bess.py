"""A battery system: inverter/charger between a battery with PV and an AC side with loads, and a
generator or a grid feed on its AC input.

One step: what is asked for, what may flow, what then flows. AC power of the inverter is + towards
the loads. The AC input's balance is `input = load − AC-coupled PV − inverter`.
"""

from enum import IntEnum

from msgspec import Struct

from collector.simulator.physics.battery import Battery, BatterySpec
from collector.simulator.physics.flow import NOMINAL_HZ, NOMINAL_V, PHASES, Bus, DcFlow, Flow
from collector.simulator.physics.genset import Genset, GensetSpec
from collector.simulator.physics.inverter import EnergyPaths, Inverter, InverterSpec
from collector.simulator.physics.load import Load, LoadSpec
from collector.simulator.physics.noise import stream
from collector.simulator.physics.sun import Array, Sun

GENERATOR_SHARE = 0.8
GENERATOR_RAMP_W_PER_S = 4000.0
TRIP_S = 10.0
RESTART_SOC_PCT = 8.0
SLEEP_SOC_PCT = 1.0


class Mode(IntEnum):
    """The inverter/charger's switch, in Victron's numbers."""

    CHARGER_ONLY = 1
    INVERTER_ONLY = 2
    ON = 3
    OFF = 4


class Source(IntEnum):
    """What feeds the AC input, in Victron's numbers."""

    NONE = 240
    GRID = 1
    GENERATOR = 2


class BessSpec(Struct, frozen=True, kw_only=True):
    """What a battery system is made of. Powers in W; `grid_w` is the feed's limit.

    `load` is metered at the stage's transformer; `other_load` is not. From `dear_hours[0]` to
    `dear_hours[1]` o'clock (the second may be after midnight) a system on a feed lives from its
    battery, and fills it outside of them.
    """

    inverter: InverterSpec
    battery: BatterySpec
    load: LoadSpec
    other_load: LoadSpec
    mppt_w: tuple[float, ...] = ()
    pv_inverter_w: float = 0.0
    genset: GensetSpec | None = None
    grid_w: float = 0.0
    dear_hours: tuple[float, float] | None = None
    start_soc_pct: float = 30.0
    stop_soc_pct: float = 80.0


class Bess:
    """The running system. Written to from outside: `mode`, `input_limit_a`, `manual_start`,
    `manual_left_s`, `auto_start`, `relay_start`, `start_soc_pct`, `stop_soc_pct`,
    `minimum_soc_pct`, `grid_setpoint_w`."""

    def __init__(self, spec: BessSpec, seed: int, name: str) -> None:
        self.spec = spec
        self.name = name
        rnd = stream(seed, name)
        self.out_bus = Bus(stream(seed, f"{name}/out"))
        self.in_bus = Bus(stream(seed, f"{name}/in"))
        self.battery = Battery(spec.battery, rnd)
        self.inverter = Inverter(spec.inverter)
        self.paths = EnergyPaths()
        self.load = Load(spec.load, stream(seed, f"{name}/load"))
        self.other = Load(spec.other_load, stream(seed, f"{name}/other"))
        self.arrays = [Array(w, stream(seed, f"{name}/mppt{k}")) for k, w in enumerate(spec.mppt_w)]
        self.roof = Array(spec.pv_inverter_w, stream(seed, f"{name}/roof"))
        self.genset = (
            Genset(spec.genset, stream(seed, f"{name}/genset"), self.in_bus)
            if spec.genset
            else None
        )
        self.served = Flow(self.out_bus)
        self.stage = Flow(self.out_bus)
        self.pv_ac = Flow(self.out_bus)
        self.output = Flow(self.out_bus)
        self.input = Flow(self.in_bus)
        self.mppts = [DcFlow() for _ in self.arrays]
        self.mode = Mode.ON
        self.input_limit_a = spec.grid_w / (3 * NOMINAL_V) if spec.grid_w else 150.0
        self.start_soc_pct, self.stop_soc_pct = spec.start_soc_pct, spec.stop_soc_pct
        self.manual_start = False
        self.auto_start = True
        self.relay_start = False
        """The generator's relay was closed by hand, beside the start/stop logic."""
        self.minimum_soc_pct = 10.0
        self.manual_left_s: float | None = None
        self.grid_setpoint_w: float | None = None
        self.source = Source.NONE
        self.output_on = True
        self.inverter_w = 0.0
        self.throttled = False
        self.started_by_soc = spec.genset is not None and spec.genset.running
        self._tripped_s = 0.0
        self._dear = False
        self._filling = True
        self._ramp_w = 0.0
        self.source_s = dict.fromkeys(Source, 0.0)
        self.off_s = 0.0

    # --- what others ask --------------------------------------------------------------------

    @property
    def pv_dc_w(self) -> float:
        """What the solar chargers deliver together."""
        return sum(m.w for m in self.mppts)

    @property
    def overloaded(self) -> bool:
        """Whether the output is off because more was asked for than there was."""
        return self._tripped_s > 0

    # --- one step ---------------------------------------------------------------------------

    def step(self, dt_s: float, hour: float, sun: Sun) -> None:
        """Advance by `dt_s` to `hour` of the day."""
        self.load.step(dt_s, hour)
        self.other.step(dt_s, hour)
        for array in (*self.arrays, self.roof):
            array.step(dt_s, sun)
        if self.genset:
            self._command(self.genset, dt_s)
            self.genset.step(dt_s)
        self._tripped_s = max(0.0, self._tripped_s - dt_s)
        self.source = self._choose()
        if self.spec.dear_hours is not None:
            first, last = self.spec.dear_hours
            self._dear = first <= hour < last or first <= hour + 24 < last
        self._flow(dt_s)
        self.source_s[self.source] += dt_s
        if not self.output_on:
            self.off_s += dt_s

    def _command(self, genset: Genset, dt_s: float) -> None:
        """Start and stop by charge with hysteresis, or by hand with an optional timer."""
        if self.manual_start and self.manual_left_s is not None:
            self.manual_left_s -= dt_s
            if self.manual_left_s <= 0:
                self.manual_start, self.manual_left_s = False, None
        soc = self.battery.soc_pct
        if soc <= self.start_soc_pct:
            self.started_by_soc = True
        elif soc >= self.stop_soc_pct:
            self.started_by_soc = False
        automatic = self.started_by_soc and self.auto_start
        genset.wanted = automatic or self.manual_start or self.relay_start

    def _choose(self) -> Source:
        if self.mode in (Mode.INVERTER_ONLY, Mode.OFF):
            return Source.NONE
        if self.genset and self.genset.ready:
            return Source.GENERATOR
        return Source.GRID if self.spec.grid_w else Source.NONE

    def _inverting_allowed(self) -> bool:
        return self.mode in (Mode.ON, Mode.INVERTER_ONLY)

    def _flow(self, dt_s: float) -> None:
        p = [self.load.p[k] + self.other.p[k] for k in PHASES]
        q = [self.load.q[k] + self.other.q[k] for k in PHASES]
        pv_ac = self.roof.available_w
        pv_dc = sum(a.available_w for a in self.arrays)
        high = self._most(pv_dc)
        low = self._least(pv_dc)
        self.output_on = self._alive(sum(p) - pv_ac, high)
        if self.output_on:
            ac_w, pv_ac = self._dispatch(sum(p) - pv_ac, pv_ac, low, high, pv_dc)
        else:
            p, q, pv_ac, ac_w = [0.0] * 3, [0.0] * 3, 0.0, 0.0
        self._carry(p, q, pv_ac, ac_w, pv_dc, dt_s)

    def _most(self, pv_dc: float) -> float:
        """The most that the inverter can feed into the AC side."""
        if not self._inverting_allowed():
            return 0.0
        most = self.inverter.ac(pv_dc + self.battery.discharge_limit_w)
        return max(0.0, min(self.spec.inverter.rated_w, most))

    def _least(self, pv_dc: float) -> float:
        """The most that it can charge (negative): what solar leaves of the battery's limit."""
        if self.mode is Mode.OFF:
            return 0.0
        least = self.inverter.ac(pv_dc - self.battery.charge_limit_w)
        return min(0.0, max(-0.8 * self.spec.inverter.rated_w, least))

    def _alive(self, net: float, high: float) -> bool:
        """Whether the output has voltage; asking for too much without a source trips it."""
        if self.mode is Mode.OFF or (self.mode is Mode.CHARGER_ONLY and self._islanded):
            return False
        if not self._islanded:
            return True
        if self._tripped_s > 0:
            return False
        if not self.output_on and self.battery.soc_pct < RESTART_SOC_PCT:
            return False
        if net > high:
            self._tripped_s = TRIP_S
            return False
        return True

    @property
    def _islanded(self) -> bool:
        return self.source is Source.NONE

    @property
    def _input_limit_w(self) -> float:
        return 3 * NOMINAL_V * self.input_limit_a

    def _dispatch(
        self, net: float, pv_ac: float, low: float, high: float, pv_dc: float
    ) -> tuple[float, float]:
        """The inverter's AC power, and what of the AC-coupled PV may stay."""
        if self.source is Source.GRID:
            self.throttled = False
            return self._on_grid(net, low, high, pv_dc), pv_ac
        self.throttled = net < low
        if self.throttled:
            pv_ac -= low - net
            net = low
        if self.source is Source.GENERATOR and self.genset:
            return self._on_generator(self.genset, net, low, high), pv_ac
        self._ramp_w = 0.0
        return net, pv_ac

    def _on_generator(self, genset: Genset, net: float, low: float, high: float) -> float:
        """Load it up to its good share and charge with the rest; the battery helps above it."""
        cap = min(GENERATOR_SHARE * genset.spec.rated_w, self._ramp_w, self._input_limit_w)
        taken = min(max(net - low, 0.0), cap)
        return min(net - taken, high)

    def _on_grid(self, net: float, low: float, high: float, pv_dc: float) -> float:
        """Shave above the feed's limit; below it fill the battery, then let solar go first."""
        soc = self.battery.soc_pct
        if soc <= self.minimum_soc_pct:
            high = min(high, max(0.0, self.inverter.ac(pv_dc)))
        if self.grid_setpoint_w is not None:
            return min(high, max(low, net - self.grid_setpoint_w))
        if self._dear and soc > self.minimum_soc_pct + 5:
            return min(high, max(low, net))
        self._filling = soc < 84 or (self._filling and soc < 90)
        limit = min(self.spec.grid_w, self._input_limit_w)
        if net > limit:
            return min(high, net - limit)
        if self._filling:
            return max(low, net - limit)
        return min(high, self.inverter.ac(pv_dc))

    def _carry(
        self, p: list[float], q: list[float], pv_ac: float, ac_w: float, pv_dc: float, dt_s: float
    ) -> None:
        """Let everything flow for `dt_s`, and account for it."""
        on = self.mode is not Mode.OFF and (self.output_on or self.battery.soc_pct > SLEEP_SOC_PCT)
        dc = self.inverter.step(ac_w, dt_s, on=on)
        solar = min(pv_dc, max(0.0, dc + self.battery.charge_limit_w))
        for array, mppt in zip(self.arrays, self.mppts, strict=True):
            mppt.carry(solar * array.available_w / pv_dc if pv_dc else 0.0, dt_s)
        self.battery.step(solar - dc, dt_s)
        input_w = sum(p) - pv_ac - ac_w
        self.inverter_w = ac_w
        self._buses(dt_s, sum(p), input_w)
        self.served.carry(p, q, dt_s)
        share = 1.0 if self.output_on else 0.0
        self.stage.carry([x * share for x in self.load.p], [x * share for x in self.load.q], dt_s)
        third = pv_ac / 3
        self.pv_ac.carry([third] * 3, [0.0] * 3, dt_s)
        self.output.carry([x - third for x in p], q, dt_s)
        connected = not self._islanded
        per_phase = [x - third - ac_w / 3 if connected else 0.0 for x in p]
        self.input.carry(per_phase, q if connected else [0.0] * 3, dt_s)
        self._ramp_w = max(0.0, input_w) + GENERATOR_RAMP_W_PER_S * dt_s if connected else 0.0
        self.paths.step(input_w if connected else 0.0, ac_w, sum(p) - pv_ac, dt_s)
        if self.genset:
            feeding = self.source is Source.GENERATOR
            self.genset.flow.carry(
                per_phase if feeding else [0.0] * 3, q if feeding else [0.0] * 3, dt_s
            )

    def _buses(self, dt_s: float, load_w: float, input_w: float) -> None:
        if self.source is Source.GENERATOR and self.genset:
            hz = self.genset.hz
        else:
            hz = NOMINAL_HZ + (1.4 if self.throttled else 0.0)
        sag = 0.012 * load_w / self.spec.inverter.rated_w
        self.out_bus.step(dt_s, live=self.output_on, sag=sag, hz=hz)
        turning = self.genset is not None and self.genset.turning
        energised = self.source is Source.GRID or turning or bool(self.spec.grid_w)
        in_hz = self.genset.hz if turning and self.genset else NOMINAL_HZ
        self.in_bus.step(dt_s, live=energised, sag=0.01 * input_w / 50e3, hz=in_hz)
