"""Generators: the engine (`genset/<n>` AC, `dcgenset/<n>` DC) and the GX's start/stop logic
(`generator/<n>`, dbus_generator)."""

from collector.sources.victron.derive.common import (
    Counter,
    Derived,
    Readings,
    Values,
    counter,
    first,
    mapped,
    num,
    pick,
    product,
)
from collector.sources.victron.derive.meters import ac_side

ENGINE = {
    "engine_speed_rpm": "Engine/Speed",
    "engine_load_pct": "Engine/Load",
    "coolant_temperature_c": "Engine/CoolantTemperature",
    "oil_pressure_kpa": "Engine/OilPressure",
    "battery_voltage_v": "StarterVoltage",
}

STOPPED, STARTING, WARMING, RUNNING, COOLING, STOPPING, NO_FUEL, ERROR = map(float, range(8))
"""GENERATOR_STATE."""

STATUS_CODE = {0: 0, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1, 8: 3, 9: 5, 10: 7}
"""The engine's `StatusCode`: 0 standby, 1–7 startup, 8 running, 9 stopping, 10 error."""

LOGIC_STATE = {0: 0, 1: 3, 2: 2, 3: 4, 4: 5, 5: 6, 10: 7}
"""The start/stop logic's `State`: 0 stopped, 1 running, 2 warm-up, 3 cool-down, 4 stopping,
5 stopped by tank level, 10 error."""


def state(engine: Values | None, logic: Values | None) -> float | None:
    """The engine knows best whether it runs; the logic knows why it waits. An engine may fall back
    to standby for a moment while it cranks: turning and told to run is still starting."""
    wanted = mapped(num(logic, "State"), LOGIC_STATE) if logic is not None else None
    known = mapped(num(engine, "StatusCode"), STATUS_CODE) if engine is not None else None
    if engine is None or known is None:
        return wanted
    if known == RUNNING:
        return wanted if wanted in (WARMING, COOLING, STOPPING) else RUNNING
    if known == STOPPED:
        if num(engine, "Start") == 1 and (num(engine, "Engine/Speed") or 0) > 0:
            return STARTING
        if wanted in (RUNNING, WARMING):
            return STARTING
        return wanted if wanted in (NO_FUEL, ERROR) else STOPPED
    return known


def hours(engine: Values | None, logic: Values | None) -> tuple[Counter, ...]:
    """Running time in s: the engine's own hours, else what the GX has added up."""
    own = counter(engine or {}, "generator_run_s", "Engine/OperatingHours")
    return own or counter(logic or {}, "generator_run_s", "AccumulatedRuntime")


def genset(engine: Values | None, logic: Values | None, *, direct_current: bool = False) -> Derived:
    """One generator; without `engine` it is started by a relay and only the logic is known."""
    readings: Readings = {"generator_state": state(engine, logic)}
    counters = hours(engine, logic)
    if engine is not None:
        readings.update(pick(engine, ENGINE))
        if direct_current:
            readings["generator_power_w"] = dc_power(engine)
            energy = counter(engine, "generator_energy_kwh", "History/EnergyOut")
        else:
            readings.update(ac_side(engine, "generator_power_w"))
            energy = counter(engine, "generator_energy_kwh", "Ac/Energy/Forward")
        counters += energy + counter(engine, "generator_starts", "Engine/Starts")
    return Derived(readings, counters)


def dc_power(engine: Values) -> float | None:
    """Power of a DC generator in W."""
    return first(
        num(engine, "Dc/0/Power"),
        product(num(engine, "Dc/0/Voltage"), num(engine, "Dc/0/Current")),
    )
