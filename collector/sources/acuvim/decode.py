"""Registers of an ACUVIM as values by name, and those as canonical readings. Pure functions."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from collector.model.catalogue import MAIN_POWER
from collector.model.kinds import AssetKind
from collector.sources.acuvim.registers import ENERGY_ROLL, Block, Wiring
from collector.sources.acuvim.settings import Settings
from collector.sources.modbus.words import number

Values = Mapping[str, float | None]

LARGEST = 1e9
"""No register says more volts, amperes or watts: other bytes were taken for a float."""

_TOTALS: Mapping[str, str] = MappingProxyType({
    "frequency": "frequency_hz", "s_total": "apparent_power_va",
    "u_unbalance": "voltage_unbalance_pct", "i_unbalance": "current_unbalance_pct",
    "thd_u_avg": "voltage_thd_pct", "thd_i_avg": "current_thd_pct", "i_n": "current_a.N",
})  # fmt: skip

_PHASE: Mapping[str, str] = MappingProxyType(
    {"s": "apparent_power_va", "u": "voltage_v", "thd_u": "voltage_thd_pct"}
)
_CONDUCTOR: Mapping[str, str] = MappingProxyType({"i": "current_a", "thd_i": "current_thd_pct"})

_LINE_VOLTAGES: Mapping[Wiring, tuple[str, ...]] = MappingProxyType({
    Wiring.STAR: ("12", "23", "31"), Wiring.DELTA: ("12", "23", "31"),
    Wiring.OPEN_DELTA: ("12", "23", "31"), Wiring.SPLIT: ("12",), Wiring.NETWORK: ("12",),
    Wiring.SINGLE: (), Wiring.DC: (),
})  # fmt: skip
_CONDUCTORS: Mapping[Wiring, str] = MappingProxyType({
    Wiring.STAR: "123", Wiring.DELTA: "123", Wiring.OPEN_DELTA: "123",
    Wiring.SPLIT: "12", Wiring.NETWORK: "12", Wiring.SINGLE: "1",
    Wiring.DC: "",
})  # fmt: skip
_NEUTRALS = (Wiring.STAR, Wiring.NETWORK)
"""Wirings in which the neutral carries what the phases do not cancel."""


def decode_block(block: Block, data: bytes, settings: Settings) -> dict[str, float | None]:
    """One answer as values in V, A, W, var, VA, Hz, %, kWh, kvarh, kVAh on the primary side.
    None: the register holds no number, or none that can be. Never raises."""
    values: dict[str, float | None] = {}
    factors = settings.factors()
    for point in block.floats:
        value = number(data, point.at, "f32")
        good = value is not None and abs(value) < LARGEST
        size = point.factor * factors[point.side]
        values[point.name] = value * size if value is not None and good else None
    for energy in block.energies:
        value = number(data, energy.at, "s32" if energy.signed else "u32")
        good = value is not None and abs(value) < ENERGY_ROLL
        values[energy.name] = value * settings.kwh_per_count if value is not None and good else None
    for percent in block.percents:
        value = number(data, percent.at, "u16")
        values[percent.name] = None if value is None else value / 100.0
    return values


def readings(kind: AssetKind, wiring: Wiring, values: Values) -> Iterator[tuple[str, float | None]]:
    """Canonical keys and readings of a meter that measures `kind`.

    Power is as the meter has it: positive is what flows from the source to the load side of its
    CTs. Values against neutral and of single phases only where the wiring has them.
    """
    for name, key in _TOTALS.items():
        if name in values and (name != "i_n" or wiring in _NEUTRALS):
            yield key, values[name]
    if "u_unbalance" not in values:
        lines, conductors = _LINE_VOLTAGES[wiring], _CONDUCTORS[wiring]
        yield "voltage_unbalance_pct", _unbalance([values[f"u{pair}"] for pair in lines])
        yield "current_unbalance_pct", _unbalance([values[f"i{one}"] for one in conductors])
    for pair in _LINE_VOLTAGES[wiring]:
        yield f"voltage_v.L{pair}", values[f"u{pair}"]
    for conductor in _CONDUCTORS[wiring]:
        yield from _named(_CONDUCTOR, conductor, values)
    power = MAIN_POWER[kind]
    yield from _powers(power, "_total", "", values)
    if wiring.has_neutral:
        for phase in _CONDUCTORS[wiring]:
            yield from _named(_PHASE, phase, values)
            yield from _powers(power, phase, f".L{phase}", values)


def _unbalance(sizes: list[float | None]) -> float | None:
    """The largest deviation from the mean of three, in percent of the mean (NEMA MG 1)."""
    known = [size for size in sizes if size is not None]
    mean = sum(known) / 3.0
    if len(known) < 3 or mean <= 0:
        return None
    return max(abs(size - mean) for size in known) / mean * 100.0


def _named(
    names: Mapping[str, str], phase: str, values: Values
) -> Iterator[tuple[str, float | None]]:
    for name, measurement in names.items():
        if name + phase in values:
            yield f"{measurement}.L{phase}", values[name + phase]


def _powers(
    power: str, tail: str, phase: str, values: Values
) -> Iterator[tuple[str, float | None]]:
    watts = values[f"p{tail}"]
    yield f"{power}{phase}", watts
    yield f"reactive_power_var{phase}", values[f"q{tail}"]
    yield f"power_factor{phase}", power_factor(values[f"pf{tail}"], watts)


def power_factor(told: float | None, watts: float | None) -> float | None:
    """The meter's factor with the sign of the power: its own sign depends on its convention."""
    if told is None or abs(told) > 1.0:
        return None
    return -abs(told) if watts is not None and watts < 0 else abs(told)


class EnergyMap(NamedTuple):
    """Which energy register is which counter of an asset."""

    measurement: str
    register: str


ENERGIES: Mapping[AssetKind, tuple[EnergyMap, ...]] = MappingProxyType({
    AssetKind.LOAD: (EnergyMap("load_energy_kwh", "ep_import"),),
    AssetKind.BESS: (EnergyMap("load_energy_kwh", "ep_import"),),
    AssetKind.GENERATOR: (EnergyMap("generator_energy_kwh", "ep_import"),),
    AssetKind.PV: (EnergyMap("pv_energy_kwh", "ep_import"),),
    AssetKind.GRID: (
        EnergyMap("grid_import_kwh", "ep_import"),
        EnergyMap("grid_export_kwh", "ep_export"),
    ),
})  # fmt: skip
