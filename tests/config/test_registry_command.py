"""`ovr registry` where no collector runs: the file itself is changed, checked and kept."""

import io
import json
import tomllib

import pytest

from ovr_tui.cli import main
from tests.config.homes import device, make_home


@pytest.fixture
def home(tmp_path):
    """A home with one device."""
    return make_home(tmp_path, registry=device())


def ovr(home, *words):
    """Run the command on a home."""
    return main(["--home", str(home.config.parent), *words])


def registry(home):
    """What the file holds."""
    return tomllib.loads(home.registry_toml.read_text())


def test_add_set_remove_undo(home, capsys):
    """The whole life of a device."""
    assert ovr(home, "registry", "add", "stage-a", "kind=acuvim", "host=10.0.0.9", "unit=3") == 0
    assert "added device stage-a" in capsys.readouterr().out
    assert registry(home)["device"][1] == {
        "id": "stage-a", "kind": "acuvim", "host": "10.0.0.9", "unit": 3,
    }  # fmt: skip
    assert ovr(home, "registry", "set", "stage-a", "unit=", "name=Stage A") == 0
    assert ovr(home, "registry", "set", "stage-a", "--asset", "rated_kva=100") == 0
    assert ovr(home, "registry", "set", "bess-1.genset", "same_as=stage-a") == 0
    assert registry(home)["device"][1]["name"] == "Stage A"
    assert "unit" not in registry(home)["device"][1]
    assert registry(home)["asset"] == [
        {"id": "stage-a", "rated_kva": 100.0},
        {"id": "bess-1.genset", "same_as": "stage-a"},
    ]
    assert ovr(home, "registry", "remove", "stage-a") == 0
    assert "removed device stage-a" in capsys.readouterr().out
    assert len(registry(home)["device"]) == 1
    assert "asset" not in registry(home)
    assert ovr(home, "registry", "undo") == 0
    assert "added device stage-a" in capsys.readouterr().out
    assert len(registry(home)["device"]) == 2


def test_dry_run_changes_nothing(home, capsys):
    """It says what it would do, and checks it."""
    before = home.registry_toml.read_bytes()
    words = ("registry", "add", "pv-1", "kind=fronius", "host=10.0.0.7", "--dry-run")
    assert ovr(home, *words) == 0
    assert "would be: added device pv-1" in capsys.readouterr().out
    assert ovr(home, "registry", "add", "pv-1", "kind=gyx", "host=10.0.0.7", "--dry-run") == 78
    assert "kind" in capsys.readouterr().err
    assert home.registry_toml.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("add", "bess-1", "kind=gx", "host=h"), 1, "is a device already"),
        (("add", "b2", "kind=gx", "hst=h"), 1, "hst"),
        (("add", "b2", "kind"), 1, "expected KEY=VALUE"),
        (("add", "b2", "kind=gx"), 78, "host"),
        (("set", "bess-2", "name=x"), 1, "no device bess-2"),
        (("set", "bess-1", "port=abc"), 1, "expected a whole number"),
        (("set", "bess-1", "port=99999"), 78, "a port from 1 to 65535"),
        (("add", "b2", "kind=modbus", "profile=dse-gencom", "host=h"), 78, "mean dse-gencomm"),
        (("add", "b2", "kind=modbus", "profile=shelly-pro-3em", "host=h"), 78, "profile for http"),
        (("remove", "nobody"), 1, "no device nobody"),
        (("import",), 1, "--template"),
        (("import", "/nowhere.csv"), 1, "cannot be read"),
    ],
)
def test_what_is_refused(home, capsys, words, status, said):
    """A reason, the right status, and the file as it was."""
    before = home.registry_toml.read_bytes()
    assert ovr(home, "registry", *words) == status
    assert said in capsys.readouterr().err
    assert home.registry_toml.read_bytes() == before


def test_a_broken_profile_holds_up_nobody_else(home, capsys):
    """What is wrong with the profile of a device that is there already is its own matter."""
    home.registry_toml.write_text(
        home.registry_toml.read_text()
        + '[[device]]\nid = "m"\nkind = "modbus"\nprofile = "gone"\nhost = "h2"\n'
    )
    assert ovr(home, "registry", "add", "g2", "kind=gx", "host=h3") == 0
    assert ovr(home, "registry", "set", "m", "name=Meter") == 0
    assert ovr(home, "registry", "set", "m", "profile=gone-too") == 78
    assert "gone-too" in capsys.readouterr().err


def test_a_password_goes_to_the_secrets(home, capsys, monkeypatch):
    """It is read from the input, kept under the device's id, and shown nowhere."""
    monkeypatch.setattr("sys.stdin", io.StringIO("sesame\n"))
    assert ovr(home, "registry", "set", "bess-1", "username=ovr", "--password") == 0
    assert "sesame" not in capsys.readouterr().out
    assert 'bess-1 = "sesame"' in home.secrets_toml.read_text()
    assert registry(home)["device"][0]["password_secret"] == "bess-1"


def test_import_of_a_table(home, capsys, tmp_path):
    """A dry run, then the import; the template prints."""
    assert ovr(home, "registry", "import", "--template") == 0
    table = tmp_path / "t.csv"
    table.write_text(capsys.readouterr().out)
    assert ovr(home, "registry", "import", str(table), "--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert "added device genset-1, stage-a" in told["changes"]
    assert len(registry(home)["device"]) == 1
    assert ovr(home, "registry", "import", str(table)) == 0
    assert {one["id"] for one in registry(home)["device"]} == {"bess-1", "stage-a", "genset-1"}


def test_import_of_the_older_stacks_file(home, capsys, tmp_path):
    """Devices and their passwords are taken over; a dry run keeps neither."""
    file = tmp_path / "gx_systems.json"
    entry = {"name": "Bess Seven", "host": "10.0.0.77", "password": "sesame", "user": "ovr"}
    file.write_text(json.dumps([entry]))
    assert ovr(home, "registry", "import", str(file), "--dry-run") == 0
    assert "would be kept: the password of bess-seven" in capsys.readouterr().out
    assert not home.secrets_toml.exists()
    assert ovr(home, "registry", "import", str(file)) == 0
    found = registry(home)["device"][1]
    assert (found["id"], found["password_secret"]) == ("bess-seven", "bess-seven")
    assert "sesame" in home.secrets_toml.read_text()
    assert "sesame" not in home.registry_toml.read_text()
