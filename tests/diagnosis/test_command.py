"""`ovr registry test`."""

import json
from pathlib import Path

import pytest

from ovr_tui.cli import main
from tests.discovery.test_command import ovr
from tests.modbus.acuvim_map import acuvim_ii
from tests.support.modbus import Make
from tests.support.nodes import make_home, running
from tests.support.ports import free_port


def table(name: str, port: int, **more: object) -> dict[str, object]:
    """A `[[device]]` table that is asked often."""
    named = {"id": name, "kind": "acuvim", "host": "127.0.0.1", "port": port, "interval_s": 0.2}
    return named | more


async def test_without_a_collector(tmp_path: Path, modbus: Make) -> None:
    """All that are enabled; status 1 when any failed."""
    server = await modbus({1: acuvim_ii("AH1")})
    closed = free_port()
    off = table("off-1", closed, unit=2, enabled=False)
    make_home(tmp_path, [table("stage-a", server.port), table("stage-b", closed), off])
    ran = await ovr(tmp_path, "registry", "test", "--all", "--json")
    assert ran.status == 1, ran.err
    right, wrong = json.loads(ran.out)["diagnoses"]
    assert (right["device"], right["ok"], right["serial"]) == ("stage-a", True, "AH1")
    assert (wrong["device"], wrong["ok"]) == ("stage-b", False)


def test_a_file_that_is_not_saved(tmp_path: Path, capsys) -> None:
    """What stands in it is tried; each step says what was seen and what to do."""
    make_home(tmp_path)
    file = tmp_path / "new.toml"
    file.write_text(f'id = "new-1"\nkind = "gx"\nhost = "127.0.0.1"\nport = {free_port()}\n')
    assert main(["--home", str(tmp_path), "registry", "test", "--file", str(file)]) == 1
    told = capsys.readouterr().out
    assert "new-1  gx  127.0.0.1" in told
    assert "FAILED  port         the host is there, and nothing listens" in told
    assert "→ switch on Settings → Services → MQTT on LAN" in told
    assert "-       plausible    not tried: a step before it failed" in told


async def test_through_the_collector(tmp_path: Path, modbus: Make) -> None:
    """What it reads is told by it."""
    server = await modbus({1: acuvim_ii("AH1")})
    home = make_home(tmp_path, [table("stage-a", server.port)])
    async with running(home) as node:
        await node.until(lambda: node.asset("stage-a").status == "live")
        ran = await ovr(tmp_path, "registry", "test", "stage-a")
        assert ran.status == 0, ran.err
        assert "by the collector that reads it" in ran.out
        assert "ok      identity" in ran.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "say which"),
        (("stage-a", "--all"), "say which"),
        (("stage-q",), "no device stage-q"),
        (("--file", "/nonexistent"), "cannot be read"),
    ],
)
def test_usage(tmp_path: Path, capsys, words: tuple[str, ...], why: str) -> None:
    """Exactly one of the three ways to say which."""
    make_home(tmp_path, [table("stage-a", 502)])
    assert main(["--home", str(tmp_path), "registry", "test", *words]) == 1
    assert why in capsys.readouterr().err
