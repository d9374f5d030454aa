"""Batteries: what a monitor or BMS (`battery/<n>`) says, and which one the GX goes by."""

from collections.abc import Mapping
from typing import Any

from collector.sources.victron.derive.common import (
    Counter,
    Derived,
    Readings,
    Values,
    counter,
    first,
    num,
    pick,
    product,
    text,
)

MONITOR = {
    "battery_soc_pct": "Soc",
    "battery_soh_pct": "Soh",
    "battery_voltage_v": "Dc/0/Voltage",
    "battery_current_a": "Dc/0/Current",
    "battery_temperature_c": "Dc/0/Temperature",
    "cell_voltage_min_v": "System/MinCellVoltage",
    "cell_voltage_max_v": "System/MaxCellVoltage",
    "time_to_go_s": "TimeToGo",
    "charge_limit_a": "Info/MaxChargeCurrent",
    "discharge_limit_a": "Info/MaxDischargeCurrent",
}

IDLE_W = 30.0
"""Below it systemcalc calls a battery idle."""

BEYOND = 1e12
"""No number of a battery is as large."""

IDLE, CHARGING, DISCHARGING = 0.0, 1.0, 2.0
"""BATTERY_STATE."""


def dc_power(values: Values, place: str = "Dc/0") -> float | None:
    """Power at a DC terminal in W, + = into the battery."""
    return first(
        num(values, f"{place}/Power"),
        product(num(values, f"{place}/Voltage"), num(values, f"{place}/Current")),
    )


def state_of(power_w: float | None) -> float | None:
    """What systemcalc would call it at this power."""
    if power_w is None:
        return None
    return CHARGING if power_w > IDLE_W else DISCHARGING if power_w < -IDLE_W else IDLE


def monitor(values: Values) -> Readings:
    """One battery by its own monitor."""
    readings = pick(values, MONITOR)
    readings["battery_power_w"] = dc_power(values)
    readings["battery_state"] = state_of(readings["battery_power_w"])
    return readings


def energies(values: Values) -> tuple[Counter, ...]:
    """The monitor's lifetime counters in kWh."""
    return (
        *counter(values, "battery_charged_kwh", "History/ChargedEnergy"),
        *counter(values, "battery_discharged_kwh", "History/DischargedEnergy"),
    )


def battery(values: Values) -> Derived:
    """A battery beside the one that the GX goes by."""
    return Derived(monitor(values), energies(values))


def named(system: Values) -> str:
    """The instance of the battery that systemcalc goes by; empty when it names none.

    It stands in `Batteries` (a list of objects with `active_battery_service`), and in
    `ActiveBatteryService` and `Dc/Battery/BatteryService` as `com.victronenergy.battery/512`.
    """
    found = _listed(system.get("Batteries"))
    for path in ("ActiveBatteryService", "Dc/Battery/BatteryService"):
        service, _, instance = text(system, path).partition("/")
        found = found or (instance if service.endswith(".battery") else "")
    return found


def chosen(system: Values, batteries: Mapping[str, Values]) -> str | None:
    """The instance of the battery that the GX goes by; None when it goes by none of these.

    When it names none: the lowest that knows a state of charge, else the lowest.
    """
    name = named(system)
    if name:
        return name if name in batteries else None
    order = sorted(batteries, key=rank)
    knowing = (name for name in order if num(batteries[name], "Soc") is not None)
    return next(knowing, order[0] if order else None)


LISTED = {
    "battery_soc_pct": "soc",
    "battery_voltage_v": "voltage",
    "battery_current_a": "current",
    "battery_power_w": "power",
    "battery_temperature_c": "temperature",
    "battery_state": "state",
}


def listed(system: Values) -> Readings:
    """The battery that the GX goes by, as its list of batteries tells it."""
    entry = _active(system.get("Batteries"))
    return {key: _number(entry.get(name)) for key, name in LISTED.items()}


def is_told(system: Values) -> bool:
    """Whether the GX's own summary tells of a battery."""
    told = num(system, "Dc/Battery/Voltage"), num(system, "Dc/Battery/Soc")
    return any(value is not None for value in (*told, *listed(system).values()))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > BEYOND:
        return None
    return float(value)


def _active(entries: object) -> Mapping[str, Any]:
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("active_battery_service") is True:
            return entry
    return {}


def _listed(entries: object) -> str:
    entry = _active(entries)
    instance = entry.get("instance")
    named = isinstance(instance, int) and ".battery" in str(entry.get("id"))
    return str(instance) if named else ""


def rank(instance: str) -> tuple[int, int, str]:
    """Orders instances: numbers by value, then names."""
    if instance.isascii() and instance.isdigit():
        return (0, int(instance[:18]), instance)
    return (1, 0, instance)
