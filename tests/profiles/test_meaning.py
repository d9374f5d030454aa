"""What values mean: assets, states, counters, alarms, variants, repetitions, SunSpec models."""

import pytest

from collector.errors import WrongDevice
from collector.model.alarm import Severity
from collector.model.kinds import AssetKind
from collector.profiles.program import Program
from tests.modbus.live import running
from tests.profiles.bench import sound, written
from tests.support.modbus import Unit, common_model, sunspec_map, u32


async def test_the_main_power_is_that_of_the_kind(bench) -> None:
    """`power_w` and `energy_kwh` follow what the registry says that the meter measures."""
    body = """
    point = [
      { name = "p", address = 0, type = "s16", unit = "kW", measurement = "power_w" },
      { name = "e", address = 1, type = "u32", divide = 10, unit = "kWh", measurement = "energy_kwh" },
    ]
    """  # noqa: E501
    b = await bench(Unit(dict(enumerate([12, *u32(5005)]))), body, asset_kind=AssetKind.GRID)
    async with b.live():
        assert b.got() == {"grid_power_w": 12_000}
        counter = b.image.roles[""].counters["grid_import_kwh"]
        assert counter.raw == pytest.approx(500.5)
        assert counter.modulus == pytest.approx(2**32 / 10)


async def test_counters(bench) -> None:
    """The modulus is told or that of the type, in the catalogue's unit; who counts is the device;
    another factor is another count."""
    unit = Unit(dict(enumerate([*u32(7200), *u32(50), 0, 3])))
    b = await bench(
        unit,
        """
        point = [
          { name = "run", address = 0, type = "u32", unit = "s", modulus = 1e6,
            measurement = "generator_run_s" },
          { name = "kwh", address = 2, type = "u32", scale_at = 4, unit = "MWh",
            measurement = "generator_energy_kwh" },
          { name = "starts", address = 5, type = "u16", measurement = "generator_starts" },
        ]
        """.replace(",\n            ", ", "),
        "generator",
    )
    async with b.live() as run:
        counters = b.image.roles[""].counters
        assert (counters["generator_run_s"].raw, counters["generator_run_s"].modulus) == (7200, 1e6)
        assert counters["generator_energy_kwh"].raw == 50_000
        assert counters["generator_energy_kwh"].modulus == pytest.approx(2**32 * 1000)
        assert counters["generator_starts"].modulus == 65536
        before = counters["generator_energy_kwh"].path
        unit.registers[4] = 1
        await b.polls(run, 2)
        assert counters["generator_energy_kwh"].path != before


def test_monotonic() -> None:
    """A value that goes back is believed at the third poll only; one dip leaves a gap."""
    program = Program(
        sound(written('[[point]]\nname = "a"\naddress = 0\ntype = "u16"\nmonotonic = true\n'))
    )
    told = []
    for raw in (100, 90, 101, 50, 51, 52, 53):
        program.raws[0] = raw
        program.run()
        told.append(program.value("a"))
    assert told == [100, None, 101, None, None, 52, 53]


STATES = """
point = [
  { name = "engine", address = 0, type = "u16", measurement = "generator_state",
    states = { 0 = "stopped", "1-7" = "starting", 8 = "running", 10 = "error" },
    enum = { 10 = "Error" }, levels = { 10 = "critical" } },
]
"""


@pytest.mark.parametrize(("raw", "state"), [(0, 0), (1, 1), (7, 1), (8, 3), (9, None), (10, 7)])
async def test_states_and_complaints_of_a_number(bench, raw, state) -> None:
    """The device's numbers become the program's states, ranges too; one complains."""
    body = STATES.replace(",\n    ", ", ")
    b = await bench(Unit({0: raw}), body, "generator")
    async with b.live():
        assert b.got()["generator_state"] == state
        told = [(n.text, n.severity) for n in b.image.notices]
        assert told == ([("Error", Severity.CRITICAL)] if raw == 10 else [])


async def test_bits_nibbles_and_limits_complain(bench) -> None:
    """Named bits, four alarms in a register, single alarms; the worst first, each by its name."""
    unit = Unit({0: 0b1010, 1: 0x1234, 2: 0xF000, 3: 105})
    b = await bench(
        unit,
        """
        [[point]]
        name = "flags"
        address = 0
        type = "bits"
        bits = { 1 = "Door open", 2 = "Fan", 3 = "Smoke" }
        severity = "warning"
        [[point]]
        name = "alarms"
        address = 1
        type = "nibbles"
        len = 2
        nibbles = ["Emergency stop", "Low oil", "Overheated", "", "Never"]
        levels = { 2 = "warning", 3 = "critical", 4 = "alarm" }
        [[point]]
        name = "temp"
        address = 3
        type = "u16"
        [[alarm]]
        point = "temp"
        min = 100
        severity = "alarm"
        text = "Hot"
        [[alarm]]
        point = "flags"
        bit = 3
        severity = "critical"
        text = "Evacuate"
        [[alarm]]
        point = "alarms"
        nibble = 3
        values = [4]
        severity = "alarm"
        text = "Trip"
        """,
    )
    async with b.live() as run:
        assert {(n.text, n.severity) for n in b.image.notices} == {
            ("Door open", Severity.WARNING), ("Smoke", Severity.WARNING),
            ("Low oil", Severity.WARNING), ("Overheated", Severity.CRITICAL),
            ("Hot", Severity.ALARM), ("Evacuate", Severity.CRITICAL), ("Trip", Severity.ALARM),
        }  # fmt: skip
        ranks = [n.severity.rank for n in b.image.notices]
        assert ranks == sorted(ranks, reverse=True)
        assert len({n.fact for n in b.image.notices}) == 7
        unit.put(0, [0, 0x1111, 0, 20])
        await b.polls(run, 2)
        assert b.image.notices == ()


async def test_roles_are_assets_beside_the_main_one(bench) -> None:
    """A second measuring place, seen when it first has a value."""
    unit = Unit({0: 12, 1: 0xFFFF})
    b = await bench(
        unit,
        """
        point = [
          { name = "p", address = 0, type = "u16", unit = "kW", measurement = "power_w" },
          { name = "m", address = 1, type = "u16", unit = "kW", measurement = "power_w",
            role = "mains", invalid = [0xFFFF] },
        ]
        [[role]]
        role = "mains"
        kind = "grid"
        name = "Mains"
        """.replace(",\n            ", ", "),
        "generator",
    )
    async with b.live() as run:
        assert b.got() == {"generator_power_w": 12_000}
        assert "mains" not in b.image.roles
        unit.registers[1] = 3
        await b.polls(run, 2)
        assert b.got("mains") == {"grid_power_w": 3_000}
        assert b.image.roles["mains"].asset.name == "Mains"
        unit.registers[1] = 0xFFFF
        await b.polls(run, 2)
        assert b.got("mains") == {"grid_power_w": None}


async def test_computed(bench) -> None:
    """Sum, product, difference, ratio, one bit, a constant; without an operand there is none."""
    unit = Unit({0: 6, 1: 3, 2: 0xFFFF})
    b = await bench(
        unit,
        """
        point = [
          { name = "a", address = 0, type = "u16" },
          { name = "b", address = 1, type = "u16" },
          { name = "none", address = 2, type = "u16", invalid = [0xFFFF] },
        ]
        computed = [
          { name = "sum", sum = ["a", "b"], scale = 10 },
          { name = "product", product = ["a", "b"] },
          { name = "difference", difference = ["b", "a"] },
          { name = "ratio", ratio = ["a", "b"] },
          { name = "bit", bit = { point = "b", bit = 1 } },
          { name = "unbit", bit = { point = "b", bit = 2 } },
          { name = "constant", constant = 5 },
          { name = "later", sum = ["sum", "product"] },
          { name = "nothing", sum = ["a", "none"] },
        ]
        """,
    )
    async with b.live() as run:
        assert b.raw() == {
            "a": 6, "b": 3, "sum": 90, "product": 18, "difference": -3, "ratio": 2, "bit": 1,
            "unbit": 0, "constant": 5, "later": 108,
        }  # fmt: skip
        unit.registers[1] = 0
        await b.polls(run, 2)
        assert "ratio" not in b.raw()


VARIANTS = """
point = [
  { name = "us", address = 0, type = "u16", once = true },
  { name = "fw", address = 1, type = "u16" },
  { name = "oil", address = 10, type = "u16", unit = "psi", measurement = "oil_pressure_kpa", when = { point = "us", equals = 1 } },
  { name = "oil", address = 20, type = "u16", unit = "bar", measurement = "oil_pressure_kpa", when = { point = "us", equals = 0 } },
  { name = "hv", address = 30, type = "u16", scale = 10, when = { point = "fw", min = 1098 } },
  { name = "hv", address = 30, type = "u16", when = { point = "fw", max = 1097 } },
]
"""  # noqa: E501


async def test_variants(bench) -> None:
    """A setting and a firmware decide what is read and how; what does not apply is not asked for,
    and a change is followed."""
    unit = Unit({0: 0, 1: 1000, 20: 4, 30: 7})
    b = await bench(unit, VARIANTS, "generator")
    async with b.live() as run:
        assert b.got()["oil_pressure_kpa"] == 400
        assert b.raw()["hv"] == 7
        assert not b.image.drops.get("not in this device")
        unit.registers[1] = 1098
        await run.until(lambda: b.raw().get("hv") == 70)
    unit = Unit({0: 1, 1: 1000, 10: 100, 30: 7})
    b = await bench(unit, VARIANTS, "generator")
    async with b.live():
        assert b.got()["oil_pressure_kpa"] == pytest.approx(689.4757)


async def test_repetitions(bench) -> None:
    """So many as are written, or as a register tells; sums over all; the number may change."""
    unit = Unit(
        {0: 2, **{10 + 20 * i: 100 + i for i in range(4)}, **{200 + i: 230 for i in range(3)}}
    )
    b = await bench(
        unit,
        """
        point = [
          { name = "count", address = 0, type = "u16" },
          { name = "rack_{n}", address = 10, type = "u16", repeat = { count_from = "count", stride = 20 } },
          { name = "u{n}", address = 200, type = "u16", unit = "V", measurement = "voltage_v.L{n}", repeat = { count = 3 } },
        ]
        [[computed]]
        name = "racks"
        sum = ["rack_{n}"]
        [[computed]]
        name = "second"
        sum = ["rack_2"]
        """,  # noqa: E501
    )
    async with b.live() as run:
        raw = b.raw()
        assert {k: v for k, v in raw.items() if k.startswith("r")} == {
            "rack_1": 100, "rack_2": 101, "racks": 201,
        }  # fmt: skip
        assert raw["second"] == 101
        assert b.got() == {"voltage_v.L1": 230, "voltage_v.L2": 230, "voltage_v.L3": 230}
        unit.registers[0] = 3
        await b.polls(run, 3)
        assert b.raw()["racks"] == 303
        unit.registers[0] = 1
        await b.polls(run, 3)
        assert b.raw()["racks"] == 100
        assert "rack_2" not in b.raw()


SUNSPEC = """
point = [
  { name = "serial", model = 1, at = 50, type = "string", len = 16, once = true },
  { name = "w", model = 101, at = 14, type = "s16", scale_at = 15, unit = "W", measurement = "power_w" },
  { name = "w", model = 103, at = 14, type = "s16", scale_at = 15, unit = "W", measurement = "power_w" },
  { name = "dcw_{n}", model = 160, at = 12, type = "u16", scale_at = 4, repeat = { count_from = "modules", stride = 3 } },
  { name = "modules", model = 160, at = 8, type = "u16" },
  { name = "never", model = 999, at = 2, type = "u16" },
]
[sunspec]
[identity]
serial = ["serial"]
"""  # noqa: E501


def inverter(base: int, power: int, before: tuple[list[int], ...] = ()) -> dict[int, int]:
    """A SunSpec map with an inverter of `power` W (with a power of ten of 1) and two modules."""
    ac = [103, 50, *[0] * 12, power // 10, 1, *[0] * 36]
    mppt = [160, 14, 0, 0, 0xFFFF, 0, 0, 0, 2, 0, 0, 0, 40, 0, 0, 50]
    return sunspec_map(base, common_model("M", "I", "", "1", "SN9"), *before, ac, mppt)


@pytest.mark.parametrize("base", [40000, 50000, 0])
async def test_sunspec(bench, base) -> None:
    """Models are found wherever they stand; of alternatives that which the device has counts;
    groups repeat; what is not in the chain is not asked for."""
    b = await bench(Unit(inverter(base, 5550)), SUNSPEC, "pv")
    async with b.live():
        assert b.image.identity.serial == "SN9"
        assert b.got() == {"pv_power_w": 5550}
        assert b.raw() == {"w": 5550, "dcw_1": 4.0, "dcw_2": 5.0, "modules": 2}
        assert not b.image.drops


async def test_a_chain_that_has_changed(bench) -> None:
    """A setting adds a model before the others: the map is read again, no value is wrong."""
    unit = Unit(inverter(40000, 5550))
    unit.put(40250, [0] * 100)
    b = await bench(unit, SUNSPEC, "pv")
    async with b.live() as run:
        unit.registers.update(inverter(40000, 5550, before=([120, 26, *[7] * 26],)))
        await run.until(lambda: b.image.drops.get("map shift"))
        await b.polls(run, 2)
        assert b.got() == {"pv_power_w": 5550}


async def test_sunspec_sentinels(bench) -> None:
    """What SunSpec calls not implemented is none, a scale factor out of range too."""
    told = inverter(40000, 5550)
    b = await bench(Unit(told), SUNSPEC, "pv")
    unit = b.server.units[1]
    async with b.live() as run:
        at = 40069
        unit.registers[at + 14] = 0x8000
        await b.polls(run, 2)
        assert b.got() == {"pv_power_w": None}
        unit.put(at + 14, [555, 0x8000])
        await b.polls(run, 2)
        assert b.got() == {"pv_power_w": None}


async def test_who_it_is_is_pinned(bench) -> None:
    """Serial of several points; another device at the address is refused before it is used."""
    unit = Unit(dict(enumerate([1, 8, *u32(77), 50])))
    body = """
    point = [
      { name = "maker", address = 0, type = "u16" },
      { name = "code", address = 1, type = "u16", enum = { 8 = "DSE 8610" } },
      { name = "number", address = 2, type = "u32" },
      { name = "p", address = 4, type = "u16", unit = "kW", measurement = "power_w" },
    ]
    [identity]
    serial = ["maker", "code", "number"]
    model = "code"
    """
    b = await bench(unit, body)
    async with b.live():
        assert b.image.identity.serial == "1-8-77"
        assert b.image.roles[""].asset.model == "DSE 8610"
    unit.put(2, u32(78))
    with pytest.raises(WrongDevice):
        async with running(b.source(), b.image) as run:
            await run.until(lambda: False)


async def test_what_a_device_lacks_is_no_reading(bench) -> None:
    """A register that is not there is no quantity of the asset without a value; one without a valid
    value is, and one that does not apply now."""
    body = """
    point = [
      { name = "mode", address = 0, type = "u16" },
      { name = "rpm", address = 1, type = "u16", unit = "rpm", measurement = "engine_speed_rpm" },
      { name = "oil", address = 2, type = "u16", unit = "kPa", measurement = "oil_pressure_kpa" },
      { name = "hz", address = 3, type = "u16", unit = "Hz", measurement = "frequency_hz", invalid = [7] },
      { name = "load", address = 4, type = "u16", unit = "%", measurement = "engine_load_pct", when = { point = "mode", equals = 1 } },
    ]
    """  # noqa: E501
    b = await bench(Unit({0: 0, 1: 1500, 3: 7, 4: 50}), body, "generator")
    async with b.live() as run:
        assert b.got() == {
            "engine_speed_rpm": 1500, "frequency_hz": None, "engine_load_pct": None,
        }  # fmt: skip
        b.server.units[1].registers[0] = 1
        await run.until(lambda: b.got()["engine_load_pct"] == 50)
