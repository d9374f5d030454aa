"""Which meter it is, and the ones that are no ACUVIM II: by their own maps over TCP."""

import pytest
from pymodbus.constants import ExcCodes

from collector.errors import BadDevice
from collector.model.kinds import AssetKind, LinkType
from collector.model.series import decode_series
from collector.sources.fronius.models import LAYOUTS
from collector.sources.modbus.sunspec import decode
from collector.sources.modbus.words import as_bytes
from tests.modbus import fronius_map as fronius
from tests.modbus.acuvim_bench import TRUTH, approx
from tests.modbus.acuvim_map import (
    PHASE_ENERGIES,
    P,
    acudc,
    acurev,
    acuvim_ii,
    acuvim_l,
    put_channel,
    put_phases,
)
from tests.modbus.live import raw, values
from tests.support.modbus import Unit, ascii_words, common_model, sunspec_map, u32

WAYS = ("import", "export")
PHASE_NAMES = [f"{kind}{n}_{way}" for kind in ("ep", "eq") for n in "123" for way in WAYS]


async def test_an_l_that_also_answers_the_ii_is_read_as_l(bench):
    """Some L answer at 0x4000 too, but not with the settings of an II: then its own map counts."""
    unit = acuvim_l()
    unit.registers |= {a: w for a, w in acuvim_ii(serial="").registers.items() if a >= 0x4000}
    b = await bench(unit)
    async with b.live():
        assert b.image.roles[""].asset.model == "Acuvim L"
        assert values(b.site)["load_power_w"] == approx(sum(P))


@pytest.mark.parametrize("model", ["CL", "Acuvim-CL", ""])
async def test_a_cl_is_what_the_probe_says(bench, model):
    """A CL has the II's map or the L's; the registry's word for it decides nothing."""
    for unit, family in ((acuvim_ii(serial=""), "Acuvim II"), (acuvim_l(), "Acuvim L")):
        b = await bench(unit, model=model)
        async with b.live():
            assert b.image.roles[""].asset.model == family


async def test_energies_of_each_phase_are_raw_series(bench):
    """Per-phase energies and current demands are read once a minute, with the meter's factors."""
    unit = acuvim_ii(mode=0)
    put_phases(unit, ct=200.0)
    b = await bench(unit)
    async with b.live() as run:
        found = raw(b.site)
        assert found["acuvim_i2_demand", ""] == approx(50.0)
        told = [found[f"acuvim_{name}", ""] for name in PHASE_NAMES]
        assert told == approx([count / 10 for count in PHASE_ENERGIES])
        assert found["acuvim_es3", ""] == approx(400.2)
        unit.asked.clear()
        await run.until(lambda: (0x4620, 30) in unit.asked)
        assert 55 <= unit.asked.count((0x4000, 98)) <= 65


async def test_energies_of_each_phase_of_an_l(bench):
    """The L has them elsewhere, and its demands."""
    b = await bench(acuvim_l())
    async with b.live():
        found = raw(b.site)
        assert found["acuvim_ep1_import", ""] == approx(300.0)
        assert found["acuvim_eq3_export", ""] == approx(301.1)
        assert found["acuvim_p_demand", ""] == approx(33_000.0)


async def test_without_energies_of_each_phase_all_else_goes_on(bench):
    """A model that lacks them is asked twice at once and no more; nothing is counted as missing."""
    unit = acuvim_ii()
    put_phases(unit)
    unit.refuse[0x4620] = ExcCodes.ILLEGAL_ADDRESS
    b = await bench(unit)
    async with b.live() as run:
        await b.polls(run, 130)
        assert unit.asked.count((0x4620, 30)) == 2
        assert not b.image.drops


async def test_the_ct_bounds_what_energy_can_do(bench):
    """Without a rating in the registry, CT primary × nominal voltage is the asset's bound."""
    unit = acuvim_ii()
    b = await bench(unit)
    async with b.live() as run:
        ratings = b.image.roles[""].asset.ratings
        assert (ratings.ct_primary_a, ratings.nominal_v) == (1000, 230.0)
        b.site.tick()
        unit.put(0x4048, u32(1_234_567 + 500))
        await b.polls(run, 2)
        b.site.tick()
        (counter,) = b.site.site.counters.values()
        assert counter.total == 0.0


# -- identity without a WEB module ---------------------------------------------------------------


async def test_the_serial_of_firmware_three(bench):
    """Where the firmware tells a serial number, it proves the meter without a WEB module."""
    unit = acuvim_ii(serial="")
    unit.put(61504, ascii_words("AH19040551", 6))
    b = await bench(unit)
    async with b.live():
        assert b.image.identity.serial == "AH19040551"
        assert b.image.roles[""].counters["load_energy_kwh"].unit == "AH19040551"


@pytest.mark.parametrize("words", [[0] * 6, [0xFFFF] * 6, ascii_words("hello", 6)])
async def test_what_is_no_serial_is_none(bench, words):
    """Other bytes at that place make no identity."""
    unit = acuvim_ii(serial="")
    unit.put(61504, words)
    b = await bench(unit)
    async with b.live():
        assert b.image.identity is None


async def test_a_meter_that_cannot_bear_the_question_is_read(bench):
    """A meter that is busy whenever it is asked for that serial is asked twice, then read."""
    unit = acuvim_ii(serial="")
    unit.put(61504, [0] * 6)
    unit.refuse[61504] = ExcCodes.DEVICE_BUSY
    b = await bench(unit)
    async with b.live() as run:
        await b.polls(run, 3)
        assert b.image.identity is None
        assert unit.asked.count((61504, 6)) == 2
        assert values(b.site)["load_power_w"] == approx(sum(P))


# -- AcuRev --------------------------------------------------------------------------------------


async def test_an_acurev_is_found_and_read(bench):
    """The mains of an AcuRev by its own block; its energy is the integral of the power."""
    b = await bench(acurev())
    async with b.live():
        got = values(b.site)
        assert {k: got[k] for k in TRUTH} == approx(TRUTH)
        assert b.image.roles[""].asset.model == "AcuRev 2000"
        assert not b.image.roles[""].counters
        for _ in range(3):
            b.site.tick()
        (counter,) = b.site.site.counters.values()
        assert counter.total == approx(2 * sum(P) / 3.6e6)


async def test_channels_in_use_are_assets(bench):
    """A channel that carries current is an asset behind the mains, for good; an empty one is raw
    series only."""
    unit = acurev(used={2: 3_000.0, 11: 1_500.0})
    b = await bench(unit)
    async with b.live() as run:
        assert b.image.roles.keys() == {"", "ch2", "ch11"}
        got = values(b.site, "ch2")
        assert got["load_power_w"] == approx(3_000.0)
        assert got["power_factor"] == approx(0.9)
        link = b.image.links["ch11", "", LinkType.BEHIND]
        assert link.quantities == {"load_power_w", "load_energy_kwh"}
        series = [decode_series(one) for one in b.image.raw]
        channels = {labels["channel"] for name, labels in series if name == "acuvim_channel_p"}
        assert channels == {str(n) for n in range(1, 19)}
        put_channel(unit, 2, 0.0)
        put_channel(unit, 5, 700.0)
        await b.polls(run, 2)
        assert values(b.site, "ch2")["load_power_w"] == 0.0
        assert values(b.site, "ch5")["load_power_w"] == approx(700.0)
        assert "ch1" not in b.image.roles


async def test_a_channel_that_was_used_stays_after_a_restart(bench):
    """What has carried current once is an asset of the device from the first poll on."""
    unit = acurev(used={3: 900.0})
    b = await bench(unit)
    async with b.live():
        assert "ch3" in b.image.roles
    put_channel(unit, 3, 0.0)
    async with b.live():
        assert values(b.site, "ch3")["load_power_w"] == 0.0


@pytest.mark.parametrize("channels", [0, 1, 4, 9, 12])
async def test_an_acurev_with_fewer_channels(bench, channels):
    """As many channels as there are, looked for once."""
    unit = acurev(channels, used=dict.fromkeys(range(1, channels + 1), 500.0))
    b = await bench(unit)
    async with b.live() as run:
        assert len(b.image.roles) == 1 + channels
        unit.asked.clear()
        await b.polls(run, 3)
        nines, rest = divmod(channels, 9)
        assert len(set(unit.asked)) == 1 + nines + rest // 3 + rest % 3


async def test_channels_behind_a_generator_are_loads(bench):
    """On a generator's AcuRev the channels are loads, and no part of what is generated."""
    b = await bench(acurev(used={1: 900.0}), asset_kind=AssetKind.GENERATOR)
    async with b.live():
        assert b.image.roles["ch1"].asset.kind is AssetKind.LOAD
        assert not b.image.links


async def test_dead_values_are_no_acurev(bench):
    """Zeros alone are no AcuRev: nothing else tells that it is one."""
    unit = acurev()
    unit.put(0x2000, [0] * 60)
    b = await bench(unit)
    with pytest.raises(BadDevice, match="nor as AcuRev"):
        await b.source().run(b.image, lambda: None)


# -- AcuRev 1300 ---------------------------------------------------------------------------------


async def test_an_acurev_1300_is_read_by_its_sunspec_model(bench):
    """The chain at 4096: identity, powers, energies in kWh with their rollover."""
    common = common_model("Accuenergy", "AcuRev 1312", "", "1.05", "AR13000001")
    meter = fronius.meter_int(imported=500_000)
    b = await bench(Unit(sunspec_map(4096, common, meter)))
    async with b.live() as run:
        assert b.image.identity.serial == "AR13000001"
        assert b.image.roles[""].asset.model == "AcuRev 1312"
        got = values(b.site)
        truth = decode(LAYOUTS[meter[0]], as_bytes(meter)).values
        assert got["load_power_w"] == approx(truth["W"])
        assert got["voltage_v.L1"] == approx(truth["PhVphA"])
        counter = b.image.roles[""].counters["load_energy_kwh"]
        assert counter.raw == approx(500.0)
        assert counter.unit == "AR13000001"
        await b.polls(run, 3)
        assert not b.image.drops


async def test_another_makers_sunspec_at_that_place_is_refused(bench):
    """A SunSpec device of somebody else is named, and not read."""
    common = common_model("Somebody", "Meter", "", "1", "X1")
    b = await bench(Unit(sunspec_map(4096, common, fronius.meter_int())))
    with pytest.raises(BadDevice, match="Somebody Meter"):
        await b.source().run(b.image, lambda: None)


# -- AcuDC ---------------------------------------------------------------------------------------


async def test_an_acudc_at_a_battery(bench):
    """kW become W, hundredths become kWh; what the meter imports charges the battery."""
    b = await bench(acudc(), model="AcuDC 240", asset_kind=AssetKind.BESS)
    async with b.live():
        got = values(b.site)
        assert got["battery_power_w"] == approx(-5_200.0)
        assert got["battery_voltage_v"] == approx(52.0)
        assert got["battery_current_a"] == approx(-100.0)
        told = {name: c.raw for name, c in b.image.roles[""].counters.items()}
        assert told == approx({"battery_charged_kwh": 12.34, "battery_discharged_kwh": 5.67})


async def test_an_acudc_measures_no_grid(bench):
    """What a DC meter cannot measure is refused with what to write."""
    b = await bench(acudc(), model="AcuDC", asset_kind=AssetKind.GRID)
    with pytest.raises(BadDevice, match="load, pv or bess"):
        await b.source().run(b.image, lambda: None)
