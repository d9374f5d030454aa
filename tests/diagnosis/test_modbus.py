"""Modbus devices: what is right, and each way in which it is not."""

import asyncio
import socket

import pytest

from collector.diagnosis import reach
from collector.diagnosis.desk import DiagnosisDesk
from collector.diagnosis.sheet import Failed, Sheet
from collector.errors import NotPossible
from collector.model.kinds import AssetKind, DeviceKind
from tests.diagnosis.bench import Around, device, diagnosed, fails_at, states, step
from tests.modbus import fronius_map as fronius
from tests.modbus.acuvim_map import VALUES, P, S, acuvim_ii, acuvim_l
from tests.support.modbus import Unit
from tests.support.ports import free_port


async def test_a_meter_that_is_right(modbus) -> None:
    """Every step says what was seen, and the values are there."""
    server = await modbus({1: acuvim_ii("AH1")})
    found = await diagnosed(device(server.port))
    assert found.ok
    assert states(found) == {
        "name": "skipped", "port": "ok", "tls": "skipped", "login": "skipped", "identity": "ok",
        "first value": "ok", "plausible": "ok",
    }  # fmt: skip
    assert (found.serial, found.way) == ("AH1", "test")
    assert "AH1" in step(found, "identity").seen
    assert found.readings["d1"]["frequency_hz"] == pytest.approx(50.02, abs=0.01)
    assert found.took_s < 10


async def test_a_thousandfold_error_is_seen(modbus, patient) -> None:
    """Powers in kW where W belong: the source's own hint is a warning of the last step."""
    small = {
        k: v / 1000
        for k, v in VALUES.items()
        if k in ("pa", "pb", "pc", "p", "sa", "sb", "sc", "s")
    }
    server = await modbus({1: acuvim_ii("AH1", values={**VALUES, **small})})
    found = await diagnosed(device(server.port))
    assert found.ok, "it answers; a person decides about its settings"
    last = step(found, "plausible")
    assert last.state == "warning"
    assert "Check units and PT/CT settings" in last.seen
    assert sum(P) / sum(S) < 1


async def test_clamps_that_face_backwards(modbus, patient) -> None:
    """A load that delivers power."""
    back = {k: -VALUES[k] for k in ("pa", "pb", "pc", "p")}
    server = await modbus({1: acuvim_ii("AH1", values={**VALUES, **back})})
    found = await diagnosed(device(server.port, asset_kind=AssetKind.LOAD))
    assert "CT" in step(found, "plausible").seen


async def test_nothing_listens() -> None:
    """Closed, with where Modbus is switched on; what comes behind is skipped."""
    failed = fails_at(await diagnosed(device(free_port())), "port")
    assert "nothing listens" in failed.seen
    assert "Modbus TCP switched on" in failed.advice


async def test_a_name_that_nobody_knows() -> None:
    """Said at the first step."""
    failed = fails_at(await diagnosed(device(502, host="no-such-host.invalid")), "name")
    assert "not known in this network" in failed.seen
    assert "IP address" in failed.advice


async def test_a_name_that_is_known(modbus) -> None:
    """It says which address it stands for."""
    server = await modbus({1: acuvim_ii("AH1")})
    found = await diagnosed(device(server.port, host="localhost"))
    assert "127.0.0.1" in step(found, "name").seen


async def test_the_wrong_unit_id(modbus) -> None:
    """The gateway is there, the unit is not."""
    server = await modbus({1: acuvim_ii("AH1"), 7: Unit.dead()})
    failed = fails_at(await diagnosed(device(server.port, unit=7)), "identity")
    assert "unit id" in failed.advice


async def test_another_kind_of_device(modbus) -> None:
    """A Fronius where an ACUVIM is expected: it answers, but not as it should."""
    server = await modbus({1: fronius.unit(fronius.inverter_int())})
    failed = fails_at(await diagnosed(device(server.port)), "identity")
    assert "not as this kind should" in failed.seen
    found = await diagnosed(device(server.port, DeviceKind.FRONIUS, timeout_s=1.0))
    assert found.ok, found.steps
    assert found.serial == "33411122"


async def test_who_is_expected(modbus) -> None:
    """The pinned serial is compared, be it written or met; one that is another entry's is named."""
    server = await modbus({1: acuvim_ii("AH1")})
    failed = fails_at(await diagnosed(device(server.port, serial="AH2")), "identity")
    assert "AH1" in failed.advice
    assert "expected AH2" in failed.advice
    failed = fails_at(await diagnosed(device(server.port), met={"d1": "AH3"}), "identity")
    assert "expected AH3" in failed.advice
    other = device(502, id="stage-a", host="10.0.0.9", serial="ah1")
    failed = fails_at(await diagnosed(device(server.port), devices=(other,)), "identity")
    assert "stage-a, which the registry has at 10.0.0.9:502" in failed.seen


async def test_one_that_cannot_say_who_it_is(modbus) -> None:
    """That is no fault."""
    server = await modbus({1: acuvim_l()})
    found = await diagnosed(device(server.port))
    assert found.ok
    assert "does not say who it is" in step(found, "identity").seen


async def test_something_that_is_no_modbus(rogue) -> None:
    """Another program at the port."""
    server = await rogue(lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert fails_at(await diagnosed(device(server.port)), "identity")


async def test_closed_filtered_and_off_are_told_apart(monkeypatch) -> None:
    """A port that takes no connection: whether the host is on says its neighbour's answer, or any
    other port of it."""
    monkeypatch.setattr(reach, "PORT_S", 0.3)
    full = socket.socket()
    full.bind(("127.0.13.1", 0))
    full.listen(0)
    port = full.getsockname()[1]
    fillers = [socket.socket() for _ in range(4)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(("127.0.13.1", port))
    try:
        for neighbour, word in ((True, "is filtered"), (False, "nobody has the address")):
            one = device(port, host="127.0.13.1")
            known = {one.host: neighbour}
            with pytest.raises(Failed, match=word):
                await reach.opened(one, Sheet(), neighbour=known.get)
        with pytest.raises(Failed, match="is filtered"):  # its other ports refuse: it is on
            await reach.opened(device(port, host="127.0.13.1"), Sheet(), neighbour=lambda _: None)
    finally:
        for sock in (full, *fillers):
            sock.close()


def test_the_neighbours_that_the_kernel_knows(tmp_path) -> None:
    """An entry without a hardware address is nobody; one that was never asked is not known."""
    table = tmp_path / "arp"
    table.write_text(
        "IP address       HW type     Flags       HW address            Mask     Device\n"
        "10.20.0.31       0x1         0x2         00:11:22:33:44:55     *        eth0\n"
        "10.20.0.32       0x1         0x0         00:00:00:00:00:00     *        eth0\n"
    )
    assert reach.on_the_cable("10.20.0.31", table) is True
    assert reach.on_the_cable("10.20.0.32", table) is False
    assert reach.on_the_cable("10.20.0.33", table) is None
    assert reach.on_the_cable("10.20.0.31", tmp_path / "none") is None


async def test_a_few_at_a_time(modbus) -> None:
    """The fifth test at once is refused; when one has ended there is room again."""
    server = await modbus({number: Unit.dead() for number in range(1, 5)})
    desk = DiagnosisDesk(Around())
    tests = [
        asyncio.create_task(desk.test(device(server.port, unit=number))) for number in range(1, 5)
    ]
    await asyncio.sleep(0)
    with pytest.raises(NotPossible, match="are being tested"):
        await desk.test(device(server.port, unit=5))
    found = await asyncio.gather(*tests)
    assert not any(one.ok for one in found)
    assert not (await desk.test(device(server.port, unit=1))).ok
