"""The simulated battery system with a plain register map, read with a plain pymodbus client."""

import struct

import pytest

from collector.simulator.meters.bess import System, generic_bess
from collector.simulator.physics.bess import Bess, Mode
from collector.simulator.physics.genset import GensetSpec
from tests.simulator.test_modbus import Unit, serve
from tests.simulator.test_physics import bess, run

PHASES = (0, 1, 2)


def on_grid() -> Bess:
    """A system on a feed with solar, run for an hour of a sunny day."""
    part = bess(grid_w=18000.0)
    run(part, 1.0)
    return part


async def s32(unit: Unit, address: int, count: int = 1) -> list[int]:
    """Signed double words, high word first."""
    words = await unit.words(address, 2 * count)
    return list(struct.unpack(f">{count}i", struct.pack(f">{2 * count}H", *words)))


async def test_powers_and_battery_are_the_plants() -> None:
    """Loads, feed, solar and battery in W with the signs of the map; battery values in tenths."""
    part = on_grid()
    async with serve({1: generic_bess(System(bess=part, serial="GP230017"))}) as at:
        unit = at(1)
        identity = struct.pack(">32H", *await unit.words(0, 32))
        load = await s32(unit, 100, 4)
        grid = await s32(unit, 108, 4)
        made, *_ = await s32(unit, 116)
        solar, battery = await s32(unit, 124, 2)
        volts = await unit.words(128, 3)
        hz, source, state = await unit.words(134, 3)
        cells = await unit.words(150, 10)
    assert identity[:13] == b"Generic Power"
    assert identity[32:40] == b"GP230017"
    assert identity[56:60] == b"BESS"
    assert load == pytest.approx([part.served.total_w, *part.served.p], abs=0.5)
    assert grid == pytest.approx([part.input.total_w, *part.input.p], abs=0.5)
    assert made == -0x80000000
    assert solar == pytest.approx(part.pv_dc_w, abs=0.5)
    assert battery == pytest.approx(part.battery.flow.w, abs=0.5)
    assert volts == pytest.approx([u * 10 for u in part.out_bus.u], abs=0.5)
    assert (source, state) == (1, 2)
    assert hz == pytest.approx(6000, abs=20)
    assert cells[0] == pytest.approx(part.battery.soc_pct * 10, abs=0.5)
    assert cells[2] == pytest.approx(part.battery.voltage_v * 10, abs=0.5)
    assert cells[3] == round(part.battery.current_a * 10) & 0xFFFF


async def test_energies_count_in_tenths_and_go_on_from_before() -> None:
    """Each register holds what it had at the start and the plant's energy; what the system has
    not is 0xFFFFFFFF."""
    part = on_grid()
    async with serve({1: generic_bess(System(bess=part, serial="1", first_kwh=700.0))}) as at:
        words = await at(1).words(200, 14)
    load, bought, sold, made, solar, charged, discharged = struct.unpack(
        ">7I", struct.pack(">14H", *words)
    )
    flow = part.battery.flow
    assert load == int(7000 + part.served.forward_wh / 100) > 7000
    assert bought == int(7000 + part.input.forward_wh / 100)
    assert sold == int(7000 + part.input.reverse_wh / 100)
    assert made == 0xFFFFFFFF
    assert solar == int(7000 + sum(m.forward_wh for m in part.mppts) / 100) > 7000
    assert charged == int(7000 + flow.forward_wh / 100)
    assert discharged == int(7000 + flow.reverse_wh / 100)


async def test_a_system_with_a_generator_that_is_off() -> None:
    """The generator's power is known, the feed's is not; switched off it says so."""
    part = bess(genset=GensetSpec(kva=30))
    part.mode = Mode.OFF
    run(part, 0.01)
    async with serve({1: generic_bess(System(bess=part, serial="1"))}) as at:
        unit = at(1)
        assert await s32(unit, 108, 4) == [-0x80000000] * 4
        assert await s32(unit, 116) == [0]
        assert (await unit.words(134, 3))[1:] == [0, 0]


async def test_alarms_and_refusals() -> None:
    """A low battery is bit 0 of the warnings; between the blocks there is nothing."""
    part = on_grid()
    part.battery.soc_pct = 6.0
    async with serve({1: generic_bess(System(bess=part, serial="1"))}) as at:
        assert await at(1).words(300, 4) == [0, 1, 0, 0]
        assert await at(1).refusal(32, 1) == 2
        assert await at(1).refusal(139, 2) == 2
        answer = await at(1).client.write_registers(100, [1], device_id=1)
        assert answer.exception_code == 1
