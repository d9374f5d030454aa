"""Inverter/chargers: `vebus` (MultiPlus, Quattro), `acsystem`, `multi` (Multi RS), `inverter`.

One service is one system of up to three phases; several Multi RS without an `acsystem` are added.
"""

from collections.abc import Sequence
from typing import NamedTuple

from collector.sources.victron.derive.common import (
    PHASES,
    Counter,
    Readings,
    Values,
    first,
    lines,
    num,
    per_phase,
    pick,
    power,
    sum_lines,
    total,
)

OUT = {
    **per_phase("voltage_v", "Ac/Out/Lx/V"),
    **per_phase("current_a", "Ac/Out/Lx/I"),
    **per_phase("apparent_power_va", "Ac/Out/Lx/S"),
}

NOT_CONNECTED = 240.0
"""`Ac/ActiveIn/ActiveInput` and AC_SOURCE: the inverter makes its own grid."""
GRID, GENERATOR, SHORE = 1.0, 2.0, 3.0
"""AC_SOURCE, and the types of AC inputs in the settings and in `multi`."""

TO_OUT = ("Energy/AcIn1ToAcOut", "Energy/AcIn2ToAcOut", "Energy/InverterToAcOut")
SOLAR_TO_OUT = "Energy/SolarToAcOut"


class Unit(NamedTuple):
    """One inverter/charger service."""

    kind: str
    values: Values
    settings: Values


def output(units: Sequence[Unit]) -> Readings:
    """Voltage, current, frequency and apparent power at the output."""
    first_unit = units[0].values
    readings = pick(first_unit, OUT)
    for other in units[1:]:
        for key, value in pick(other.values, OUT).items():
            readings[key] = readings[key] if readings[key] is not None else value
    readings["apparent_power_va"] = first(
        num(first_unit, "Ac/Out/S") if len(units) == 1 else None,
        total(readings[f"apparent_power_va.{phase}"] for phase in PHASES),
    )
    readings["frequency_hz"] = first(
        *(num(unit.values, f"Ac/Out/{phase}/F") for unit in units for phase in PHASES)
    )
    return readings


def load(readings: Readings, units: Sequence[Unit]) -> None:
    """The loads as the output measures them."""
    phases = sum_lines(*(lines(unit.values, "Ac/Out/Lx/P") for unit in units))
    whole = num(units[0].values, "Ac/Out/P") if len(units) == 1 else None
    power(readings, "load_power_w", whole, phases)


def source(unit: Unit) -> float | None:
    """AC_SOURCE of the input in use; None while its type is not known."""
    active = num(unit.values, "Ac/ActiveIn/ActiveInput")
    if active == NOT_CONNECTED:
        return NOT_CONNECTED
    if active not in (0.0, 1.0):
        return None
    number = int(active) + 1
    kind = first(
        num(unit.values, f"Ac/In/{number}/Type"),
        num(unit.settings, f"Settings/SystemSetup/AcInput{number}"),
    )
    return kind if kind in (GRID, GENERATOR, SHORE) else None


def input_power(unit: Unit) -> tuple[float | None, dict[str, float | None]]:
    """Power drawn at the AC input in use: the whole and each phase."""
    if num(unit.values, "Ac/ActiveIn/P") is not None:
        return num(unit.values, "Ac/ActiveIn/P"), lines(unit.values, "Ac/ActiveIn/Lx/P")
    active = num(unit.values, "Ac/ActiveIn/ActiveInput")
    number = 2 if active == 1.0 else 1
    phases = lines(unit.values, "Ac/ActiveIn/Lx/P")
    if total(phases.values()) is None:
        phases = lines(unit.values, f"Ac/In/{number}/Lx/P")
    return total(phases.values()), phases


def energy_out(units: Sequence[Unit]) -> tuple[Counter, ...]:
    """Energy that left by the output in kWh: from both inputs and from the battery (and, of a
    Multi RS, from its panels). Only when all parts are known; the second input may be missing.
    vebus counts in the memory of the GX: a restart of the GX begins at 0."""
    parts: list[float] = []
    for unit in units:
        paths = TO_OUT if unit.kind == "vebus" else (*TO_OUT, SOLAR_TO_OUT)
        for path in paths:
            raw = num(unit.values, path)
            optional = path == TO_OUT[1] and num(unit.values, "Ac/NumberOfAcInputs") != 2.0
            if raw is None and not (optional or (unit.kind == "inverter" and "AcIn" in path)):
                return ()
            parts.append(raw or 0.0)
    return (Counter("load_energy_kwh", sum(parts), f"{units[0].kind}/Energy/ToAcOut"),)
