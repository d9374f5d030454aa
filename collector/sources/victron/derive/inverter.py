"""Inverter/chargers: `vebus` (MultiPlus, Quattro), `acsystem`, `multi` (Multi RS), `inverter`.

One service is one system of up to three phases; several Multi RS without an `acsystem` are added.
"""

from collections.abc import Sequence
from typing import NamedTuple

from collector.sources.victron.derive.common import (
    NOTHING,
    PHASES,
    Readings,
    Values,
    ac_power,
    code,
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


class Unit(NamedTuple):
    """One inverter/charger service."""

    kind: str
    values: Values
    settings: Values
    system: Values = NOTHING
    """The GX's own summary: it knows the type of an input that no setting tells."""


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


def load(readings: Readings, units: Sequence[Unit], at_output: Sequence[Values]) -> None:
    """The loads: what the output delivers, and what the PV inverters at the output (`at_output`)
    deliver beside it; the output alone turns negative when they feed back."""
    phases = sum_lines(*(lines(unit.values, "Ac/Out/Lx/P") for unit in units))
    whole = first(
        num(units[0].values, "Ac/Out/P") if len(units) == 1 else None, total(phases.values())
    )
    if whole is not None:
        whole += total(ac_power(each) for each in at_output) or 0.0
        phases = sum_lines(phases, *(lines(each, "Ac/Lx/Power") for each in at_output))
    power(readings, "load_power_w", whole, phases)


def source(unit: Unit) -> float | None:
    """AC_SOURCE of the input in use; None while its type is not known. What the GX itself calls it
    stands above the settings of single inputs."""
    told = code(unit.system, "Ac/ActiveIn/Source")
    if told is not None:
        return told
    active = num(unit.values, "Ac/ActiveIn/ActiveInput")
    if active == NOT_CONNECTED:
        return NOT_CONNECTED
    if active not in (0.0, 1.0):
        return None
    number = int(active) + 1
    kind = first(
        num(unit.values, f"Ac/In/{number}/Type"),
        num(unit.system, f"Ac/In/{number - 1}/Source"),
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
