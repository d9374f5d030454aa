"""GX at real brokers: open, with a password, with TLS only, and brokers that are none."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from collector.discovery.gx import ask_gx
from collector.model.kinds import DeviceKind
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.victron.conftest import PORTAL
from tests.victron.gx import FakeGx, fake_gx
from tests.victron.test_connection import make_certificate, secured

Brokers = Callable[..., Mosquitto]
NAMES: dict[str, object] = {
    "platform/0/Device/Model": "Cerbo GX MK2",
    "platform/0/Firmware/Installed/Version": "v3.55",
    "settings/0/Settings/SystemSetup/SystemName": "BESS 1 \x1b[1mMain",
}


class AskedGx(FakeGx):
    """Answers read requests as a GX does: each with the one value."""

    async def _answer(self, topic: str, payload: str) -> None:
        tail = topic.split("/", 2)[2]
        if tail in self.values:
            await self.send(tail, json.dumps({"value": self.values[tail]}))


async def test_an_open_gx_says_who_it_is(mosquitto: Brokers) -> None:
    """Portal id, model, firmware and name; it is asked for these three values and nothing else,
    and not kept alive."""
    broker = mosquitto()
    async with fake_gx(broker.port, values=NAMES) as gx:
        gx.__class__ = AskedGx
        (found,) = await ask_gx("127.0.0.1", broker.port, tls=False)
        assert sorted(topic for topic, _ in gx.requests) == sorted(
            f"R/{PORTAL}/{tail}" for tail in NAMES
        )
    assert (found.kind, found.serial, found.sure) == (DeviceKind.GX, PORTAL, True)
    assert (found.model, found.firmware) == ("Cerbo GX MK2", "v3.55")
    assert found.title == "BESS 1 ·[1mMain"
    assert not found.needs_password


async def test_a_gx_that_answers_nothing_more_is_found_too(mosquitto: Brokers, monkeypatch) -> None:
    """The retained serial is enough."""
    monkeypatch.setattr("collector.discovery.gx.ANSWER_S", 0.1)
    broker = mosquitto()
    async with fake_gx(broker.port):
        (found,) = await ask_gx("127.0.0.1", broker.port, tls=False)
    assert (found.serial, found.model, found.title) == (PORTAL, "", "")


async def test_two_gx_at_one_broker(mosquitto: Brokers, monkeypatch) -> None:
    """A broker may serve several; what is no portal id is none."""
    monkeypatch.setattr("collector.discovery.gx.ANSWER_S", 0.1)
    broker = mosquitto()
    async with (
        fake_gx(broker.port),
        fake_gx(broker.port, "c0619ab00002"),
        fake_gx(broker.port, "no portal ü"),
    ):
        found = await ask_gx("127.0.0.1", broker.port, tls=False)
    assert [one.serial for one in found] == [PORTAL, "c0619ab00002"]


async def test_a_password_is_wanted(mosquitto: Brokers, tmp_path: Path) -> None:
    """It may be a GX: found, and not sure."""
    broker = mosquitto(secured(tmp_path))
    (found,) = await ask_gx("127.0.0.1", broker.port, tls=False)
    assert found.needs_password
    assert not found.sure
    assert "password" in found.hints[0]


async def test_tls(mosquitto: Brokers, tmp_path: Path, monkeypatch) -> None:
    """Whatever certificate it has, it is asked by TLS."""
    monkeypatch.setattr("collector.discovery.gx.ANSWER_S", 0.1)
    make_certificate(tmp_path)
    port = free_port()
    files = f"certfile {tmp_path}/gx.crt\nkeyfile {tmp_path}/gx.key\n"
    broker = mosquitto(f"user root\nlistener {port} 127.0.0.1\n{files}")
    async with fake_gx(broker.port):
        (found,) = await ask_gx("127.0.0.1", port, tls=True)
    assert (found.serial, found.tls, found.port) == (PORTAL, True, port)


async def test_what_is_no_gx(mosquitto: Brokers, monkeypatch) -> None:
    """A plain broker, another program, and nobody."""
    monkeypatch.setattr("collector.discovery.gx.SERIAL_S", 0.2)
    monkeypatch.setattr("collector.discovery.gx.LIMIT_S", 0.6)
    assert await ask_gx("127.0.0.1", mosquitto().port, tls=False) == []
    assert await ask_gx("127.0.0.1", free_port(), tls=False) == []
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await ask_gx("127.0.0.1", port, tls=False) == []
        assert await ask_gx("127.0.0.1", port, tls=True) == []
