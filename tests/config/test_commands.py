"""`ovr check`, `ovr registry`, and the shipped examples."""

import json
import re
import shutil
from pathlib import Path

import pytest

from collector.config.load import load
from collector.config.paths import Home
from collector.config.write import save_registry
from ovr_tui import cli
from scripts import make_docs
from tests.config.homes import device, make_home

CONFIGS = Path(__file__).parents[2] / "configs"


def ovr(home: Home, *words: str) -> int:
    """The exit status of a command on `home`."""
    return cli.main(["--home", str(home.config.parent), *words])


@pytest.fixture
def example(tmp_path: Path) -> Home:
    """A home made of the shipped examples."""
    home = make_home(tmp_path)
    for name in ("node.toml", "registry.toml", "secrets.toml"):
        shutil.copy(CONFIGS / name, home.config)
    home.secrets_toml.chmod(0o600)
    return home


def test_examples_are_sound(example) -> None:
    """The shipped examples load without a problem; their only notes are about later versions."""
    loaded = load(example, {})
    assert len(loaded.devices) == 4
    assert len(loaded.links) == 3
    assert all("this version" in note for note in loaded.notes)


@pytest.mark.parametrize(("table", "kind"), make_docs.TABLES.items())
def test_examples_show_every_key(table, kind) -> None:
    """Each key that a table may have is in the example, written or at least named."""
    file = "registry.toml" if table in ("device", "asset") else "node.toml"
    text = (CONFIGS / file).read_text()
    assert f"[{table.replace('NAME', 'local')}]" in text
    for key in kind.__struct_fields__:
        assert re.search(rf"\b{key}(_secret|_env)?\b", text), key


def test_check_of_a_sound_node(example, capsys) -> None:
    """Sound: a summary of node, sinks and devices without any secret, status 0."""
    assert ovr(example, "check") == 0
    out, err = capsys.readouterr()
    assert "Node ovr-node-07, site Main field, time zone America/Los_Angeles at 33.68" in out
    assert "Sink cloud: https://cloud.example.com/api/v1/write, every 60 s, with token" in out
    assert "Devices: 4 (1 acuvim, 1 fronius, 1 gx, 1 modbus)" in out
    assert out.rstrip().endswith("The configuration is sound.")
    assert "password of the GX" not in out
    assert err == ""


def test_check_of_an_empty_home(tmp_path, capsys) -> None:
    """A node without any file is sound, and told what to do."""
    assert ovr(make_home(tmp_path), "check") == 0
    assert "each [[device]] takes an id, a kind and a host" in capsys.readouterr().out


def test_check_of_a_bad_node(tmp_path, capsys) -> None:
    """Bad: every problem on its own line of stderr with the file's path and line, status 78."""
    home = make_home(tmp_path, node="[node]\nx = 1\ny = 2\n", registry=device(more="port = 0"))
    assert ovr(home, "check") == 78
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0].startswith(f"{home.node_toml}:2: node.x: is no key")
    assert lines[2].startswith(f"{home.registry_toml}:5: device[bess-1].port: expected a port")
    assert lines[3:] == ["3 problems to mend."]


def test_check_looks_at_the_sockets(tmp_path, capsys) -> None:
    """A home whose sockets no program could open is told by check already."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    assert cli.main(["--home", str(deep), "check"]) == 1
    assert "takes at most 107 bytes" in capsys.readouterr().err


def test_registry_list(example, capsys) -> None:
    """The list shows every device; as JSON everything but secrets."""
    assert ovr(example, "registry", "list") == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].split() == ["DEVICE", "KIND", "ADDRESS", "SYSTEM", "IDENTITY", "NAME"]
    assert "10.20.0.31:502 unit 1" in out[2]
    assert ovr(example, "registry", "list", "--json") == 0
    text = capsys.readouterr().out
    found = json.loads(text)
    assert [d["id"] for d in found["devices"]] == ["bess-1", "stage-a", "pv-roof", "genset-1"]
    assert found["devices"][0]["password_set"] is True
    assert "password of the GX" not in text
    assert {"id": "bess-1", "unit_no": "OES-0112", "battery_kwh": 120.0, "inverter_kva": 60.0} in (
        found["assets"]
    )


def test_registry_list_of_a_broken_one(tmp_path, capsys) -> None:
    """A broken registry is told with status 78."""
    assert ovr(make_home(tmp_path, registry="[["), "registry", "list") == 78
    assert "registry.toml:1: is no TOML" in capsys.readouterr().err


def test_registry_undo(tmp_path, capsys) -> None:
    """Undo puts the version before back; without one it says so, status 1."""
    home = make_home(tmp_path, registry=device())
    assert ovr(home, "registry", "undo") == 1
    assert "no earlier version" in capsys.readouterr().err
    save_registry(home, {"device": []})
    assert ovr(home, "registry", "undo") == 0
    assert home.registry_toml.read_text() == device()
    assert "registry.toml.undone" in capsys.readouterr().out
