"""Several smart meters behind one Fronius device, and one meter under several unit ids."""

import pytest

from collector.model.kinds import AssetKind, AssetStatus
from tests.modbus import fronius_map as fm
from tests.modbus.fronius_bench import Bench
from tests.support.sites import AssetSettings, Clocked


@pytest.fixture
def bench(modbus):
    """Makes a bench around units by unit id."""

    async def make(units, **more):
        return Bench(await modbus(units), **more)

    return make


def meter(serial, watts=-1234):
    """A smart meter of that serial."""
    return fm.smart_meter(fm.meter_int(watts=watts), serial=serial)


@pytest.mark.parametrize("base", [200, 240])
async def test_further_meters_are_found(bench, base):
    """Behind the primary meter at 200 or 240 further ones are read, each as an asset of its own: a
    load, with a hint, until the registry says what it measures. Only the primary is the grid."""
    b = await bench({
        1: fm.unit(fm.inverter_int()), base: meter("M-ONE"), base + 1: meter("M-TWO", 700),
        base + 2: meter("M-THREE", 300),
    })  # fmt: skip
    settings = {f"d1.meter-{base + 2}": AssetSettings(kind=AssetKind.GENERATOR)}
    b.site = Clocked(b.device, settings=settings)
    async with b.live("", "meter", f"meter-{base + 1}", f"meter-{base + 2}"):
        b.site.tick()
        kinds = {a.id: a.kind for a in b.site.taken.assets}
        assert kinds == {
            "d1": AssetKind.PV, "d1.meter": AssetKind.GRID,
            f"d1.meter-{base + 1}": AssetKind.LOAD,
            f"d1.meter-{base + 2}": AssetKind.GENERATOR,
        }  # fmt: skip
        assert b.values(f"meter-{base + 1}")["load_power_w"] == 700.0
        assert b.values(f"meter-{base + 2}")["generator_power_w"] == 300.0
        assert b.site.taken.totals["grid_power_w"].value == -1234.0
        hinted = [a.id for a in b.site.taken.assets if any("taken for" in n for n in a.notes)]
        assert hinted == [f"d1.meter-{base + 1}"]


async def test_one_meter_under_many_unit_ids_is_read_once(bench):
    """A gateway that answers for its meter at 200, 201 and 240 too has one meter, which counts
    once."""
    b = await bench({
        1: fm.unit(fm.inverter_int()), 200: meter("SAME"), 201: meter("SAME"), 240: meter("SAME"),
    })  # fmt: skip
    async with b.live("", "meter") as run:
        await b.polls(run, 200)
        assert set(b.image.roles) == {"", "meter"}
        b.site.tick()
        assert b.site.taken.totals["grid_power_w"].value == -1234.0
        assert b.site.taken.totals["grid_power_w"].counted == ("d1.meter",)


async def test_the_inverter_under_a_meters_unit_id_is_no_meter(bench):
    """Nor is the inverter itself that answers there too."""
    unit = fm.unit(fm.inverter_int())
    b = await bench({1: unit, 200: unit, 201: unit})
    async with b.live() as run:
        await b.polls(run, 100)
        assert set(b.image.roles) == {""}


async def test_a_further_meter_without_serial_is_left_out(bench):
    """Whether it is the first one again cannot be known: it is left out, counted."""
    b = await bench({1: fm.unit(fm.inverter_int()), 200: meter("M-ONE"), 201: meter("")})
    async with b.live("", "meter") as run:
        await run.until(lambda: b.image.drops.get("meter without serial"))
        assert set(b.image.roles) == {"", "meter"}


async def test_a_gap_between_meters(bench):
    """One unit id without a meter does not end the search."""
    b = await bench({1: fm.unit(fm.inverter_int()), 200: meter("M-ONE"), 202: meter("M-TWO")})
    async with b.live("", "meter", "meter-202"):
        assert b.image.pinned("meter_unit") == "200"
        assert b.image.pinned("meter_unit_202") == "202"


async def test_a_dead_primary_meter_keeps_its_name(bench):
    """The second meter never takes the name of the first, which is found when it is back."""
    primary = meter("M-ONE")
    primary.delay_s = 600
    b = await bench(
        {1: fm.unit(fm.inverter_int()), 200: primary, 201: meter("M-TWO", 500)}, timeout_s=0.1
    )
    async with b.live("", "meter-201") as run:
        assert b.values("meter-201")["load_power_w"] == 500.0
        assert "meter" not in b.image.roles
        primary.delay_s = 0
        await run.until(lambda: "meter" in b.image.roles and b.heard("meter"))
        assert b.asset("d1.meter").status is AssetStatus.LIVE


async def test_further_meters_stay_whose_they_were(modbus):
    """Over a restart of the collector each meter of a shared gateway stays the same device's."""
    server = await modbus({
        1: fm.unit(fm.inverter_int(), serial="A"), 2: fm.unit(fm.inverter_int(), serial="B"),
        240: meter("M-ONE"), 241: meter("M-TWO"),
    })  # fmt: skip
    one = Bench(server, "d1", unit=1)
    async with one.live("", "meter", "meter-241"):
        pass
    again = Bench(server, "d1", unit=1, site=one.site)
    two = Bench(server, "d2", unit=2, gateways=again.gateways)
    server.units[1].delay_s = 0.05
    async with two.run() as run, again.live("", "meter", "meter-241"):
        await run.until(lambda: two.heard(""))
        await two.polls(run, 30)
        assert set(two.image.roles) == {""}
