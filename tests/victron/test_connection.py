"""Getting through to a GX: refused, unreachable, wrong password, TLS, another device."""

import asyncio
import hashlib
import socket
import ssl
import subprocess
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from collector.errors import (
    BadDevice,
    NotConnected,
    SourceError,
    Unauthorized,
    WrongDevice,
)
from collector.pinning import normal
from collector.sources.victron import VictronSource, client, portal, reach, session
from tests.support.image import RecordingImage
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.victron.conftest import PORTAL, gx, running
from tests.victron.gx import SMALL, FakeGx, fake_gx

Brokers = Callable[..., Mosquitto]


async def failure(device: Any, image: RecordingImage | None = None) -> SourceError:
    """What a run of the device's source raises."""
    with pytest.raises(SourceError) as caught:
        async with asyncio.timeout(20):
            await VictronSource(device).run(image or RecordingImage(), lambda: None)
    return caught.value


def make_certificate(folder: Path) -> str:
    """A self-signed certificate as a GX makes one; its SHA-256."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=venus", "-keyout", "gx.key", "-out", "gx.crt"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    der = ssl.PEM_cert_to_DER_cert((folder / "gx.crt").read_text())
    return hashlib.sha256(der).hexdigest()


def tls_broker(mosquitto: Brokers, folder: Path) -> tuple[Mosquitto, str]:
    """A broker that speaks TLS with a certificate of its own, and the fingerprint."""
    fingerprint = make_certificate(folder)
    extra = f"user root\ncertfile {folder}/gx.crt\nkeyfile {folder}/gx.key\n"
    return mosquitto(extra), fingerprint


def secured(folder: Path) -> str:
    """Broker settings that want user `ovr` with password `right`."""
    file = folder / "passwords"
    file.touch(mode=0o600)
    subprocess.run(
        ["mosquitto_passwd", "-b", str(file), "ovr", "right"], check=True, capture_output=True
    )
    return f"user root\nallow_anonymous false\npassword_file {file}\n"


async def test_nothing_listens() -> None:
    """A closed port is not connected; the message says where MQTT is switched on."""
    found = await failure(gx(free_port()))
    assert isinstance(found, NotConnected)
    assert "MQTT on LAN" in str(found)


async def test_tls_only(monkeypatch: pytest.MonkeyPatch, mosquitto: Brokers) -> None:
    """When the plain port is closed but the TLS port answers, the message says so."""
    monkeypatch.setattr(reach, "TLS_PORT", mosquitto().port)
    found = await failure(gx(free_port()))
    assert isinstance(found, NotConnected)
    assert "allows TLS only" in str(found)
    assert "tls = true" in str(found)


async def test_only_the_plain_port(monkeypatch: pytest.MonkeyPatch, mosquitto: Brokers) -> None:
    """A GX without TLS, asked with it: the message says how it can be reached."""
    monkeypatch.setattr(reach, "PLAIN_PORT", mosquitto().port)
    found = await failure(gx(free_port(), tls=True))
    assert isinstance(found, NotConnected)
    assert "only its plain port is open" in str(found)


async def test_mqtt_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both MQTT ports are closed and the page of the GX answers: it is there, MQTT is off."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        monkeypatch.setattr(reach, "WEB_PORTS", (server.sockets[0].getsockname()[1],))
        found = await failure(gx(free_port()))
    assert isinstance(found, NotConnected)
    assert "its MQTT is off" in str(found)
    assert "MQTT on LAN" in str(found)


async def test_a_firewall_that_drops(monkeypatch: pytest.MonkeyPatch, mosquitto: Brokers) -> None:
    """A plain port that swallows what comes (a queue that is full takes no more) is told like a
    closed one, by what else is open."""
    monkeypatch.setattr(reach, "TLS_PORT", mosquitto().port)
    monkeypatch.setattr(reach, "CONNECT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = []
        for _ in range(3):  # the queue of a listener that accepts nobody
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(full.getsockname())
        found = await failure(gx(full.getsockname()[1]))
        for each in waiting:
            each.close()
    assert isinstance(found, NotConnected)
    assert "does not answer within" in str(found)
    assert "allows TLS only" in str(found)


async def test_unknown_name() -> None:
    """A host name that nobody knows is named, with the advice to use the address."""
    found = await failure(gx(1883, host="no-such-gx.invalid"))
    assert isinstance(found, NotConnected)
    assert "use the IP address" in str(found)


async def test_accepts_but_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that accepts and never answers (a TLS port, another program) is given up, with
    nothing left open."""
    monkeypatch.setattr(client, "ANSWER_S", 0.3)
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    async with server:
        found = await failure(gx(server.sockets[0].getsockname()[1]))
        for writer in writers:
            writer.close()
            await writer.wait_closed()
    assert isinstance(found, NotConnected)
    assert "does not answer as MQTT" in str(found)


@pytest.mark.parametrize(
    ("login", "word"),
    [({}, "a login without password"), ({"password": "wrong", "username": "ovr"}, "the password")],
)
async def test_wrong_password(
    mosquitto: Brokers, tmp_path: Path, login: dict[str, str], word: str
) -> None:
    """A refused login is not tried again soon: a person must act, and reads what to do."""
    broker = mosquitto(secured(tmp_path))
    found = await failure(gx(broker.port, **login))
    assert isinstance(found, Unauthorized)
    assert f"refuses {word}" in str(found)
    assert "Security profile" in str(found)
    assert "wrong" not in str(found)


async def test_pairing_taken_back(mosquitto: Brokers, tmp_path: Path) -> None:
    """A token that the GX does not know (any more) is no wrong password: it is paired again."""
    login = {"username": "token/ovr/node1", "password": "wrong"}
    found = await failure(gx(mosquitto(secured(tmp_path)).port, **login))
    assert isinstance(found, Unauthorized)
    assert "pair again with ovr registry pair bess-1" in str(found)


async def test_paired_devices_only(mosquitto: Brokers, tmp_path: Path) -> None:
    """A GX that takes no password at all refuses it like a wrong one: both ways out are told."""
    found = await failure(gx(mosquitto(secured(tmp_path)).port, password="right?"))
    assert "limited to paired devices" in str(found)
    assert "ovr registry pair bess-1" in str(found)


async def test_right_password(mosquitto: Brokers, tmp_path: Path) -> None:
    """With the password alone the login works: the user name of a GX is free."""
    broker = mosquitto(secured(tmp_path))
    async with running(gx(broker.port, portal_id=PORTAL, password="right")) as run:
        await run.until(lambda: run.image.identities)


async def test_pinned_certificate(mosquitto: Brokers, tmp_path: Path) -> None:
    """With the right fingerprint, in any of its usual spellings, TLS works."""
    broker, fingerprint = tls_broker(mosquitto, tmp_path)
    pairs = ":".join(fingerprint[n : n + 2] for n in range(0, 64, 2)).upper()
    assert normal(f"SHA256:{pairs}") == normal(fingerprint) == fingerprint
    device = gx(broker.port, tls=True, portal_id=PORTAL, fingerprint=pairs)
    async with running(device) as run:
        await run.until(lambda: run.image.identities)
        assert run.source.seen_fingerprint == fingerprint
        assert run.image.notes == {}


async def test_learned_certificate(mosquitto: Brokers, tmp_path: Path) -> None:
    """Without a pinned fingerprint the one seen is told at the main asset, so that a person can
    pin it."""
    fingerprint = make_certificate(tmp_path)
    port = free_port()
    files = f"certfile {tmp_path}/gx.crt\nkeyfile {tmp_path}/gx.key\n"
    broker = mosquitto(f"user root\nlistener {port} 127.0.0.1\n{files}")
    async with fake_gx(broker.port), running(gx(port, tls=True)) as run:
        await run.until(lambda: ("", "tls") in run.image.notes)
        assert f"fingerprint = {fingerprint}" in run.image.notes["", "tls"]
        assert run.source.seen_fingerprint == fingerprint


async def test_other_certificate(mosquitto: Brokers, tmp_path: Path) -> None:
    """Another certificate than the pinned one ends the connection before the login: the broker
    never sees the password, and nothing of the device is used."""
    extra = f"log_dest file {tmp_path}/log\nlog_type all\nconnection_messages true\n"
    fingerprint = make_certificate(tmp_path)
    broker = mosquitto(f"user root\ncertfile {tmp_path}/gx.crt\nkeyfile {tmp_path}/gx.key\n{extra}")
    image = RecordingImage()
    device = gx(broker.port, tls=True, fingerprint="ab" * 32, password="secret")
    found = await failure(device, image)
    assert isinstance(found, WrongDevice)
    assert fingerprint in str(found)
    assert image.identities == []
    assert image.resets == 0
    broker.stop()
    log = (tmp_path / "log").read_text()
    assert "New connection from" in log
    assert "New client connected" not in log


async def test_tls_to_a_plain_port(mosquitto: Brokers) -> None:
    """TLS to a port that speaks plain MQTT fails with the advice to switch it off."""
    found = await failure(gx(mosquitto().port, tls=True))
    assert isinstance(found, NotConnected)
    assert "does not speak TLS" in str(found)
    assert "tls = false" in str(found)


async def test_other_gx_at_the_address(mosquitto: Brokers) -> None:
    """Two GX have exchanged addresses: the other one's serial ends the run before anything of it
    is used; the image is told of it, for somebody may look for it."""
    broker = mosquitto()
    image = RecordingImage()
    async with fake_gx(broker.port, "b827eb00000b") as other:
        found = await failure(gx(broker.port, portal_id=PORTAL), image)
        assert isinstance(found, WrongDevice)
        assert "b827eb00000b" in str(found)
        assert PORTAL in str(found)
        assert other.requests == []
    assert [one.serial for one in image.identities] == ["b827eb00000b"]
    assert (image.cells, image.assets, image.lives) == ({}, {}, 0)


async def test_site_pins_another(mosquitto: Brokers) -> None:
    """Found without a pinned id, the image decides whether it is the right one."""
    broker = mosquitto()
    image = RecordingImage(pinned=PORTAL)
    async with fake_gx(broker.port, "b827eb00000b"):
        found = await failure(gx(broker.port), image)
    assert isinstance(found, WrongDevice)
    assert (image.cells, image.assets, image.lives) == ({}, {}, 0)


async def test_late_serial_of_another(mosquitto: Brokers) -> None:
    """Another GX's serial that comes late, before ours was heard, ends the run."""
    broker = mosquitto()
    device = gx(broker.port, portal_id=PORTAL)
    async with (
        fake_gx(broker.port, "b827eb00000b", retained=False) as other,
        running(device) as run,
    ):
        await run.until(lambda: run.image.derive is not None)
        await other.say("system/0/Serial", "b827eb00000b")
        with pytest.raises(WrongDevice, match="b827eb00000b"):
            await run.until(lambda: False)
        assert run.image.cells == {}


async def test_shared_broker(mosquitto: Brokers) -> None:
    """At a broker that serves several GX the pinned one is read and the others are left alone;
    without a pinned id a person must choose."""
    broker = mosquitto()
    async with fake_gx(broker.port) as ours, fake_gx(broker.port, "b827eb00000b") as other:
        async with running(gx(broker.port, portal_id=PORTAL)) as run:
            await run.until(run.ready.is_set)
            await other.say("system/0/Serial", "b827eb00000b")
            await other.say("vebus/276/State", 3)
            await ours.say("vebus/276/State", 9)
            series = f"victron_vebus_state{{instance=276,portal_id={PORTAL}}}"
            await run.until(lambda: run.image.raw().get(series) == 9.0)
            assert all(PORTAL in name for name in run.image.raw())
            assert not run.image.drops
        found = await failure(gx(broker.port))
        assert isinstance(found, BadDevice)
        assert "set portal_id" in str(found)


async def test_portal_in_capitals(mosquitto: Brokers) -> None:
    """A portal id written in capitals is the same GX; its topics are in lower case."""
    broker = mosquitto()
    async with (
        fake_gx(broker.port),
        running(gx(broker.port, portal_id=PORTAL.upper())) as run,
    ):
        await run.until(run.ready.is_set)
        assert [i.serial for i in run.image.identities] == [PORTAL]


async def test_portal_found_by_serial(mosquitto: Brokers) -> None:
    """The retained serial tells who answers, and is remembered for the next connection."""
    broker = mosquitto()
    async with fake_gx(broker.port), running(gx(broker.port)) as run:
        await run.until(run.ready.is_set)
        assert [i.serial for i in run.image.identities] == [PORTAL]
        assert run.image.identities[0].maker == "Victron Energy"


async def chatter(gx: FakeGx) -> None:
    """Say another value again and again."""
    for value in count():
        await gx.say("vebus/276/State", value)
        await asyncio.sleep(0.02)


async def test_portal_found_by_listening(
    mosquitto: Brokers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no serial is kept, anything that the GX says tells who it is."""
    monkeypatch.setattr(portal, "SERIAL_S", 0.1)
    monkeypatch.setattr(portal, "LISTEN_S", 60.0)
    broker = mosquitto()
    async with fake_gx(broker.port, retained=False) as ours, running(gx(broker.port)) as run:
        talking = asyncio.create_task(chatter(ours))
        await run.until(lambda: run.image.identities)
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        assert {i.serial for i in run.image.identities} == {PORTAL}


async def test_no_gx_at_the_broker(mosquitto: Brokers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker where no GX speaks is told apart from a GX."""
    monkeypatch.setattr(portal, "SERIAL_S", 0.1)
    monkeypatch.setattr(portal, "LISTEN_S", 0.1)
    found = await failure(gx(mosquitto().port))
    assert isinstance(found, NotConnected)
    assert "enter portal_id" in str(found)


async def test_serial_is_not_sent_again(mosquitto: Brokers) -> None:
    """A serial that is not sent again (html5-app#432) does not matter when the id is pinned."""
    broker = mosquitto()
    async with (
        fake_gx(broker.port, retained=False),
        running(gx(broker.port, portal_id=PORTAL)) as run,
    ):
        await run.until(run.ready.is_set)
        await run.until(lambda: set(run.image.assets) == {"", "pvinverter-pv0001"})
        assert run.image.readings[""]["battery_soc_pct"] == SMALL["system/0/Dc/Battery/Soc"]


async def test_cancelled_at_any_moment(mosquitto: Brokers) -> None:
    """Cancelling a run closes everything, whenever it comes: connecting, asking, talking."""
    broker = mosquitto()
    async with fake_gx(broker.port):
        for step in range(25):
            task = asyncio.create_task(
                VictronSource(gx(broker.port)).run(RecordingImage(), lambda: None)
            )
            await asyncio.sleep(step * 0.004)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    left = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
    if left:
        _, left = await asyncio.wait(left, timeout=15)
    assert left == set()


async def test_password_changed(mosquitto: Brokers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The GX ends the connection (reboot, other password): not connected, the image is left
    without a derivation."""
    monkeypatch.setattr(session, "STEP_S", 0.05)
    broker = mosquitto()
    async with fake_gx(broker.port), running(gx(broker.port)) as run:
        await run.until(run.ready.is_set)
        broker.stop()
        with pytest.raises(NotConnected, match="was lost"):
            await run.until(lambda: False)
        assert run.image.derive is None
