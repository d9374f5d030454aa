"""The ACUVIM source on simulated meters of every family: what the plant does is what is shown."""

import pytest
from msgspec import structs

from collector.model.kinds import AssetKind
from collector.simulator.meters.acuvim import Setup, acurev, acuvim_ii, acuvim_l
from collector.simulator.meters.point import Point
from collector.simulator.meters.registers import Registers
from collector.simulator.physics.direct import Field, FieldSpec
from collector.simulator.physics.load import LoadSpec
from collector.simulator.physics.noise import stream
from collector.simulator.physics.sun import Sun
from collector.simulator.server_modbus import ModbusServer
from collector.sources.acuvim import AcuvimSource
from collector.sources.modbus.gateway import Gateways
from tests.modbus.live import Turned, running, values
from tests.support.ports import free_port
from tests.support.sites import Clocked, device

SPEC = FieldSpec(pv_w=12000, load=LoadSpec(base_w=9000, show_w=3000))


def wall() -> float:
    """2026-06-01 12:34:56 UTC."""
    return 1780317296.0


@pytest.fixture
def point():
    """The load of a field at noon."""
    field, sun = Field(SPEC, 1, "f"), Sun(stream(1, "sun"))
    found = Point(field.served, stream(1, "p"), 1234.5)
    for _ in range(30):
        sun.step(2, 13.0)
        field.step(2, 13.0, sun)
        found.step(2)
    return found


async def shown(registers: Registers, until: str = "", **more):
    """What the source shows of a meter, and the notes of its asset; `until` a note is there."""
    port = free_port()
    server = ModbusServer({1: registers})
    await server.start(port)
    entry = structs.replace(device(timeout_s=1.0, **more), port=port)
    site = Clocked(entry)
    image = site.image()
    try:
        async with running(AcuvimSource(entry, Gateways(), Turned().clock), image) as run:
            await run.until(lambda: run.ready and (not until or until in image.roles[""].notes))
            return {role: values(site, role) for role in image.roles}, image.roles[""].notes
    finally:
        await server.stop()


@pytest.mark.parametrize(
    ("make", "setup"),
    [
        (acuvim_ii, Setup(serial="AH2307001")),
        (acuvim_ii, Setup(primary=False, pt=(480.0, 120.0), ct=(400, 5))),
        (acuvim_l, Setup()),
    ],
)
async def test_the_plants_values_are_shown(point, make, setup):
    """Powers, currents and the neutral, whatever the family and its scaling."""
    flow = point.flow
    found, notes = await shown(make(point, setup, 1, wall))
    assert found[""]["load_power_w"] == pytest.approx(flow.total_w, rel=1e-5)
    assert found[""]["load_power_w.L2"] == pytest.approx(flow.p[1], rel=1e-5)
    assert found[""]["current_a.N"] == pytest.approx(flow.neutral_a, rel=1e-4)
    assert not notes


async def test_an_acurev_shows_its_channels(point):
    """Three channels on the first phase of the load: assets behind the mains."""
    found, _ = await shown(acurev(point, [point] * 3, Setup()))
    assert found.keys() == {"", "ch1", "ch2", "ch3"}
    assert found["ch2"]["load_power_w"] == pytest.approx(point.flow.p[0], rel=1e-5)


@pytest.mark.parametrize("make", [acuvim_ii, acuvim_l])
@pytest.mark.parametrize(
    ("turned", "text"),
    [((1,), "The CT of L2 faces backwards"), ((0, 2), "The CTs of L1 and L3 face backwards"),
     ((0, 1, 2), "turn all of them around")],
)  # fmt: skip
async def test_turned_cts_are_named(point, make, turned, text):
    """Any CT that faces backwards is named in the notes of the asset."""
    _, notes = await shown(make(point, Setup(turned=turned), 1, wall), "direction")
    assert text in notes["direction"]


async def test_powers_in_another_unit_are_told(point):
    """Powers a thousand times too small, as of a gateway that says kW."""
    registers = acuvim_ii(point, Setup(power_unit=1000.0), 1, wall)
    _, notes = await shown(registers, "plausibility", asset_kind=AssetKind.GENERATOR)
    assert "too small by a factor of" in notes["plausibility"]
