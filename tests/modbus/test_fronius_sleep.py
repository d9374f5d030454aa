"""An inverter at night: asleep with 0 W where that is known, and never live where it is not."""

import pytest
from pymodbus.constants import ExcCodes

from collector.errors import NotConnected
from collector.model.kinds import AssetKind, AssetStatus
from collector.sources.fronius import Place
from collector.sources.modbus.errors import NoAnswer
from collector.sources.modbus.poll import LONGEST_SILENCE_S
from tests.modbus import fronius_map as fm
from tests.modbus.fronius_bench import Bench
from tests.modbus.live import raw

# The bench's clock begins on 2026-05-28 at 20:26 UTC: dark at one place, noon at the other.
NIGHT, DAY = Place(0.0, 0.0), Place(33.0, -120.0)
TIMEOUT_S = 0.6
"""Long enough that a unit that answers is in time on a busy machine."""
OUT = ExcCodes.GATEWAY_NO_RESPONSE


@pytest.fixture
def bench(modbus):
    """Makes a bench around units by unit id."""

    async def make(units, **more):
        more.setdefault("timeout_s", TIMEOUT_S)
        return Bench(await modbus(units), **more)

    return make


def dusk(**more):
    """An inverter that says SLEEPING with no power."""
    return fm.unit(fm.inverter_int(watts=0, state=2), fm.status(99_000_123), **more)


def sleeps(b):
    """The asset `d1` at a fresh tick is live with 0 W and says that it is asleep."""
    asset = b.asset()
    assert asset.status is AssetStatus.LIVE, asset
    assert asset.readings["pv_power_w"].value == 0.0
    assert asset.readings["pv_state"].value == 1
    assert any(note.startswith("Asleep, 0 W") for note in asset.notes)
    total = b.site.taken.totals["pv_power_w"]
    assert (total.value, total.partial) == (0.0, False)
    return asset


async def test_switched_off_after_it_rested(bench):
    """Exception 11 after SLEEPING is sleep: live with 0 W, nothing else known, its energy kept, no
    total waits for it; and it wakes by itself."""
    inverter = dusk()
    b = await bench({1: inverter})
    async with b.live() as run:
        assert b.asset().readings["voltage_v.L1"].value == 230.0
        inverter.exception = OUT
        await run.until(lambda: b.values()["voltage_v.L1"] is None)
        for _ in range(20):
            await b.polls(run)
            asset = sleeps(b)
        assert asset.readings["frequency_hz"].value is None
        assert asset.readings["pv_energy_kwh"].value == 0.0
        assert ("fronius_inverter_w", "") not in raw(b.site)
        assert not b.site.taken.today["pv_energy_kwh"].partial
        inverter.exception = None
        inverter.put(40069, fm.inverter_int(watts=700))
        inverter.put(40121, fm.status(99_001_123))
        await run.until(lambda: b.values()["pv_power_w"] == 700.0)
        asset = b.asset()
        assert asset.notes == ()
        assert asset.readings["pv_energy_kwh"].value == pytest.approx(1.0)


async def test_fading_light_is_rest(bench):
    """So is exception 11 after a producing inverter had faded to less than 1 % of its rating."""
    inverter = fm.unit(fm.inverter_int(watts=90, state=4), fm.nameplate(10_000))
    b = await bench({1: inverter})
    async with b.live() as run:
        inverter.exception = OUT
        await run.until(lambda: b.values()["voltage_v.L1"] is None)
        sleeps(b)


async def test_cut_off_while_it_produces(bench):
    """Exception 11 in the middle of production is no sleep, for the cable of the ring may be
    pulled: the asset is gone with the reason, and totals wait for it; its meter goes on."""
    inverter = fm.unit(fm.inverter_int())
    b = await bench({1: inverter, 240: fm.smart_meter()}, place=DAY)
    async with b.live("", "meter") as run:
        inverter.exception = OUT
        await run.until(lambda: not b.image.roles[""].present)
        await b.polls(run, 5)
        asset = b.asset()
        assert asset.status is AssetStatus.LOST
        assert asset.reason.startswith("out of reach: ")
        assert "does not answer its gateway" in asset.reason
        assert b.site.taken.totals["pv_power_w"].partial
        assert b.site.asset("d1.meter").status is AssetStatus.LIVE
        assert ("fronius_inverter_w", "") not in raw(b.site)
        inverter.exception = None
        await run.until(lambda: b.image.roles[""].present)
        assert b.asset().status is AssetStatus.LIVE


async def test_night_falls_on_one_that_was_cut_off(bench):
    """Once it is dark an inverter that was cut off by day is asleep, and at no tick on the way is
    the power of the day shown as live."""
    inverter = fm.unit(fm.inverter_int())
    b = await bench({1: inverter}, place=DAY)
    async with b.live() as run:
        inverter.exception = OUT
        await run.until(lambda: not b.image.roles[""].present)

        def dark():
            b.time.now += 60
            asset = b.asset()
            power = asset.readings["pv_power_w"].value
            assert asset.status is not AssetStatus.LIVE or power == 0.0
            return asset.status is AssetStatus.LIVE

        await run.until(dark)
        sleeps(b)


async def test_the_sun_ends_the_belief(bench):
    """An inverter that rested in the evening and still is not reached when the sun stands high is
    not called asleep any more."""
    inverter = dusk()
    b = await bench({1: inverter}, place=Place(0.0, 0.0))
    async with b.live() as run:
        inverter.exception = OUT
        await run.until(lambda: b.values()["voltage_v.L1"] is None)
        sleeps(b)
        b.time.now += 12 * 3600  # 08:26 in the morning
        await run.until(lambda: not b.image.roles[""].present)
        assert b.asset().status is AssetStatus.LOST


@pytest.mark.parametrize(("place", "live"), [(NIGHT, True), (DAY, False), (None, False)])
async def test_started_beside_one_that_is_off(bench, place, live):
    """A collector that starts beside an inverter that is off knows that it sleeps only if it is
    dark there; its meter is read in any case, and the inverter is found when it wakes."""
    inverter = fm.unit(fm.inverter_int())
    inverter.exception = OUT
    b = await bench({1: inverter, 240: fm.smart_meter()}, place=place)
    async with b.live("meter") as run:
        assert run.ready
        if live:
            sleeps(b)
        else:
            assert b.asset().status is not AssetStatus.LIVE
        assert b.image.identity is None
        inverter.exception = None
        await run.until(lambda: b.image.identity and b.heard(""))
        await run.until(lambda: b.values()["pv_power_w"] == 5000.0)


async def test_a_restart_at_night_keeps_the_register(bench):
    """A night that begins with the energy register unknown does not cost the energy of the day:
    in the morning the register is counted on from where it stood."""
    inverter = dusk()
    b = await bench({1: inverter}, place=NIGHT)
    async with b.live() as run:
        b.asset()
        inverter.exception = OUT
        await run.until(lambda: b.values()["voltage_v.L1"] is None)
    async with b.live() as run:
        for _ in range(100):
            await b.polls(run)
            asset = sleeps(b)
        assert asset.readings["pv_energy_kwh"].value == 0.0
        inverter.exception = None
        inverter.put(40121, fm.status(99_002_123))
        await run.until(b.counters)
        assert b.asset().readings["pv_energy_kwh"].value == pytest.approx(2.0)


async def test_silent_beside_its_meter_after_it_rested(bench):
    """Some Datamanagers stay silent for an inverter that is off: it sleeps while its meter, on the
    same connection, answers; not a moment longer."""
    inverter, meter = dusk(), fm.smart_meter()
    b = await bench({1: inverter, 240: meter})
    async with b.live("", "meter") as run:
        inverter.delay_s = 600
        await run.until(lambda: b.values()["voltage_v.L1"] is None)
        for _ in range(15):
            await b.polls(run)
            sleeps(b)
        meter.delay_s = 600
        with pytest.raises(NoAnswer):
            await run.until(lambda: b.site.tick(1) and False)
    b.site.tick(LONGEST_SILENCE_S + 1)
    assert b.site.asset("d1").status is not AssetStatus.LIVE
    assert b.site.asset("d1").notes == ()


async def test_silent_beside_its_meter_by_day(bench):
    """An inverter that falls silent while it delivers is gone, though its meter answers."""
    inverter = fm.unit(fm.inverter_int())
    b = await bench({1: inverter, 240: fm.smart_meter()})
    async with b.live("", "meter") as run:
        inverter.delay_s = 600
        await run.until(lambda: not b.image.roles[""].present)
        assert b.asset().status is AssetStatus.LOST
        assert "gave no answer" in b.site.asset("d1").reason
        inverter.delay_s = 0
        await run.until(lambda: b.image.roles[""].present)


async def test_a_pulled_cable_is_no_sleep(bench):
    """Inverter and meter falling silent together is an error, however they rested."""
    inverter, meter = dusk(), fm.smart_meter()
    b = await bench({1: inverter, 240: meter}, place=NIGHT)
    async with b.live("", "meter") as run:
        inverter.delay_s = meter.delay_s = 600
        with pytest.raises(NoAnswer):
            await run.until(lambda: False)
        assert b.asset().notes == ()


async def test_a_gateway_that_is_gone_is_no_sleep(bench):
    """Nobody at the address of a GEN24, which stays up, is an error, also at night."""
    b = await bench({1: dusk()}, place=NIGHT)
    async with b.live() as run:
        await b.server.stop()
        with pytest.raises(NotConnected):
            await run.until(lambda: False)


@pytest.mark.parametrize("resting", [True, False])
async def test_values_that_are_all_missing(bench, resting):
    """A gateway that answers *not available* for everything: sleep after rest, else no sign of
    life, with the reason counted."""
    state, watts = (2, 0.0) if resting else (4, 5000.0)
    inverter = fm.unit(fm.inverter_float(watts=watts, state=state))
    b = await bench({1: inverter, 240: fm.smart_meter()})
    async with b.live("", "meter") as run:
        inverter.put(40069, fm.nothing_float())
        if resting:
            await run.until(lambda: b.values()["voltage_v.L1"] is None)
            sleeps(b)
            return
        await run.until(lambda: b.image.drops.get("no values", 0) >= 3)
        b.site.tick(LONGEST_SILENCE_S + 1)
        await b.polls(run, 4)
        assert b.asset().status is AssetStatus.STALE
        assert b.site.asset("d1.meter").status is AssetStatus.LIVE


async def test_a_path_that_is_closed_is_no_sleep(bench):
    """Exception 10 is a gateway without a way to the unit, not an inverter that is off."""
    inverter = dusk()
    b = await bench({1: inverter}, place=NIGHT)
    async with b.live() as run:
        inverter.exception = ExcCodes.GATEWAY_PATH_UNAVIABLE
        await run.until(lambda: not b.image.roles[""].present)
        assert b.asset().status is AssetStatus.LOST


async def test_a_meter_never_sleeps(bench):
    """A meter behind a dark Datamanager is gone, whatever the sun does: grids do not set."""
    meter = fm.smart_meter()
    b = await bench({240: meter}, unit=240, place=NIGHT, asset_kind=AssetKind.PV)
    async with b.live() as run:
        meter.exception = OUT
        await run.until(lambda: not b.image.roles[""].present)
        assert b.asset().status is AssetStatus.LOST


@pytest.mark.parametrize("code", [ExcCodes.DEVICE_FAILURE, ExcCodes.DEVICE_BUSY])
async def test_a_broken_inverter_does_not_hurt_its_meter(bench, code):
    """An inverter that only refuses is gone with the reason; its meter is read all the while, from
    the start too."""
    inverter = fm.unit(fm.inverter_int())
    inverter.exception = code
    b = await bench({1: inverter, 200: fm.smart_meter()})
    async with b.live("meter") as run:
        await b.polls(run, 10)
        assert b.asset("d1.meter").status is AssetStatus.LIVE
        assert ("busy" if code == 6 else "has a fault") in b.site.asset("d1").reason
        inverter.exception = None
        await run.until(lambda: b.heard(""))


SYMO = "Symo 12.5-3-M"


async def test_off_the_network_in_the_dark(bench):
    """A Datamanager without night mode is gone from the network after dusk: its inverter is asleep
    with 0 W, no total waits for it, its meter is lost; and it is found again."""
    b = await bench({1: dusk(md=SYMO), 240: fm.smart_meter()}, place=NIGHT)
    async with b.live("", "meter") as run:
        await b.server.stop()
        await run.until(lambda: b.values()["voltage_v.L1"] is None)
        b.site.tick(LONGEST_SILENCE_S + 1)
        await run.until(lambda: b.image.roles[""].heard_s == b.site.now_s)
        asset = sleeps(b)
        assert any("off the network in the dark" in note for note in asset.notes)
        assert b.asset("d1.meter").status is not AssetStatus.LIVE
        await b.server.start()
        await run.until(lambda: b.values()["voltage_v.L1"] == 230.0)
        assert b.asset().notes == ()


async def test_still_off_the_network_at_dawn(bench):
    """When the sun stands high enough an inverter that is still off the network is an error."""
    b = await bench({1: dusk(md=SYMO), 240: fm.smart_meter()}, place=NIGHT)
    async with b.live("", "meter") as run:
        await b.server.stop()
        await run.until(lambda: b.values()["voltage_v.L1"] is None)
        sleeps(b)
        with pytest.raises(NotConnected):
            await run.until(lambda: False)


@pytest.mark.parametrize(("watts", "state", "place"), [(0, 2, DAY), (0, 2, None), (5000, 4, NIGHT)])
async def test_off_the_network_otherwise(bench, watts, state, place):
    """By day, without a position, or cut off while it delivered, nobody at the address is an
    error."""
    model = fm.inverter_int(watts=watts, state=state)
    b = await bench({1: fm.unit(model, md=SYMO), 240: fm.smart_meter()}, place=place)
    async with b.live("", "meter") as run:
        await b.server.stop()
        with pytest.raises(NotConnected):
            await run.until(lambda: False)


async def test_an_address_that_was_never_right(bench):
    """Nobody who was ever met there: at night too that is an error."""
    b = await bench({1: dusk(md=SYMO)}, place=NIGHT)
    await b.server.stop()
    with pytest.raises(NotConnected):
        await b.source.run(b.image, lambda: None)
