"""The simulated DSE controller, read with a plain pymodbus client: GenComm's pages are the plant's
values, and what it does not have is a sentinel or refused."""

from random import Random

import pytest

from collector.simulator.meters.dse import LOW_FUEL, SHUTDOWN, TRIP, Controller, dse
from collector.simulator.meters.point import Point
from collector.simulator.physics.direct import Village, VillageSpec
from collector.simulator.physics.genset import GensetSpec
from collector.simulator.physics.load import LoadSpec
from collector.simulator.physics.sun import Sun
from tests.simulator.test_modbus import Unit, serve

PHASES = (0, 1, 2)
FIRST_HOURS = 1234.0


class Set:
    """A generator with one load, stepped by hand, and its controller."""

    def __init__(self, *, running: bool = True, fuel_pct: float = 64.0) -> None:
        spec = GensetSpec(kva=60, running=running, first_hours=FIRST_HOURS, first_fuel_pct=fuel_pct)
        load = LoadSpec(base_w=21000, show_w=0)
        self.village = Village(VillageSpec(genset=spec, loads=(load,)), 1, "v")
        self.genset = self.village.genset
        self.point = Point(self.genset.flow, Random(1), 5000.0)
        self.controller = Controller(
            genset=self.genset, point=self.point, serial=123456789, first_starts=40
        )
        self.step(120)

    def step(self, seconds: int) -> None:
        for _ in range(seconds):
            self.village.step(1.0, 12.0, Sun(Random(2)))
            self.point.step(1.0)


async def s32(unit: Unit, address: int) -> int:
    """A signed double word, high word first."""
    value = await unit.u32(address)
    return value - (1 << 32) if value >> 31 else value


async def test_pages_are_the_plants_values() -> None:
    """Identity, engine, volts, amperes, watts, energy, hours and starts stand where GenComm has
    them, in its units."""
    plant = Set()
    genset, flow = plant.genset, plant.genset.flow
    async with serve({10: dse(plant.controller)}) as at:
        unit = at(10)
        assert await unit.words(768, 2) == [1, 32845]
        assert await unit.u32(770) == 123456789
        engine = await unit.words(1024, 8)
        volts = [await unit.u32(1032 + 2 * k) for k in PHASES]
        lines = [await unit.u32(1038 + 2 * k) for k in PHASES]
        amps = [await unit.u32(1044 + 2 * k) for k in PHASES]
        watts = [await s32(unit, 1052 + 2 * k) for k in PHASES]
        total = await s32(unit, 1536)
        (load,) = await unit.words(1558, 1)
        assert await unit.words(1408, 1) == [3]
        assert await unit.u32(1798) == int(FIRST_HOURS * 3600 + genset.run_s)
        assert await unit.u32(1800) == int(plant.point.energies()["imp"] * 10)
        assert await unit.u32(1808) == 40
    assert engine[0] == pytest.approx(genset.oil_kpa, abs=0.5)
    assert engine[1] == pytest.approx(genset.coolant_c, abs=0.5)
    assert engine[3] == pytest.approx(genset.fuel_pct, abs=0.5)
    assert engine[5:7] == [141, pytest.approx(genset.speed_rpm, abs=0.5)]
    assert engine[7] == pytest.approx(flow.bus.hz * 10, abs=0.5)
    assert volts == pytest.approx([u * 10 for u in flow.bus.u], abs=0.5)
    assert lines == pytest.approx([u * 10 for u in plant.point.line_to_line()], abs=0.5)
    assert amps == pytest.approx([flow.amps(k) * 10 for k in PHASES], abs=0.5)
    assert watts == pytest.approx(flow.p, abs=0.5)
    assert total == pytest.approx(flow.total_w, abs=0.5)
    assert load == pytest.approx(genset.load_pct * 10, abs=0.5)


async def test_what_it_does_not_have() -> None:
    """Mains and oil temperature are sentinels of their types; pages 8 and 16 are refused."""
    async with serve({10: dse(Set().controller)}) as at:
        unit = at(10)
        assert await unit.words(1026, 1) == [0x7FFF]
        assert await unit.words(1059, 1) == [0xFFFF]
        assert await unit.u32(1060) == 0xFFFFFFFF
        assert await s32(unit, 1560) == 0x7FFFFFFF
        assert await unit.refusal(2048, 2) == 2
        assert await unit.refusal(4096, 8) == 2
        answer = await unit.client.write_registers(4104, [35732, 29803], device_id=10)
        assert answer.exception_code == 1


async def test_named_alarms_are_packed_four_to_a_register() -> None:
    """A tank below 20 % is warning 22; states that a test sets stand above; the flags of page 3
    say of which severities there are any."""
    plant = Set(fuel_pct=12.5)
    plant.genset.fuel_l = 0.13 * plant.genset.spec.tank_l
    plant.controller.alarms = {0: SHUTDOWN, 7: TRIP}
    async with serve({10: dse(plant.controller)}) as at:
        words = await at(10).words(39424, 21)
        (flags,) = await at(10).words(774, 1)
    assert words[0] == 80
    nibbles = [word >> shift & 15 for word in words[1:] for shift in (12, 8, 4, 0)]
    assert {i: n for i, n in enumerate(nibbles) if n != 1} == {0: 3, 7: 4, LOW_FUEL: 2}
    assert flags == 0x0400 | 0x0800 | 0x1000


async def test_a_set_that_stands() -> None:
    """No speed, no volts, no hertz, state 0; its hours and energy stay."""
    plant = Set(running=False)
    async with serve({10: dse(plant.controller)}) as at:
        unit = at(10)
        assert (await unit.words(1024, 8))[6:] == [0, 0]
        assert await unit.u32(1032) == 0
        assert await unit.words(1408, 1) == [0]
        assert await unit.u32(1798) == int(FIRST_HOURS * 3600)
        assert await unit.u32(1800) == 50000
