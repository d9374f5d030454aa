"""A whole search on loopback: real brokers, meters, web servers, and hosts that stay untouched."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.discovery.desk import SearchRunning
from collector.discovery.plan import exclusion
from collector.discovery.search import World, shelved
from collector.errors import NotPossible
from collector.model.kinds import DeviceKind
from tests.discovery.test_solar_api import api
from tests.discovery.test_ssdp import PORTAL, XML, responding
from tests.discovery.world import desk, doorbells, free_ports, known
from tests.modbus import fronius_map as fronius
from tests.modbus.acuvim_map import acuvim_ii
from tests.modbus.live import Turned
from tests.support.http_answers import Reply, answering
from tests.support.mosquitto import Mosquitto
from tests.victron.gx import fake_gx
from tests.victron.test_connection import secured

Brokers = Callable[..., Mosquitto]


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """Answers on loopback take no seconds."""
    monkeypatch.setattr("collector.discovery.gx.ANSWER_S", 0.1)
    monkeypatch.setattr("collector.discovery.gx.SERIAL_S", 0.3)
    monkeypatch.setattr("collector.discovery.gx.LIMIT_S", 0.8)
    monkeypatch.setattr("collector.discovery.ssdp.WAIT_S", 0.4)
    monkeypatch.setattr("collector.discovery.modbus.TIMEOUT_S", 0.3)


async def test_a_mixed_site(mosquitto: Brokers, modbus, tmp_path: Path) -> None:
    """A network is searched: a GX, a meter, an inverter with both of its ways, a GX that wants a
    password and is named by SSDP, each once; what is excluded or read already is not touched."""
    ports = free_ports()
    broker = mosquitto(port=ports.mqtt, host="127.0.4.1")
    mosquitto(secured(tmp_path), port=ports.mqtt, host="127.0.4.2")
    meter = acuvim_ii("AH1")
    await modbus({1: meter}, host="127.0.4.3", port=ports.modbus)
    inverter = fronius.unit(fronius.inverter_int(), serial="33411122")
    await modbus({1: inverter}, host="127.0.4.4", port=ports.modbus)
    read_now = known("stage-a", "127.0.4.6", ports.modbus, serial="AH9")
    found_by = desk(ports, [read_now], excluded=exclusion(["127.0.4.5"]))
    async with (
        fake_gx_at(broker),
        answering(lambda _: Reply(200, XML.encode()), host="127.0.4.2") as web,
        responding(f"http://127.0.4.2:{web.port}/d.xml", "127.0.4.2", ports.ssdp),
        answering(api, host="127.0.4.4", port=ports.http),
        doorbells("127.0.4.5", ports) as excluded,
        doorbells("127.0.4.6", ports) as occupied,
    ):
        found_by.start(("127.0.4.0/29", "127.0.4.2"), person="anna")
        done = await found_by.wait()
    assert (done.state, done.cause, done.person) == ("done", "", "anna")
    assert done.hosts == done.asked == 5
    by_host = {one.host: one for one in done.found}
    inverters = [one for one in done.found if one.host == "127.0.4.4"]
    assert [one.unit for one in inverters] == [1, 2, 100]
    assert inverters[0].serial == "33411122"
    assert len(done.found) == len(by_host) + 2
    assert by_host["127.0.4.1"].serial == "b827eb00aaaa"
    secret = by_host["127.0.4.2"]
    assert (secret.serial, secret.sure, secret.needs_password) == (PORTAL, True, True)
    assert set(secret.ways) == {"mqtt", "ssdp"}
    assert by_host["127.0.4.3"].table == {
        "id": "meter-1", "kind": "acuvim", "host": "127.0.4.3", "name": "Acuvim II IIR AH1",
        "serial": "AH1", "port": ports.modbus,
    }  # fmt: skip
    assert set(inverters[0].ways) == {"modbus", "solar api"}
    assert "does not answer at unit 2" in inverters[1].hints[0]
    taken = by_host["127.0.4.6"]
    assert (taken.standing, taken.device, taken.serial) == ("known", "stage-a", "AH9")
    assert excluded.visits == 0
    assert occupied.visits == 0
    assert any("127.0.4.5" in note for note in done.notes)


def fake_gx_at(broker: Mosquitto):
    """A GX at a broker anywhere on loopback."""
    return fake_gx(broker.port, "b827eb00aaaa", host=broker.host)


async def test_a_device_that_moved_and_one_that_was_swapped(modbus) -> None:
    """The pinned serial at another address is *moved*; another serial at a known address is
    *swapped*; neither gets a table to be added by."""
    ports = free_ports()
    await modbus({1: acuvim_ii("AH1")}, host="127.0.5.1", port=ports.modbus)
    await modbus({1: acuvim_ii("AH3")}, host="127.0.5.2", port=ports.modbus)
    devices = [
        known("stage-a", "127.0.5.9", ports.modbus, serial="AH1", heard=False, who=None),
        known("stage-b", "127.0.5.2", ports.modbus, serial="AH2", heard=False, who=None),
    ]
    found_by = desk(ports, devices)
    found_by.start(("127.0.5.1", "127.0.5.2"))
    moved, swapped = sorted((await found_by.wait()).found, key=lambda one: one.host)
    assert (moved.standing, moved.device) == ("moved", "stage-a")
    assert moved.moved_from == f"127.0.5.9:{ports.modbus}"
    assert (swapped.standing, swapped.device) == ("swapped", "stage-b")
    assert not moved.table
    assert not swapped.table


async def test_one_master_only(modbus) -> None:
    """A device that allows one master is never touched, though a person names it; one that is read
    and named gets no second connection at its port."""
    ports = free_ports()
    alone = known("bess-2", "127.0.6.1", ports.modbus, serial="B2", alone=True)
    shared = known("stage-a", "127.0.6.2", ports.modbus, serial="AH1")
    found_by = desk(ports, [alone, shared])
    async with (
        doorbells("127.0.6.1", ports) as untouched,
        doorbells("127.0.6.2", [ports.modbus]) as busy,
        doorbells("127.0.6.2", [ports.mqtt]) as other,
    ):
        found_by.start(("127.0.6.1", "127.0.6.2"))
        done = await found_by.wait()
    assert (untouched.visits, busy.visits) == (0, 0)
    assert other.visits > 0
    assert [one.device for one in done.found if one.standing == "known"] == ["bess-2", "stage-a"]


async def test_a_profile_that_serves_one_master(tmp_path: Path) -> None:
    """Its device is found out by the profile's word and left alone, though nobody reads it now."""
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "acme-9.toml").write_text(
        'schema = 1\ntitle = "ACME 9"\nkind = "load"\n[modbus]\nexclusive = true\n'
        '[[point]]\nname = "power"\naddress = 1\ntype = "u16"\nunit = "W"\n'
        'measurement = "power_w"\n'
    )
    ports = free_ports()
    alone = known(
        "acme", "127.0.14.1", ports.modbus, kind=DeviceKind.MODBUS, profile="acme-9", heard=False
    )
    world = World(rate=2000.0, ports=ports, group="127.0.0.1", profiles=lambda: shelved(tmp_path))
    found_by = desk(ports, [alone], world=world)
    async with doorbells("127.0.14.1", ports) as bell:
        found_by.start(("127.0.14.1",))
        (found,) = (await found_by.wait()).found
    assert bell.visits == 0
    assert (found.standing, found.device) == ("known", "acme")


async def test_a_port_that_a_person_named(modbus) -> None:
    """A gateway at another port than 502 is found by naming it, and only that port is opened."""
    ports = free_ports()
    server = await modbus({1: acuvim_ii("AH7")}, host="127.0.7.1")
    found_by = desk(ports)
    async with doorbells("127.0.7.1", ports) as others:
        found_by.start((f"127.0.7.1:{server.port}",))
        (found,) = (await found_by.wait()).found
    assert (found.serial, found.table["port"]) == ("AH7", server.port)
    assert others.visits == 0


async def test_the_rate_is_bounded() -> None:
    """With the clock of the test: 30 hosts, four doors each, at 50 a second take 2.4 seconds."""
    time = Turned()
    start = time.now
    found_by = desk(free_ports(), world=World(rate=50.0, ports=free_ports(), clock=time.clock))
    found_by.start(("127.0.8.0/27",))
    done = await found_by.wait()
    assert done.asked == 30
    assert time.now - start >= 119 / 50 - 1e-3


async def test_one_at_a_time_and_it_can_be_ended() -> None:
    """A second one is refused while one runs; what was cancelled says so and can be followed."""
    ports = free_ports()
    found_by = desk(ports, world=World(rate=1.0, ports=ports))
    assert found_by.state.state == "never"
    begun = found_by.start(("127.0.9.0/24",))
    assert (begun.state, begun.hosts) == ("running", 254)
    with pytest.raises(SearchRunning):
        found_by.start(("127.0.9.1",))
    ended = await found_by.cancel()
    assert ended.state == "cancelled"
    assert ended.ended_ms is not None
    found_by.start(("127.0.9.1:1",))
    assert (await found_by.wait()).state == "done"


async def test_during_an_event() -> None:
    """Only hosts, only after a yes."""
    found_by = desk(free_ports(), in_event=lambda: True)
    with pytest.raises(NotPossible, match="an event is on"):
        found_by.start(("127.0.9.0/28",), confirmed=True)
    with pytest.raises(NotPossible, match="may be asked"):
        found_by.start(("127.0.9.1",))
    found_by.start(("127.0.9.1:1",), confirmed=True)
    assert (await found_by.wait()).state == "done"


async def test_a_name_that_leads_to_an_excluded_address() -> None:
    """What is excluded stays so by whichever name it is called."""
    ports = free_ports()
    found_by = desk(ports, excluded=exclusion(["127.0.0.0/8", "::1"]))
    async with doorbells("127.0.0.1", ports) as bell:
        found_by.start(("localhost",))
        done = await found_by.wait()
    assert bell.visits == 0
    assert "excludes" in done.notes[0]


async def test_gx_stands_for_the_kind_that_ssdp_alone_has_seen() -> None:
    """A GX whose MQTT is off is found by SSDP, with what to switch on."""
    ports = free_ports()
    found_by = desk(ports)
    page = XML.replace("X_MqttOnLan>1<", "X_MqttOnLan>0<").encode()
    async with (
        answering(lambda _: Reply(200, page), host="127.0.10.1") as web,
        responding(f"http://127.0.10.1:{web.port}/", "127.0.10.1", ports.ssdp),
    ):
        found_by.start(("127.0.10.1",))
        (found,) = (await found_by.wait()).found
    assert (found.kind, found.serial, found.port) == (DeviceKind.GX, PORTAL, 1883)
    assert "MQTT on LAN is off" in found.hints[0]
    assert found.table["portal_id"] == PORTAL
    assert not asyncio.all_tasks() - {asyncio.current_task()}
