"""What a GX complains of."""

import pytest

from collector.model.alarm import Severity
from tests.victron.bench import Bench

BATTERY = {
    "system/0/Dc/Battery/Soc": 60.0,
    "battery/512/ProductName": "Lynx BMS",
    "battery/512/Soc": 60.0,
    "vebus/276/ProductName": "Quattro",
    "vebus/276/Ac/Out/L1/P": 100.0,
}


def slot(
    number, *, active=1, kind=1, service="battery.socketcan", trigger="/Alarms/LowSoc", **more
):
    """One notification of the list."""
    at = f"platform/0/Notifications/{number}"
    told = {
        "Active": active,
        "Type": kind,
        "Service": service,
        "Trigger": trigger,
        "DeviceName": "Lynx BMS",
        "Description": "Low state of charge",
        "Value": "Alarm",
        "DateTime": 1_780_000_000,
    }
    return {f"{at}/{key}": value for key, value in (told | more).items()}


LIST = {"platform/0/Notifications/NumberOfNotifications": 2}


@pytest.fixture
def bench() -> Bench:
    """A GX with a battery and an inverter."""
    made = Bench()
    made.say(BATTERY)
    return made


def told(bench):
    """What it complains of now."""
    return bench.image.complaints[-1]


def test_a_gx_in_order_complains_of_nothing(bench):
    """That it can say so, and says nothing, is known."""
    assert bench.image.complaints == [()]


def test_nothing_is_known_before_it_was_asked():
    """A connection on which nothing was heard says neither yes nor no."""
    fresh = Bench()
    fresh.say({}, complete=False)
    fresh.say({"battery/512/Alarms/LowSoc": 2}, complete=False)
    assert fresh.image.complaints == []


def test_the_list_of_notifications(bench):
    """Each active one is a complaint with the GX's own words and the worse kinds above the
    lesser; informations and what is over are none."""
    bench.say(LIST | slot(0) | slot(1, kind=0, trigger="/Alarms/HighTemperature"))
    bench.say(slot(2, kind=2, trigger="/Info") | slot(3, active=0, trigger="/Alarms/Old"))
    assert [(n.fact, n.severity) for n in told(bench)] == [
        ("battery.socketcan/Alarms/LowSoc", Severity.ALARM),
        ("battery.socketcan/Alarms/HighTemperature", Severity.WARNING),
    ]
    assert told(bench)[0].text == "Lynx BMS: Low state of charge"
    bench.say({"platform/0/Notifications/0/Active": 0, "platform/0/Notifications/1/Active": 0})
    assert told(bench) == ()


def test_a_slot_that_is_used_again_is_another_complaint(bench):
    """The list has 20 places and uses them again: what is there names it, not where."""
    bench.say(LIST | slot(0))
    bench.say(slot(0, trigger="/Alarms/HighTemperature"))
    assert [n.fact for n in told(bench)] == ["battery.socketcan/Alarms/HighTemperature"]
    bench.say(slot(5) | slot(0, active=0))
    assert [n.fact for n in told(bench)] == ["battery.socketcan/Alarms/LowSoc"]


def test_one_complaint_in_two_slots(bench):
    """Of two entries about one thing the newer speaks, wherever it stands; a service is known by
    its name on D-Bus too."""
    full = "com.victronenergy.battery.socketcan"
    bench.say(LIST | slot(0, DateTime=1_780_000_900, Value="newer") | slot(7, Value="older"))
    bench.say(slot(3, service=full, Value="oldest", DateTime=1_770_000_000))
    assert [(n.fact, n.value) for n in told(bench)] == [
        ("battery.socketcan/Alarms/LowSoc", "newer")
    ]
    bench.say({"platform/0/Notifications/0/Active": 0})
    assert [n.value for n in told(bench)] == ["older"]


@pytest.mark.parametrize(
    ("tail", "value", "said"),
    [
        ("vebus/276/VebusError", 17, "Quattro: error 17: phase master missing"),
        ("vebus/276/VebusError", 12, "Quattro: error 12"),
        ("vebus/276/Bms/Error", 1, "Quattro: the BMS reports an error"),
        ("battery/512/ErrorCode", 15, "Lynx BMS: error 15: over temperature"),
        ("battery/512/ErrorCode", 999, "Lynx BMS: error 999"),
        ("battery/512/Errors/SmartLithium/Voltage", 1, "Lynx BMS: the voltage of a battery is"),
        ("solarcharger/5/ErrorCode", 38, "solarcharger: error 38: input shutdown due to battery"),
        ("multi/5/ErrorCode", 2, "multi: error 2: battery voltage too high"),
        ("dcdc/5/ErrorCode", 18, "dcdc: error 18: charger over-current"),
        ("alternator/5/ErrorCode", 91, "alternator: error 91"),
        ("genset/5/ErrorCode", 5, "genset: error 5"),
        ("genset/5/Error/0/Id", "dse:e-104", "genset: engine code dse:e-104"),
        ("pvinverter/5/ErrorCode", 7, "pvinverter: error 7"),
        ("generator/1/Error", 3, "generator: error 3: it does not deliver at the AC input"),
        ("evcharger/5/Status", 9, "evcharger: welded contacts"),
        ("digitalinput/1/Alarm", 2, "digitalinput: alarm"),
        ("generator/1/Alarms/ServiceIntervalExceeded", 1, "generator: service interval exceeded"),
        ("system/0/Dvcc/Alarms/MultipleBatteries", 2, "system: dvcc multiple batteries"),
    ],
)
def test_errors_in_words(bench, tail, value, said):
    """Error numbers, engine codes and contacts are told in words; one that no table knows as its
    number; zero ends it."""
    bench.say({tail: value})
    assert [n.text for n in told(bench)] == [told(bench)[0].text]
    assert told(bench)[0].text.startswith(said)
    bench.say({tail: "" if isinstance(value, str) else 0})
    assert told(bench) == ()


@pytest.mark.parametrize(
    ("product", "said"),
    [("Fischer Panda Genset", "error 5: emergency stop"), ("DSE 8610", "error 5")],
)
def test_numbers_of_makers(bench, product, said):
    """The number of an engine is said in words where its maker's list is known."""
    bench.say({"genset/5/ProductName": product, "genset/5/ErrorCode": 5})
    assert [n.text for n in told(bench)] == [f"{product}: {said}"]


def test_what_asks_nothing_of_anybody(bench):
    """An engine's information, a charging station that charges, and values that are no state of
    an alarm are no complaints."""
    bench.say({"genset/5/Error/0/Id": "dse:i-7", "evcharger/5/Status": 2})
    bench.say({"battery/512/Alarms/LowSoc": 3, "battery/512/Alarms/LowVoltage": 1.5})
    assert told(bench) == ()
    bench.say({"genset/5/Error/1/Id": "fischerpanda:w-132"})
    assert [n.severity for n in told(bench)] == [Severity.WARNING]


def test_a_contact_is_called_by_its_use(bench):
    """A contact without a name of its own says what it watches."""
    bench.say({"digitalinput/1/ProductName": "Digital input"})
    bench.say({"digitalinput/1/Type": 6, "digitalinput/1/Alarm": 2})
    assert [n.text for n in told(bench)] == ["smoke alarm: alarm"]
    bench.say({"digitalinput/1/CustomName": "Galley"})
    assert [n.text for n in told(bench)] == ["Galley: alarm"]


def test_with_a_list_the_paths_say_nothing_more(bench):
    """What both say would be there twice."""
    bench.say({"battery/512/Alarms/LowSoc": 2})
    assert len(told(bench)) == 1
    bench.say(LIST)
    assert told(bench) == ()


def test_without_a_list_the_alarm_paths_say_it(bench):
    """0 is ok, 1 a warning, 2 an alarm; a phase is named; other paths are none."""
    bench.say({"vebus/276/Alarms/L1/Overload": 1, "vebus/276/Alarms/HighTemperature": 0})
    bench.say({"battery/512/Alarms/LowVoltage": 2, "battery/512/History/LowVoltageAlarms": 7})
    bench.say({"settings/0/Settings/Generator0/Alarms/NoGeneratorAtAcIn": 1})
    bench.say({"multi/0/Settings/Alarms/Overload": 1, "vebus/276/Settings/Alarm/GridLost": 1})
    assert sorted((n.text, n.severity.value) for n in told(bench)) == [
        ("Lynx BMS: low voltage", "alarm"),
        ("Quattro: L1 overload", "warning"),
    ]
    bench.say({"vebus/276/Alarms/L1/Overload": 0, "battery/512/Alarms/LowVoltage": None})
    assert told(bench) == ()


def test_a_summary_counts_only_by_itself(bench):
    """`Alarms/Alarm` says that one of the others is there: alone it is a complaint."""
    bench.say({"battery/512/Alarms/Alarm": 2})
    assert [n.text for n in told(bench)] == ["Lynx BMS: alarm"]
    bench.say({"battery/512/Alarms/LowVoltage": 2})
    assert [n.text for n in told(bench)] == ["Lynx BMS: low voltage"]


def test_thresholds_of_a_tank_are_no_alarms(bench):
    """A tank's alarm has a state; its limits are not alarms."""
    bench.say(
        {
            "tank/22/FluidType": 0,
            "tank/22/Level": 12.0,
            "tank/22/Alarms/Low/Active": 15,
            "tank/22/Alarms/Low/Enable": 1,
            "tank/22/Alarms/Low/State": 2,
        }
    )
    assert [(n.role, n.text) for n in told(bench)] == [("tank-22", "tank: low")]


def test_a_complaint_is_about_the_asset_that_measures_it(bench):
    """The only solar charger's is the charger's; one of several, or of the inverter, is the whole
    system's."""
    bench.say({"solarcharger/258/Yield/Power": 100.0, "solarcharger/258/Serial": "HQ1"})
    one = LIST | slot(0, service="solarcharger.ttyS5", trigger="/ErrorCode")
    bench.say(one | slot(1, service="vebus.ttyS3", trigger="/Alarms/Overload"))
    assert [n.role for n in told(bench)] == ["mppt-258", ""]
    bench.say({"solarcharger/259/Yield/Power": 100.0, "solarcharger/259/Serial": "HQ2"})
    bench.say({"platform/0/Notifications/0/Value": "again"})
    assert [n.role for n in told(bench)] == ["", ""]


def test_a_service_that_is_gone_complains_no_more(bench):
    """With the device goes what it said."""
    bench.say({"battery/512/Alarms/LowVoltage": 2})
    bench.say({"battery/512/Soc": "", "battery/512/ProductName": ""})
    assert told(bench) == ()


def test_hostile_words_are_harmless(bench):
    """Texts of a device are one line without control characters, and bounded."""
    bench.say(LIST | slot(0, Description="x\n\x1b[31m" * 999, Service="é" * 400))
    (notice,) = told(bench)
    assert "\x1b" not in notice.text
    assert len(notice.text) <= 120
    assert len(notice.fact) <= 160


@pytest.mark.parametrize("listed", [False, True])
def test_a_complaint_of_a_start_logic_is_the_engines(bench, listed):
    """What the GX's start/stop logic misses is told at the generator that it starts; what an
    inverter with panels of its own complains of, at the battery system."""
    bench.say({"genset/5/StatusCode": 0, "genset/5/Ac/Power": 0, "generator/1/State": 1})
    bench.say({"multi/2/Yield/Power": 50, "multi/2/Ac/Out/P": 10})
    if listed:
        bench.say(
            LIST
            | slot(0, service="generator.startstop1", trigger="/Alarms/NoGeneratorAtAcIn")
            | slot(1, service="multi.ttyO1", trigger="/ErrorCode")
        )
    else:
        bench.say({"generator/1/Alarms/NoGeneratorAtAcIn": 2, "multi/2/ErrorCode": 2})
    assert {n.role for n in told(bench)} == {"genset", ""}
    assert {n.role for n in told(bench) if "enerator" in n.fact} == {"genset"}
