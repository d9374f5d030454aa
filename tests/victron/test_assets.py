"""Which assets a GX has: roles that stay, links, presence."""

import pytest

from collector.model.kinds import AssetKind
from collector.sources.victron.roles import MAX_KNOWN
from tests.victron.bench import PORTAL, SYSTEM, Bench, bench, mppt

__all__ = ["bench"]


def test_role_by_serial(bench: Bench) -> None:
    """A device with a serial number keeps its role when its instance changes; one without has
    the instance in its role."""
    bench.say(mppt(258, "HQ2108ABCDE") | mppt(288, None))
    assert set(bench.image.assets) == {"mppt-hq2108abcde", "mppt-288"}
    other = Bench()
    other.say(mppt(279, "HQ2108ABCDE"))
    assert set(other.image.assets) == {"mppt-hq2108abcde"}


def test_which_part_of_the_gx_an_asset_is(bench: Bench) -> None:
    """Each charger says by which instance its raw series go, also where that changes."""
    bench.say(mppt(258, "HQ2108ABCDE") | mppt(288, None))
    assert bench.image.parts == {
        "mppt-hq2108abcde": "solarcharger/258", "mppt-288": "solarcharger/288",
    }  # fmt: skip
    moved = Bench(bench.roles)
    moved.say(mppt(279, "HQ2108ABCDE"))
    assert moved.image.parts["mppt-hq2108abcde"] == "solarcharger/279"


def test_serial_is_waited_for(bench: Bench) -> None:
    """A device is no asset before it had time to tell its serial: else it would be two."""
    bench.say(mppt(258, None), complete=False)
    assert bench.image.assets == {}
    bench.say({"solarcharger/258/Serial": "HQ2108ABCDE"}, complete=False)
    bench.clock.now += 2
    bench.say({}, complete=False)
    assert set(bench.image.assets) == {"mppt-hq2108abcde"}
    assert bench.image.assets["mppt-hq2108abcde"].serial == "HQ2108ABCDE"
    assert bench.image.role_lives == {"mppt-hq2108abcde": 1}


def test_late_serial(bench: Bench) -> None:
    """A new device that has the path of a serial number with nothing at it yet is waited for; one
    that tells it later still is another asset then, and the first one is gone: nothing is counted
    twice or stands still as live."""
    bench.say(mppt(258, None) | {"solarcharger/258/Serial": None}, complete=False)
    bench.clock.now += 4
    bench.say({}, complete=False)
    assert bench.image.assets == {}
    bench.clock.now += 1
    bench.say({}, complete=False)
    assert set(bench.image.assets) == {"mppt-258"}
    bench.say({"solarcharger/258/Serial": "HQ2108ABCDE"}, complete=False)
    assert bench.image.presence["mppt-258"] == (
        False, "what stands there is mppt-hq2108abcde by its serial number",
    )  # fmt: skip
    assert bench.image.readings["mppt-hq2108abcde"]["pv_power_w"] == 100.0
    assert not bench.image.gone("mppt-hq2108abcde")


def test_serial_that_changes_for_ever(bench: Bench) -> None:
    """A device that tells another serial each time does not become assets without end: beyond a
    bound it is none, which is counted, and the known ones go on."""
    bench.say({"grid/30/Ac/Power": 1})
    for number in range(MAX_KNOWN + 5):
        bench.say(mppt(258, f"HQ{number:06}"))
    assert len(bench.image.assets) == MAX_KNOWN
    assert bench.image.drops["too many devices"] >= 6
    last = f"mppt-hq{MAX_KNOWN - 2:06}"
    assert bench.image.presence[last] == (
        False, "what stands there is another device by its serial number",
    )  # fmt: skip
    bench.say({"grid/30/Ac/Power": 2})
    assert bench.image.readings["grid"]["grid_power_w"] == 2.0


def test_one_meter_of_two_kinds(bench: Bench) -> None:
    """A meter that the GX reads as grid and as PV inverter has one serial and two assets, which
    are the same ones on the next connection, whoever is heard first."""
    grid: dict[str, object] = {"grid/30/Serial": "BP0930", "grid/30/Ac/Power": 5}
    solar: dict[str, object] = {"pvinverter/31/Serial": "BP0930", "pvinverter/31/Ac/Power": 7}
    bench.say(grid | solar)
    bench.say({"tank/1/FluidType": 0})
    kinds = {role: told.kind for role, told in bench.image.assets.items()}
    assert kinds == {
        "grid": AssetKind.GRID, "pvinverter-bp0930": AssetKind.PV, "tank-1": AssetKind.TANK,
    }  # fmt: skip
    again = Bench(bench.roles)
    again.say(grid)
    assert {role: told.kind for role, told in again.image.assets.items()} == {
        "grid": AssetKind.GRID
    }


def test_placeholder_serials(bench: Bench) -> None:
    """Zeros and a few letters are no serial; two devices with one serial are two assets."""
    bench.say(mppt(1, "0000000") | mppt(2, "--") | mppt(3, "SAME01") | mppt(4, "SAME01"))
    assert set(bench.image.assets) == {"mppt-1", "mppt-2", "mppt-same01", "mppt-same01-4"}


def test_odd_instances(bench: Bench) -> None:
    """Instances that are any text make roles of plain letters, each its own."""
    bench.say({f"tank/{name}/FluidType": 0 for name in ("a", "a!", "A", "[b]", "\u202e")})
    assert set(bench.image.assets) == {"tank-a", "tank-a-a", "tank-a-2", "tank-b", "tank-0"}


def test_one_grid_meter(bench: Bench) -> None:
    """The grid meter is `grid`, a second one carries its serial; the second keeps its role on the
    next connection even when it is heard first."""
    first = {"grid/30/Ac/Power": 1.0, "grid/30/Serial": "BP0930"}
    second = {"grid/31/Ac/Power": 2.0, "grid/31/Serial": "BP0931"}
    bench.say(first | second)
    assert bench.image.assets["grid"].serial == "BP0930"
    assert bench.image.readings["grid-bp0931"]["grid_power_w"] == 2.0
    again = Bench(bench.roles)
    again.say(dict(second))
    assert set(again.image.assets) == {"grid-bp0931"}


def test_swapped_unit_takes_the_place(bench: Bench) -> None:
    """Another genset at the place of the first is the same asset; its registers are its own."""
    bench.say({"genset/0/Serial": "FP0088", "genset/0/Engine/OperatingHours": 5000})
    assert bench.image.counters["genset", "generator_run_s"].unit == "FP0088"
    again = Bench(bench.roles)
    again.say({"genset/0/Serial": "FP0099", "genset/0/Engine/OperatingHours": 10})
    assert set(again.image.assets) == {"genset"}
    assert again.image.counters["genset", "generator_run_s"].unit == "FP0099"


def test_main_asset(bench: Bench) -> None:
    """Inverter and battery are the main asset, of kind BESS, with the name set in the GX."""
    bench.say(SYSTEM | {"battery/512/Soc": 70, "battery/512/Serial": "HQ1350QEFNR"})
    told = bench.image.assets[""]
    assert told.kind is AssetKind.BESS
    assert (told.name, told.model) == ("Stage left", "MultiPlus-II")
    assert set(bench.image.assets) == {""}


def test_no_battery_system(bench: Bench) -> None:
    """A GX with only meters, tanks or a genset has no battery system."""
    bench.say({
        "system/0/Serial": PORTAL,
        "system/0/Dc/Battery/Voltage": None,
        "grid/30/Ac/Power": 1,
        "tank/3/FluidType": 0,
        "tank/3/Level": 50,
        "tank/4/FluidType": 1,
        "tank/4/Level": 50,
        "acload/40/Ac/Power": 5,
    })  # fmt: skip
    assert set(bench.image.assets) == {"grid", "tank-3", "load-40"}
    assert bench.image.links == {}


def test_other_batteries(bench: Bench) -> None:
    """A battery beside the chosen one is an asset behind the main asset: never added to it."""
    bench.say(SYSTEM | {
        "battery/512/Dc/0/Power": 100, "battery/512/Serial": "HQ0001",
        "battery/513/Dc/0/Power": 60, "battery/513/Serial": "HQ0002",
        "battery/513/History/ChargedEnergy": 5.5,
    })  # fmt: skip
    assert set(bench.image.assets) == {"", "battery-hq0002"}
    assert bench.image.links["behind", "battery-hq0002", ""] >= {"battery_power_w"}
    assert bench.image.counters["battery-hq0002", "battery_charged_kwh"].unit == "HQ0002"


def test_register_without_a_value(bench: Bench) -> None:
    """A register that has no valid value any more (its battery is gone, the device says null) is
    told so once: what it held is not what it counts now."""
    bench.say(SYSTEM | {"battery/512/Connected": 1, "battery/512/History/ChargedEnergy": 5.5})
    assert bench.image.counters["", "battery_charged_kwh"].raw == 5.5
    bench.writer.again()
    bench.say({"battery/512/Connected": ""})
    assert bench.image.counters["", "battery_charged_kwh"].raw is None
    bench.say({"battery/512/Connected": 1, "battery/512/History/ChargedEnergy": 5.6})
    assert bench.image.counters["", "battery_charged_kwh"].raw == 5.6
    bench.say({"battery/512/History/ChargedEnergy": None})
    assert bench.image.counters["", "battery_charged_kwh"].raw is None


def test_each_value_is_told_once(bench: Bench) -> None:
    """A tick tells only what changed; a full publish tells everything again."""
    bench.say(mppt(258, "HQ2108ABCDE") | {"solarcharger/258/Dc/0/Voltage": 57.0})
    before = bench.image.puts
    bench.say({"solarcharger/258/Dc/0/Voltage": 57.0}, complete=False)
    assert bench.image.puts == before
    bench.say({"solarcharger/258/Dc/0/Voltage": 57.1}, complete=False)
    assert bench.image.puts == before + 1
    bench.writer.again()
    assert bench.image.puts == before + 1 + len(bench.image.readings["mppt-hq2108abcde"])


def test_tank_that_is_relabelled(bench: Bench) -> None:
    """A tank that is set up as water is no fuel tank any more."""
    bench.say({"tank/3/FluidType": 0, "tank/3/Level": 50})
    bench.say({"tank/3/FluidType": 1})
    assert bench.image.presence["tank-3"] == (False, "it holds no fuel now")
    bench.say({"tank/3/FluidType": 0})
    bench.say({"tank/3/FluidType": None})
    assert bench.image.presence["tank-3"] == (False, "it holds no fuel now")


def test_register_without_a_value_is_told(bench: Bench) -> None:
    """A register that has no valid value any more is told as such, once, and again when it has
    one: the site must not take the last one for something that it still hears."""
    path = "solarcharger/258/Yield/System"
    bench.say(mppt(258, "HQ2108ABCDE") | {path: 500.0})
    register = ("mppt-hq2108abcde", "pv_energy_kwh")
    told = [bench.image.counters[register].raw]
    for value in (None, None, 500.5):
        bench.say({path: value})
        told.append(bench.image.counters[register].raw)
    assert told == [500.0, None, None, 500.5]


def test_an_acsystem_and_its_multis() -> None:
    """An `acsystem` is the sum of its `multi`: the loads count once. The panels of each are assets
    of their own, parts of the system's solar power."""
    bench = Bench()
    bench.say({"acsystem/0/Ac/Out/L1/P": 700.0, "acsystem/0/State": 9})
    for unit, serial in ((1, "HQ0001"), (2, "HQ0002")):
        bench.say({
            f"multi/{unit}/Serial": serial, f"multi/{unit}/Ac/Out/L1/P": 350.0,
            f"multi/{unit}/Yield/Power": 100.0, f"multi/{unit}/Yield/System": 5.0,
        })  # fmt: skip
    assert bench.image.readings[""]["load_power_w"] == 700.0
    assert bench.image.readings[""]["pv_power_w"] == 200.0
    panels = {"pv-hq0001", "pv-hq0002"}
    assert set(bench.image.assets) == {"", *panels}
    for role in panels:
        assert bench.image.assets[role].kind is AssetKind.PV
        assert bench.image.links["behind", role, ""] == {"pv_power_w", "pv_energy_kwh"}
        assert bench.image.counters[role, "pv_energy_kwh"].raw == 5.0


def test_an_inverter_without_panels() -> None:
    """A Phoenix inverter has none; one that had sun keeps its asset in the night."""
    bench = Bench()
    bench.say({"inverter/1/Ac/Out/L1/P": 350.0})
    assert set(bench.image.assets) == {""}
    bench.say({"inverter/1/Yield/Power": 0.0})
    bench.say({"inverter/1/Yield/Power": None})
    assert "pv-1" in bench.image.assets
    assert not bench.image.gone("pv-1")
    assert bench.image.readings["pv-1"]["pv_power_w"] is None


@pytest.mark.parametrize(
    ("kind", "values", "asset"),
    [
        ("heatpump", {"Ac/Power": 900.0}, AssetKind.LOAD),
        ("evcharger", {"Ac/Power": 900.0}, AssetKind.LOAD),
        ("dcload", {"Dc/0/Voltage": 50.0, "Dc/0/Current": 18.0}, AssetKind.LOAD),
        ("dcsystem", {"Dc/0/Power": 900.0}, AssetKind.LOAD),
        ("alternator", {"Dc/0/Power": 900.0}, AssetKind.GENERATOR),
        ("fuelcell", {"Dc/0/Power": 900.0}, AssetKind.GENERATOR),
    ],
)
def test_further_flows(kind: str, values: dict[str, object], asset: AssetKind) -> None:
    """Loads and sources beside the inverter are assets; those at AC are parts of the system's
    loads, those at DC are not."""
    bench = Bench()
    bench.say({"system/0/Dc/Battery/Soc": 50.0})
    bench.say({f"{kind}/7/{path}": value for path, value in values.items()})
    (role,) = set(bench.image.assets) - {""}
    power = "load_power_w" if asset is AssetKind.LOAD else "generator_power_w"
    assert bench.image.assets[role].kind is asset
    assert bench.image.readings[role][power] == 900.0
    assert (("behind", role, "") in bench.image.links) is (kind in ("heatpump", "evcharger"))


def test_a_load_before_the_inverter() -> None:
    """A charging station at an AC input is a part of the loads that the GX sees only where a meter
    stands at that input."""
    bench = Bench()
    bench.say({"system/0/Dc/Battery/Soc": 50.0, "evcharger/7/Position": 0})
    bench.say({"evcharger/7/Ac/Power": 900.0})
    assert not bench.image.links.get(("behind", "evcharger-7", ""))
    bench.say({"grid/30/Ac/Power": 1000.0})
    bench.say({"evcharger/7/Ac/Power": 901.0})
    assert "load_power_w" in bench.image.links["behind", "evcharger-7", ""]


def test_sessions_of_a_charging_station() -> None:
    """Without a register of its life the session's energy counts, which begins anew each time."""
    bench = Bench()
    bench.say({"evcharger/7/Ac/Power": 900.0, "evcharger/7/Session/Energy": 3.0})
    assert bench.image.counters["evcharger-7", "load_energy_kwh"].path == "Session/Energy"
    bench.say({"evcharger/7/Ac/Energy/Forward": 812.0})
    assert bench.image.counters["evcharger-7", "load_energy_kwh"].raw == 812.0


def test_loads_at_dc() -> None:
    """The shunt of one load is a part of what the shunt of all measures."""
    bench = Bench()
    bench.say({"system/0/Dc/Battery/Soc": 50.0})
    bench.say({"dcload/1/Dc/0/Power": 90.0, "dcsystem/2/Dc/0/Power": 400.0})
    assert "load_power_w" in bench.image.links["behind", "dcload-1", "dcload-2"]
    assert not any(other == "" for _, _, other in bench.image.links)


def test_plain_roles_outlive_a_restart() -> None:
    """Which of two grid meters is plainly `grid` does not change when the GX has numbered them anew
    meanwhile: kWh of one would stand under the name of the other."""
    bench = Bench()
    bench.roles.memory = bench.image
    bench.say({"grid/30/Serial": "BP0930", "grid/30/Ac/Power": 1})
    bench.say({"grid/31/Serial": "BP0931", "grid/31/Ac/Power": 2})
    again = Bench()
    again.image.pins = bench.image.pins
    again.roles.memory = again.image
    again.say({
        "grid/29/Serial": "BP0931", "grid/29/Ac/Power": 2,
        "grid/31/Serial": "BP0930", "grid/31/Ac/Power": 1,
    })  # fmt: skip
    assert again.image.readings["grid"]["grid_power_w"] == 1.0
    assert again.image.readings["grid-bp0931"]["grid_power_w"] == 2.0


def test_a_meter_in_place_of_another_is_the_plain_one_then() -> None:
    """After a restart a meter that was never seen takes the plain role of one that is not there."""
    bench = Bench()
    bench.roles.memory = bench.image
    bench.say({"grid/30/Serial": "BP0930", "grid/30/Ac/Power": 1})
    again = Bench()
    again.image.pins = bench.image.pins
    again.roles.memory = again.image
    again.say({"grid/30/Serial": "BP0999", "grid/30/Ac/Power": 7})
    assert again.image.readings["grid"]["grid_power_w"] == 7.0
    assert again.image.assets["grid"].serial == "BP0999"


def test_a_fault_of_ours_is_made_good(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was half done when something of ours failed is done at the next tick."""
    known = bench.writer.write

    def fail(*_: object) -> None:
        raise KeyError("fault")

    monkeypatch.setattr(bench.writer, "write", fail)
    with pytest.raises(KeyError):
        bench.say(mppt(258, "HQ2108ABCDE") | {"grid/30/Ac/Power": 5})
    monkeypatch.setattr(bench.writer, "write", known)
    bench.say({})
    assert bench.image.readings["grid"]["grid_power_w"] == 5.0
    assert bench.image.readings["mppt-hq2108abcde"]["pv_power_w"] == 100.0
