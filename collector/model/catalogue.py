"""The measurement catalogue: the only place where names, units, signs and kinds stand.

A reading is addressed by a *key*: the measurement's name, and behind a dot its phase if it has
one (`voltage_v.L1`). Signs: loads, generators and PV are positive when they do their job;
`grid_power_w` + = import; `battery_power_w` + = charging. `docs/measurements.md` is generated
from here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from collector.model.kinds import AssetKind
from collector.model.states import (
    AC_SOURCE,
    BATTERY_STATE,
    GENERATOR_STATE,
    INVERTER_MODE,
    INVERTER_STATE,
    PV_STATE,
)

MeasurementType = Literal["gauge", "counter", "state"]

L = ("L1", "L2", "L3")
L_N = (*L, "N")
L_LL = (*L, "L12", "L23", "L31")

BESS, GEN, GRID, LOAD, PV, TANK = AssetKind
AC = (BESS, GEN, GRID, LOAD, PV)


class Measurement(Struct, frozen=True, kw_only=True):
    """One canonical quantity.

    `phases` lists the phases it may carry besides the whole (empty: none). `total` says that a
    reading without phase exists. `decimals` is for people; stored values are not rounded.
    """

    name: str
    unit: str
    type: MeasurementType
    decimals: int
    text: str
    kinds: tuple[AssetKind, ...]
    phases: tuple[str, ...] = ()
    total: bool = True
    states: Mapping[int, str] = {}

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that a reading of this measurement can have, the whole first."""
        whole = (self.name,) if self.total else ()
        return whole + tuple(f"{self.name}.{phase}" for phase in self.phases)


def _gauge(
    name: str,
    unit: str,
    decimals: int,
    kinds: tuple[AssetKind, ...],
    text: str,
    phases: tuple[str, ...] = (),
    *,
    total: bool = True,
) -> Measurement:
    return Measurement(
        name=name,
        unit=unit,
        type="gauge",
        decimals=decimals,
        text=text,
        kinds=kinds,
        phases=phases,
        total=total,
    )


def _counter(
    name: str, unit: str, decimals: int, kinds: tuple[AssetKind, ...], text: str
) -> Measurement:
    return Measurement(
        name=name, unit=unit, type="counter", decimals=decimals, text=text, kinds=kinds
    )


def _state(
    name: str, kinds: tuple[AssetKind, ...], text: str, states: Mapping[int, str]
) -> Measurement:
    return Measurement(
        name=name, unit="", type="state", decimals=0, text=text, kinds=kinds, states=states
    )


_ALL = (
    _gauge("load_power_w", "W", 0, (BESS, LOAD), "Active power taken by the loads.", L),
    _gauge(
        "grid_power_w",
        "W",
        0,
        (BESS, GRID),
        "Active power from the grid or shore; + import, − export.",
        L,
    ),
    _gauge("generator_power_w", "W", 0, (BESS, GEN), "Active power delivered by the generator.", L),
    _gauge(
        "pv_power_w", "W", 0, (BESS, PV), "Solar power delivered, AC- and DC-coupled together.", L
    ),
    _gauge(
        "battery_power_w", "W", 0, (BESS, PV), "DC power at the battery; + charging, − discharging."
    ),
    _gauge("apparent_power_va", "VA", 0, AC, "Apparent power.", L),
    _gauge("reactive_power_var", "var", 0, AC, "Reactive power; + inductive.", L),
    _gauge(
        "power_factor",
        "",
        2,
        AC,
        "Active over apparent power, with the sign of the active power.",
        L,
    ),
    _gauge(
        "voltage_v",
        "V",
        1,
        AC,
        "AC voltage: phase to neutral (L1 L2 L3) and phase to phase (L12 L23 L31).",
        L_LL,
        total=False,
    ),
    _gauge(
        "current_a", "A", 1, AC, "AC current of each phase and of the neutral.", L_N, total=False
    ),
    _gauge("frequency_hz", "Hz", 2, AC, "AC frequency."),
    _gauge("voltage_unbalance_pct", "%", 1, AC, "Voltage unbalance between the phases."),
    _gauge("current_unbalance_pct", "%", 1, AC, "Current unbalance between the phases."),
    _gauge("voltage_thd_pct", "%", 1, AC, "Total harmonic distortion of the voltage.", L),
    _gauge("current_thd_pct", "%", 1, AC, "Total harmonic distortion of the current.", L),
    _gauge("battery_soc_pct", "%", 0, (BESS, PV), "State of charge."),
    _gauge("battery_soh_pct", "%", 0, (BESS,), "State of health."),
    _gauge(
        "battery_voltage_v",
        "V",
        2,
        (BESS, GEN, PV),
        "DC voltage of the battery; of a generator: its starter battery.",
    ),
    _gauge("battery_current_a", "A", 1, (BESS, PV), "DC current of the battery; + charging."),
    _gauge("battery_temperature_c", "°C", 1, (BESS, PV), "Temperature of the battery."),
    _gauge("cell_voltage_min_v", "V", 3, (BESS,), "Lowest cell voltage."),
    _gauge("cell_voltage_max_v", "V", 3, (BESS,), "Highest cell voltage."),
    _gauge(
        "time_to_go_s",
        "s",
        0,
        (BESS,),
        "Time until the battery is empty at the present load; none while charging.",
    ),
    _gauge("charge_limit_a", "A", 0, (BESS,), "Charge current that the battery allows now."),
    _gauge(
        "discharge_limit_a",
        "A",
        0,
        (BESS,),
        "Discharge current that the battery allows now; 0 = forbidden.",
    ),
    _counter("load_energy_kwh", "kWh", 1, (BESS, LOAD), "Energy taken by the loads."),
    _counter("grid_import_kwh", "kWh", 1, (BESS, GRID), "Energy imported from the grid or shore."),
    _counter("grid_export_kwh", "kWh", 1, (BESS, GRID), "Energy exported to the grid or shore."),
    _counter("generator_energy_kwh", "kWh", 1, (BESS, GEN), "Energy delivered by the generator."),
    _counter("pv_energy_kwh", "kWh", 1, (BESS, PV), "Solar energy delivered."),
    _counter("battery_charged_kwh", "kWh", 1, (BESS, PV), "Energy charged into the battery."),
    _counter("battery_discharged_kwh", "kWh", 1, (BESS, PV), "Energy discharged from the battery."),
    _counter("generator_run_s", "s", 0, (BESS, GEN), "Running time of the generator."),
    _counter("generator_starts", "", 0, (GEN,), "Starts of the generator."),
    _gauge("fuel_level_pct", "%", 0, (GEN, TANK), "Fuel level."),
    _gauge("fuel_remaining_l", "L", 0, (GEN, TANK), "Fuel left."),
    _gauge("engine_speed_rpm", "rpm", 0, (GEN,), "Engine speed."),
    _gauge("engine_load_pct", "%", 0, (GEN,), "Engine load as its controller states it."),
    _gauge("coolant_temperature_c", "°C", 0, (GEN,), "Coolant temperature."),
    _gauge("oil_pressure_kpa", "kPa", 0, (GEN,), "Oil pressure."),
    _state("inverter_state", (BESS, PV), "What the inverter/charger does.", INVERTER_STATE),
    _state("inverter_mode", (BESS,), "What the inverter/charger is set to.", INVERTER_MODE),
    _state("ac_source", (BESS,), "Which AC input feeds the inverter/charger.", AC_SOURCE),
    _state("battery_state", (BESS,), "Whether the battery charges or discharges.", BATTERY_STATE),
    _state("generator_state", (GEN,), "What the generator does.", GENERATOR_STATE),
    _state("pv_state", (PV,), "What the solar charger or PV inverter does.", PV_STATE),
)

CATALOGUE: Mapping[str, Measurement] = MappingProxyType({m.name: m for m in _ALL})
KEYS: Mapping[str, Measurement] = MappingProxyType({k: m for m in _ALL for k in m.keys})
"""Every legal reading key, with its measurement."""

POWERS = ("load_power_w", "generator_power_w", "grid_power_w", "pv_power_w", "battery_power_w")
ENERGIES = (
    "load_energy_kwh",
    "generator_energy_kwh",
    "grid_import_kwh",
    "grid_export_kwh",
    "pv_energy_kwh",
    "battery_charged_kwh",
    "battery_discharged_kwh",
)
TOTALLED = POWERS + ENERGIES
"""The quantities for which the site has a total, by the totals rule."""

MAIN_POWER: Mapping[AssetKind, str] = MappingProxyType({
    BESS: "load_power_w", GEN: "generator_power_w", GRID: "grid_power_w",
    LOAD: "load_power_w", PV: "pv_power_w",
})  # fmt: skip
"""The one power that a list shows for an asset of each kind (a tank has none)."""

MAIN_ENERGY: Mapping[AssetKind, str] = MappingProxyType({
    BESS: "load_energy_kwh", GEN: "generator_energy_kwh", GRID: "grid_import_kwh",
    LOAD: "load_energy_kwh", PV: "pv_energy_kwh",
})  # fmt: skip


def split_key(key: str) -> tuple[str, str]:
    """`voltage_v.L1` → (`voltage_v`, `L1`); a key without phase gives an empty phase."""
    name, _, phase = key.partition(".")
    return name, phase


def unit_of(name: str) -> str:
    """The unit of a measurement; "" where it has none, or is not in the catalogue."""
    found = CATALOGUE.get(name)
    return "" if found is None else found.unit
