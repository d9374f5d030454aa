"""Which assets a GX has: roles that stay, links, presence."""

import json

import pytest

from collector.model.kinds import AssetKind
from collector.sources.victron.assets import Assets
from collector.sources.victron.notices import Complaints
from collector.sources.victron.remarks import Remarks
from collector.sources.victron.roles import MAX_KNOWN, Roles
from collector.sources.victron.tree import Tree
from collector.sources.victron.writer import Writer
from tests.support.image import RecordingImage
from tests.victron.conftest import HandClock

PORTAL = "p1"


class Bench:
    """One connection, without a broker. `roles` outlives it."""

    def __init__(
        self,
        roles: Roles | None = None,
        image: RecordingImage | None = None,
        portal: str = PORTAL,
    ) -> None:
        self.roles = roles or Roles()
        self.image = image or RecordingImage()
        self.clock = HandClock()
        self.tree = Tree(self.image, portal, self.clock)
        self.writer = Writer(self.image)
        self.assets = Assets(
            self.tree,
            self.writer,
            self.roles,
            portal,
            complaints=Complaints(self.tree, self.image),
            remarks=Remarks(self.image, self.roles.remarks),
        )

    def say(self, values: dict[str, object], *, complete: bool = True) -> None:
        """Values by `service/instance/path`, then a tick."""
        for tail, value in values.items():
            payload = b"" if value == "" else json.dumps({"value": value}).encode()
            self.tree.take(f"N/{PORTAL}/{tail}", payload)
        if complete:
            self.tree.settle(complete=True)
        self.assets.update(alive=True)


@pytest.fixture
def bench() -> Bench:
    """A connection on which nothing was said yet."""
    return Bench()


def mppt(instance: int, serial: str | None, power: float = 100.0) -> dict[str, object]:
    """A solar charger."""
    values: dict[str, object] = {f"solarcharger/{instance}/Yield/Power": power}
    return values | ({f"solarcharger/{instance}/Serial": serial} if serial else {})


def test_role_by_serial(bench: Bench) -> None:
    """A device with a serial number keeps its role when its instance changes; one without has
    the instance in its role."""
    bench.say(mppt(258, "HQ2108ABCDE") | mppt(288, None))
    assert set(bench.image.assets) == {"mppt-hq2108abcde", "mppt-288"}
    other = Bench()
    other.say(mppt(279, "HQ2108ABCDE"))
    assert set(other.image.assets) == {"mppt-hq2108abcde"}


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


SYSTEM: dict[str, object] = {
    "system/0/Dc/Battery/Voltage": 52.8,
    "system/0/Ac/Grid/L1/Power": 100,
    "system/0/Ac/Genset/L1/Power": 200,
    "system/0/ActiveBatteryService": "com.victronenergy.battery/512",
    "vebus/276/ProductName": "MultiPlus-II",
    "vebus/276/State": 3,
    "settings/0/Settings/SystemSetup/SystemName": "Stage left",
}


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
    """When the meter is gone, its power is the main asset's to count; its energy, once counted
    at the meter, never is. A generator that is only started, not measured, gets no link."""
    bench.say(SYSTEM | {"grid/30/Ac/Power": 100, "grid/30/Connected": 1, "generator/0/State": 1})
    assert ("same", "", "genset") not in bench.image.links
    assert bench.image.readings["genset"] == {"generator_state": 3.0}
    bench.say({"grid/30/Connected": ""})
    assert bench.image.gone("grid")
    assert bench.image.links["same", "", "grid"] == {"grid_import_kwh", "grid_export_kwh"}
    bench.say({"grid/30/Connected": 1, "grid/30/Ac/Power": 110})
    assert not bench.image.gone("grid")
    assert "grid_power_w" in bench.image.links["same", "", "grid"]


def test_meter_gone_on_the_next_connection(bench: Bench) -> None:
    """A grid meter that does not come back after the GX was restarted leaves its power to the main
    asset, not the energy that it has counted."""
    bench.say(SYSTEM | {"grid/30/Ac/Power": 100})
    assert "grid_power_w" in bench.image.links["same", "", "grid"]
    again = Bench(bench.roles, bench.image)
    again.say(SYSTEM)
    assert bench.image.links["same", "", "grid"] == {"grid_import_kwh", "grid_export_kwh"}
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
