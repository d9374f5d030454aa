"""A Fronius device among others on its gateway: who answers, whose meter it is, what is silent."""

import pytest

from collector.errors import BadDevice, NotConnected, WrongDevice
from collector.model.kinds import AssetStatus
from collector.sources.modbus.errors import NoAnswer
from tests.modbus import fronius_map as fm
from tests.modbus.fronius_bench import Bench
from tests.support.modbus import Unit


@pytest.fixture
def bench(modbus):
    """Makes a bench around units by unit id."""

    async def make(units, **more):
        return Bench(await modbus(units), **more)

    return make


async def test_silence_of_everything_is_an_error(bench):
    """When nothing answers, the supervisor has to hear of it."""
    b = await bench({1: Unit.dead(), 200: Unit.dead(), 240: Unit.dead()}, timeout_s=0.1)
    with pytest.raises(NoAnswer, match="unit 1 gave no answer"):
        await b.source.run(b.image, lambda: None)


async def test_no_server_is_an_error(bench):
    """A host that refuses is not asleep."""
    b = await bench({1: fm.unit(fm.inverter_int())})
    await b.server.stop()
    with pytest.raises(NotConnected, match="refuses"):
        await b.source.run(b.image, lambda: None)


async def test_a_dead_meter_does_not_hurt_the_inverter(bench):
    """The meter falls silent: it is gone with a reason, the inverter goes on, and it comes back."""
    meter = fm.smart_meter()
    b = await bench({1: fm.unit(fm.inverter_int()), 200: meter}, timeout_s=0.1)
    async with b.live("", "meter") as run:
        meter.delay_s = 600
        await run.until(lambda: not b.image.roles["meter"].present)
        assert "unit 200 gave no answer" in b.image.roles["meter"].absence
        polls = b.image.messages
        await run.until(lambda: b.image.messages > polls + 3)
        assert b.image.roles[""].present
        meter.delay_s = 0
        await run.until(lambda: b.image.roles["meter"].present)


async def test_dead_meter_ids_do_not_hurt_the_inverter(bench):
    """Without a meter, unit ids that stay silent only cost their search."""
    b = await bench(
        {1: fm.unit(fm.inverter_int()), 200: Unit.dead(), 240: Unit.dead()}, timeout_s=0.1
    )
    async with b.live() as run:
        polls = b.image.messages
        await run.until(lambda: b.image.messages > polls + 20)
        assert "meter" not in b.image.roles
        assert not run.task.done()


async def test_another_inverter_at_the_address_is_wrong(bench):
    """After a reconnect another serial answers: WrongDevice, and nothing of it is used."""
    b = await bench({1: fm.unit(fm.inverter_int())})
    async with b.live() as run:
        await b.server.stop()
        b.server.units[1] = fm.unit(fm.inverter_int(watts=1), serial="OTHER")
        await b.server.start()
        with pytest.raises(WrongDevice):
            await run.until(lambda: False)
        assert b.values()["pv_power_w"] == 5000.0


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        (fm.inverter_int(), {(40051, 70)}),
        (fm.inverter_float(), {(40051, 80)}),
        (fm.meter_int(), {(40051, 125)}),
        (fm.meter_float(), {(40051, 124), (40175, 20)}),
    ],
)
async def test_the_serial_is_read_with_the_values(bench, model, asked):
    """Who answers is read in the very request that the values come with, and costs none more."""
    unit = fm.unit(model)
    b = await bench({1: unit})
    async with b.live() as run:
        unit.asked.clear()
        await b.polls(run, 3)
        assert set(unit.asked) == asked


async def test_a_gateway_that_mixes_up_its_units(bench):
    """Answers of another unit on a standing connection are no values of this one; and when it goes
    on, another device stands there."""
    unit = fm.unit(fm.inverter_int(), fm.status(99_000_123))
    other = fm.unit(fm.inverter_int(watts=777), fm.status(99_000_500), serial="OTHER").registers
    b = await bench({1: unit})
    async with b.live() as run:
        unit.answers = [other]
        await run.until(lambda: b.image.drops.get("another's answer"))
        await b.polls(run, 3)
        assert b.values()["pv_power_w"] == 5000.0
        assert b.counters()["pv_energy_kwh"][0] == 99_000.123
        unit.registers = dict(other)
        with pytest.raises(WrongDevice):
            await run.until(lambda: False)
        assert b.values()["pv_power_w"] == 5000.0


async def test_two_devices_do_not_share_a_meter(modbus):
    """Of two inverters on one Datamanager only one gets the meter."""
    server = await modbus({
        1: fm.unit(fm.inverter_int(), serial="A"), 2: fm.unit(fm.inverter_int(), serial="B"),
        240: fm.smart_meter(),
    })  # fmt: skip
    one = Bench(server, "d1", unit=1)
    two = Bench(server, "d2", unit=2, gateways=one.gateways)
    async with one.live("", "meter"), two.live() as run:
        await two.polls(run, 30)
        assert "meter" not in two.image.roles
    async with two.live() as run:  # the first one is not running: it is still its meter
        await two.polls(run, 60)
        assert "meter" not in two.image.roles


async def test_a_meter_stays_whose_it_was(modbus):
    """Over a restart of the collector a shared meter stays the same device's, whichever inverter
    is faster: its energy never changes its name."""
    server = await modbus({
        1: fm.unit(fm.inverter_int(), serial="A"), 2: fm.unit(fm.inverter_int(), serial="B"),
        240: fm.smart_meter(),
    })  # fmt: skip
    one = Bench(server, "d1", unit=1)
    async with one.live("", "meter"):
        pass
    again = Bench(server, "d1", unit=1, site=one.site)
    two = Bench(server, "d2", unit=2, gateways=again.gateways)
    server.units[1].delay_s = 0.05
    async with two.run() as run, again.live("", "meter"):
        await run.until(lambda: two.heard(""))
        await two.polls(run, 30)
        assert "meter" not in two.image.roles


async def test_a_meter_with_an_entry_of_its_own_is_no_inverters(modbus):
    """Where the registry names the meter's unit, the inverter beside it leaves it alone, also
    while that entry cannot be read."""
    meter = fm.smart_meter()
    server = await modbus({1: fm.unit(fm.inverter_int()), 240: meter})
    inverter = Bench(server, "d1")
    own = Bench(server, "m1", unit=240, gateways=inverter.gateways)
    async with inverter.live() as run:
        await inverter.polls(run, 60)
        assert "meter" not in inverter.image.roles
        async with own.live():
            assert own.values()["grid_power_w"] == -1234.0


async def test_a_sleeper_lives_by_its_neighbours_answers(modbus):
    """Two inverters, one meter: the one that is silent at night sleeps as long as the gateway
    answers the other one, whose meter it is."""
    silent = fm.unit(fm.inverter_int(watts=0, state=2), serial="B")
    server = await modbus({
        1: fm.unit(fm.inverter_int(), serial="A"), 2: silent, 240: fm.smart_meter(),
    })  # fmt: skip
    one = Bench(server, "d1", unit=1, timeout_s=0.6)
    two = Bench(server, "d2", unit=2, gateways=one.gateways, timeout_s=0.6)
    async with one.live("", "meter"), two.live() as run:
        silent.delay_s = 600
        await run.until(lambda: two.values()["voltage_v.L1"] is None)
        for _ in range(3):
            heard = two.image.roles[""].heard_s
            two.site.tick(5)
            await run.until(lambda was=heard: two.image.roles[""].heard_s > was)
            assert two.asset("d2").status is AssetStatus.LIVE


async def test_one_inverter_under_two_unit_ids_is_read_once(modbus):
    """A second unit id with the same serial is refused, and says who reads it."""
    unit = fm.unit(fm.inverter_int())
    server = await modbus({1: unit, 2: fm.unit(fm.inverter_int())})
    one = Bench(server, "d1", unit=1)
    two = Bench(server, "d2", unit=2, gateways=one.gateways)
    async with one.live():
        with pytest.raises(BadDevice, match="device d1 reads already"):
            await two.source.run(two.image, lambda: None)
        assert not two.image.roles[""].cells
