"""What services say in words, at which asset."""

import pytest

from tests.victron.bench import Bench
from tests.victron.stage import Stage

MAIN = {"system/0/Dc/Battery/Soc": 60, "vebus/276/ProductName": "Quattro"}
GENSET = {"genset/9/ProductName": "DSE 7310", "genset/9/Ac/Power": 900, "genset/9/StatusCode": 8}


def told(bench: Bench, role: str = "") -> set[str]:
    """What is said at an asset."""
    return {text for (at, _), text in bench.image.remarks.items() if at == role}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"system/0/SystemState/LowSoc": 1}, "low state of charge"),
        ({"system/0/Dc/System/Power": 1234.0}, "DC loads 1.2 kW"),
        ({"system/0/Dc/Charger/Power": 404.0}, "AC chargers 400 W"),
        ({"vebus/276/Ac/State/IgnoreAcIn1": 1}, "AC input 1 is ignored"),
        (
            {"temperature/24/TemperatureType": 1, "temperature/24/Temperature": 3.6},
            "fridge 4 °C",
        ),
        (
            {"temperature/24/TemperatureType": 3, "temperature/24/Status": 1},
            "room, sensor: open circuit",
        ),
        ({"tank/20/FluidType": 1, "tank/20/Level": 55.4}, "fresh water 55 %"),
        ({"digitalinput/1/Type": 2, "digitalinput/1/State": 6}, "door: open"),
        ({"digitalinput/1/State": 77, "digitalinput/1/ProductName": "Digital input"}, "state 77"),
        ({"digitalinput/1/State": 7, "digitalinput/1/CustomName": "Fence"}, "Fence: closed"),
        ({"charger/5/State": 4, "charger/5/Dc/0/Voltage": 50, "charger/5/Dc/0/Current": 20},
         "absorption, 1.0 kW"),
        ({"dcdc/5/State": 3, "dcdc/5/Dc/In/P": 250}, "bulk, takes 250 W"),
        ({"dcsource/5/CustomName": "Wind", "dcsource/5/Dc/0/Power": 87}, "Wind: 90 W"),
        ({"meteo/5/Irradiance": 812.0}, "sun 812 W/m²"),
    ],
)  # fmt: skip
def test_at_the_battery_system(values: dict[str, object], said: str) -> None:
    """What has no asset of its own is told at the battery system, and no more once it is gone."""
    bench = Bench()
    bench.say(MAIN)
    assert told(bench) == set()
    bench.say(values)
    assert told(bench) == {said}
    bench.say(dict.fromkeys(values, ""))
    assert told(bench) == set()


@pytest.mark.parametrize(
    ("values", "role", "said"),
    [
        ({"evcharger/5/Status": 2, "evcharger/5/Mode": 1, "evcharger/5/Session/Energy": 4.2},
         "evcharger-5", "charging, automatic, session 4.2 kWh"),
        ({"heatpump/5/State": 3, "heatpump/5/TargetTemperature": 55.0}, "heatpump-5",
         "heating, target 55 °C"),
        ({"alternator/5/State": 252}, "alternator-5", "external control"),
        (GENSET | {"genset/9/RemoteStartModeEnabled": 0}, "genset",
         "its remote start is off: the GX cannot start it"),
        (GENSET | {"generator/1/State": 1, "generator/1/RunningByConditionCode": 4}, "genset",
         "started by state of charge"),
        (GENSET | {"generator/1/State": 5, "generator/1/RunningByConditionCode": 12}, "genset",
         "stopped because of the tank level"),
        ({"generator/0/State": 1, "generator/0/ServiceCounter": -7200}, "genset",
         "service is due since 2 h"),
        ({"tank/20/FluidType": 0, "tank/20/Status": 3}, "tank-20", "sensor: reverse polarity"),
        ({"solarcharger/5/DeviceOffReason": 1 + 64}, "mppt-5", "off: signal of the BMS"),
    ],
)  # fmt: skip
def test_at_the_asset_of_its_own(values: dict[str, object], role: str, said: str) -> None:
    """A service that is an asset says it there; a start/stop logic at its engine."""
    bench = Bench()
    bench.say(MAIN | values)
    assert told(bench, role) == {said}
    assert told(bench) == set()


def test_what_a_bms_forbids() -> None:
    """It stands at the battery system that the battery belongs to."""
    bench = Bench()
    bench.say(MAIN | {"battery/512/Soc": 60, "battery/512/Io/AllowToDischarge": 0})
    bench.say({"battery/512/System/NrOfModulesOffline": 1, "battery/512/State": 17})
    assert told(bench) == {"contactor check, the BMS forbids discharging, modules offline: 1"}


def test_numbers_are_rounded() -> None:
    """A line changes when something does, not with each watt."""
    bench = Bench()
    bench.say(MAIN | {"dcsource/5/CustomName": "Wind", "dcsource/5/Dc/0/Power": 123.4})
    before = dict(bench.image.remarks)
    bench.say({"dcsource/5/Dc/0/Power": 124.9})
    assert bench.image.remarks == before


def test_another_connection_takes_back_what_is_said_no_more() -> None:
    """What was said outlives a connection as assets do; what a sensor said ends when it is not
    there any more."""
    bench = Bench()
    bench.say(MAIN | {"digitalinput/1/State": 6, "digitalinput/2/State": 7})
    again = Bench(bench.roles, bench.image)
    again.say(MAIN | {"digitalinput/2/State": 7})
    assert told(again) == {"closed"}


def test_in_the_snapshot() -> None:
    """They stand at the asset, for people, and are no hints that somebody should act."""
    stage = Stage()
    stage.run(MAIN | {"digitalinput/1/Type": 2, "digitalinput/1/State": 6}, 10)
    assert stage.site.asset("bess-1").remarks == ("door: open",)
    assert stage.site.asset("bess-1").notes == ()
