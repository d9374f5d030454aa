"""The Fronius source against true SunSpec maps over TCP."""

import json

import pytest

from collector.errors import BadDevice
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.series import decode_series
from collector.sources.fronius.readings import power_factor
from collector.sources.modbus.poll import LONGEST_SILENCE_S
from tests.modbus import fronius_map as fm
from tests.modbus.fronius_bench import Bench
from tests.modbus.live import raw
from tests.support.modbus import Unit
from tests.support.sites import AssetSettings, Clocked


@pytest.fixture
def bench(modbus):
    """Makes a bench around units by unit id."""

    async def make(units, **more):
        return Bench(await modbus(units), **more)

    return make


# Decoded by hand from the recorded words: raw value and scale factor stand beside each.
GEN24 = {
    "pv_power_w": 335.4,  # W 3354 · 10^-1
    "apparent_power_va": 333.6,  # VA 3336 · 10^-1
    "reactive_power_var": -0.4599,  # VAr −4599 · 10^-4
    "power_factor": 1.0,  # PF 1000 · 10^-1 %
    "frequency_hz": 50.03,  # Hz 5003 · 10^-2
    "voltage_v.L1": 231.1, "voltage_v.L2": 231.3, "voltage_v.L3": 231.8,  # PhV · 10^-1
    "voltage_v.L12": 400.4, "voltage_v.L23": 400.8, "voltage_v.L31": 401.2,  # PPV · 10^-1
    "current_a.L1": 0.4804, "current_a.L2": 0.4809, "current_a.L3": 0.4803,  # Aph · 10^-4
    "pv_state": 3,  # St 4 MPPT
}  # fmt: skip
GEN24_BATTERY = {
    "battery_soc_pct": 80.3,  # ChaState 8030 · 10^-2
    "battery_power_w": 0.0, "battery_current_a": 0.0,  # StCha 3 and StDisCha 4: 0
    "battery_voltage_v": None,  # DCV of both is 0
    "battery_state": 2,  # ChaSt 3: discharging
}  # fmt: skip


async def test_the_recorded_gen24(bench, recordings):
    """The recorded registers of a Symo GEN24 give the values that its words mean."""
    record = json.loads((recordings / "modbus/fronius_gen24/symo_gen24_10_unit1.json").read_text())
    b = await bench({1: Unit(dict(enumerate(record["registers"], record["base"])))})
    async with b.live("", "battery"):
        assert b.values() == pytest.approx(GEN24)
        assert b.values("battery") == pytest.approx(GEN24_BATTERY)
        assert b.image.notices == ()
        counters = b.counters()
        # ActWh 0, 0, 560, 7922 = 560·65536 + 7922 Wh; no rollover of 64 bits
        assert counters["pv_energy_kwh"] == (36_708.082, "122.ActWh", "31520500", None)
        assert b.image.identity.serial == "31520500"
        assert b.image.roles[""].asset.model == "Fronius Symo GEN24 10.0"
        told = raw(b.site)
        assert told["fronius_inverter_w", ""] == 335.4
        assert told["fronius_mppt_dcw", "1"] == 187.5  # 1875 · 10^-1
        assert told["fronius_mppt_dcv", "2"] == 418.3 or told["fronius_mppt_dcv", "2"] == 418.30
        assert told["fronius_nameplate_wrtg", ""] == 10_000
        assert told["fronius_status_act_wh", ""] == 36_708_082
        assert "meter" not in b.image.roles


PV = {
    "pv_power_w": 5000.0, "apparent_power_va": 5010.0, "reactive_power_var": -300.0,
    "power_factor": 0.999, "frequency_hz": 50.01, "voltage_v.L1": 230.0, "voltage_v.L31": 402.0,
    "current_a.L2": 7.4, "pv_state": 3,
}  # fmt: skip


@pytest.mark.parametrize("model", [fm.inverter_int(), fm.inverter_float()])
async def test_integers_and_floats_say_the_same(bench, model):
    """Models 103 and 113 with the same content give the same readings."""
    b = await bench({1: fm.unit(model)})
    async with b.live():
        got = b.values()
        assert {k: got[k] for k in PV} == pytest.approx(PV, rel=1e-6)
        assert "battery_soc_pct" not in got


async def test_one_phase_has_one_phase(bench):
    """Model 101 has no second phase, whatever its registers hold."""
    b = await bench({1: fm.unit(fm.inverter_int(model=101))})
    async with b.live():
        assert {"voltage_v.L1", "current_a.L1"} <= b.values().keys()
        assert not {"voltage_v.L2", "voltage_v.L12", "current_a.L3"} & b.values().keys()


async def test_energy_is_ac_and_64_bit_when_there_is(bench):
    """122.ActWh is preferred; else the integer WH with its rollover, or the float without."""
    b = await bench({1: fm.unit(fm.inverter_int(), fm.status(99_000_123))})
    async with b.live():
        assert b.counters()["pv_energy_kwh"] == (99_000.123, "122.ActWh", "33411122", None)
    b = await bench({1: fm.unit(fm.inverter_int())})
    async with b.live():
        assert b.counters()["pv_energy_kwh"] == (
            12_345.678, "103.WH", "33411122", 4_294_967.296,
        )  # fmt: skip
    b = await bench({1: fm.unit(fm.inverter_float())})
    async with b.live():
        assert b.counters()["pv_energy_kwh"] == (12_345.678, "113.WH", "33411122", None)


@pytest.mark.parametrize(
    ("told", "watts", "volt_amperes", "factor"),
    [
        (99.9, 5000.0, 5005.0, 0.999),
        (-95.0, -950.0, 1000.0, -0.95),
        (0.95, 950.0, 1000.0, 0.95),
        (0.9, 9.0, 1000.0, 0.009),  # an idle inverter's percent
        (0.9, None, None, 0.9),
        (0.0, 0.0, 0.0, 0.0),
        (300.0, 5000.0, 5005.0, None),
        (None, 5000.0, 5005.0, None),
    ],
)
def test_power_factors_are_percent_or_ratios(told, watts, volt_amperes, factor):
    """Both ways of saying a power factor give the ratio, with the sign of the power."""
    assert power_factor(told, watts, volt_amperes) == (
        None if factor is None else pytest.approx(factor)
    )


async def test_no_energy_is_no_counter(bench):
    """An accumulator of 0 means not implemented: no counter appears."""
    b = await bench({1: fm.unit(fm.inverter_int(wh=0), fm.status(0))})
    async with b.live():
        assert b.counters() == {}


async def test_a_register_that_falls_away_makes_no_other_one_count(bench):
    """ActWh missing from an answer does not bring in the WH beside it, which would be a baseline
    twice: the counter waits for its own register."""
    unit = fm.unit(fm.inverter_int(), fm.status(99_000_123))
    b = await bench({1: unit})
    async with b.live() as run:
        b.asset()
        unit.put(40121, fm.status(0))
        await b.polls(run, 3)
        b.asset()
        unit.put(40121, fm.status(99_000_523))
        await run.until(lambda: b.counters()["pv_energy_kwh"][0] == 99_000.523)
        assert b.asset().readings["pv_energy_kwh"].value == pytest.approx(0.4, abs=1e-4)


async def test_module_count_is_not_believed_beyond_the_model(bench):
    """A model 160 that claims more modules than its length has gives those that are there."""
    block = fm.mppt(*fm.HYBRID[:2])
    block[8] = 60
    b = await bench({1: fm.unit(fm.inverter_int(), block)})
    async with b.live():
        modules = {module for name, module in raw(b.site) if name == "fronius_mppt_dcw"}
        assert modules == {"1", "2"}


METER = {
    "grid_power_w": -1234.0, "grid_power_w.L1": -412.0, "apparent_power_va": 1300.0,
    "power_factor": -0.95, "voltage_v.L1": 230.0, "voltage_v.L12": 400.0, "current_a.L1": 1.8,
    "frequency_hz": 50.0, "reactive_power_var": 200.0,
}  # fmt: skip


@pytest.mark.parametrize("number", [200, 240])
@pytest.mark.parametrize("model", [fm.meter_int(), fm.meter_float()])
async def test_the_smart_meter_is_found(bench, number, model):
    """The meter at 200 or 240 becomes the role `meter`, a grid meter with import positive."""
    b = await bench({1: fm.unit(fm.inverter_int()), number: fm.smart_meter(model)})
    async with b.live("", "meter"):
        got = b.values("meter")
        assert {k: got[k] for k in METER} == pytest.approx(METER, abs=1)
        asset = b.image.roles["meter"].asset
        assert (asset.id, asset.kind, asset.serial) == ("d1.meter", AssetKind.GRID, "METER7")
        told = b.counters("meter")
        assert told["grid_import_kwh"][0] == 500.0
        assert told["grid_export_kwh"][0] == 90.0
        assert told["grid_import_kwh"][2] == "METER7"
        assert told["grid_import_kwh"][3] == (4_294_967.296 if model[0] == 203 else None)
        labels = [decode_series(s)[1] for s in b.image.raw if b"fronius_meter_w" in s]
        assert labels[0]["serial"] == "METER7"
        assert labels[0]["unit"] == str(number)


async def test_a_smart_meter_may_measure_something_else(bench):
    """Where the registry calls the smart meter's asset a load (it stands in a branch), nothing of
    it is grid power."""
    b = await bench({1: fm.unit(fm.inverter_int()), 240: fm.smart_meter()})
    b.site = Clocked(b.device, settings={"d1.meter": AssetSettings(kind=AssetKind.LOAD)})
    async with b.live("", "meter"):
        assert b.values("meter")["load_power_w"] == -1234.0
        assert b.counters("meter").keys() == {"load_energy_kwh"}
        b.site.tick()
        assert b.site.taken.totals["grid_power_w"].value is None


async def test_a_meter_may_stand_alone(bench):
    """A registry entry whose unit is a meter has it as main asset, of the kind that is told."""
    b = await bench({200: fm.smart_meter()}, unit=200, asset_kind=AssetKind.LOAD)
    async with b.live():
        assert b.values()["load_power_w"] == -1234.0
        assert b.counters().keys() == {"load_energy_kwh"}
        assert b.image.identity.serial == "METER7"


async def test_a_pv_meter_is_positive_when_delivering(bench):
    """A smart meter that the registry calls pv counts its export as solar power."""
    b = await bench({240: fm.smart_meter()}, unit=240, asset_kind=AssetKind.PV)
    async with b.live():
        assert b.values()["pv_power_w"] == 1234.0
        assert b.counters()["pv_energy_kwh"][0] == 90.0


@pytest.mark.parametrize(("state", "pv_state"), [(1, 0), (2, 1), (8, 7)])
async def test_a_resting_inverter_that_answers_is_live(bench, state, pv_state):
    """At night a GEN24 answers: its power is 0, also when it says *not available*."""
    b = await bench({1: fm.unit(fm.inverter_int(watts=fm.NA_S, state=state))})
    async with b.live():
        assert b.values()["pv_power_w"] == 0.0
        assert b.values()["pv_state"] == pv_state
        b.site.tick()
        assert b.site.asset("d1").status is AssetStatus.LIVE


async def test_a_negative_night_power_is_no_sun(bench):
    """The few watts that an inverter draws at night are not negative solar power."""
    b = await bench({1: fm.unit(fm.inverter_int(watts=-5, state=2))})
    async with b.live():
        assert b.values()["pv_power_w"] == 0.0
        assert raw(b.site)["fronius_inverter_w", ""] == -5.0


async def test_an_unknown_power_by_day_is_unknown(bench):
    """A producing inverter without a power value has no power reading, not 0."""
    b = await bench({1: fm.unit(fm.inverter_int(watts=fm.NA_S, state=4))})
    async with b.live():
        assert b.values()["pv_power_w"] is None


async def test_a_scale_factor_that_is_none_is_no_value(bench):
    """SF 0x8000 makes the power unknown, never 5000 of something."""
    b = await bench({1: fm.unit(fm.inverter_int(w_sf=-0x8000))})
    async with b.live():
        assert b.values()["pv_power_w"] is None


async def test_a_null_frame_is_dropped(bench):
    """All zero with state fault is counted, changes nothing, and is no sign of life."""
    unit = fm.unit(fm.inverter_int())
    b = await bench({1: unit})
    async with b.live() as run:
        unit.put(40069, fm.null_inverter())
        await run.until(lambda: b.image.drops.get("null frame", 0) >= 3)
        assert b.values()["pv_power_w"] == 5000.0
        assert b.values()["pv_state"] == 3
        assert b.counters()["pv_energy_kwh"][0] == 12_345.678
        unit.put(40069, fm.inverter_int(watts=4000))
        await run.until(lambda: b.values()["pv_power_w"] == 4000.0)


@pytest.mark.parametrize("state", [None, 4, 5])
async def test_zeros_of_a_producing_inverter_are_no_values(bench, state):
    """A frame without volts, hertz and energy cannot be of an inverter that produces."""
    unit = fm.unit(fm.inverter_int())
    b = await bench({1: unit})
    async with b.live() as run:
        unit.put(40069, fm.null_inverter(fm.NA if state is None else state))
        await run.until(lambda: b.image.drops.get("null frame", 0) >= 3)
        assert b.values()["pv_power_w"] == 5000.0


@pytest.mark.parametrize("model", [fm.meter_int(), fm.meter_float()])
@pytest.mark.parametrize(("word", "reason"), [(0, "null frame"), (fm.NA, "no values")])
async def test_a_meter_that_says_nothing_is_not_live(bench, model, word, reason):
    """A smart meter without volts and hertz, or without any value, tells nothing of the grid: it
    is not live, totals are partial, and the inverter goes on."""
    meter = fm.smart_meter(model)
    b = await bench({1: fm.unit(fm.inverter_int()), 240: meter})
    async with b.live("", "meter") as run:
        empty = [word if word == 0 or model[0] == 213 else fm.NA_S] * model[1]
        meter.put(40071, empty)
        await run.until(lambda: b.image.drops.get(reason, 0) >= 3)
        b.site.tick(LONGEST_SILENCE_S + 1)
        await b.polls(run, 6)
        assert b.asset("d1.meter").status is not AssetStatus.LIVE
        assert b.site.taken.totals["grid_power_w"].partial
        assert b.site.asset("d1").status is AssetStatus.LIVE
        meter.put(40069, model)
        await run.until(lambda: b.asset("d1.meter").status is AssetStatus.LIVE)


async def test_a_rating_that_was_misread_is_read_again(bench):
    """A rating that reads far too low for once does not shut the inverter out for good."""
    unit = fm.unit(fm.inverter_int(), fm.nameplate(100))
    b = await bench({1: unit})
    async with b.run() as run:
        await run.until(lambda: b.image.drops.get("out of range", 0) >= 3)
        unit.put(40069, [*fm.inverter_int(watts=4444), *fm.nameplate(10_000)])
        await run.until(lambda: b.heard("") and b.values()["pv_power_w"] == 4444.0)


async def test_a_model_of_absurd_length_is_not_read(bench):
    """A model that claims 30,000 registers is walked over, and the rest is read."""
    mppt = fm.mppt(*fm.HYBRID[:2])
    mppt[1] = 20_000
    unit = fm.unit(fm.inverter_int(), mppt)
    unit.registers.pop(40121 + len(mppt))
    unit.registers.pop(40121 + len(mppt) + 1)
    unit.put(40121 + 20_002, [0xFFFF, 0])
    b = await bench({1: unit})
    async with b.live() as run:
        unit.asked.clear()
        await b.polls(run, 2)
        assert set(unit.asked) == {(40051, 70)}


async def test_a_map_of_zeros_is_a_missed_poll(bench):
    """A unit that answers zeros for all of its registers for a moment misses polls; neither its
    source nor its meter ends by that."""
    unit, meter = fm.unit(fm.inverter_int()), fm.smart_meter()
    sound = dict(unit.registers)
    b = await bench({1: unit, 240: meter})
    async with b.live("", "meter") as run:
        unit.registers = dict.fromkeys(sound, 0)
        await run.until(lambda: b.image.drops.get("no map", 0) >= 1)
        unit.registers = sound
        await b.polls(run, 6)
        assert b.asset().status is AssetStatus.LIVE
        assert b.site.asset("d1.meter").status is AssetStatus.LIVE


async def test_nonsense_power_is_dropped(bench):
    """More than twice the rating is out of range and not used."""
    unit = fm.unit(fm.inverter_int(), fm.nameplate(10_000))
    b = await bench({1: unit})
    async with b.live() as run:
        unit.put(40069, fm.inverter_int(watts=30_000))
        await run.until(lambda: b.image.drops.get("out of range", 0) >= 2)
        assert b.values()["pv_power_w"] == 5000.0


async def test_a_switch_to_float_is_followed(bench):
    """Somebody switches the map from integer to float: it is walked again at once."""
    unit = fm.unit(fm.inverter_int(), fm.status(1000))
    b = await bench({1: unit})
    async with b.live() as run:
        fresh = fm.unit(fm.inverter_float(watts=4321.0), fm.status(1000))
        await b.server.stop()
        b.server.units[1] = fresh
        await b.server.start()
        await run.until(lambda: b.values()["pv_power_w"] == pytest.approx(4321.0))


async def test_a_shift_on_a_standing_connection_is_followed(bench):
    """The map moves while the connection stands: counted, and read at its new place."""
    unit = fm.unit(fm.inverter_int(), fm.nameplate(), fm.status(1000))
    b = await bench({1: unit})
    async with b.live() as run:
        moved = fm.unit(fm.nameplate(), fm.inverter_int(watts=1111), fm.status(1000))
        unit.registers.update(moved.registers)
        await run.until(lambda: b.values()["pv_power_w"] == 1111.0)
        assert b.image.drops["map shift"] == 1


async def test_a_misread_chain_is_not_kept(bench):
    """Answers by mistake show a chain without inverter: counted as no map, and the true one is read
    again as soon as it is shown."""
    unit = fm.unit(fm.inverter_int(watts=2222), fm.nameplate(), fm.status(1000))
    b = await bench({1: unit})
    true = dict(unit.registers)
    async with b.live() as run:
        header = next(a for a, word in true.items() if word == 103 and true.get(a + 1) == 50)
        unit.registers[header] = 802
        await run.until(lambda: b.image.drops.get("no map", 0) >= 2)
        unit.registers.update(fm.unit(fm.inverter_int(watts=1111), fm.nameplate()).registers)
        await run.until(lambda: b.values()["pv_power_w"] == 1111.0)


async def test_something_else_is_refused(bench):
    """A SunSpec unit without inverter and meter is named with its models."""
    b = await bench({1: fm.unit([802, 2, 0, 0])})
    with pytest.raises(BadDevice, match="models 1, 802"):
        await b.source.run(b.image, lambda: None)


async def test_text_of_a_device_is_hostile(bench):
    """Control bytes and markup in a serial do not come through as they are."""
    b = await bench({1: fm.unit(fm.inverter_int(), serial="A\x1b[31m[bold]", md="x\x07y")})
    async with b.live():
        assert "\x1b" not in b.image.identity.serial
        assert "\x07" not in b.image.roles[""].asset.model
