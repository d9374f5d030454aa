"""The other kinds: by profile over Modbus and HTTP, and a Fronius without Modbus."""

import json
from pathlib import Path
from typing import Any

import pytest

from collector.app.sources import Means, make_source
from collector.config.paths import find_home
from collector.diagnosis.desk import DiagnosisDesk, Nowhere
from collector.model.assets import Device
from collector.model.diagnosis import Diagnosis
from collector.model.kinds import DeviceKind
from collector.sources.fronius import SolarHosts
from collector.sources.modbus.gateway import Gateways
from tests.diagnosis.bench import device, diagnosed, fails_at, states, step
from tests.modbus.solar_bench import solar
from tests.profiles.golden_device import GoldenUnit, cases, told
from tests.profiles.test_http_source import GOOD, PROFILE
from tests.support.http_answers import Reply, answering


async def by(home: Path, one: Device) -> Diagnosis:
    """The test of a device of a node with profiles and files of its own."""
    means = Means(find_home(str(home), {}), Gateways(), solar=SolarHosts())
    return await DiagnosisDesk(Nowhere(lambda each: make_source(each, means))).test(one)


def controller() -> dict[str, Any]:
    """A DSE controller's registers."""
    return told(next(path for path in cases(".toml") if path.stem == "7410_running"))


async def test_a_device_by_profile(modbus) -> None:
    """A genset controller: its serial, and its values; with another profile it is not what it
    should be."""
    case = controller()
    server = await modbus({10: GoldenUnit(case["registers"])})
    named = {"unit": 10, "interval_s": 0.2}
    found = await diagnosed(device(server.port, DeviceKind.MODBUS, profile="dse-gencomm", **named))
    assert found.ok, found.steps
    assert found.serial == case["expect"]["serial"]
    assert states(found)["login"] == "skipped"
    wrong = await diagnosed(device(server.port, DeviceKind.MODBUS, profile="bess-generic", **named))
    assert not wrong.ok
    none = await diagnosed(device(server.port, DeviceKind.MODBUS, profile="no-such", **named))
    assert "no-such" in fails_at(none, "identity").advice


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A node with a profile of its own."""
    folder = tmp_path / "config" / "profiles"
    folder.mkdir(parents=True)
    (folder / "p.toml").write_text(PROFILE)
    return tmp_path


async def test_a_device_over_http(home: Path) -> None:
    """It answers; it refuses the login; what comes is no JSON."""
    async with answering(lambda _: Reply(200, json.dumps(GOOD).encode())) as web:
        found = await by(home, device(web.port, DeviceKind.HTTP, profile="p"))
    assert found.ok, found.steps
    assert (found.serial, found.readings["d1"]["load_power_w"]) == ("M-1", 1500.0)
    async with answering(lambda _: Reply(401)) as web:
        failed = fails_at(await by(home, device(web.port, DeviceKind.HTTP, profile="p")), "login")
    assert "refuses the login" in failed.advice
    async with answering(lambda _: Reply(200, b"<html>")) as web:
        found = await by(home, device(web.port, DeviceKind.HTTP, profile="p"))
    assert not found.ok
    assert states(found)["login"] == "ok"


async def test_plain_http_where_tls_is_expected(home: Path, rogue) -> None:
    """Said at the step TLS."""
    web = await rogue(lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n")
    one = device(web.port, DeviceKind.HTTP, profile="p", tls=True)
    failed = fails_at(await by(home, one), "tls")
    assert "does not speak TLS" in failed.seen
    assert "tls = false" in failed.advice


async def test_a_fronius_without_modbus(home: Path) -> None:
    """Its Solar API is open: that is a warning with what to switch on, and the test goes on; with
    solar_api = "off" the closed port is the end."""

    async with solar() as bench:
        named = {"solar_api_port": bench.device.solar_api_port, "timeout_s": 1.0}
        closed = bench.modbus_port
        found = await by(home, device(closed, DeviceKind.FRONIUS, **named))
        assert states(found)["port"] == "warning"
        assert "Solar API" in step(found, "port").seen
        assert "switch on Modbus TCP" in step(found, "port").advice
        assert states(found)["first value"] == "ok", found.steps
        assert found.readings["d1"]["pv_power_w"] is not None
        off = await by(home, device(closed, DeviceKind.FRONIUS, solar_api="off", **named))
        assert "nothing listens" in fails_at(off, "port").seen
