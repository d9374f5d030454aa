"""What the language can say about registers, each by a real Modbus TCP server."""

from struct import pack, unpack

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from tests.profiles.bench import Bench, written
from tests.support.modbus import Unit, ascii_words, f32, u32
from tests.support.ports import free_port


def words(code: str, value) -> list[int]:
    """A value as registers, high word first."""
    data = pack(">" + code, value)
    return list(unpack(f">{len(data) // 2}H", data))


async def test_addresses_as_the_maker_counts(bench) -> None:
    """`address_base` makes 40001 the first register; hexadecimal is as good as decimal."""
    b = await bench(
        Unit({0: 7, 16: 9}),
        """
        point = [
          { name = "a", address = 40001, type = "u16" },
          { name = "b", address = 0x9C51, type = "u16" },
        ]
        [modbus]
        address_base = 40001
        """,
    )
    async with b.live():
        assert b.raw() == {"a": 7, "b": 9}


class Coils:
    """A server with coils, discrete inputs, holding and input registers of their own."""

    def __init__(self) -> None:
        self.port = free_port()
        bits = [
            [SimData(0, values=told, datatype=DataType.BITS)]
            for told in ([False, True, False, True] * 4, [True, True, False, False] * 4)
        ]
        registers = [[SimData(0, values=[n] * 4, datatype=DataType.REGISTERS)] for n in (30, 40)]
        device = SimDevice(1, (bits[0], bits[1], registers[0], registers[1]))
        self.server = ModbusTcpServer([device], address=("127.0.0.1", self.port))


async def test_all_four_functions(tmp_path) -> None:
    """Coils, discrete inputs, holding and input registers, by profile and by point."""
    coils = Coils()
    await coils.server.serve_forever(background=True)
    body = """
        point = [
          { name = "coil", address = 3, type = "bit", fc = 1 },
          { name = "input", address = 0, type = "bit", fc = 2 },
          { name = "input_3", address = 3, type = "bit", fc = 2 },
          { name = "holding", address = 1, type = "u16", fc = 3 },
          { name = "register", address = 1, type = "u16" },
        ]
        [modbus]
        fc = 4
    """
    try:
        b = Bench(tmp_path, coils, written(body))  # type: ignore[arg-type]
        async with b.live():
            assert b.raw() == {
                "coil": 1, "input": 1, "input_3": 0, "holding": 30, "register": 40,
            }  # fmt: skip
    finally:
        await coils.server.shutdown()


NUMBERS = [
    ("u16", "H", 54321), ("s16", "h", -12345), ("u32", "I", 4_000_000_001),
    ("s32", "i", -2_000_000_001), ("u64", "Q", 2**53 - 7), ("s64", "q", -(2**52)),
    ("f32", "f", -1.5), ("f64", "d", 1234.000244140625),
    ("acc16", "H", 7), ("acc32", "I", 123_456_789), ("acc64", "Q", 98_765_432_101),
    ("enum16", "H", 4), ("enum32", "I", 70_000), ("sunssf", "h", -2),
]  # fmt: skip


@pytest.mark.parametrize("order", ["", 'word_order = "little"', 'byte_order = "little"', "both"])
async def test_types_in_every_order(bench, order) -> None:
    """Every numeric type in every order of words and bytes, said for the whole profile."""
    both = 'word_order = "little"\nbyte_order = "little"'
    unit, points, at = Unit({}), [], 0
    for name, code, value in NUMBERS:
        told = words(code, value)
        told = told[::-1] if "word" in order or order == "both" else told
        if "byte" in order or order == "both":
            told = [word >> 8 | (word & 0xFF) << 8 for word in told]
        unit.put(at, told)
        points.append(f'{{ name = "{name}", address = {at}, type = "{name}" }},')
        at += len(told)
    text = "\n".join(["point = [", *points, "]", "[modbus]", both if order == "both" else order])
    b = await bench(unit, text)
    async with b.live():
        assert b.raw() == {name: value for name, _, value in NUMBERS}


async def test_order_of_one_point(bench) -> None:
    """A point may lie otherwise than the rest."""
    b = await bench(
        Unit({0: 1, 1: 2, 2: 1, 3: 2, 4: 0x0100, 5: 0x0200}),
        """
        [[point]]
        name = "high"
        address = 0
        type = "u32"
        [[point]]
        name = "low"
        address = 2
        type = "u32"
        word_order = "little"
        [[point]]
        name = "turned"
        address = 4
        type = "u32"
        byte_order = "little"
        """,
    )
    async with b.live():
        assert b.raw() == {"high": 0x10002, "low": 0x20001, "turned": 0x10002}


@pytest.mark.parametrize(
    ("how", "raw", "value"),
    [
        ("scale = 0.1", 235, 23.5),
        ("divide = 10", 235, 23.5),
        ("scale = -10", 3, -30),
        ("scale = 100", 3, 300),
        ("offset = -40", 65, 25),
        ("divide = 10\noffset = 2", 235, 25.5),
        ("invert = true", 5, -5),
        ("divide = -10", 5, -0.5),
        ("mask = 0xFF00", 0x1234, 0x12),
    ],
)
async def test_scale(bench, how, raw, value) -> None:
    """Factors above, below 1 and negative, as divisor, with an offset, with the other sign."""
    b = await bench(Unit({5: raw}), f'[[point]]\nname = "a"\naddress = 5\ntype = "u16"\n{how}')
    async with b.live():
        assert b.raw() == {"a": pytest.approx(value)}


async def test_scale_that_the_device_tells(bench) -> None:
    """A power of ten in a register, named as a point or by its address; one that is none (0x8000,
    or above 10) leaves no value."""
    unit = Unit({0: 1234, 1: 0xFFFE, 2: 0x8000, 3: 11, 4: 2})
    b = await bench(
        unit,
        """
        point = [
          { name = "sf", address = 1, type = "sunssf" },
          { name = "named", address = 0, type = "u16", scale_ref = "sf" },
          { name = "placed", address = 0, type = "u16", scale_at = 4 },
          { name = "none", address = 0, type = "u16", scale_at = 2 },
          { name = "huge", address = 0, type = "u16", scale_at = 3 },
        ]
        """,
    )
    async with b.live() as run:
        assert b.raw() == {"sf": -2, "named": 12.34, "placed": 123_400}
        unit.registers[1] = 0xFFFF
        await b.polls(run, 2)
        assert b.raw()["named"] == 123.4


FACTORS = """
point = [
  { name = "pt1", address = 0, type = "u32", once = true },
  { name = "pt2", address = 2, type = "u16", once = true },
  { name = "mode", address = 3, type = "u16", once = true },
  { name = "volts", address = 10, type = "f32", unit = "V", factor_from = ["pt"], measurement = "voltage_v.L1" },
]
[[computed]]
name = "pt"
ratio = ["pt1", "pt2"]
when = { point = "mode", equals = 0 }
[[computed]]
name = "pt"
constant = 1
when = { point = "mode", equals = 1 }
"""  # noqa: E501


@pytest.mark.parametrize(("mode", "volts"), [(0, 11_000.0), (1, 110.0), (2, None)])
async def test_factor_from_settings(bench, mode, volts) -> None:
    """PT ratio out of settings that are read at connect, in one mode; none in another; in a mode
    that nobody knows there is no value."""
    unit = Unit(dict(enumerate([*u32(11_000), 110, mode])))
    unit.put(10, f32(110.0))
    b = await bench(unit, FACTORS)
    async with b.live() as run:
        assert b.got().get("voltage_v.L1") == volts
        unit.asked.clear()
        await b.polls(run, 3)
        assert set(unit.asked) == {(10, 2)}


@pytest.mark.parametrize(
    ("unit", "measurement", "kind", "raw", "value"),
    [
        ("kW", "power_w", "load", 12, 12_000),
        ("Wh", "energy_kwh", "pv", 12_500, 12.5),
        ("bar", "oil_pressure_kpa", "generator", 4, 400),
        ("psi", "oil_pressure_kpa", "generator", 100, 689.4757),
        ("°F", "coolant_temperature_c", "generator", 212, 100),
        ("gal", "fuel_remaining_l", "tank", 100, 378.5412),
        ("min", "time_to_go_s", "bess", 90, 5_400),
        ("h", "generator_run_s", "generator", 2, 7_200),
        ("mV", "cell_voltage_min_v", "bess", 3_312, 3.312),
    ],
)
async def test_units_become_the_catalogues(bench, unit, measurement, kind, raw, value) -> None:
    """The raw series stays in the device's unit, the reading is in ours."""
    body = f"""
    [[point]]
    name = "a"
    address = 0
    type = "u16"
    unit = "{unit}"
    measurement = "{measurement}"
    """
    b = await bench(Unit({0: raw}), body, kind)
    async with b.live():
        role = b.image.roles[""]
        told = [cell.value for cell in role.cells.values() if cell.value is not None]
        told += [counter.raw for counter in role.counters.values()]
        assert told == [pytest.approx(value)]
        assert b.raw() == {"a": raw}


async def test_what_means_no_value(bench) -> None:
    """A list of one point, a list for a type, the top of a range, NaN; what is left is a value."""
    unit = Unit({0: 0x8000, 1: 9, 2: 0xFFF8, 3: 0xFFF7, 4: 0x7FF8, 5: 0x7FF7})
    unit.put(6, f32(float("nan")))
    unit.put(8, u32(0xFFFFFFF9))
    b = await bench(
        unit,
        """
        point = [
          { name = "listed", address = 0, type = "s16", invalid = [0x8000] },
          { name = "typed", address = 1, type = "enum16" },
          { name = "top", address = 2, type = "u16" },
          { name = "below", address = 3, type = "u16" },
          { name = "signed_top", address = 4, type = "s16" },
          { name = "signed_below", address = 5, type = "s16" },
          { name = "nan", address = 6, type = "f32" },
          { name = "long_top", address = 8, type = "u32" },
          { name = "long", address = 8, type = "u32", invalid_top = 0 },
        ]
        [modbus]
        invalid_top = 8
        invalid = { enum16 = [9] }
        """,
    )
    async with b.live():
        assert b.raw() == {"below": 0xFFF7, "signed_below": 0x7FF7, "long": 0xFFFFFFF9}


async def test_what_cannot_be_is_left_out(bench) -> None:
    """Outside min…max there is no value; that is counted."""
    unit = Unit({0: 50})
    b = await bench(
        unit,
        """
        [[point]]
        name = "hz"
        address = 0
        type = "u16"
        unit = "Hz"
        min = 40
        max = 70
        measurement = "frequency_hz"
        """,
    )
    async with b.live() as run:
        assert b.got()["frequency_hz"] == 50
        unit.registers[0] = 5000
        await b.polls(run, 2)
        assert b.got()["frequency_hz"] is None
        assert b.image.drops["not plausible"]


async def test_words_apart(bench) -> None:
    """A value whose registers do not stand together, the high one first."""
    b = await bench(
        Unit({667: 0x5678, 671: 0x1234, 900: 1}),
        """
        point = [
          { name = "a", words = [671, 667], type = "u32" },
          { name = "b", words = [900, 671], type = "s32" },
          { name = "c", address = 667, type = "u16" },
        ]
        """,
    )
    async with b.live():
        assert b.raw() == {"a": 0x12345678, "b": 0x11234, "c": 0x5678}


async def test_text(bench) -> None:
    """Text of so many registers, with bytes swapped too; it is no series, but names the device."""
    unit = Unit({})
    unit.put(0, ascii_words("SN-42", 4))
    unit.put(4, [word >> 8 | (word & 0xFF) << 8 for word in ascii_words("Model 7", 4)])
    b = await bench(
        unit,
        """
        point = [
          { name = "serial", address = 0, type = "string", len = 4, once = true },
          { name = "model", address = 4, type = "string", len = 4, byte_order = "little" },
          { name = "a", address = 0, type = "u16" },
        ]
        [identity]
        serial = ["serial"]
        model = "model"
        """,
    )
    async with b.live():
        assert b.image.identity.serial == "SN-42"
        assert b.image.roles[""].asset.model == "Model 7"
        assert set(b.raw()) == {"a"}
