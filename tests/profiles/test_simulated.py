"""Profiles on the simulated devices: what is collected is what the plant does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from collector.model.assets import Device
from collector.model.kinds import DeviceKind
from collector.model.states import GENERATOR_STATE
from collector.simulator import truth
from collector.simulator.meters.bess import System, generic_bess
from collector.simulator.meters.dse import dse
from collector.simulator.meters.registers import Registers
from collector.simulator.physics.genset import GensetSpec
from collector.simulator.server_modbus import ModbusServer
from collector.sources.modbus.gateway import Gateways
from collector.sources.profile.source import ProfileSource
from tests.modbus.live import Running, Turned, running
from tests.simulator.test_dse import Set
from tests.simulator.test_physics import bess, run
from tests.support.image import RecordingImage
from tests.support.ports import free_port


@asynccontextmanager
async def reading(
    registers: Registers, unit: int, profile: str
) -> AsyncIterator[tuple[RecordingImage, Running]]:
    """A source by profile on a simulated unit."""
    server, port = ModbusServer({unit: registers}), free_port()
    await server.start(port)
    image, time = RecordingImage(), Turned()
    device = Device(
        id="d1", kind=DeviceKind.MODBUS, host="127.0.0.1", port=port, unit=unit, system="d1",
        profile=profile,
    )  # fmt: skip
    source = ProfileSource(device, Gateways(), Path("/nonexistent"), time.clock)
    try:
        async with running(source, image) as task:
            await task.until(lambda: task.ready)
            yield image, task
    finally:
        await server.stop()


async def settled(image: RecordingImage, task: Running, polls: int = 6) -> None:
    """So many polls later, when what is asked for every five seconds has been asked too."""
    lives = image.lives
    await task.until(lambda: image.lives >= lives + polls)


async def test_a_generator_starts_runs_and_stops() -> None:
    """Its states come in the program's words, its powers, hours and energy are the plant's."""
    plant = Set(running=False)
    seen: list[str] = []
    async with reading(dse(plant.controller), 10, "dse-gencomm") as (image, task):
        for wanted, seconds in ((False, 1), (True, 3), (True, 10), (True, 60), (False, 30)):
            plant.genset.wanted = wanted
            plant.step(seconds)
            await settled(image, task)
            seen.append(GENERATOR_STATE[int(image.readings[""]["generator_state"] or 0)])
        readings = dict(image.readings[""])
        counters = {name: register.raw for (_, name), register in image.counters.items()}
    assert seen == ["stopped", "starting", "warming up", "running", "cooling down"]
    true = truth.generator(plant.genset.flow)
    for key in ("generator_power_w", "generator_power_w.L1", "generator_power_w.L3"):
        assert readings[key] == pytest.approx(true[key], abs=1)
    assert readings["engine_speed_rpm"] == pytest.approx(plant.genset.speed_rpm, abs=1)
    assert counters["generator_starts"] == 41
    assert counters["generator_run_s"] == pytest.approx(1234 * 3600 + plant.genset.run_s, abs=1)
    assert counters["generator_energy_kwh"] == pytest.approx(
        5000 + true["generator_energy_kwh"], abs=0.1
    )


async def test_a_battery_systems_flows() -> None:
    """Every power and energy that the plant knows of it, with its sign, to the last digit of the
    map; the generator that it has not is not there."""
    part = bess(grid_w=18000.0)
    run(part, 0.5)
    async with reading(
        generic_bess(System(bess=part, serial="GP1", first_kwh=100.0)), 1, "bess-generic"
    ) as (image, task):
        await settled(image, task, 2)
        readings = image.readings[""]
        counters = {name: register.raw for (_, name), register in image.counters.items()}
    for key, value in truth.bess(part).items():
        if key.endswith("_kwh"):
            assert counters[key] == pytest.approx(100 + value, abs=0.1), key
        else:
            assert readings[key] == pytest.approx(value, abs=1), key
    assert readings["generator_power_w"] is None
    assert readings["battery_soc_pct"] == pytest.approx(part.battery.soc_pct, abs=0.05)
    assert readings["cell_voltage_min_v"] == pytest.approx(part.battery.cell_min_v, abs=0.001)
    assert counters.get("generator_energy_kwh") is None


async def test_complaints_in_words() -> None:
    """A tank that runs low, a battery that does: warnings with their names, which end."""
    plant = Set()
    plant.genset.fuel_l = 0.15 * plant.genset.spec.tank_l
    async with reading(dse(plant.controller), 10, "dse-gencomm") as (image, task):
        await task.until(lambda: [n.text for n in image.complaints[-1]] == ["low fuel level"])
        plant.genset.fuel_l = plant.genset.spec.tank_l
        await task.until(lambda: image.complaints[-1] == ())
    part = bess(genset=GensetSpec(kva=30))
    part.battery.soc_pct = 6.0
    system = System(bess=part, serial="GP1")
    async with reading(generic_bess(system), 1, "bess-generic") as (image, task):
        await task.until(lambda: [n.text for n in image.complaints[-1]] == ["battery low"])
