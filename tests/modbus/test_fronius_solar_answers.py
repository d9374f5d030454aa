"""What answers of a Solar API mean: recorded ones, and their traps."""

import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.model.kinds import AssetKind
from collector.sources.fronius import readings as convert
from collector.sources.fronius.solar import answers
from collector.sources.fronius.solar.identity import Proof, Told, prove, serial
from collector.sources.fronius.solar.meter import meters


@pytest.fixture
def recorded(recordings):
    """The data of a recorded answer of version 1, by a part of its URL."""

    def load(part):
        folder = recordings / "modbus/solar_api"
        (path,) = [p for p in folder.glob("v1__*.json") if part in p.name]
        return json.loads(path.read_text())["Body"]["Data"]

    return load


def test_a_recorded_night(recorded):
    """Of a Primo at night PAC, FAC, IAC and UAC are missing: 0 W, asleep, and its energy."""
    flow = answers.flow(recorded("PowerFlow"))
    assert flow.battery_w is None
    told = answers.inverter(recorded("CommonInverterData"), {}, flow.inverter_w["1"])
    assert told.error == 523
    assert told.wh == 26_213_502
    readings = convert.inverter(told.model, told.values)
    assert readings["pv_power_w"] == 0.0
    assert readings["pv_state"] == 1
    assert readings["frequency_hz"] is None


def test_a_recorded_meter_in_the_consumption_branch(recorded):
    """A pulse meter at the loads says −368 W while they take 368 W; its relative energy counts
    nothing, and it has no volts."""
    (meter,) = meters(recorded("GetMeterRealtimeData.cgi___Scope_System"))
    assert (meter.kind, meter.serial, meter.name) == (AssetKind.LOAD, "", "Fronius")
    assert convert.meter(meter.model, AssetKind.LOAD, meter.values)["load_power_w"] == 367.722145
    assert meter.counters(AssetKind.LOAD) == []
    assert not meter.tells_volts


def test_recorded_phases(recorded):
    """3PInverterData gives volts and amperes of three phases."""
    told = answers.inverter({}, recorded("3PInverterData"), None)
    assert told.model == 103
    assert told.values["PhVphB"] == 231.79225158691406
    assert told.values["AphC"] == 0.93189901113510132


def test_a_recorded_battery(recorded):
    """0 V of a resting battery is no voltage; its serial number is not padded; without a power
    nothing is known of the direction of a current."""
    store = answers.storage(recorded("GetStorageRealtimeData.cgi___Scope_System"), None)
    assert store is not None
    assert store.model == "BYD BYD Battery-Box HV"
    assert store.serial == "123456789-12345"
    assert store.readings == {
        "battery_soc_pct": 7.9, "battery_power_w": None, "battery_current_a": None,
        "battery_voltage_v": None, "battery_temperature_c": 19.55,
    }  # fmt: skip


def test_recorded_identities(recorded):
    """The list of active devices has serial numbers; the list of inverters has ids of its own, and
    entries whose state is a word."""
    active = recorded("GetActiveDeviceInfo")
    assert answers.serial_of(active, "Inverter", "1") == "30412345"
    assert answers.serial_of(active, "Meter", "0") == "18412345"
    info = recorded("GetInverterInfo")
    assert answers.who(info, "1") == answers.Who("38183", gen24=False)
    assert answers.who(info, "240") == answers.Who("29301000987160033", gen24=True)
    assert answers.who(info, "9") is None


GEN24_NIGHT = {
    "PAC": {"Unit": "W", "Value": None}, "FAC": {"Unit": "Hz", "Value": None},
    "TOTAL_ENERGY": {"Unit": "Wh", "Value": 7_512_794.0116666667},
    "DAY_ENERGY": {"Unit": "Wh", "Value": None},
    "DeviceStatus": {"ErrorCode": 0, "InverterState": "Sleeping", "StatusCode": 13},
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "told_w", "power", "state"),
    [
        ({"StatusCode": 13}, None, 0.0, 1),
        ({"StatusCode": 7}, None, None, 3),
        ({"StatusCode": 7}, 12.0, 12.0, 3),
        ({"StatusCode": 3, "ErrorCode": 0}, None, 0.0, 2),
        ({"StatusCode": 3, "ErrorCode": 306}, None, 0.0, 1),
        ({"StatusCode": 10}, None, None, 6),
        ({"StatusCode": "Running"}, 1.0, 1.0, 3),
        ({"InverterState": "Standby"}, None, 0.0, 7),
        ({"StatusCode": 255}, None, None, None),
        ({}, None, None, None),
    ],
)
def test_states(status, told_w, power, state):
    """Nulls of a GEN24 with its states, by code or by word."""
    told = answers.inverter(GEN24_NIGHT | {"DeviceStatus": status}, {}, told_w)
    readings = convert.inverter(told.model, told.values)
    assert (readings["pv_power_w"], readings["pv_state"]) == (power, state)
    assert told.wh == pytest.approx(7_512_794.01)


def test_signs_of_the_power_flow():
    """P_Akku is + discharging; a battery that is disabled is none."""
    flow = answers.flow({
        "Site": {"P_Akku": 1500.5, "P_Grid": -20.0, "P_PV": 700.0, "P_Load": -2200.0},
        "Inverters": {
            "1": {"Battery_Mode": "normal", "SOC": 81.5, "P": 2180.0},
            "2": {"Battery_Mode": "disabled", "SOC": 0.0, "P": None},
        },
    })  # fmt: skip
    assert flow.battery_w == -1500.5
    assert flow.soc_pct == {"1": 81.5}
    assert flow.inverter_w == {"1": 2180.0, "2": None}


@pytest.mark.parametrize(
    ("location", "kind", "power", "imported"),
    [
        (0, AssetKind.GRID, -700.0, 10.0), (1, AssetKind.LOAD, 700.0, 20.0),
        (3, AssetKind.GENERATOR, -700.0, 10.0), (256, AssetKind.LOAD, 700.0, 20.0),
        (None, None, -700.0, 10.0),
    ],
)  # fmt: skip
def test_where_a_meter_stands(location, kind, power, imported):
    """At the grid + is import; in the consumption branch what is drawn is negative, and its energy
    stands in the other register."""
    entry = {
        "PowerReal_P_Sum": -700.0, "EnergyReal_WAC_Sum_Consumed": 10_000,
        "EnergyReal_WAC_Sum_Produced": 20_000, "Meter_Location_Current": location,
    }  # fmt: skip
    (meter,) = meters({"0": entry})
    assert meter.kind is kind
    assert meter.values["W"] == power
    assert meter.counters(AssetKind.GRID)[0].kwh == imported


def test_keys_of_another_generation():
    """A GEN24 with a meter over IP has other keys for the same."""
    entry = {
        "SMARTMETER_POWERACTIVE_MEAN_SUM_F64": 55.5, "SMARTMETER_VOLTAGE_MEAN_02_F64": 231.0,
        "SMARTMETER_ENERGYACTIVE_CONSUMED_SUM_F64": 1234, "SMARTMETER_VALUE_LOCATION_U16": 0,
    }  # fmt: skip
    (meter,) = meters({"0": entry})
    assert (meter.values["W"], meter.values["PhVphB"]) == (55.5, 231.0)
    assert meter.counters(AssetKind.GRID)[0].path == (
        "solar.SMARTMETER_ENERGYACTIVE_CONSUMED_SUM_F64"
    )
    assert list(meters({"0": entry | {"Enable": 0}})) == []


KEYS = st.sampled_from([
    "1", "0", "Value", "PAC", "UAC_L2", "DeviceStatus", "StatusCode", "ErrorCode", "Site", "P_Akku",
    "Inverters", "SOC", "Controller", "Details", "Serial", "PowerReal_P_Sum", "Enable",
    "Meter_Location_Current", "TOTAL_ENERGY", "UniqueID", "DT", "Battery_Mode",
]) | st.text(max_size=5)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=8,
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, JSON, max_size=8), st.dictionaries(KEYS, JSON, max_size=8))
def test_any_answer_becomes_readings_without_raising(data, more):
    """Whatever is answered, it becomes numbers or nothing."""
    told = answers.inverter(data, more, None)
    readings = convert.inverter(told.model, told.values)
    assert readings["pv_power_w"] is None or readings["pv_power_w"] >= 0
    flow = answers.flow(data)
    answers.storage(data, flow.battery_w)
    answers.who(data, "1")
    answers.serial_of(data, "Inverter", "1")
    for meter in meters(data):
        convert.meter(meter.model, AssetKind.GRID, meter.values)
        for kind in AssetKind:
            meter.counters(kind)


def test_huge_numbers_are_none():
    """What is no float is no value."""
    assert answers.number(msgspec.json.decode(b"1" + b"0" * 400)) is None
    assert answers.number({"Value": 7}) == 7.0
    assert answers.number(True) is None


A, B = "28061234", "30412345"


@pytest.mark.parametrize(
    ("told", "expected", "kept", "proof"),
    [
        (Told(A, "38183", gen24=False), A, "", Proof.PROVEN),
        (Told(B, "38183", gen24=False), A, "", Proof.OTHER),
        (Told("", "38183", gen24=False), A, "", Proof.SILENT),
        (Told("", "38183", gen24=False), A, "38183", Proof.PROVEN),
        (Told("", "7262", gen24=False), A, "38183", Proof.OTHER),
        (Told("", "", gen24=False), A, "38183", Proof.SILENT),
        (Told("", A, gen24=True), A, "", Proof.PROVEN),
        (Told("", B, gen24=True), A, "", Proof.OTHER),
        (Told("", "29301000987160033", gen24=True), A, "", Proof.SILENT),
        (Told("", "29301000987160033", gen24=True), "", "", Proof.PROVEN),
        (Told("", "", gen24=True), "", "", Proof.SILENT),
        (Told(B, "", gen24=True), "EARLIER-FORM", "", Proof.SILENT),
    ],
)
def test_what_proves_an_identity(told, expected, kept, proof):
    """A serial number of SunSpec's form is compared, another id only with what was kept; what says
    nothing comparable is nobody's contradiction."""
    assert prove(told, expected, kept) is proof


def test_a_serial_number_is_only_pinned_in_its_form():
    """An id of another form would make Modbus a wrong device later."""
    assert serial(Told("", "29301000987160033", gen24=True)) == ""
    assert serial(Told("", "38183000", gen24=False)) == ""
    assert serial(Told(A, "38183", gen24=False)) == A
