"""Modbus units on real servers: who they are, each once, by reads that only identify."""

from collections.abc import Callable
from pathlib import Path
from struct import pack, unpack

import pytest

from collector.discovery.modbus import ask_modbus
from collector.discovery.search import shelved
from collector.discovery.unit import SUNSPEC
from collector.model.kinds import AssetKind, DeviceKind
from tests.modbus import fronius_map as fronius
from tests.modbus.acuvim_map import acuvim_ii, acuvim_l
from tests.profiles.golden_device import GoldenUnit, cases, told
from tests.support.modbus import Unit, common_model, sunspec_map
from tests.support.ports import free_port

ANSWER_S = 2.0
ACUVIM = {
    (0xC350, 70),
    (0x4000, 4),
    (0x0600, 4),
    (0x2000, 4),
    (0x1003, 27),
    (0x0103, 7),
    (61504, 6),
}


def identifying(asked: list[tuple[int, int]]) -> bool:
    """Whether these reads only ask who somebody is: markers, headers of models, a common model,
    and the ACUVIM's probe."""
    return all(
        count <= 2 or count in (67, 68, 69) or (address, count) in ACUVIM
        for address, count in asked
    )


async def test_an_acuvim_with_a_web_module(modbus) -> None:
    """Model, serial and firmware by its SunSpec block; what it measures is for a person to say."""
    meter = acuvim_ii("AH19040551")
    server = await modbus({1: meter})
    (found,) = await ask_modbus("127.0.0.1", server.port, timeout_s=ANSWER_S)
    assert (found.kind, found.unit, found.serial) == (DeviceKind.ACUVIM, 1, "AH19040551")
    assert "Acuvim II" in found.model
    assert found.maker == "Accuenergy"
    assert found.asset_kind is None
    assert "asset_kind" in found.hints[0]
    assert identifying(meter.asked), meter.asked
    assert len(meter.asked) < 30


@pytest.mark.parametrize(
    ("meter", "model"), [(acuvim_ii(""), "Acuvim II"), (acuvim_l(), "Acuvim L")]
)
async def test_an_acuvim_that_cannot_say_who_it_is(modbus, meter: Unit, model: str) -> None:
    """It behaves like one: found, and not sure."""
    server = await modbus({1: meter})
    (found,) = await ask_modbus("127.0.0.1", server.port, timeout_s=ANSWER_S)
    assert (found.kind, found.model, found.serial) == (DeviceKind.ACUVIM, model, "")
    assert not found.sure
    assert identifying(meter.asked), meter.asked


async def test_a_fronius_with_its_meter(modbus) -> None:
    """The inverter is one device; its smart meter at 240 is read with it and no device of its
    own."""
    inverter = fronius.unit(fronius.inverter_int(), fronius.status(1000))
    server = await modbus({1: inverter, 240: fronius.smart_meter()})
    (found,) = await ask_modbus("127.0.0.1", server.port, timeout_s=ANSWER_S)
    assert (found.kind, found.serial, found.unit) == (DeviceKind.FRONIUS, "33411122", 1)
    assert (found.asset_kind, found.model) == (AssetKind.PV, "Symo GEN24 10.0")
    assert found.firmware == "1.41.10-1"
    assert found.hints == ("its smart meter METER7 (unit 240) is read with it",)
    assert identifying(inverter.asked), inverter.asked


async def test_a_meter_alone(modbus) -> None:
    """A Fronius meter without an inverter is a device, of the grid."""
    server = await modbus({200: fronius.smart_meter()})
    (found,) = await ask_modbus("127.0.0.1", server.port, timeout_s=ANSWER_S)
    assert (found.kind, found.unit, found.asset_kind) == (DeviceKind.FRONIUS, 200, AssetKind.GRID)


async def test_several_inverters_behind_a_datamanager(modbus) -> None:
    """The unit ids that the Solar API named are asked too; each serial is one device."""
    inverters = {n: fronius.unit(fronius.inverter_int(), serial=f"SN{n}") for n in (1, 2, 3)}
    server = await modbus(inverters)
    found = await ask_modbus("127.0.0.1", server.port, [1, 2, 3], timeout_s=ANSWER_S)
    assert [(one.unit, one.serial) for one in found] == [(1, "SN1"), (2, "SN2"), (3, "SN3")]


async def test_one_meter_under_several_unit_ids(modbus) -> None:
    """Equal serials are one device, under its first unit id."""
    server = await modbus({n: fronius.smart_meter() for n in (1, 2, 71)})
    (found,) = await ask_modbus("127.0.0.1", server.port, [2, 71], timeout_s=ANSWER_S)
    assert (found.unit, found.units) == (1, (1, 2, 71))


async def test_a_server_that_does_not_look_at_unit_ids(modbus) -> None:
    """A meter without a serial that answers to all is one; two that answer to their own are two."""
    blind = await modbus({n: acuvim_l() for n in (1, 5, 231)})
    (found,) = await ask_modbus("127.0.0.1", blind.port, [5], timeout_s=ANSWER_S)
    assert found.units == (1, 5)
    two = await modbus({n: acuvim_l() for n in (1, 5)})
    both = await ask_modbus("127.0.0.1", two.port, [5], timeout_s=ANSWER_S)
    assert [one.units for one in both] == [(1,), (5,)]


async def test_a_sunspec_inverter_of_another_maker(modbus) -> None:
    """It is read in the way of a Fronius, and that is said."""
    common = common_model("SolarEdge", "SE10K", "", "1.0", "7E1234")
    server = await modbus({1: Unit(sunspec_map(40000, common, fronius.inverter_int()))})
    (found,) = await ask_modbus("127.0.0.1", server.port, timeout_s=ANSWER_S)
    assert (found.kind, found.maker, found.serial) == (DeviceKind.FRONIUS, "SolarEdge", "7E1234")
    assert "another maker" in found.hints[0]


async def test_what_nobody_knows(modbus) -> None:
    """A Modbus device without a profile is shown, with what to do."""
    unit = Unit({100: 7})
    server = await modbus({1: unit})
    (found,) = await ask_modbus("127.0.0.1", server.port, timeout_s=ANSWER_S)
    assert (found.kind, found.sure) == (DeviceKind.MODBUS, False)
    assert "no profile knows it" in found.hints[0]
    assert {address for address, _ in unit.asked} <= {*SUNSPEC, 0xC350, 0x4000, 0x0600}


async def test_silent_and_absent_units(modbus, rogue) -> None:
    """A dead unit, a server that answers garbage, and nobody: no device, no error."""
    dead = await modbus({1: Unit.dead(), 200: fronius.smart_meter()})
    (found,) = await ask_modbus("127.0.0.1", dead.port, timeout_s=ANSWER_S)
    assert found.unit == 200
    garbage = await rogue(lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert await ask_modbus("127.0.0.1", garbage.port, timeout_s=ANSWER_S) == []
    assert await ask_modbus("127.0.0.1", free_port(), timeout_s=ANSWER_S) == []


def by_hand(units: dict[int, dict[int, int]], missing: int) -> Callable[[bytes], bytes | None]:
    """A server's answers: registers of its units; exception `missing` for what a unit does not
    have; for another unit it hangs up."""

    def reply(request: bytes) -> bytes | None:
        head, unit, function = request[:4], request[6], request[7]
        address, count = unpack(">HH", request[8:12])
        held = units.get(unit)
        if held is None:
            return None
        if all(register in held for register in range(address, address + count)):
            words = [held[register] for register in range(address, address + count)]
            body = bytes([unit, function, 2 * count]) + pack(f">{count}H", *words)
        else:
            body = bytes([unit, function | 0x80, missing])
        return head + pack(">H", len(body)) + body

    return reply


async def test_faults_instead_of_illegal_addresses(rogue) -> None:
    """Some refuse what they do not have as a fault (exception 4): they are found by what they have,
    and a unit that has nothing is nobody."""
    case = next(path for path in cases(".toml") if path.stem == "7410_running")
    controller = GoldenUnit(told(case)["registers"]).registers
    profiles = shelved(Path("/nonexistent"))
    server = await rogue(by_hand({1: {}, 10: controller, 100: {}, 200: {}, 240: {}}, missing=4))
    (found,) = await ask_modbus("127.0.0.1", server.port, (), profiles, timeout_s=ANSWER_S)
    assert (found.profile, found.unit) == ("dse-gencomm", 10)


async def test_a_gateway_that_hangs_up(rogue) -> None:
    """It closes the connection on a unit id that it does not have; the others are asked all the
    same."""
    server = await rogue(by_hand({5: {**acuvim_l().registers}}, missing=2))
    (found,) = await ask_modbus("127.0.0.1", server.port, [5], timeout_s=ANSWER_S)
    assert (found.kind, found.unit) == (DeviceKind.ACUVIM, 5)
