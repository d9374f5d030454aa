"""Walking and decoding SunSpec maps."""

import json
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.constants import ExcCodes

from collector.errors import BadDevice
from collector.model.kinds import AssetKind
from collector.sources.fronius import models
from collector.sources.fronius import readings as convert
from collector.sources.fronius.models import LAYOUTS
from collector.sources.modbus.errors import Asleep
from collector.sources.modbus.gateway import Gateways
from collector.sources.modbus.sunspec import (
    Layout,
    MapShift,
    Model,
    common,
    decode,
    points,
    read_models,
    runs,
    walk,
)
from collector.sources.modbus.words import as_bytes
from tests.modbus import fronius_map as fm
from tests.support.modbus import Unit, common_model, sunspec_map


@pytest.fixture
def gateway(modbus):
    """Connects to a server with one unit."""

    async def make(unit: Unit):
        server = await modbus({1: unit})
        return turn(server.port)

    @asynccontextmanager
    async def turn(port: int):
        async with Gateways().use("127.0.0.1", port, "d1") as gateway, gateway.turn() as mine:
            yield mine

    return make


@pytest.mark.parametrize("base", [40000, 50000, 0])
async def test_the_chain_is_found_at_each_base(gateway, base):
    """The marker is tried at 40000, 50000 and 0; every model has its address and length."""
    block = common_model("m", "d", "", "", "s")
    async with await gateway(
        Unit(sunspec_map(base, block, fm.inverter_int(), fm.nameplate()))
    ) as g:
        chain = await walk(g, 1, timeout_s=1)
    assert chain == [
        Model(1, base + 2, 65), Model(103, base + 69, 50), Model(120, base + 121, 26),
    ]  # fmt: skip


async def test_a_chain_without_end_mark_ends(gateway):
    """Where the registers end, the chain ends."""
    registers = sunspec_map(40000, common_model("m", "d", "", "", "s"))
    for address in sorted(registers)[-2:]:
        del registers[address]
    async with await gateway(Unit(registers)) as g:
        assert await walk(g, 1, timeout_s=1) == [Model(1, 40002, 65)]


async def test_no_map_is_a_bad_device(gateway):
    """A unit without the marker is no SunSpec device, in words."""
    async with await gateway(Unit({40000: 1, 40001: 2})) as g:
        with pytest.raises(BadDevice, match="no SunSpec map at 40000, 50000, 0"):
            await walk(g, 1, timeout_s=1)


@pytest.mark.parametrize("model", [[7, 0], [7, 1, 0] * 70])
async def test_an_endless_chain_is_a_bad_device(gateway, model):
    """A model of length 0, or more models than any device has, do not loop for ever."""
    async with await gateway(Unit(sunspec_map(40000, model))) as g:
        with pytest.raises(BadDevice, match="no end"):
            await walk(g, 1, timeout_s=1)


async def test_a_sleeping_unit_is_asleep(gateway):
    """Exception 11 at the marker is not the absence of a map."""
    unit = fm.unit(fm.inverter_int())
    unit.exception = ExcCodes.GATEWAY_NO_RESPONSE
    async with await gateway(unit) as g:
        with pytest.raises(Asleep):
            await walk(g, 1, timeout_s=1)


async def test_a_moved_model_is_a_map_shift(gateway):
    """Registers that no longer begin with id and length are not decoded."""
    unit = fm.unit(fm.inverter_int())
    async with await gateway(unit) as g:
        chain = await walk(g, 1, timeout_s=1)
        unit.put(40069, [113, 60])
        with pytest.raises(MapShift, match="103 no longer stands at 40069"):
            await read_models(g, 1, chain[1:], timeout_s=1)


async def test_a_model_longer_than_a_request_is_read_whole(gateway):
    """Model 213 takes 126 registers, one more than a request may have."""
    words = fm.meter_float()
    unit = fm.smart_meter(words)
    async with await gateway(unit) as g:
        chain = await walk(g, 1, timeout_s=1)
        blocks = await read_models(g, 1, chain[1:], timeout_s=1)
    assert blocks == {213: as_bytes(words)}


def test_neighbours_share_a_request():
    """Models without a gap between them are read together, as far as a request goes."""
    chain = [Model(160, 100, 88), Model(124, 190, 24), Model(103, 10, 50), Model(122, 300, 44)]
    assert [[m.id for m in run] for run in runs(chain)] == [[103], [160, 124], [122]]
    assert [len(r) for r in runs([Model(1, 0, 65), Model(103, 67, 60)])] == [1, 1]


def test_the_tables_stand_as_in_the_standard():
    """Points of a model neither overlap nor leave its length, and every scale factor exists."""
    lengths = {
        103: 50, 113: 60, 120: 26, 121: 30, 122: 44, 123: 24, 124: 24, 203: 105, 213: 124, 160: 8,
    }  # fmt: skip
    for model, length in lengths.items():
        layout = LAYOUTS[model]
        assert layout.size <= length + 2
        names = {p.name for p in layout.points}
        assert all(p.scale in names for p in (*layout.points, *layout.group) if p.scale)
        taken = [a for p in layout.points for a in range(p.at, p.at + _size(p.kind))]
        assert len(taken) == len(set(taken)), model


def _size(kind: str) -> int:
    return 4 if "64" in kind else 2 if "32" in kind else 1


TABLE = points("""
    I 2 int16 SF
    U 3 uint16 SF
    C 4 acc32 SF
    E 6 enum16
    F 7 float32
    SF 9 sunssf
""")


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ([0xFFFF, 5, 0, 7, 4, 0x3F80, 0, 0xFFFF],
         {"I": -0.1, "U": 0.5, "C": 0.7, "E": 4, "F": 1.0}),
        ([0x8000, 0xFFFF, 0, 0, 0xFFFF, 0x7FC0, 0, 0],
         {"I": None, "U": None, "C": None, "E": None, "F": None}),
        ([1, 2, 0, 3, 4, 0x3F80, 0, 0x8000],
         {"I": None, "U": None, "C": None, "E": 4, "F": 1.0}),
        ([1, 2, 0, 3, 4, 0x3F80, 0, 11],
         {"I": None, "U": None, "C": None, "E": 4, "F": 1.0}),
    ],
)  # fmt: skip
def test_sentinels_and_scale_factors(words, values):
    """Each type's *not implemented* is None; an unusable scale factor makes its points None, never
    the unscaled number."""
    layout = Layout(TABLE)
    assert decode(layout, as_bytes([9, 8, *words])).values == values


def test_a_short_block_has_fewer_values():
    """What a shorter model does not have is None."""
    told = decode(LAYOUTS[103], as_bytes(fm.inverter_int()[:20]))
    assert told.values["A"] == 22.0
    assert told.values["WH"] is None


@given(
    st.sampled_from(sorted(LAYOUTS)),
    st.lists(st.integers(0, 0xFFFF), max_size=130),
)
def test_any_registers_become_readings_without_raising(model, words):
    """Whatever a device sends, decoding and mapping yield numbers or None."""
    block = as_bytes(words)
    told = decode(LAYOUTS[model], block, 3)
    assert all(v is None or v == v for v in told.values.values())
    if model in models.INVERTERS:
        convert.null_frame(told.values)
        readings = convert.inverter(model, told.values, 10.0)
        assert readings["pv_power_w"] is None or readings["pv_power_w"] >= 0
        convert.ac_energy({model: told}, model)
    if model in models.METERS:
        for kind in ("grid", "load", "pv", "generator"):
            convert.meter(model, AssetKind(kind), told.values)
            convert.meter_counters(model, AssetKind(kind), told)
    mppt, names = convert.mppt_modules(block)
    convert.battery(decode(LAYOUTS[124], block), mppt, names)
    common(block)


def test_the_recorded_common_model(recordings):
    """The recorded GEN24 says who it is."""
    record = json.loads((recordings / "modbus/fronius_gen24/symo_gen24_10_unit1.json").read_text())
    who = common(as_bytes(record["registers"][2:69]))
    assert (who.maker, who.model) == ("Fronius", "Symo GEN24 10.0")
    assert who.version == "1.41.10-1"
    assert who.serial == "31520500"  # 0x3331 0x3532 0x3035 0x3030
