"""A GX's main asset: the battery system as the GX's own summary (`system/0`, systemcalc) has it,
and where the summary is thin (old firmware, a GX that has just started) as its parts say."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from collector.sources.victron.derive import battery as batteries
from collector.sources.victron.derive import inverter as inverters
from collector.sources.victron.derive.common import (
    Derived,
    Readings,
    Values,
    ac_power,
    as_code,
    code,
    first,
    lines,
    num,
    power,
    sum_lines,
    total,
)
from collector.sources.victron.derive.inverter import Unit
from collector.sources.victron.derive.solar import dc_output, dc_pv_power

SYSTEM_BATTERY = {
    "battery_soc_pct": "Dc/Battery/Soc",
    "battery_voltage_v": "Dc/Battery/Voltage",
    "battery_current_a": "Dc/Battery/Current",
    "battery_temperature_c": "Dc/Battery/Temperature",
    "battery_power_w": "Dc/Battery/Power",
    "battery_state": "Dc/Battery/State",
    "time_to_go_s": "Dc/Battery/TimeToGo",
}

AC_PV = ("PvOnOutput", "PvOnGrid", "PvOnGenset")
AT_OUTPUT = 1.0
"""`pvinverter` `Position`: at the AC output."""

AT_BATTERY = 0.0
"""`temperature` `TemperatureType`."""


class Parts(NamedTuple):
    """The services that the main asset is made of, those that are there."""

    system: Values
    inverters: Sequence[Unit]
    battery: Values | None
    chargers: Sequence[Values]
    pv_inverters: Sequence[Values]
    panels: Sequence[Values]
    """Inverters with solar chargers in them, whichever is the battery system's."""
    thermometers: Sequence[Values]
    meters: frozenset[str]
    """The kinds of services that meter an AC input themselves."""


def main(parts: Parts) -> Derived:
    """Everything that the battery system as a whole says.

    It has no register of its loads: the inverter counts what passes its output, which is not what
    the loads take as soon as a PV inverter feeds in there or loads hang at the AC input, and in
    the memory of the GX, which restarts. What the loads take is the integral of their power.
    """
    readings: Readings = {}
    if parts.inverters:
        readings.update(inverters.output(parts.inverters))
    _load(readings, parts)
    _inputs(readings, parts)
    _solar(readings, parts)
    _battery(readings, parts)
    _states(readings, parts)
    counters = batteries.energies(parts.battery) if parts.battery is not None else ()
    return Derived(readings, counters)


def _load(readings: Readings, parts: Parts) -> None:
    for place in ("Consumption", "ConsumptionOnOutput"):
        phases = lines(parts.system, f"Ac/{place}/Lx/Power")
        if total(phases.values()) is not None:
            power(readings, "load_power_w", None, phases)
            return
    if parts.inverters:
        at_output = [each for each in parts.pv_inverters if num(each, "Position") == AT_OUTPUT]
        inverters.load(readings, parts.inverters, at_output)


def _inputs(readings: Readings, parts: Parts) -> None:
    """Grid and generator. Without the summary the inverter's own input tells of the one that is
    in use, unless a meter of its own stands there: then nobody knows what passes by the inverter.
    """
    for measurement, place, sources, meters in (
        ("grid_power_w", "Grid", (inverters.GRID, inverters.SHORE), {"grid"}),
        ("generator_power_w", "Genset", (inverters.GENERATOR,), {"genset"}),
    ):
        phases = lines(parts.system, f"Ac/{place}/Lx/Power")
        whole: float | None = None
        if total(phases.values()) is None and not (meters & parts.meters):
            feeding = [u for u in parts.inverters if inverters.source(u) in sources]
            found = [inverters.input_power(unit) for unit in feeding]
            phases = sum_lines(*(each for _, each in found))
            whole = total(each for each, _ in found)
        power(readings, measurement, whole, phases)


def _solar(readings: Readings, parts: Parts) -> None:
    direct = first(
        num(parts.system, "Dc/Pv/Power"),
        total((dc_pv_power(parts.chargers), dc_pv_power(parts.panels))),
    )
    coupled = sum_lines(*(lines(parts.system, f"Ac/{place}/Lx/Power") for place in AC_PV))
    if total(coupled.values()) is None:
        coupled = sum_lines(*(lines(each, "Ac/Lx/Power") for each in parts.pv_inverters))
        whole = total(ac_power(each) for each in parts.pv_inverters)
    else:
        whole = total(coupled.values())
    readings["pv_power_w"] = total((direct, whole))
    if direct is None:
        power(readings, "pv_power_w", whole, coupled)


def _battery(readings: Readings, parts: Parts) -> None:
    known = batteries.monitor(parts.battery) if parts.battery is not None else {}
    readings.update(known)
    seen = {key: num(parts.system, path) for key, path in SYSTEM_BATTERY.items()}
    readings.update({key: value for key, value in seen.items() if value is not None})
    for fallback in (batteries.listed(parts.system), _by_terminals(parts), _by_sensors(parts)):
        for key, value in fallback.items():
            if readings.get(key) is None:
                readings[key] = value
    readings["battery_state"] = as_code(readings.get("battery_state"))
    if readings["battery_state"] is None:
        readings["battery_state"] = batteries.state_of(readings.get("battery_power_w"))


def _by_terminals(parts: Parts) -> Mapping[str, float | None]:
    """The battery without a monitor: what flows between it and the inverters and solar chargers.
    A GX that tells of no state of charge has no monitor; then the inverter's guess is none."""
    values = [unit.values for unit in parts.inverters]
    if not values:
        return {}
    guess = None if "Dc/Battery/Soc" in parts.system else first(*(num(v, "Soc") for v in values))
    currents = [num(each, "Dc/0/Current") for each in values]
    powers = [batteries.dc_power(each) for each in values]
    solar = [dc_output(each) for each in parts.chargers]
    known = total(currents) is not None or total(powers) is not None
    return {
        "battery_soc_pct": guess,
        "battery_voltage_v": first(*(num(each, "Dc/0/Voltage") for each in values)),
        "battery_current_a": total((*currents, *(amps for _, amps in solar))) if known else None,
        "battery_power_w": total((*powers, *(watts for watts, _ in solar))) if known else None,
        "battery_temperature_c": first(*(num(each, "Dc/0/Temperature") for each in values)),
        "time_to_go_s": first(*(num(each, "TimeToGo") for each in values)),
    }


def _by_sensors(parts: Parts) -> Mapping[str, float | None]:
    """The battery's temperature by a sensor that is set up as one of the battery."""
    sensors = (v for v in parts.thermometers if num(v, "TemperatureType") == AT_BATTERY)
    works = (v for v in sensors if num(v, "Status") in (None, 0.0))
    return {"battery_temperature_c": first(*(num(v, "Temperature") for v in works))}


def _states(readings: Readings, parts: Parts) -> None:
    units = parts.inverters
    readings["inverter_state"] = first(
        code(parts.system, "SystemState/State"), *(code(u.values, "State") for u in units)
    )
    readings["inverter_mode"] = first(*(code(u.values, "Mode") for u in units))
    readings["ac_source"] = first(
        code(parts.system, "Ac/ActiveIn/Source"), *(inverters.source(u) for u in units)
    )
