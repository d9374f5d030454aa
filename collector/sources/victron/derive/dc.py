"""What stands at the battery's DC side: sources (`alternator`, `fuelcell`) and measured loads
(`dcload`, `dcsystem`). Power W, energy kWh; a load's power is positive when it takes
(dbus-systemcalc adds `dcsystem` to `Dc/System/Power` with that sign)."""

from collector.sources.victron.derive.battery import dc_power
from collector.sources.victron.derive.common import Derived, Values, counter, num, pick

DC_SOURCE = {
    "battery_voltage_v": "Dc/1/Voltage",
    "engine_speed_rpm": "Engine/Speed",
}
"""`Dc/1` is the starter battery."""

OFF, FAULT = 0.0, 2.0
STOPPED, RUNNING, ERROR = 0.0, 3.0, 7.0
"""GENERATOR_STATE."""


def dc_source(values: Values) -> Derived:
    """An engine's alternator, or a fuel cell: it burns something to charge the battery."""
    readings = pick(values, DC_SOURCE)
    readings["generator_power_w"] = dc_power(values)
    readings["generator_state"] = _state(num(values, "State"))
    return Derived(readings, counter(values, "generator_energy_kwh", "History/EnergyOut"))


def _state(told: float | None) -> float | None:
    """A charger's `State`: 0 off, 2 fault, else it charges."""
    return told if told is None else {OFF: STOPPED, FAULT: ERROR}.get(told, RUNNING)


def dc_load(values: Values) -> Derived:
    """A shunt that measures loads at the battery."""
    return Derived(
        {"load_power_w": dc_power(values)},
        counter(values, "load_energy_kwh", "History/EnergyIn"),
    )
