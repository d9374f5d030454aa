"""A GX: passwords, TLS, security profiles, identity, in the words of its own menus."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collector.diagnosis import reach, secure
from collector.diagnosis.sheet import Sheet
from collector.model.assets import Device
from collector.model.kinds import DeviceKind
from tests.diagnosis.bench import device, diagnosed, fails_at, states, step
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.victron.conftest import PORTAL
from tests.victron.gx import fake_gx
from tests.victron.test_connection import make_certificate, secured, tls_broker

Brokers = Callable[..., Mosquitto]


def gx(port: int, **more: Any) -> Device:
    """A GX on loopback."""
    return device(port, DeviceKind.GX, timeout_s=None, interval_s=1.0, **more)


async def test_a_gx_that_is_right(mosquitto: Brokers) -> None:
    """It lets us in, says who it is, and its values come; its other devices are read too."""
    broker = mosquitto()
    async with fake_gx(broker.port):
        found = await diagnosed(gx(broker.port))
    assert found.ok, found.steps
    assert states(found)["login"] == "ok"
    assert "without a password" in step(found, "login").seen
    assert found.serial == PORTAL
    assert found.readings["d1"]["battery_soc_pct"] == 71.0
    assert "battery SOC 71 %" in step(found, "first value").seen


async def test_a_state_of_charge_that_cannot_be(mosquitto: Brokers) -> None:
    """Said at the last step, with what it may be."""
    broker = mosquitto()
    values = {
        "system/0/Serial": PORTAL, "system/0/Dc/Battery/Soc": 104.0,
        "system/0/Dc/Battery/Voltage": 52.0,
    }  # fmt: skip
    async with fake_gx(broker.port, values=values):
        found = await diagnosed(gx(broker.port))
    assert step(found, "plausible").state == "warning"
    assert "battery SOC is 104 %" in step(found, "plausible").seen


async def test_a_wrong_password(mosquitto: Brokers, tmp_path: Path) -> None:
    """Refused at the login, with which password is meant and where it stands."""
    broker = mosquitto(secured(tmp_path))
    failed = fails_at(await diagnosed(gx(broker.port, password="wrong")), "login")
    assert "refuses the login" in failed.seen
    assert "Security profile" in failed.advice
    assert "wrong" not in failed.advice.replace("wrong device", "")
    failed = fails_at(await diagnosed(gx(broker.port)), "login")
    assert "login without password" in failed.advice


async def test_mqtt_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither port listens."""
    monkeypatch.setattr(reach, "GX_TLS_PORT", free_port())
    failed = fails_at(await diagnosed(gx(free_port())), "port")
    assert "MQTT on LAN" in failed.advice


async def test_tls_only(monkeypatch: pytest.MonkeyPatch, mosquitto: Brokers) -> None:
    """The plain port is closed and the TLS port open: the profile of the GX allows TLS only."""
    monkeypatch.setattr(reach, "GX_TLS_PORT", mosquitto().port)
    failed = fails_at(await diagnosed(gx(free_port())), "port")
    assert "speaks TLS only" in failed.advice
    assert "tls = true" in failed.advice


async def test_no_tls(monkeypatch: pytest.MonkeyPatch, mosquitto: Brokers) -> None:
    """And the other way round; and TLS spoken to a plain port."""
    broker = mosquitto()
    monkeypatch.setattr(reach, "GX_PORT", broker.port)
    failed = fails_at(await diagnosed(gx(free_port(), tls=True)), "port")
    assert "does not offer TLS" in failed.advice
    failed = fails_at(await diagnosed(gx(broker.port, tls=True)), "tls")
    assert "does not speak TLS" in failed.seen or "does not answer in TLS" in failed.seen


async def test_the_certificate_is_shown_and_compared(mosquitto: Brokers, tmp_path: Path) -> None:
    """The fingerprint stands in the answer; another than the pinned one ends the test before the
    password is sent."""
    fingerprint = make_certificate(tmp_path)
    port = free_port()
    files = f"certfile {tmp_path}/gx.crt\nkeyfile {tmp_path}/gx.key\n"
    broker = mosquitto(f"user root\nlistener {port} 127.0.0.1\n{files}")
    async with fake_gx(broker.port):
        found = await diagnosed(gx(port, tls=True))
    assert found.ok, found.steps
    assert found.fingerprint == fingerprint
    assert fingerprint in step(found, "tls").seen
    pinned = {"d1 certificate": "ab" * 32}
    failed = fails_at(await diagnosed(gx(port, tls=True), met=pinned), "tls")
    assert fingerprint in failed.seen
    assert "new certificate" in failed.advice


async def test_a_broker_that_is_no_gx(mosquitto: Brokers, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lets us in, and nobody tells a portal id."""
    monkeypatch.setattr("collector.sources.victron.portal.SERIAL_S", 0.2)
    monkeypatch.setattr("collector.sources.victron.portal.LISTEN_S", 0.2)
    failed = fails_at(await diagnosed(gx(mosquitto().port)), "identity")
    assert "no GX tells its portal id" in failed.advice


async def test_another_gx(mosquitto: Brokers) -> None:
    """The pinned portal id is compared."""
    broker = mosquitto()
    async with fake_gx(broker.port):
        failed = fails_at(await diagnosed(gx(broker.port, portal_id="c0619ab00009")), "identity")
    assert PORTAL in failed.advice
    assert "c0619ab00009" in failed.advice


async def test_the_pinned_certificate(mosquitto: Brokers, tmp_path: Path) -> None:
    """One that is right is called the pinned one, and the login goes over it."""
    broker, fingerprint = tls_broker(mosquitto, tmp_path)
    sheet, one = Sheet(), gx(broker.port, tls=True)
    assert await secure.shaken(one, fingerprint, sheet) == fingerprint
    await secure.logged_in(one, fingerprint, sheet)
    assert [each.state for each in sheet.steps] == ["ok", "ok"]
    assert "the pinned one" in sheet.steps[0].seen
