"""Devices of a GX that go, come back, are renumbered, or are told of late."""

from tests.victron.bench import PORTAL, SYSTEM, Bench, bench, mppt

__all__ = ["bench"]


def test_links(bench: Bench) -> None:
    """The main asset checks the meters at its AC inputs; what is fed through it is a part of it."""
    bench.say(SYSTEM | mppt(258, "HQ2108ABCDE") | {
        "grid/30/Ac/Power": 100, "genset/0/Ac/Power": 200, "acload/40/Ac/Power": 5,
    })  # fmt: skip
    assert bench.image.links == {
        ("same", "", "grid"): {"grid_power_w", "grid_import_kwh", "grid_export_kwh"},
        ("same", "", "genset"): {"generator_power_w", "generator_energy_kwh"},
        ("behind", "mppt-hq2108abcde", ""): {"pv_power_w", "pv_energy_kwh"},
        ("behind", "load-40", ""): {"load_power_w", "load_energy_kwh"},
    }


def test_link_only_while_measured(bench: Bench) -> None:
    """When the meter is gone, the main asset sees the flow that it measured all the same. A
    generator that is only started, not measured, gets no link."""
    bench.say(SYSTEM | {"grid/30/Ac/Power": 100, "grid/30/Connected": 1, "generator/0/State": 1})
    assert ("same", "", "genset") not in bench.image.links
    assert bench.image.readings["genset"] == {"generator_state": 3.0}
    bench.say({"grid/30/Connected": ""})
    assert bench.image.gone("grid")
    assert "grid_power_w" in bench.image.links["same", "", "grid"]
    bench.say({"grid/30/Connected": 1, "grid/30/Ac/Power": 110})
    assert not bench.image.gone("grid")
    assert "grid_power_w" in bench.image.links["same", "", "grid"]


def test_meter_gone_on_the_next_connection(bench: Bench) -> None:
    """A grid meter that does not come back after the GX was restarted is what the main asset checks
    all the same."""
    bench.say(SYSTEM | {"grid/30/Ac/Power": 100})
    assert "grid_power_w" in bench.image.links["same", "", "grid"]
    again = Bench(bench.roles, bench.image)
    again.say(SYSTEM)
    assert "grid_power_w" in bench.image.links["same", "", "grid"]
    again.say({"grid/30/Ac/Power": 110})
    assert "grid_power_w" in bench.image.links["same", "", "grid"]


def test_meter_replaced_while_connected(bench: Bench) -> None:
    """A grid meter that was never seen takes over the place, and is checked by the main asset like
    the one before; the one before, back again, is another one then, checked too; so is a second
    genset."""
    bench.say(SYSTEM | {"grid/30/Ac/Power": 100, "grid/30/Serial": "BP0930"})
    bench.say({"grid/30/Serial": ""})
    bench.say({"grid/31/Ac/Power": 90, "grid/31/Serial": "BP0931"})
    assert "grid_power_w" in bench.image.links["same", "", "grid"]
    assert bench.image.assets["grid"].serial == "BP0931"
    assert bench.image.readings["grid"]["grid_power_w"] == 90.0
    bench.say({"grid/30/Ac/Power": 100, "grid/30/Serial": "BP0930"})
    assert "grid_power_w" in bench.image.links["same", "", "grid-bp0930"]
    assert bench.image.readings["grid"]["grid_power_w"] == 90.0
    bench.say({f"genset/{n}/Ac/Power": 10 for n in (0, 1)})
    assert "generator_power_w" in bench.image.links["same", "", "genset-1"]


def test_dc_genset_is_no_ac_input(bench: Bench) -> None:
    """A DC generator does not pass an AC input, so nothing of the main asset checks it."""
    bench.say(SYSTEM | {"dcgenset/1/Dc/0/Power": 568, "dcgenset/1/StatusCode": 8})
    assert bench.image.readings["genset"]["generator_power_w"] == 568.0
    assert ("same", "", "genset") not in bench.image.links


def test_vanished_and_back(bench: Bench) -> None:
    """A vanished device is gone with a reason and back under its id; what it does not say again
    has no value then."""
    bench.say(mppt(258, "HQ2108ABCDE") | {"solarcharger/258/Dc/0/Voltage": 57.0})
    role = "mppt-hq2108abcde"
    bench.say({"solarcharger/258/Serial": ""})
    assert bench.image.presence[role] == (False, "the GX lists solarcharger/258 no more")
    bench.say(mppt(258, "HQ2108ABCDE", 50.0))
    assert bench.image.presence[role] == (True, "")
    assert bench.image.readings[role]["pv_power_w"] == 50.0
    assert bench.image.readings[role]["battery_voltage_v"] is None
    assert set(bench.image.assets) == {role}


def test_the_battery_monitor_is_gone(bench: Bench) -> None:
    """When the monitor that the GX goes by is gone, a hint tells why nothing knows the state of
    charge; it goes when the monitor is back, or another one takes its place."""
    told: dict[str, object] = {"battery/512/Soc": 70}
    bench.say(SYSTEM | told)
    assert ("", "battery") not in bench.image.notes
    bench.say({"battery/512/Soc": ""})
    assert bench.image.readings[""]["battery_soc_pct"] is None
    assert bench.image.notes["", "battery"].startswith(
        "The battery monitor is gone: the GX lists battery/512 no more."
    )
    bench.say(told)
    assert ("", "battery") not in bench.image.notes
    bench.say({"battery/512/Connected": 0})
    assert "battery/512 is not connected" in bench.image.notes["", "battery"]
    bench.say(
        {"battery/513/Soc": 60, "system/0/ActiveBatteryService": "com.victronenergy.battery/513"}
    )
    assert bench.image.readings[""]["battery_soc_pct"] == 60.0
    assert ("", "battery") not in bench.image.notes


def test_vanished_and_back_on_another_connection(bench: Bench) -> None:
    """A device that was gone when the connection ended is there again when the next one tells of
    it (a PV inverter that slept while the GX was restarted)."""
    bench.say(mppt(258, "HQ2108ABCDE"))
    bench.say({"solarcharger/258/Serial": ""})
    bench.image.reset()
    again = Bench(bench.roles, bench.image)
    again.say({"system/0/Dc/Battery/Voltage": 52.8})
    assert bench.image.gone("mppt-hq2108abcde")
    again.say(mppt(258, "HQ2108ABCDE"))
    assert not bench.image.gone("mppt-hq2108abcde")


def test_another_one_comes_back(bench: Bench) -> None:
    """What comes back at the instance of a vanished device is not taken for it before it has told
    its serial: another device is another asset, and nothing of it is booked to the first."""
    bench.say(mppt(258, "HQ2108ABCDE"))
    bench.say({"solarcharger/258/Serial": ""})
    bench.say(mppt(258, None, 777.0), complete=False)
    assert bench.image.gone("mppt-hq2108abcde")
    bench.say({"solarcharger/258/Serial": "HQ9999ABCDE"})
    assert bench.image.gone("mppt-hq2108abcde")
    assert bench.image.readings["mppt-hq2108abcde"]["pv_power_w"] == 100.0
    assert bench.image.readings["mppt-hq9999abcde"]["pv_power_w"] == 777.0


def test_gone_and_back_within_a_tick(bench: Bench) -> None:
    """What has vanished and come back between two ticks says first who it is: until then its
    values of before are not shown as live."""
    role = "mppt-hq2108abcde"
    bench.say(mppt(258, "HQ2108ABCDE"))
    bench.tree.take(f"N/{PORTAL}/solarcharger/258/Serial", b"")
    bench.say(mppt(258, None, 777.0), complete=False)
    assert bench.image.presence[role] == (False, "it is back, and has not told yet who it is")
    bench.say({"solarcharger/258/Serial": "HQ2108ABCDE"})
    assert not bench.image.gone(role)
    assert bench.image.readings[role]["pv_power_w"] == 777.0


def test_engine_back_within_a_tick(bench: Bench) -> None:
    """The same holds for a genset; meanwhile a generator that is started by relay does not take
    its name."""
    bench.say({"genset/0/Serial": "FP0088", "genset/0/StatusCode": 8, "generator/0/State": 1})
    bench.say({"generator/1/State": 1})
    bench.tree.take(f"N/{PORTAL}/genset/0/Serial", b"")
    bench.say({"genset/0/Ac/Power": 5}, complete=False)
    assert bench.image.gone("genset")
    bench.say({"genset/0/Serial": "FP0088"})
    assert not bench.image.gone("genset")
    assert bench.image.readings["genset"]["generator_power_w"] == 5.0
    assert bench.image.readings["genset-relay"] == {"generator_state": 3.0}


def test_battery_named_by_the_list_alone(bench: Bench) -> None:
    """When the GX goes by another battery, the main asset's registers are that one's at once,
    also where only the list of batteries says so."""
    active: dict[str, object] = {"active_battery_service": True, "id": "x.battery.y"}
    bench.say({f"battery/{n}/History/ChargedEnergy": 10 * n for n in (1, 2)})
    bench.say({"system/0/Batteries": [active | {"instance": 1}]})
    assert bench.image.counters["", "battery_charged_kwh"].raw == 10.0
    bench.say({"system/0/Batteries": [active | {"instance": 2}]}, complete=False)
    register = bench.image.counters["", "battery_charged_kwh"]
    assert (register.raw, register.unit) == (20.0, "p1/battery/2")


def test_renumbered_while_connected(bench: Bench) -> None:
    """A device that vanishes at one instance and comes at another (USB port changed) is the same
    asset, present again."""
    bench.say(mppt(258, "HQ2108ABCDE"))
    bench.say({"solarcharger/258/Serial": ""})
    bench.say(mppt(279, "HQ2108ABCDE", 55.0))
    assert set(bench.image.assets) == {"mppt-hq2108abcde"}
    assert not bench.image.gone("mppt-hq2108abcde")
    assert bench.image.readings["mppt-hq2108abcde"]["pv_power_w"] == 55.0


def test_logic_that_speaks_late(bench: Bench) -> None:
    """A start/stop logic is an asset from its first state on, not before."""
    bench.say({"generator/0/AutoStartEnabled": 0})
    assert bench.image.assets == {}
    bench.say({"generator/0/State": 0}, complete=False)
    assert bench.image.readings == {"genset": {"generator_state": 0.0}}


def test_not_connected(bench: Bench) -> None:
    """A genset whose service stands with `Connected` 0 is gone, and back with what it held."""
    bench.say({"genset/0/Connected": 1, "genset/0/Ac/Power": 4000})
    bench.say({"genset/0/Connected": 0})
    assert bench.image.gone("genset")
    bench.say({"genset/0/Connected": 1})
    assert not bench.image.gone("genset")
    assert bench.image.readings["genset"]["generator_power_w"] == 4000.0


def test_inverter_gone(bench: Bench) -> None:
    """With inverter and battery gone the main asset is gone; the GX itself still lives."""
    bench.say({"vebus/276/Connected": 1, "vebus/276/Ac/Out/P": 640})
    assert bench.image.readings[""]["load_power_w"] == 640.0
    bench.say({"vebus/276/Connected": 0})
    assert bench.image.gone("")


def test_acsystem_and_multi(bench: Bench) -> None:
    """An `acsystem` is the sum of its Multi RS: its power is taken, theirs is not added."""
    values: dict[str, object] = {"acsystem/0/Ac/Out/L1/P": 500, "acsystem/0/State": 9}
    for instance in (1, 2):
        values |= {f"multi/{instance}/Ac/Out/L1/P": 250}
    bench.say(values)
    assert bench.image.readings[""]["load_power_w"] == 500.0
    assert bench.image.counters == {}


def test_start_stop_logic(bench: Bench) -> None:
    """The logic of the bus refines its engine; a relay generator beside an engine is an asset of
    its own; alone it is the generator."""
    bench.say({
        "genset/0/StatusCode": 8, "generator/1/State": 3, "generator/1/AccumulatedRuntime": 60,
        "generator/0/State": 1, "generator/0/AccumulatedRuntime": 7200,
    })  # fmt: skip
    assert bench.image.readings["genset"]["generator_state"] == 4.0
    assert bench.image.readings["genset-relay"]["generator_state"] == 3.0
    assert bench.image.counters["genset-relay", "generator_run_s"].unit == "p1/generator/0"
    bench.say({"generator/1/State": 1})
    assert bench.image.readings["genset"]["generator_state"] == 3.0


def test_relay_generator_is_gone(bench: Bench) -> None:
    """When the GX starts no generator by relay any more (its relay has another function), the
    asset is gone instead of running for ever; it is back when the logic is."""
    bench.say({"generator/0/Connected": 1, "generator/0/State": 1})
    assert bench.image.readings["genset"] == {"generator_state": 3.0}
    bench.say({"generator/0/Connected": ""})
    assert bench.image.gone("genset")
    bench.say({"generator/0/Connected": 1, "generator/0/State": 0})
    assert not bench.image.gone("genset")
    assert bench.image.readings["genset"] == {"generator_state": 0.0}


def test_relay_generator_beside_an_engine(bench: Bench) -> None:
    """The relay's generator makes way for an engine that is found later, and is gone by itself."""
    bench.say({"generator/0/Connected": 1, "generator/0/State": 1, "generator/0/AutoStart": 0})
    bench.say({"genset/0/StatusCode": 8, "generator/1/State": 1})
    assert not bench.image.gone("genset")
    assert bench.image.readings["genset-relay"] == {"generator_state": 3.0}
    bench.say({"generator/0/Connected": ""})
    assert bench.image.gone("genset-relay")
    assert not bench.image.gone("genset")
