"""AC meters: `grid`, `acload`, `heatpump`, `evcharger`, `pvinverter`, and the AC side of `genset`
(one set of paths).

Source: dbus_modbustcp attributes.csv and recordings. Powers W, energies kWh.
"""

from collector.sources.victron.derive.common import (
    Counter,
    Derived,
    Readings,
    Values,
    counter,
    lines,
    mapped,
    num,
    per_phase,
    pick,
    power,
)

AC = {
    **per_phase("voltage_v", "Ac/Lx/Voltage"),
    "voltage_v.L12": "Ac/L1/VoltageLineToLine",
    "voltage_v.L23": "Ac/L2/VoltageLineToLine",
    "voltage_v.L31": "Ac/L3/VoltageLineToLine",
    **per_phase("current_a", "Ac/Lx/Current"),
    "current_a.N": "Ac/N/Current",
    "power_factor": "Ac/PowerFactor",
    **per_phase("power_factor", "Ac/Lx/PowerFactor"),
    "frequency_hz": "Ac/Frequency",
}

PV_INVERTER = {
    0: 2, 1: 2, 2: 2, 3: 2, 4: 2, 5: 2, 6: 2, 7: 3, 8: 7, 9: 2, 10: 6, 11: 3, 12: 4,
}  # fmt: skip
"""`StatusCode` → PV_STATE: 0–6 startup, 7 running, 8 standby, 9 boot loading, 10 error,
11 running MPPT, 12 running throttled."""


def ac_side(values: Values, measurement: str) -> Readings:
    """Power under the name of `measurement`, voltages, currents, frequency."""
    readings = pick(values, AC)
    if readings["frequency_hz"] is None:
        readings["frequency_hz"] = num(values, "Ac/L1/Frequency")
    power(readings, measurement, num(values, "Ac/Power"), lines(values, "Ac/Lx/Power"))
    return readings


def grid(values: Values) -> Derived:
    """A grid meter: + = import."""
    return Derived(
        ac_side(values, "grid_power_w"),
        (
            *counter(values, "grid_import_kwh", "Ac/Energy/Forward"),
            *counter(values, "grid_export_kwh", "Ac/Energy/Reverse"),
        ),
    )


def load(values: Values) -> Derived:
    """A meter of loads."""
    return Derived(
        ac_side(values, "load_power_w"), counter(values, "load_energy_kwh", "Ac/Energy/Forward")
    )


def ev_charger(values: Values) -> Derived:
    """A charging station is a load. Where it has no register of its life it counts each session
    from zero, which counters take for the reset that it is."""
    energy = counter(values, "load_energy_kwh", "Ac/Energy/Forward")
    session = counter(values, "load_energy_kwh", "Session/Energy")
    return Derived(ac_side(values, "load_power_w"), energy or session)


def pv_inverter(values: Values) -> Derived:
    """A PV inverter, or the meter that stands for one. Some tell only the energy of each phase."""
    readings = ac_side(values, "pv_power_w")
    readings["pv_state"] = mapped(num(values, "StatusCode"), PV_INVERTER)
    whole = counter(values, "pv_energy_kwh", "Ac/Energy/Forward")
    return Derived(readings, whole or _phase_energy(values))


def _phase_energy(values: Values) -> tuple[Counter, ...]:
    """The sum of the phases' registers: another one when other phases are in it."""
    known = {k: v for k, v in lines(values, "Ac/Lx/Energy/Forward").items() if v is not None}
    path = f"Ac/{'+'.join(known)}/Energy/Forward"
    return (Counter("pv_energy_kwh", sum(known.values()), path),) if known else ()
