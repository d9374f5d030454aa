"""From a service's values to readings."""

from typing import Any

import pytest

from collector.sources.victron.derive import battery, genset, meters, solar, tank
from collector.sources.victron.derive.common import Counter, Derived
from collector.sources.victron.derive.inverter import Unit
from collector.sources.victron.derive.main import Parts, main


def known(derived: Derived) -> dict[str, float]:
    """The readings that have a value."""
    return {key: value for key, value in derived.readings.items() if value is not None}


def parts(**more: Any) -> Parts:
    """A battery system with nothing to it but what is given."""
    nothing: dict[str, Any] = {
        "system": {}, "inverters": (), "battery": None, "chargers": (), "pv_inverters": (),
        "meters": frozenset(), "panels": (), "thermometers": (),
    }  # fmt: skip
    return Parts(**(nothing | more))


def three(path: str, *values: float) -> dict[str, float]:
    """One value for each phase at `path` with `Lx` in it."""
    return {path.replace("Lx", f"L{n + 1}"): value for n, value in enumerate(values)}


SYSTEM = {
    **three("Ac/Consumption/Lx/Power", 1000.0, 2000.0, 3000.0),
    **three("Ac/Grid/Lx/Power", -100.0, 200.0, 300.0),
    **three("Ac/PvOnGrid/Lx/Power", 10.0, 20.0, 30.0),
    **three("Ac/PvOnOutput/Lx/Power", 1.0, 2.0, 3.0),
    "Dc/Pv/Power": 500.0,
    "Dc/Battery/Soc": 71.0,
    "Dc/Battery/Voltage": 52.8,
    "Dc/Battery/Current": -20.0,
    "Dc/Battery/Power": -1056.0,
    "Dc/Battery/State": 2.0,
    "Dc/Battery/Temperature": 24.0,
    "Dc/Battery/TimeToGo": 7200.0,
    "SystemState/State": 256.0,
    "Ac/ActiveIn/Source": 1.0,
}

VEBUS = {
    **three("Ac/Out/Lx/V", 230.0, 231.0, 232.0),
    **three("Ac/Out/Lx/I", 1.0, 2.0, 3.0),
    **three("Ac/Out/Lx/P", 230.0, 460.0, 690.0),
    **three("Ac/ActiveIn/Lx/P", 100.0, 0.0, -20.0),
    "Ac/ActiveIn/P": 80.0,
    "Ac/ActiveIn/ActiveInput": 0.0,
    "Ac/Out/P": 1380.0,
    "Ac/Out/L1/F": 50.02,
    "State": 3.0,
    "Mode": 3.0,
    "Soc": 60.0,
    "Dc/0/Voltage": 52.0,
    "Dc/0/Current": 10.0,
    "Energy/AcIn1ToAcOut": 1.0,
    "Energy/AcIn2ToAcOut": 2.0,
    "Energy/InverterToAcOut": 4.0,
}


def vebus(**settings: float) -> dict[str, Any]:
    """The parts for a lone MultiPlus."""
    unit = Unit("vebus", VEBUS, {f"Settings/SystemSetup/{k}": v for k, v in settings.items()})
    return {"inverters": [unit]}


def test_summary() -> None:
    """The GX's own summary is what the battery system says: sums of phases, grid + = import,
    battery + = charging, solar of both kinds; voltages come from the inverter's output."""
    found = known(main(parts(system=SYSTEM, **vebus())))
    assert found["load_power_w"] == 6000.0
    assert found["load_power_w.L3"] == 3000.0
    assert found["grid_power_w"] == 400.0
    assert found["grid_power_w.L1"] == -100.0
    assert found["pv_power_w"] == 566.0
    assert "pv_power_w.L1" not in found
    assert found["battery_power_w"] == -1056.0
    assert found["battery_current_a"] == -20.0
    assert found["battery_soc_pct"] == 71.0
    assert found["battery_state"] == 2.0
    assert found["time_to_go_s"] == 7200.0
    assert found["inverter_state"] == 256.0
    assert found["inverter_mode"] == 3.0
    assert found["ac_source"] == 1.0
    assert found["voltage_v.L2"] == 231.0
    assert found["frequency_hz"] == 50.02
    assert "generator_power_w" not in found


def test_thin_summary() -> None:
    """Without the summary the parts speak: the output is the load, the inverter sees the battery
    and the input in use, whose type stands in the settings."""
    found = known(main(parts(**vebus(AcInput1=3.0))))
    assert found["load_power_w"] == 1380.0
    assert found["load_power_w.L2"] == 460.0
    assert found["grid_power_w"] == 80.0
    assert found["battery_soc_pct"] == 60.0
    assert found["battery_power_w"] == 520.0
    assert found["battery_state"] == 1.0
    assert found["ac_source"] == 3.0
    assert found["inverter_state"] == 3.0


def test_solar_at_the_output() -> None:
    """Without the summary a PV inverter at the AC output feeds the loads beside the inverter,
    whose own output turns negative; one at an AC input does not."""
    fed_back = VEBUS | three("Ac/Out/Lx/P", -100.0, 0.0, 50.0) | {"Ac/Out/P": -50.0}
    solar = three("Ac/Lx/Power", 300.0, 200.0, 100.0)
    units = [Unit("vebus", fed_back, {})]
    found = known(main(parts(inverters=units, pv_inverters=[solar | {"Position": 1.0}])))
    assert (found["load_power_w"], found["load_power_w.L1"]) == (550.0, 200.0)
    found = known(main(parts(inverters=units, pv_inverters=[solar | {"Position": 0.0}])))
    assert (found["load_power_w"], found["load_power_w.L1"]) == (-50.0, -100.0)
    found = known(main(parts(inverters=[Unit("vebus", {}, {})], pv_inverters=[solar])))
    assert "load_power_w" not in found


def test_battery_without_monitor() -> None:
    """Without a monitor the battery takes what inverter and solar chargers pass to it together;
    where the GX itself tells of no state of charge, the inverter's guess is none either."""
    charger = {"Dc/0/Voltage": 52.0, "Dc/0/Current": 30.0, "Yield/Power": 1600.0}
    found = known(main(parts(chargers=[charger], **vebus())))
    assert found["battery_current_a"] == 40.0
    assert found["battery_power_w"] == 520.0 + 1560.0
    assert found["battery_soc_pct"] == 60.0
    system = {"Dc/Battery/Soc": None, "Dc/Battery/Voltage": 52.1}
    found = known(main(parts(system=system, chargers=[{"Yield/Power": 100.0}], **vebus())))
    assert "battery_soc_pct" not in found
    assert found["battery_voltage_v"] == 52.1
    assert found["battery_power_w"] == 620.0
    silent = [Unit("vebus", {"State": 9.0}, {})]
    assert "battery_power_w" not in known(main(parts(inverters=silent, chargers=[charger])))


def test_critical_loads() -> None:
    """Where the summary knows only the critical loads, those are the load."""
    system = three("Ac/ConsumptionOnOutput/Lx/Power", 5.0, 6.0, 7.0)
    assert known(main(parts(system=system, **vebus())))["load_power_w"] == 18.0


def test_input_of_unknown_type() -> None:
    """What feeds an input of unknown type is booked as neither grid nor generator."""
    found = known(main(parts(**vebus())))
    assert not {"grid_power_w", "generator_power_w", "ac_source"} & set(found)


def test_generator_input() -> None:
    """An input that is set up as generator gives generator power, not grid power."""
    found = known(main(parts(**vebus(AcInput1=2.0))))
    assert found["generator_power_w"] == 80.0
    assert "grid_power_w" not in found


def test_own_meter_at_the_input() -> None:
    """With a grid meter of its own, the inverter's input is not taken for the grid."""
    found = known(main(parts(meters=frozenset({"grid"}), **vebus(AcInput1=1.0))))
    assert "grid_power_w" not in found


def test_no_input() -> None:
    """On battery the AC source is the inverter itself (240) and there is no input power."""
    unit = Unit("vebus", VEBUS | {"Ac/ActiveIn/ActiveInput": 240.0}, {})
    found = known(main(parts(inverters=[unit])))
    assert found["ac_source"] == 240.0
    assert "grid_power_w" not in found


def test_solar_of_the_parts() -> None:
    """Without the summary solar power is that of all chargers, PV inverters, and inverters with
    panels, which an `acsystem` above them does not tell."""
    found = known(
        main(
            parts(
                chargers=[{"Yield/Power": 100.0}, {"Pv/V": 50.0, "Pv/I": 2.0}],
                pv_inverters=[{"Ac/Power": 30.0}, three("Ac/Lx/Power", 1.0, 2.0, 3.0)],
                inverters=[Unit("acsystem", {}, {})],
                panels=[{"Yield/Power": 5.0}, {"Pv/0/P": 1.0, "Pv/1/P": 1.0}],
            )
        )
    )
    assert found["pv_power_w"] == 243.0


def test_battery_monitor() -> None:
    """State of health, cells and limits come from the battery that the GX goes by, the energies
    from its registers; a discharge limit of 0 is a value (forbidden), not a gap."""
    monitor = {
        "Soh": 98.0,
        "Soc": 12.0,
        "System/MinCellVoltage": 3.31,
        "System/MaxCellVoltage": 3.35,
        "Info/MaxChargeCurrent": 100.0,
        "Info/MaxDischargeCurrent": 0.0,
        "History/ChargedEnergy": 791.6,
        "History/DischargedEnergy": 696.4,
    }
    derived = main(parts(system=SYSTEM, battery=monitor))
    found = known(derived)
    assert found["battery_soc_pct"] == 71.0
    assert found["battery_soh_pct"] == 98.0
    assert found["cell_voltage_min_v"] == 3.31
    assert found["discharge_limit_a"] == 0.0
    assert derived.counters == (
        Counter("battery_charged_kwh", 791.6, "History/ChargedEnergy"),
        Counter("battery_discharged_kwh", 696.4, "History/DischargedEnergy"),
    )


def test_list_of_batteries() -> None:
    """A GX that tells its battery only in the list of batteries is understood."""
    entry = {"active_battery_service": True, "soc": 95, "voltage": 53.2, "power": 0.0, "state": 0}
    found = known(main(parts(system={"Batteries": [{"soc": 1.0}, entry]})))
    assert found["battery_soc_pct"] == 95.0
    assert found["battery_voltage_v"] == 53.2
    assert found["battery_state"] == 0.0


ODD_ENTRY = {"active_battery_service": True, "soc": "high", "voltage": True, "power": 10**400}


@pytest.mark.parametrize("entries", [5.0, "x", [], [1], [{}], {"a": 1}, [ODD_ENTRY]])
def test_odd_lists(entries: object) -> None:
    """A list of batteries in any other form gives no reading and no error."""
    assert known(Derived(battery.listed({"Batteries": entries}))) == {}


@pytest.mark.parametrize(
    ("system", "chosen"),
    [
        ({"ActiveBatteryService": "com.victronenergy.battery/512"}, "512"),
        ({"Dc/Battery/BatteryService": "com.victronenergy.battery/3"}, "3"),
        ({"Batteries": [{"active_battery_service": True, "instance": 512,
                         "id": "com.victronenergy.battery.can1"}]}, "512"),
        ({"ActiveBatteryService": "com.victronenergy.battery/7"}, None),
        ({"ActiveBatteryService": "com.victronenergy.vebus/276"}, "512"),
        ({}, "512"),
    ],
)  # fmt: skip
def test_chosen_battery(system: dict[str, Any], chosen: str | None) -> None:
    """systemcalc names the battery it goes by; unnamed it is the lowest that knows its charge."""
    batteries = {"3": {"Dc/0/Voltage": 52.0}, "512": {"Soc": 70.0}, "1024": {"Soc": 60.0}}
    assert battery.chosen(system, batteries) == chosen


def test_no_register_of_the_loads() -> None:
    """What an inverter has passed to its output is not what the loads took (a PV inverter there
    feeds them too): the main asset has no register of it."""
    assert main(parts(system=SYSTEM, **vebus())).counters == ()


def test_several_multi_rs() -> None:
    """Several Multi RS are one system: powers add up phase by phase, voltages do not."""
    one = {"Ac/Out/L1/P": 100.0, "Ac/Out/L1/V": 230.0, "Dc/0/Current": 1.0}
    two = {"Ac/Out/L2/P": 200.0, "Ac/Out/L2/V": 231.0, "Dc/0/Current": 2.0}
    found = known(main(parts(inverters=[Unit("multi", one, {}), Unit("multi", two, {})])))
    assert found["load_power_w"] == 300.0
    assert found["voltage_v.L1"] == 230.0
    assert found["voltage_v.L2"] == 231.0
    assert found["battery_current_a"] == 3.0


def test_grid_meter() -> None:
    """A grid meter: signed power, registers for both directions, neutral and line voltages."""
    values = {
        "Ac/Power": -2479.7, "Ac/N/Current": 0.5, "Ac/L1/VoltageLineToLine": 400.0,
        "Ac/Energy/Forward": 5276.4, "Ac/Energy/Reverse": 8742.1, "Ac/Frequency": 49.98,
        "Ac/L2/PowerFactor": -0.97, **three("Ac/Lx/Power", -1.0, -2.0, 3.0),
    }  # fmt: skip
    derived = meters.grid(values)
    assert known(derived) == {
        "grid_power_w": -2479.7, "grid_power_w.L1": -1.0, "grid_power_w.L2": -2.0,
        "grid_power_w.L3": 3.0, "current_a.N": 0.5, "voltage_v.L12": 400.0, "frequency_hz": 49.98,
        "power_factor.L2": -0.97,
    }  # fmt: skip
    assert [(c.measurement, c.raw) for c in derived.counters] == [
        ("grid_import_kwh", 5276.4),
        ("grid_export_kwh", 8742.1),
    ]


def test_pv_inverter() -> None:
    """A PV inverter's own total stands; one that counts only each phase is added up, and a sum of
    other phases is another register."""
    whole = {"Ac/Power": 900.0, "Ac/Energy/Forward": 12.0, "StatusCode": 12.0}
    derived = meters.pv_inverter(whole | three("Ac/Lx/Energy/Forward", 1.0, 2.0, 3.0))
    assert derived.counters == (Counter("pv_energy_kwh", 12.0, "Ac/Energy/Forward"),)
    assert derived.readings["pv_state"] == 4.0
    phases = meters.pv_inverter(three("Ac/Lx/Energy/Forward", 1.0, 2.0, 3.0))
    assert phases.counters == (Counter("pv_energy_kwh", 6.0, "Ac/L1+L2+L3/Energy/Forward"),)
    two = meters.pv_inverter(three("Ac/Lx/Energy/Forward", 1.0, 2.0))
    assert two.counters == (Counter("pv_energy_kwh", 3.0, "Ac/L1+L2/Energy/Forward"),)


def test_unknown_states() -> None:
    """A state that nobody has heard of is no state of ours, and no error."""
    for code in (99.0, -1.0, 7.5):
        assert meters.pv_inverter({"StatusCode": code}).readings["pv_state"] is None
        assert genset.state({"StatusCode": code}, None) is None


@pytest.mark.parametrize(
    ("state", "mode", "ours"),
    [(0, None, 0), (2, 2, 6), (3, 2, 3), (4, 1, 4), (252, None, 3), (5, 0, 0), (245, 2, 2)],
)
def test_charger_state(state: float, mode: float | None, ours: float) -> None:
    """A solar charger's state and tracking mode give what the panels do."""
    values = {"State": float(state), "MppOperationMode": None if mode is None else float(mode)}
    assert solar.state(values) == ours


@pytest.mark.parametrize(
    ("status", "logic", "ours"),
    [
        (0, None, 0), (3, None, 1), (8, None, 3), (9, None, 5), (10, None, 7),
        (8, 2, 2), (8, 3, 4), (8, 1, 3), (8, 0, 3),
        (0, 5, 6), (0, 10, 7), (0, 1, 1), (0, 0, 0),
        (None, 1, 3), (None, 2, 2), (None, 10, 7),
    ],
)  # fmt: skip
def test_generator_state(status: float | None, logic: float | None, ours: float) -> None:
    """The engine says whether it runs, the start/stop logic refines it (warm-up, cool-down, why it
    stands); an engine started at its panel runs although the logic says stopped."""
    engine = None if status is None else {"StatusCode": float(status)}
    start_stop = None if logic is None else {"State": float(logic)}
    assert genset.state(engine, start_stop) == ours


def test_cranking() -> None:
    """An engine in standby that turns because it was told to start is starting."""
    values = {"StatusCode": 0.0, "Start": 1.0, "Engine/Speed": 120.0}
    assert genset.state(values, None) == 1.0
    assert genset.state(values | {"Engine/Speed": 0.0}, None) == 0.0


def test_genset() -> None:
    """A genset: engine data, AC side, and its own hours before those that the GX adds up."""
    engine = {
        "StatusCode": 8.0, "Engine/Speed": 1500.0, "Engine/Load": 41.0, "Ac/Power": 12000.0,
        "Engine/OilPressure": 350.0, "StarterVoltage": 13.4, "Engine/OperatingHours": 1261620.0,
        "Engine/Starts": 318.0, "Ac/Energy/Forward": 4711.0,
    }  # fmt: skip
    derived = genset.genset(engine, {"AccumulatedRuntime": 5.0})
    found = known(derived)
    assert found["generator_power_w"] == 12000.0
    assert found["oil_pressure_kpa"] == 350.0
    assert found["battery_voltage_v"] == 13.4
    raws = {c.measurement: c.raw for c in derived.counters}
    assert raws == {
        "generator_run_s": 1261620.0,
        "generator_energy_kwh": 4711.0,
        "generator_starts": 318.0,
    }
    relay = genset.genset(None, {"State": 1.0, "AccumulatedRuntime": 5.0})
    assert known(relay) == {"generator_state": 3.0}
    assert relay.counters == (Counter("generator_run_s", 5.0, "AccumulatedRuntime"),)


def test_tank() -> None:
    """A fuel tank in litres; a broken sender gives none; water is no fuel."""
    values = {"FluidType": 7.0, "Level": 60.0, "Remaining": 0.78, "Status": 0.0}
    assert known(tank.tank(values)) == {"fuel_level_pct": 60.0, "fuel_remaining_l": 780.0}
    assert known(tank.tank(values | {"Status": 1.0})) == {}
    assert tank.is_fuel(values)
    assert not tank.is_fuel(values | {"FluidType": 1.0})
    assert not tank.is_fuel({"Level": 60.0})
