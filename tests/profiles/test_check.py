"""`ovr check` tells what is wrong with the profiles that devices are read by."""

import pytest

from ovr_tui import cli
from tests.profiles.bench import written

POINT = """[[point]]
name = "p"
address = 1
type = "u16"
unit = "kW"
measurement = "load_power_w"
"""
DEVICE = """[[device]]
id = "d1"
kind = "modbus"
host = "10.0.0.1"
profile = "{profile}"
"""


@pytest.fixture
def home(tmp_path):
    """A node with one profile of its own, and a device that is read by `profile`."""

    def make(text: str, profile: str = "mine", more: str = ""):
        folder = tmp_path / "config" / "profiles"
        folder.mkdir(parents=True)
        (folder / "mine.toml").write_text(text)
        (tmp_path / "config" / "registry.toml").write_text(DEVICE.format(profile=profile) + more)
        return tmp_path

    return make


def check(home, capsys) -> tuple[int, str]:
    """Status, and what went to stderr."""
    status = cli.main(["--home", str(home), "check"])
    return status, capsys.readouterr().err


def test_a_sound_one(home, capsys) -> None:
    """Nothing to mend."""
    assert check(home(written(POINT)), capsys) == (0, "")


def test_a_broken_one(home, capsys) -> None:
    """Every problem with its line in the profile, and status 78."""
    text = written(POINT).replace('"kW"', '"kVA"').replace("address = 1", "addres = 1")
    status, told = check(home(text), capsys)
    assert status == 78
    assert "profiles/mine.toml:6: point[p].addres: is no key" in told
    assert 'profiles/mine.toml:8: point[p].unit: "kVA" cannot become W' in told


@pytest.mark.parametrize(
    ("profile", "more", "said"),
    [
        ("mien", "", "there is no such profile (did you mean mine?)"),
        ("shelly-pro-3em", "", "device[d1]: shelly-pro-3em is a profile for http"),
        ("mine", 'asset_kind = "tank"', "device[d1]: its profile measures nothing of a tank"),
    ],
)
def test_one_that_does_not_fit(home, capsys, profile, more, said) -> None:
    """A name that is not there, the other transport, another kind of asset."""
    status, told = check(home(written(POINT), profile, more), capsys)
    assert status == 78
    assert said in told


def test_a_device_that_is_not_read_needs_none(home, capsys) -> None:
    """Disabled devices keep others from nothing."""
    assert check(home(written(POINT), "mien", "enabled = false"), capsys)[0] == 0
