"""The ACUVIM source against true register maps over TCP."""

import asyncio

import pytest
from pymodbus.constants import ExcCodes

from collector.errors import BadDevice, WrongDevice
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.series import decode_series
from collector.sources.modbus.errors import NoAnswer
from tests.modbus.acuvim_bench import TRUTH, Bench, approx
from tests.modbus.acuvim_map import POWERS, VALUES, P, acuvim_ii, acuvim_l, write_ii
from tests.modbus.live import raw, running, values
from tests.support.modbus import Unit, f32, u32
from tests.support.sites import AssetSettings, Clocked


async def test_primary_values_of_an_ii(bench):
    """Every canonical reading of an ACUVIM II in primary mode is what the meter shows."""
    b = await bench(acuvim_ii())
    async with b.live():
        got = values(b.site)
        assert {k: got[k] for k in TRUTH} == approx(TRUTH)
        assert got["voltage_unbalance_pct"] == approx(0.5)
        assert got["current_unbalance_pct"] == approx(20.0)
        assert got["voltage_thd_pct"] == 2.2
        assert got["voltage_thd_pct.L1"] == 2.1
        assert got["current_thd_pct.L3"] == 8.3
        counter = b.image.roles[""].counters["load_energy_kwh"]
        assert counter.raw == approx(123_456.7)
        assert counter.modulus == approx(1e8)
        assert counter.unit == "AH19040551"
        assert b.image.identity.serial == "AH19040551"
        assert b.image.roles[""].asset.model == "Acuvim II IIR"
        assert not b.notes


async def test_one_request_a_second_covers_all(bench):
    """Identity and settings once, then one request of 98 registers for each poll."""
    unit = acuvim_ii()
    b = await bench(unit)
    async with b.live() as run:
        unit.asked.clear()
        await b.polls(run, 5)
        assert set(unit.asked) == {(0x4000, 98)}


@pytest.mark.parametrize(("ct", "factor"), [((1000, 5), 200), ((600, 333), 600), ((400, 80), 400)])
async def test_secondary_values_are_scaled(bench, ct, factor):
    """In secondary mode volts, amperes and watts are multiplied by PT, CT and both; 333 mV and mA
    inputs count as 1."""
    unit = acuvim_ii(pt=(110_000, 400), ct=ct, mode=0)
    assert [unit.registers[0x4012], unit.registers[0x4013]] == f32(62.0 / factor)
    b = await bench(unit)
    async with b.live():
        got = values(b.site)
        assert {k: got[k] for k in TRUTH} == approx(TRUTH)
        assert raw(b.site)["acuvim_p_total", ""] == approx(sum(P))


async def test_a_change_of_the_settings_is_noticed(bench):
    """Somebody turns the meter from primary to secondary: within five minutes the values are
    right again, and a note says what changed."""
    unit = acuvim_ii()
    b = await bench(unit)
    async with b.live() as run:
        write_ii(unit, mode=0, ct=(2000, 5))
        await run.until(lambda: "settings" in b.notes)
        await b.polls(run)
        assert values(b.site)["load_power_w"] == approx(sum(P))
        assert "CT 2000:5" in b.notes["settings"]
        assert "CT 1000:5" in b.notes["settings"]


@pytest.mark.parametrize(
    ("mode", "kwh", "modulus"), [(0, 123_456.7, 1e8), (1, 1234.567, 1e6), (2, 12_345.67, 1e7)]
)
async def test_energy_has_the_step_of_its_mode(bench, mode, kwh, modulus):
    """Energy registers count tenths, thousandths or hundredths of a kWh; the modulus follows."""
    b = await bench(acuvim_ii(energy_mode=mode))
    async with b.live():
        counter = b.image.roles[""].counters["load_energy_kwh"]
        assert counter.raw == approx(kwh)
        assert counter.modulus == approx(modulus)


async def test_a_rollover_is_counted(bench):
    """The register going from 999 999 999 to 5 is 0.6 kWh more, not a reset."""
    unit = acuvim_ii(energy=(999_999_999, 0))
    b = await bench(unit)
    async with b.live() as run:
        b.site.tick()
        unit.put(0x4048, u32(5, 0))
        await b.polls(run, 2)
        b.site.tick()
        (counter,) = b.site.site.counters.values()
        assert counter.total == approx(0.6)


@pytest.mark.parametrize(
    ("kind", "power", "counters"),
    [
        (AssetKind.LOAD, "load_power_w", {"load_energy_kwh": 123_456.7}),
        (AssetKind.GENERATOR, "generator_power_w", {"generator_energy_kwh": 123_456.7}),
        (AssetKind.PV, "pv_power_w", {"pv_energy_kwh": 123_456.7}),
        (AssetKind.GRID, "grid_power_w", {"grid_import_kwh": 123_456.7, "grid_export_kwh": 8.9}),
    ],
)
async def test_the_kind_names_power_and_energy(bench, kind, power, counters):
    """The registry's asset kind decides under which names power and energies go."""
    b = await bench(acuvim_ii(), asset_kind=kind)
    async with b.live():
        got = values(b.site)
        assert got[power] == approx(sum(P))
        assert got[f"{power}.L2"] == approx(P[1])
        assert [k for k in got if k.endswith("power_w")] == [power]
        told = {name: c.raw for name, c in b.image.roles[""].counters.items()}
        assert told == approx(counters)


async def test_an_assets_kind_stands_above_the_devices(bench):
    """A kind that the registry gives to the asset decides, as one given to the device does: the
    values never go under the names of another kind."""
    b = await bench(acuvim_ii(), asset_kind=AssetKind.LOAD)
    b.site = Clocked(b.device, settings={"d1": AssetSettings(kind=AssetKind.GENERATOR)})
    async with b.live():
        got = values(b.site)
        assert got["generator_power_w"] == approx(sum(P))
        assert "load_power_w" not in got
        assert b.image.roles[""].counters.keys() == {"generator_energy_kwh"}


async def test_a_meter_measures_no_tank(bench):
    """An impossible asset kind is refused with what to write instead."""
    b = await bench(acuvim_ii(), asset_kind=AssetKind.TANK)
    with pytest.raises(BadDevice, match="generator, grid or pv"):
        await b.source().run(b.image, lambda: None)


@pytest.mark.parametrize(
    ("wiring", "present", "absent"),
    [
        (1, {"voltage_v.L1", "current_a.L1", "load_power_w.L1"},
         {"voltage_v.L2", "voltage_v.L12", "current_a.L2", "load_power_w.L2"}),
        (2, {"voltage_v.L12", "voltage_v.L31", "current_a.L3", "load_power_w"},
         {"voltage_v.L1", "load_power_w.L1", "current_a.N", "voltage_thd_pct.L1"}),
        (3, {"voltage_v.L12", "voltage_v.L31", "current_a.L3", "load_power_w"},
         {"voltage_v.L1", "load_power_w.L1", "current_a.N", "apparent_power_va.L1"}),
        (4, {"voltage_v.L12", "current_a.L2", "load_power_w"},
         {"voltage_v.L1", "voltage_v.L23", "current_a.L3", "load_power_w.L1"}),
        (6, {"voltage_v.L1", "voltage_v.L12", "current_a.L2", "load_power_w.L2"},
         {"voltage_v.L3", "voltage_v.L23", "current_a.L3"}),
    ],
)  # fmt: skip
async def test_wiring_decides_what_is_real(bench, wiring, present, absent):
    """Without neutral there are no phase voltages and powers, whatever the registers hold."""
    b = await bench(acuvim_ii(wiring=wiring))
    async with b.live():
        got = values(b.site)
        assert present <= got.keys()
        assert not absent & got.keys()


async def test_an_l_is_found_and_read(bench):
    """An ACUVIM L, which has neither of the II's blocks, is read from its own map."""
    b = await bench(acuvim_l())
    async with b.live():
        got = values(b.site)
        assert {k: got[k] for k in TRUTH} == approx(TRUTH)
        assert got["current_unbalance_pct"] == approx(100 * (62 - 154 / 3) / (154 / 3))
        assert got["voltage_thd_pct.L2"] == 2.2
        counter = b.image.roles[""].counters["load_energy_kwh"]
        assert counter.raw == approx(123_456.7)
        assert counter.unit == ""
        assert b.image.identity is None
        assert b.image.roles[""].asset.model == "Acuvim L"


@pytest.mark.parametrize(("wiring", "neutral"), [(0, True), (1, False), (2, False), (3, True)])
async def test_the_l_numbers_its_wirings_otherwise(bench, wiring, neutral):
    """Wiring 1 of an ACUVIM L is delta and 3 is single phase; the II has them the other way."""
    b = await bench(acuvim_l(wiring=wiring))
    async with b.live():
        assert ("voltage_v.L1" in values(b.site)) is neutral


async def test_an_l_without_thd_is_read_without(bench):
    """A block that the model lacks is left out after one refusal and counted once."""
    unit = acuvim_l(thd=False)
    b = await bench(unit)
    async with b.live() as run:
        await b.polls(run, 4)
        assert "voltage_thd_pct.L1" not in values(b.site)
        assert b.image.drops == {"not in this meter": 1}


async def test_an_ii_without_energies_is_read_in_parts(bench):
    """A meter that refuses the one large request is read in smaller ones, as far as it goes."""
    unit = acuvim_ii(serial="")
    for address in range(0x4048, 0x4062):
        del unit.registers[address]
    b = await bench(unit)
    async with b.live() as run:
        await b.polls(run, 2)
        assert values(b.site)["load_power_w"] == approx(sum(P))
        assert "load_energy_kwh" not in b.image.roles[""].counters


async def test_an_ii_without_web_module_has_no_identity(bench):
    """Without the SunSpec block the frequency tells the map, and no identity is invented."""
    b = await bench(acuvim_ii(serial=""))
    async with b.live():
        assert b.image.identity is None
        assert b.image.roles[""].asset.model == "Acuvim II"
        assert values(b.site)["load_power_w"] == approx(sum(P))


async def test_a_dead_supply_does_not_hide_the_meter(bench):
    """A meter on a stopped generator reads 0 Hz; its settings still tell that it is an II."""
    dead = dict.fromkeys(VALUES, 0.0)
    b = await bench(acuvim_ii(serial="", values=dead), asset_kind=AssetKind.GENERATOR)
    async with b.live():
        assert values(b.site)["generator_power_w"] == 0.0
        assert values(b.site)["frequency_hz"] == 0.0


async def test_the_registry_may_force_the_family(bench):
    """With model = "L" a meter that answers both maps is read as L."""
    unit = acuvim_ii(serial="")
    unit.registers |= acuvim_l(values=dict(VALUES, p=1000.0)).registers
    b = await bench(unit, model="L")
    async with b.live():
        assert values(b.site)["load_power_w"] == 1000.0
    b = await bench(unit)
    async with b.live():
        assert values(b.site)["load_power_w"] == approx(sum(P))


async def test_something_else_is_refused(bench):
    """A unit with neither map is named as no ACUVIM, with what to check."""
    b = await bench(Unit({0: 1}))
    with pytest.raises(BadDevice, match="neither as ACUVIM II nor as ACUVIM L"):
        await b.source().run(b.image, lambda: None)
    b = await bench(acuvim_ii(), model="3")
    with pytest.raises(BadDevice, match="no meter of AccuEnergy that is known"):
        await b.source().run(b.image, lambda: None)


@pytest.mark.parametrize("settings", [{"pt": (400, 0)}, {"ct": (0, 5)}, {"wiring": 77}])
async def test_impossible_settings_give_no_data(bench, settings):
    """A ratio that cannot be used stops the source instead of making wrong kWh."""
    unit = acuvim_ii()
    place = {"pt": (0x1007, 0), "ct": (0x1008, 0), "wiring": (0x1003, 77)}[next(iter(settings))]
    unit.put(place[0], [place[1]])
    b = await bench(unit)
    with pytest.raises(BadDevice, match="Set model to II or L"):
        await b.source().run(b.image, lambda: None)
    assert not b.image.roles[""].cells


async def test_a_float_that_is_none_clears_its_reading(bench):
    """NaN is no value: the reading is None, its raw series ends, the others go on."""
    unit = acuvim_ii()
    b = await bench(unit)
    async with b.live() as run:
        assert ("acuvim_p_total", "") in raw(b.site)
        unit.put(0x4022, [0x7FC0, 0])
        await b.polls(run, 2)
        assert values(b.site)["load_power_w"] is None
        assert ("acuvim_p_total", "") not in raw(b.site)
        assert values(b.site)["load_power_w.L1"] == approx(P[0])


async def test_a_frame_of_zeros_is_dropped(bench):
    """All zero, energies too, from a meter that had counted says nothing: counted as such, no sign
    of life, no reset of its energy."""
    unit = acuvim_ii()
    sound = dict(unit.registers)
    b = await bench(unit)
    async with b.live() as run:
        b.site.tick()
        unit.put(0x4000, [0] * 98)
        await run.until(lambda: b.image.drops.get("null frame", 0) >= 3)
        assert values(b.site)["load_power_w"] == approx(sum(P))
        assert b.image.roles[""].counters["load_energy_kwh"].raw == approx(123_456.7)
        b.site.tick(9)
        assert b.site.asset("d1").status is AssetStatus.STALE
        unit.registers.update(sound)
        await b.polls(run, 2)
        b.site.tick()
        assert b.site.asset("d1").status is AssetStatus.LIVE
        (counter,) = b.site.site.counters.values()
        assert counter.total == 0.0


async def test_zeros_that_stay_are_believed(bench):
    """A meter without supply whose energies somebody cleared reads zeros for good: after a minute
    they are its values. One that never counted is believed at once."""
    unit = acuvim_ii()
    b = await bench(unit)
    async with b.live() as run:
        unit.put(0x4000, [0] * 98)
        await run.until(lambda: values(b.site)["load_power_w"] == 0.0)
        assert 55 <= b.image.drops["null frame"] <= 62
    new = acuvim_ii()
    new.put(0x4000, [0] * 98)
    b = await bench(new)
    async with b.live():
        assert values(b.site)["load_power_w"] == 0.0
        assert "null frame" not in b.image.drops


async def test_raw_series_carry_unit_and_model(bench):
    """Every number goes out as acuvim_<name> with unit, model and db."""
    b = await bench(acuvim_ii())
    async with b.live():
        found = [decode_series(s) for s in b.image.raw]
        names = {name for name, _ in found}
        assert {"acuvim_u1", "acuvim_p_total", "acuvim_ep_import", "acuvim_thd_u1"} <= names
        labels = dict(found)["acuvim_u1"]
        assert (labels["unit"], labels["model"], labels["db"]) == ("1", "Acuvim II IIR", "telegraf")
        assert len(names) == 36 + 9 + 8


async def test_another_meter_at_the_address_is_wrong(bench):
    """After a reconnect another serial answers: WrongDevice, and nothing of it is booked."""
    b = await bench(acuvim_ii())
    async with b.live() as run:
        await b.server.stop()
        b.server.units[1] = acuvim_ii("OTHER", values=dict(VALUES, p=1.0))
        await b.server.start()
        with pytest.raises(WrongDevice):
            await run.until(lambda: False)
        assert values(b.site)["load_power_w"] == approx(sum(P))


async def test_a_lost_meter_goes_stale_and_comes_back(bench):
    """Silence raises after three misses, the asset is stale by then, and a new run recovers."""
    unit = acuvim_ii()
    b = await bench(unit, timeout_s=0.1)
    async with b.live() as run:
        b.site.tick()
        assert b.site.asset("d1").status is AssetStatus.LIVE
        unit.delay_s = 600
        with pytest.raises(NoAnswer):
            await run.until(lambda: False)
    b.site.tick(15)
    assert b.site.asset("d1").status is not AssetStatus.LIVE
    assert b.image.drops["no answer"] == 3
    unit.delay_s = 0
    async with b.live():
        assert values(b.site)["load_power_w"] == approx(sum(P))


async def test_a_busy_meter_is_forgiven(bench):
    """Exception 6 now and then is counted and does not end the source."""
    unit = acuvim_ii()
    b = await bench(unit)
    async with b.live() as run:
        unit.exception = ExcCodes.DEVICE_BUSY
        await run.until(lambda: b.image.drops.get("busy"))
        unit.exception = None
        await b.polls(run, 2)
        assert not run.task.done()


@pytest.mark.parametrize("code", [ExcCodes.DEVICE_BUSY, ExcCodes.GATEWAY_NO_RESPONSE])
async def test_a_busy_meter_is_not_used_unidentified(bench, code):
    """As long as the unit refuses to say who it is, nothing of it is used; then it is."""
    unit = acuvim_ii()
    unit.exception = code
    b = await bench(unit)
    async with running(b.source(), b.image) as run:
        await run.until(lambda: b.image.drops)
        assert not b.image.roles[""].cells
        unit.exception = None
        await run.until(lambda: run.ready)
        assert b.image.identity.serial == "AH19040551"


async def test_a_dead_neighbour_on_the_gateway(modbus):
    """Two meters on one gateway, one dead: the other one's values keep coming."""
    server = await modbus({1: acuvim_ii("AAA"), 2: Unit.dead()})
    good, dead = Bench(server, unit=1, timeout_s=0.5), Bench(server, unit=2, timeout_s=0.5)
    dead.gateways = good.gateways
    async with good.live() as run, running(dead.source(), dead.image) as other:
        with pytest.raises(NoAnswer):
            await other.until(lambda: False)
        await good.polls(run, 3)
        assert not run.task.done()
        assert good.image.drops.keys() <= {"late"}


async def test_hints_of_a_wrong_commissioning(bench):
    """Powers a thousand times too small, and a negative load, are told in words after some polls
    and go when mended."""
    small = {k: v / 1000 if k in POWERS else v for k, v in VALUES.items()}
    unit = acuvim_ii(values=small)
    b = await bench(unit)
    async with b.live() as run:
        await run.until(lambda: "plausibility" in b.notes)
        assert "factor of 1000" in b.notes["plausibility"]
        write_ii(unit, values={k: -v if k in "pa pb pc p" else v for k, v in VALUES.items()})
        await run.until(lambda: "direction" in b.notes)
        assert "turn all of them around" in b.notes["direction"]
        await run.until(lambda: "plausibility" not in b.notes)
        write_ii(unit)
        await run.until(lambda: not b.notes)


async def test_cancelling_closes_everything(bench):
    """A cancelled source leaves no connection open."""
    b = await bench(acuvim_ii())
    async with b.live():
        assert b.gateways._open
    assert not b.gateways._open
    await asyncio.sleep(0)
