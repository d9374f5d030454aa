"""The Modbus devices, read with a plain pymodbus client: the registers are the plant's values."""

import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException

from collector.simulator.meters import fronius
from collector.simulator.meters.acuvim import Setup, acuvim_ii, acuvim_l
from collector.simulator.meters.point import Point
from collector.simulator.meters.registers import Registers
from collector.simulator.meters.sunspec import fitting_sf, model
from collector.simulator.physics.direct import Field, FieldSpec
from collector.simulator.physics.load import LoadSpec
from collector.simulator.physics.sun import Sun
from collector.simulator.server_modbus import ModbusServer, ServerError
from tests.support.ports import free_port

SPEC = FieldSpec(pv_w=12000, load=LoadSpec(base_w=9000, show_w=3000))


def wall() -> float:
    """2026-06-01 12:34:56 UTC."""
    return 1780317296.0


class Site:
    """A solar field with its meters, stepped by hand."""

    def __init__(self, hour: float = 13.0) -> None:
        self.field = Field(SPEC, 1, "f")
        self.sun = Sun(Random(1))
        self.hour = hour
        self.load = Point(self.field.served, Random(2), 1234.5)
        self.made = Point(self.field.pv, Random(3), 5000.0)
        self.grid = Point(self.field.grid, Random(4), 777.7)
        self.throttled = False
        self.inverter = fronius.Inverter(
            point=self.made, array=self.field.array, serial="28061234",
            throttled=lambda: self.throttled,
        )  # fmt: skip
        self.step(600)

    def step(self, seconds: int) -> None:
        """Let time pass at the same hour."""
        for _ in range(seconds // 2):
            self.sun.step(2, self.hour)
            self.field.step(2, self.hour, self.sun)
            for point in (self.load, self.made, self.grid):
                point.step(2)


class Unit:
    """One unit of a server, read with pymodbus' own client."""

    def __init__(self, client: AsyncModbusTcpClient, number: int) -> None:
        self.client = client
        self.number = number

    async def words(self, address: int, count: int) -> list[int]:
        """Registers, which must come."""
        answer = await self.client.read_holding_registers(
            address, count=count, device_id=self.number
        )
        assert not answer.isError(), answer
        return list(answer.registers)

    async def refusal(self, address: int, count: int) -> int:
        """The exception code that comes instead of registers."""
        answer = await self.client.read_holding_registers(
            address, count=count, device_id=self.number
        )
        assert answer.isError()
        return int(answer.exception_code)

    async def floats(self, address: int, count: int) -> list[float]:
        """Floats, high word first."""
        words = await self.words(address, count * 2)
        return list(struct.unpack(f">{count}f", struct.pack(f">{count * 2}H", *words)))

    async def u32(self, address: int) -> int:
        """An unsigned double word."""
        high, low = await self.words(address, 2)
        return high << 16 | low


@asynccontextmanager
async def serve(units: dict[int, Registers]) -> AsyncIterator[Callable[[int], Unit]]:
    """The units on a port, and a client on it."""
    server = ModbusServer(units)
    port = free_port()
    await server.start(port)
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=0.4, retries=0)
    try:
        assert await client.connect()
        yield lambda number: Unit(client, number)
    finally:
        client.close()
        await server.stop()


async def test_acuvim_ii_primary_registers_are_the_plants() -> None:
    """Block 0x4000 in primary mode: frequency, voltages, currents, W, var, VA, PF, energies."""
    site = Site()
    flow = site.field.served
    async with serve({1: acuvim_ii(site.load, Setup(primary=True), 1, wall)}) as at:
        meter = at(1)
        f = await meter.floats(0x4000, 36)
        energy = await meter.u32(0x4048)
        everything = await meter.words(0x4000, 98)
    assert f[0] == pytest.approx(flow.bus.hz)
    assert f[1:4] == pytest.approx(flow.bus.u)
    assert f[5] == pytest.approx(flow.bus.u[0] * 3**0.5, rel=0.01)
    assert f[9:12] == pytest.approx([flow.amps(k) for k in range(3)])
    assert f[13] == pytest.approx(flow.neutral_a)
    assert f[14:17] == pytest.approx(flow.p)
    assert f[17] == pytest.approx(flow.total_w)
    assert f[21] == pytest.approx(flow.total_var)
    assert f[25] == pytest.approx(flow.total_va)
    assert f[29] == pytest.approx(flow.power_factor())
    assert f[32] == 76.0
    assert energy == int((1234.5 + flow.forward_wh / 1000) * 10)
    assert everything[0x5A] == pytest.approx(flow.bus.thd_pct * 100, abs=1)


async def test_acuvim_ii_secondary_mode_divides_by_pt_and_ct() -> None:
    """With factory mode, PT 480/120 and CT 400/5, the floats are the meter's inputs; the ratios
    read from the settings give the site's values back. Energy stays primary."""
    site = Site()
    flow = site.field.served
    setup = Setup(primary=False, pt=(480.0, 120.0), ct=(400, 5))
    async with serve({1: acuvim_ii(site.load, setup, 1, wall)}) as at:
        meter = at(1)
        f = await meter.floats(0x4000, 36)
        (mode,) = await meter.words(0x101D, 1)
        pt_high, pt_low, pt2, ct1, ct2 = await meter.words(0x1005, 5)
        energy = await meter.u32(0x4048)
    assert mode == 0
    pt = (pt_high << 16 | pt_low) / pt2
    ct = ct1 / ct2
    assert (pt, ct) == (4.0, 80.0)
    assert f[17] * pt * ct == pytest.approx(flow.total_w, rel=1e-5)
    assert f[1] * pt == pytest.approx(flow.bus.u[0], rel=1e-5)
    assert f[9] * ct == pytest.approx(flow.amps(0), rel=1e-5)
    assert f[34] * pt * ct == pytest.approx(site.load.demand_var.value, rel=1e-5)
    assert energy == int((1234.5 + flow.forward_wh / 1000) * 10)


async def test_acuvim_ii_says_its_serial_only_with_a_web_module() -> None:
    """The SunSpec block at 50000 is there with a serial, and exception 2 without."""
    site = Site()
    with_module = acuvim_ii(site.load, Setup(serial="AH2307001"), 1, wall)
    units = {1: with_module, 2: acuvim_ii(site.load, Setup(), 2, wall)}
    async with serve(units) as at:
        head = await at(1).words(50000, 70)
        assert await at(2).refusal(50000, 2) == 2
    assert head[:4] == [0x5375, 0x6E53, 1, 65]
    text = struct.pack(">70H", *head)
    assert text[8:18] == b"Accuenergy"
    assert text[104:113] == b"AH2307001"


async def test_acuvim_l_has_its_own_map() -> None:
    """Floats at 0x0600 in another order, energies at 0x0156, nothing at 0x4000 or 50000."""
    site = Site()
    flow = site.field.served
    async with serve({7: acuvim_l(site.load, Setup(), 7, wall)}) as at:
        meter = at(7)
        f = await meter.floats(0x0600, 37)
        energy = await meter.u32(0x0156)
        assert await meter.refusal(0x4000, 2) == 2
        assert await meter.refusal(50000, 2) == 2
        clock = await meter.words(0x0184, 6)
    assert f[0] == pytest.approx(flow.bus.hz)
    assert f[1:4] == pytest.approx(flow.bus.u)
    assert f[7:10] == pytest.approx([flow.amps(k) for k in range(3)])
    assert f[11:15] == pytest.approx([*flow.p, flow.total_w])
    assert f[15:19] == pytest.approx([*flow.q, flow.total_var])
    assert f[19] == pytest.approx(flow.total_va)
    assert f[20:24] == pytest.approx([*(flow.power_factor(k) for k in range(3)), 0.93], rel=1e-3)
    assert f[27:30] == pytest.approx([flow.va(k) for k in range(3)])
    assert energy == int((1234.5 + flow.forward_wh / 1000) * 10)
    assert clock == [2026, 6, 1, 12, 34, 56]


async def test_reads_across_gaps_and_writes_are_refused() -> None:
    """A read over the end of a block is exception 2, a write exception 1, an absent unit 11."""
    site = Site()
    async with serve({1: acuvim_ii(site.load, Setup(), 1, wall)}) as at:
        assert await at(1).refusal(0x4060, 4) == 2
        assert await at(1).refusal(0x4000, 99) == 2
        assert await at(9).refusal(0x4000, 2) == 11
        answer = await at(1).client.write_registers(0x1016, [1], device_id=1)
        assert answer.exception_code == 1


async def chain(unit: Unit, base: int = 40000) -> dict[int, list[int]]:
    """Walk the SunSpec models; each with its id and length words."""
    assert await unit.words(base, 2) == [0x5375, 0x6E53]
    found: dict[int, list[int]] = {}
    address = base + 2
    while True:
        number, length = await unit.words(address, 2)
        if number == 0xFFFF:
            return found
        size = length + 2
        found[number] = []
        for start in range(0, size, 120):
            found[number] += await unit.words(address + start, min(120, size - start))
        address += size


def signed(word: int) -> int:
    """A word as int16."""
    return word - 0x10000 if word & 0x8000 else word


def f32(words: list[int], offset: int) -> float:
    """A float at an offset of a model."""
    return float(struct.unpack(">f", struct.pack(">2H", *words[offset : offset + 2]))[0])


async def test_gen24_chain_and_values() -> None:
    """Unit 1: models 1 103 120 121 122 123 160 124 with integers and scale factors; unit 200: the
    smart meter; import positive; AC energy in 122 and less than the DC energy in 160."""
    site = Site()
    pv, grid = site.field.pv, site.field.grid
    units = {1: fronius.gen24(site.inverter), 200: fronius.smart_meter(site.grid, "19120001", 200)}
    async with serve(units) as at:
        inverter = await chain(at(1))
        meter = await chain(at(200))
    assert list(inverter) == [1, 103, 120, 121, 122, 123, 160, 124]
    m = inverter[103]
    assert signed(m[14]) * 10.0 ** signed(m[15]) == pytest.approx(pv.total_w, rel=0.001)
    assert m[16] * 10.0 ** signed(m[17]) == pytest.approx(pv.bus.hz, abs=0.01)
    assert [w / 10 for w in m[10:13]] == pytest.approx(pv.bus.u, abs=0.1)
    assert m[38] == fronius.MPPT
    act_wh = int.from_bytes(struct.pack(">4H", *inverter[122][5:9]), "big")
    assert act_wh == int(5000e3 + pv.forward_wh)
    mppt = inverter[160]
    assert mppt[8] == 2
    dc_wh = sum((mppt[10 + 20 * k + 12] << 16) + mppt[10 + 20 * k + 13] for k in range(2))
    assert 1.02 < dc_wh / act_wh < 1.06
    assert inverter[124][2] == 0
    w = meter[203]
    assert list(meter) == [1, 203]
    assert signed(w[18]) * 10.0 ** signed(w[22]) == pytest.approx(grid.total_w, abs=1)
    imported = (w[46] << 16) + w[47]
    assert imported == int(777.7e3 + grid.forward_wh)


async def test_datamanager_speaks_floats_and_sleeps() -> None:
    """Unit 1: model 113; unit 240: 213. At night the inverter answers exception 11 and the meter
    goes on; the GEN24 says SLEEPING instead."""
    day, night = Site(), Site(hour=1.0)
    units = {
        1: fronius.datamanager(day.inverter), 240: fronius.smart_meter(day.grid, "19120002", 240),
        2: fronius.datamanager(night.inverter), 3: fronius.gen24(night.inverter),
        4: fronius.smart_meter(night.grid, "19120003", 240),
    }  # fmt: skip
    async with serve(units) as at:
        inverter = await chain(at(1))
        meter = await chain(at(240))
        assert await at(2).refusal(40000, 2) == 11
        asleep = await chain(at(3))
        at_night = await chain(at(4))
    assert f32(inverter[113], 22) == pytest.approx(day.field.pv.total_w, rel=1e-5)
    assert f32(inverter[113], 24) == pytest.approx(day.field.pv.bus.hz)
    assert inverter[113][48] == fronius.MPPT
    assert f32(meter[213], 28) == pytest.approx(day.field.grid.total_w, rel=1e-4)
    assert f32(meter[213], 26) == pytest.approx(day.field.grid.bus.hz)
    assert f32(meter[213], 68) == pytest.approx(777.7e3 + day.field.grid.forward_wh, rel=1e-6)
    assert asleep[103][38] == fronius.SLEEPING
    assert signed(asleep[103][14]) == 0
    assert f32(at_night[213], 28) == pytest.approx(night.field.grid.total_w, rel=1e-4)


async def test_a_symo_says_that_it_sleeps_before_it_is_off() -> None:
    """In the last light the inverter answers SLEEPING without power; only in the dark is it off."""
    dusk = Site(hour=19.97)
    assert dusk.sun.level > 0
    async with serve({1: fronius.datamanager(dusk.inverter)}) as at:
        model_113 = (await chain(at(1)))[113]
        assert model_113[48] == fronius.SLEEPING
        assert f32(model_113, 22) == 0.0
        dusk.hour = 20.01
        dusk.step(2)
        assert await at(1).refusal(40000, 2) == 11


async def test_throttled_inverter_says_so() -> None:
    """A limited inverter has state 5."""
    site = Site()
    site.throttled = True
    async with serve({1: fronius.gen24(site.inverter)}) as at:
        assert (await chain(at(1)))[103][38] == fronius.THROTTLED


async def test_scale_factors_follow_the_value() -> None:
    """The watts' scale factor is finer when there is little power: it must be read each time."""
    site = Site()
    unit = fronius.gen24(site.inverter)
    big = unit.read(40069, 52)
    site.field.array.rated_w = 900
    site.step(2)
    small = unit.read(40069, 52)
    assert big[0] == small[0] == 103
    assert signed(big[15]) > signed(small[15])
    assert signed(small[14]) * 10.0 ** signed(small[15]) == pytest.approx(
        site.field.pv.total_w, abs=0.06
    )
    assert fitting_sf(40000) == 1
    with pytest.raises(ValueError, match="outside"):
        model(1, 2, {3: [1, 2]})


async def test_silent_unit_beside_a_live_one() -> None:
    """A lost unit answers nothing while its neighbour on the same port goes on."""
    site = Site()
    units = {n: acuvim_ii(site.load, Setup(), n, wall) for n in (1, 2)}
    async with serve(units) as at:
        units[1].silent = True
        with pytest.raises(ModbusIOException):
            await at(1).words(0x4000, 2)
        assert (await at(2).floats(0x4000, 1))[0] == pytest.approx(60, abs=0.2)
        units[1].silent = False
        assert (await at(1).floats(0x4000, 1))[0] == pytest.approx(60, abs=0.2)


async def test_frozen_unit_repeats_itself() -> None:
    """A stale meter answers the same words until it is freed."""
    site = Site()
    unit = acuvim_ii(site.load, Setup(), 1, wall)
    unit.frozen = True
    before = unit.read(0x4000, 98)
    site.step(60)
    assert unit.read(0x4000, 98) == before
    unit.frozen = False
    assert unit.read(0x4000, 98) != before


async def test_cleared_and_rolled_over_registers() -> None:
    """A reset starts energies at zero; the register rolls over at 1e9."""
    site = Site()
    site.load.reset()
    unit = acuvim_ii(site.load, Setup(), 1, wall)
    assert unit.read(0x4048, 2) == [0, 0]
    full = Point(site.field.served, Random(1), 99_999_999.9)
    unit = acuvim_ii(full, Setup(), 1, wall)
    high, low = unit.read(0x4048, 2)
    assert (high << 16 | low) >= 999_999_990
    site.step(3600)
    high, low = unit.read(0x4048, 2)
    assert (high << 16 | low) < 1000


async def test_a_stopped_server_refuses_and_comes_back() -> None:
    """Stopping closes connections and the port; the same server starts again there; a taken port
    is an error that says so."""
    site = Site()
    server = ModbusServer({1: acuvim_ii(site.load, Setup(), 1, wall)})
    port = free_port()
    await server.start(port)
    other = ModbusServer({})
    with pytest.raises(ServerError, match="taken"):
        await other.start(port)
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=0.4, retries=0)
    assert await client.connect()
    await server.stop()
    fresh = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=0.4, retries=0, reconnect_delay=0)
    assert not await fresh.connect()
    await server.start(port)
    assert await fresh.connect()
    assert (await Unit(fresh, 1).words(0x1001, 1)) == [1]
    fresh.close()
    client.close()
    await server.stop()
