"""A hybrid inverter's battery: an asset of its own beside the sun."""

import pytest

from collector.model.kinds import AssetKind, AssetStatus
from tests.modbus import fronius_map as fm
from tests.modbus.fronius_bench import Bench


@pytest.fixture
def bench(modbus):
    """Makes a bench around units by unit id."""

    async def make(units, **more):
        return Bench(await modbus(units), **more)

    return make


async def test_a_battery_beside_the_sun(bench):
    """A hybrid's battery is a bess of its own, + charging, and what it takes is added to the solar
    power of the inverter."""
    model = fm.inverter_int(watts=1700)
    b = await bench({1: fm.unit(model, fm.mppt(*fm.HYBRID), fm.storage())}, name="pv-1")
    async with b.live("", "battery"):
        got = b.values("battery")
        assert got["battery_soc_pct"] == 55.5  # ChaState 5550 · 10^-2
        assert got["battery_power_w"] == 2000.0
        assert got["battery_current_a"] == 5.0
        assert got["battery_voltage_v"] == 400.0
        assert got["battery_state"] == 1  # ChaSt 4
        assert b.values()["pv_power_w"] == 3700.0
        assert not [key for key in b.values() if key.startswith("battery")]
        told = b.counters("battery")
        assert told["battery_charged_kwh"][:3] == (300.0, "160.3.DCWH", "33411122")
        assert told["battery_discharged_kwh"][:2] == (250.0, "160.4.DCWH")
        asset = b.asset("pv-1.battery")
        assert (asset.kind, asset.status) == (AssetKind.BESS, AssetStatus.LIVE)
        assert b.site.taken.totals["battery_power_w"].value == 2000.0


async def test_a_discharging_battery_is_no_sun(bench):
    """At night the inverter's power is the battery's: no solar power is shown."""
    modules = (*fm.HYBRID[:2], ("StCha 3", 0, 0, 0, 1), ("StDisCha 4", 500, 4000, 2000, 1))
    model = fm.inverter_int(watts=1950)
    b = await bench({1: fm.unit(model, fm.mppt(*modules), fm.storage(state=3))})
    async with b.live("", "battery"):
        assert b.values("battery")["battery_power_w"] == -2000.0
        assert b.values("battery")["battery_state"] == 2
        assert b.values()["pv_power_w"] == 0.0


NAMELESS = tuple(("", amps, volts, watts, wh) for _, amps, volts, watts, wh in fm.HYBRID)


@pytest.mark.parametrize(
    ("modules", "first"),
    [
        (NAMELESS, 3),
        ((fm.HYBRID[0], *fm.HYBRID), 4),  # a Verto Plus: three trackers, the battery at 4 and 5
        ((NAMELESS[0], *NAMELESS), 4),
        ((*fm.HYBRID[2:], *fm.HYBRID[:2]), 1),
    ],
)
async def test_where_the_battery_stands(bench, modules, first):
    """The battery's two modules go by their names, and without names they are the last two: 3 and
    4 of a GEN24, 4 and 5 of a Verto Plus."""
    b = await bench({1: fm.unit(fm.inverter_int(), fm.mppt(*modules), fm.storage())})
    async with b.live("", "battery"):
        assert b.values("battery")["battery_power_w"] == 2000.0
        assert b.counters("battery")["battery_charged_kwh"][1] == f"160.{first}.DCWH"


@pytest.mark.parametrize("modules", [(), fm.HYBRID[:2]])
async def test_a_battery_without_modules_has_its_charge(bench, modules):
    """Where no module tells of the battery, its charge is known and its power is not."""
    blocks = [fm.mppt(*modules)] if modules else []
    b = await bench({1: fm.unit(fm.inverter_int(), *blocks, fm.storage())})
    async with b.live("", "battery"):
        assert b.values("battery") == {"battery_soc_pct": 55.5, "battery_state": 1}
        assert b.counters("battery") == {}


@pytest.mark.parametrize("w_cha_max", [0, fm.NA])
async def test_without_storage_there_is_no_battery(bench, w_cha_max):
    """WChaMax of 0 or not available: no battery is connected, whatever SOC says."""
    b = await bench({1: fm.unit(fm.inverter_int(), fm.mppt(*fm.HYBRID), fm.storage(w_cha_max))})
    async with b.live():
        assert list(b.image.roles) == [""]
        assert not [k for k in b.values() if k.startswith("battery")]


async def test_a_charge_without_scale_factor_is_unknown(bench):
    """The state of charge lives by its scale factor: without one 5550 is nothing."""
    storage = fm.storage()
    storage[22] = fm.NA_S
    b = await bench({1: fm.unit(fm.inverter_int(), fm.mppt(*fm.HYBRID), storage)})
    async with b.live("", "battery"):
        assert b.values("battery")["battery_soc_pct"] is None


async def test_a_battery_that_is_taken_away(bench):
    """A battery that the inverter has no more is gone with the reason; the inverter goes on, and
    so does the battery when it is back."""
    unit = fm.unit(fm.inverter_int(), fm.mppt(*fm.HYBRID), fm.storage())
    b = await bench({1: unit})
    at = 40069 + len(fm.inverter_int()) + len(fm.mppt(*fm.HYBRID))
    async with b.live("", "battery") as run:
        unit.put(at, fm.storage(0))
        await run.until(lambda: not b.image.roles["battery"].present)
        asset = b.asset("d1.battery")
        assert asset.status is AssetStatus.LOST
        assert "has no battery" in asset.reason
        assert b.site.asset("d1").status is AssetStatus.LIVE
        unit.put(at, fm.storage())
        await run.until(lambda: b.asset("d1.battery").status is AssetStatus.LIVE)


async def test_a_hybrid_that_the_registry_calls_a_bess(bench):
    """Where the main asset is a bess, the battery's readings are its own; what a bess cannot have
    is left out."""
    unit = fm.unit(fm.inverter_int(), fm.mppt(*fm.HYBRID), fm.storage())
    b = await bench({1: unit}, asset_kind=AssetKind.BESS)
    async with b.live():
        assert list(b.image.roles) == [""]
        assert b.values()["battery_power_w"] == 2000.0
        assert b.values()["pv_power_w"] == 7000.0
        assert "battery_charged_kwh" in b.counters()


async def test_dc_energy_never_counts_as_ac(bench):
    """With 160.DCWH alone there is no solar register: what flows on the DC side is 2 to 6 % more
    than what reaches the grid."""
    b = await bench({1: fm.unit(fm.inverter_int(wh=0), fm.mppt(*fm.HYBRID), fm.storage())})
    async with b.live("", "battery"):
        assert b.counters() == {}
        assert not [path for _, path, _, _ in b.counters("battery").values() if path == "160"]


async def test_steps_of_a_float_register(bench):
    """A float counts 48 MWh in steps of 4 Wh: the total follows in such steps and loses nothing."""
    unit = fm.unit(fm.inverter_float(wh=48_000_000.0))
    b = await bench({1: unit})
    async with b.live() as run:
        b.asset()
        for wh in range(48_000_001, 48_000_051, 7):
            unit.put(40069, fm.inverter_float(wh=float(wh)))
            await b.polls(run, 2)
            b.asset()
        assert b.asset().readings["pv_energy_kwh"].value == pytest.approx(0.050, abs=0.004)
