"""How often, how much and by which connection a profile reads, by a real Modbus TCP server."""

import pytest
from pymodbus.constants import ExcCodes

from collector.errors import BadDevice
from collector.sources.modbus.errors import NoAnswer
from tests.modbus.live import running
from tests.support.modbus import Unit, ascii_words


def points(*addresses: int, more: str = "") -> str:
    """One-register points at these addresses."""
    rows = [f'{{ name = "p{a}", address = {a}, type = "u16"{more} }},' for a in addresses]
    return "point = [\n" + "\n".join(rows) + "\n]\n"


def filled(count: int, start: int = 0) -> Unit:
    """A unit whose registers hold their own addresses."""
    return Unit({a: a for a in range(start, start + count)})


async def asked(b, polls: int = 2) -> set[tuple[int, int]]:
    """What is asked in steady polling."""
    async with b.live() as run:
        b.server.units[1].asked.clear()
        await b.polls(run, polls)
        return set(b.server.units[1].asked)


@pytest.mark.parametrize(
    ("options", "requests"),
    [
        ("", {(0, 11), (30, 1)}),
        ("max_gap = 0", {(0, 2), (10, 1), (30, 1)}),
        ("max_gap = 124", {(0, 31)}),
        ("max_gap = 124\nmax_count = 12", {(0, 11), (30, 1)}),
        ("barriers = [10]", {(0, 2), (10, 1), (30, 1)}),
        ("page = 8", {(0, 2), (10, 1), (30, 1)}),
        ("address_base = 0\nmax_gap = 19", {(0, 31)}),
    ],
)
async def test_points_are_read_together(bench, options, requests) -> None:
    """As far as gaps, length, barriers and pages allow."""
    b = await bench(filled(40), points(0, 1, 10, 30) + f"[modbus]\n{options}")
    assert await asked(b) == requests


async def test_a_barrier_at_a_point(bench) -> None:
    """A request begins at a point that says so."""
    body = points(0, 1, 3) + points(2, more=", barrier = true").replace("point = [", "")
    body = body.replace("]\n", "", 1)
    b = await bench(filled(4), body)
    assert await asked(b) == {(0, 2), (2, 2)}


async def test_a_block_is_read_just_so(bench) -> None:
    """Identification that is to be read as exactly 16 registers, though one is wanted."""
    b = await bench(
        filled(60),
        points(1, 20)
        + """
        [[block]]
        name = "exact"
        address = 0
        count = 16
        [modbus]
        max_gap = 100
        """,
    )
    assert await asked(b) == {(0, 16), (20, 1)}


async def test_cadence(bench) -> None:
    """Each poll, every ten seconds, at connect only."""
    b = await bench(
        filled(3),
        """
        point = [
          { name = "fast", address = 0, type = "u16" },
          { name = "slow", address = 1, type = "u16", every_s = 10 },
          { name = "once", address = 2, type = "u16", once = true },
        ]
        """,
    )
    unit = b.server.units[1]
    async with b.live() as run:
        await b.polls(run, 1)
        unit.asked.clear()
        unit.put(0, [7, 8, 9])
        await b.polls(run, 20)
        assert unit.asked.count((0, 1)) >= 18
        assert 1 <= unit.asked.count((1, 1)) <= 3
        assert (2, 1) not in unit.asked
        assert b.raw() == {"fast": 7, "slow": 8, "once": 2}


async def test_an_optional_block_is_asked_once(bench) -> None:
    """Refused for good: unsupported, and not asked again in each poll."""
    unit = filled(1)
    b = await bench(
        unit,
        points(0, 500) + '[[block]]\nname = "b"\naddress = 500\ncount = 4\noptional = true\n',
    )
    async with b.live() as run:
        await b.polls(run, 5)
        assert unit.asked.count((500, 4)) == 0  # the server refuses it before it is counted
        assert b.raw() == {"p0": 0}
        assert b.image.drops["not in this device"] == 1
        assert "registers" not in b.notes


async def test_a_block_with_a_missing_register(bench) -> None:
    """Its values are read in parts from then on, and what is missing is told."""
    unit = filled(10)
    del unit.registers[5]
    block = '[[block]]\nname = "b"\naddress = 2\ncount = 6\n'
    b = await bench(unit, points(0, 3, 4, 5, 6) + block)
    async with b.live() as run:
        assert set(b.raw()) == {"p0", "p3", "p4", "p6"}
        assert b.notes["registers"] == "The device does not have: p5."
        unit.asked.clear()
        await b.polls(run, 3)
        assert set(unit.asked) == {(0, 5), (6, 1)}


async def test_illegal_addresses_are_found_and_left_out(bench) -> None:
    """Three of forty registers are not there: the rest is read, a note names the three, and later
    polls ask only for what is there."""
    unit = filled(40)
    for gone in (7, 22, 23):
        del unit.registers[gone]
    b = await bench(unit, points(*range(40)))
    async with b.live() as run:
        assert set(b.raw()) == {f"p{a}" for a in range(40) if a not in (7, 22, 23)}
        assert b.notes["registers"] == "The device does not have: p7, p22, p23."
        unit.asked.clear()
        await b.polls(run, 3)
        assert set(unit.asked) == {(0, 7), (8, 14), (24, 16)}


async def test_a_hole_between_values_is_left_out(bench) -> None:
    """Every value is there, but not what lies between two of them."""
    unit = Unit({a: a for a in (*range(4), *range(10, 14))})
    b = await bench(unit, points(*unit.registers))
    async with b.live() as run:
        assert len(b.raw()) == 8
        assert "registers" not in b.notes
        unit.asked.clear()
        await b.polls(run, 3)
        assert set(unit.asked) == {(0, 4), (10, 4)}


async def test_what_is_missing_is_remembered_over_restarts(bench) -> None:
    """A minute later it is asked for once more, then never again, also by the next run; another
    firmware is asked anew."""
    unit = filled(20)
    unit.put(100, [1])
    del unit.registers[7]
    body = points(*range(20)) + (
        '[[computed]]\nname = "x"\nconstant = 1\n[identity]\nserial = ["p0"]\nfirmware = "fw"\n'
    )
    body = body.replace(
        "]\n", '  { name = "fw", address = 100, type = "u16", once = true },\n]\n', 1
    )
    b = await bench(unit, body)
    async with b.live() as run:
        await run.until(lambda: _pinned(b))
    drops = b.image.drops["not in this device"]
    async with b.live() as run:
        await b.polls(run, 2)
    assert b.image.drops["not in this device"] == drops
    unit.registers[7] = 7
    await b.server.stop()
    await b.server.start()
    async with b.live() as run:
        await b.polls(run, 2)
        assert "p7" not in b.raw()
    unit.registers[100] = 2
    async with b.live() as run:
        await b.polls(run, 2)
        assert b.raw()["p7"] == 7


def _pinned(b) -> str:
    """What is remembered of firmware 1."""
    return next((v for k, v in b.pins().items() if k.endswith(" 1")), "")


async def test_a_device_that_was_only_starting(bench) -> None:
    """What is there a minute later is read from then on, and nothing is remembered."""
    unit = filled(20)
    del unit.registers[7]
    b = await bench(unit, points(*range(20)))
    async with b.live() as run:
        assert "p7" in b.notes["registers"]
        unit.registers[7] = 77
        await b.server.stop()
        await b.server.start()
        await run.until(lambda: b.raw().get("p7") == 77)
        assert "registers" not in b.notes
        assert not [name for name in b.pins() if name.startswith("registers")]


async def test_a_profile_of_another_device(bench) -> None:
    """When nothing of it is there, that is told."""
    b = await bench(Unit({9000: 1}), points(0, 1, 2))
    with pytest.raises(BadDevice, match="has no register of the profile probe"):
        async with running(b.source(), b.image) as run:
            await run.until(lambda: False)


async def test_silence_is_tried_again(bench) -> None:
    """`retries` in one poll: a single lost answer is no missed poll."""
    unit = filled(1)
    b = await bench(unit, points(0) + "[modbus]\nretries = 4\n")
    async with b.live() as run:
        unit.delay_s = 600.0
        before = b.server.connects
        await run.until(lambda: b.server.connects > before)
        unit.delay_s = 0.0
        await b.polls(run, 2)
        assert not b.image.drops.get("no answer")


async def test_silence_ends_the_run(bench) -> None:
    """Three polls without an answer: the supervisor takes over."""
    unit = filled(1)
    b = await bench(unit, points(0))
    async with running(b.source(), b.image) as run:
        await run.until(lambda: run.ready)
        unit.delay_s = 600.0
        with pytest.raises(NoAnswer):
            await run.until(lambda: False)


async def test_the_usual_unit_is_named(bench) -> None:
    """Nobody at the registry's unit id: the one that such devices come with is told."""
    b = await bench(Unit.dead(), points(0) + "[modbus]\nunit = 10\n")
    with pytest.raises(NoAnswer, match="usually are unit 10"):
        async with running(b.source(), b.image) as run:
            await run.until(lambda: False)


async def test_one_master_only(bench) -> None:
    """`exclusive`: the connection is closed after each poll, and who answers is asked each time."""
    unit = filled(4)
    unit.put(10, ascii_words("A1", 1))
    body = """
        point = [
          { name = "a", address = 0, type = "u16" },
          { name = "serial", address = 10, type = "string", len = 1, once = true },
          { name = "setting", address = 3, type = "u16", once = true },
        ]
        [identity]
        serial = ["serial"]
        [modbus]
        exclusive = true
        """
    b = await bench(unit, body)
    async with b.live() as run:
        await b.polls(run, 4)
        unit.asked.clear()
        before = b.server.connects
        await b.polls(run, 4)
        assert b.server.connects >= before + 3
        assert (10, 1) in unit.asked
        assert (3, 1) not in unit.asked


async def test_a_connection_of_its_own(bench) -> None:
    """`one_connection_per_host = false`: two devices at one address do not share one."""
    b = await bench(filled(1), points(0) + "[modbus]\none_connection_per_host = false\n")
    async with b.gateways.use("127.0.0.1", b.server.port, "other") as other:
        await other.read(1, 0, 1)
        async with b.live():
            assert b.server.connects == 2


async def test_after_an_exception_the_connection_is_made_anew(bench) -> None:
    """`reconnect_on_error`, for servers that are not to be trusted after one."""
    unit = filled(1)
    b = await bench(unit, points(0) + "[modbus]\nreconnect_on_error = true\n")
    async with b.live() as run:
        before = b.server.connects
        unit.exception = ExcCodes.DEVICE_BUSY
        await run.until(lambda: b.image.drops.get("busy"))
        unit.exception = None
        await b.polls(run, 2)
        assert b.server.connects > before


async def test_pauses(bench) -> None:
    """Between requests, and after connecting; the interval is never shorter than the profile's."""
    b = await bench(
        filled(40),
        points(0, 39)
        + "[modbus]\nmessage_spacing_ms = 10\nconnect_delay_ms = 20\nmin_interval_s = 5\n",
    )
    async with b.live() as run:
        gateway = next(iter(b.gateways._open.values()))
        assert gateway.spacing_s == 0.01
        assert gateway.connect_delay_s == 0.02
        b.time.slept.clear()
        await b.polls(run, 3)
        assert max(b.time.slept) > 2
