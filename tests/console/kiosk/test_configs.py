"""The units of `configs/kiosk` start this very program, as it is."""

import argparse
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from ovr_tui.commands import kiosk
from ovr_tui.console.kiosk.wish import BadWish, Name, Wish

CONFIGS = Path(__file__).parents[3] / "configs" / "kiosk"
OVR = "/opt/ovr/bin/ovr"
OPTIONS = "@/etc/ovr/kiosk.args"
MOST_LOGIN_OPTIONS = 15
"""agetty (util-linux 2.38) hands so many words on, and drops the rest in silence."""


def commands(name: str) -> list[str]:
    """The commands of a unit that start the display."""
    lines = (CONFIGS / name).read_text().splitlines()
    return [
        line.partition("=")[2] for line in lines if line.startswith("ExecStart=") and OVR in line
    ]


def wish(words: Sequence[str]) -> Wish:
    """What the program makes of these words of its command line."""
    parser = argparse.ArgumentParser()
    kiosk.add(parser.add_subparsers())
    return kiosk.wish_of(parser.parse_args(list(words)), "kiosk")


def words_of(command: str, options: str) -> list[str]:
    """The words behind `ovr` in a command, with the options of a file beside the unit."""
    words = shlex.split(command)
    if OVR not in words:  # agetty has them in one word, which it splits at blanks
        words = next(word for word in words if OVR in word).split()
    at = words.index(OVR)
    return [f"@{CONFIGS / options}" if word == OPTIONS else word for word in words[at + 1 :]]


@pytest.mark.parametrize("unit", ["ovr-kiosk.service", "getty.conf"])
def test_units_start_a_display_that_nothing_leaves(unit) -> None:
    """Each unit starts `ovr kiosk --login` with the options of a file, and both files of options
    are such."""
    (command,) = commands(unit)
    crew, public = (wish(words_of(command, name)) for name in ("kiosk.args", "public.args"))
    assert (crew.login, crew.public) == (True, False)
    assert (public.login, public.public) == (True, True)
    assert public.title == "Power of this festival"
    assert public.show == (Name.LOAD, Name.RENEWABLE, Name.BATTERY, Name.TODAY)


def test_getty_hands_all_words_on() -> None:
    """agetty drops what is more than it has room for, and knows no quotes."""
    (command,) = commands("getty.conf")
    options = shlex.split(command)[shlex.split(command).index("--login-options") + 1]
    assert len(options.split()) <= MOST_LOGIN_OPTIONS
    assert not set("\"'\\") & set(options)


def test_no_key_of_foot_leads_out() -> None:
    """Each key of foot that opens, runs or types something is taken away."""
    text = (CONFIGS / "foot.ini").read_text()
    bound = re.findall(r"^([a-z-]+)=(.*)$", text[text.index("[key-bindings]") :], re.MULTILINE)
    assert {value for _, value in bound} == {"none"}
    assert {"spawn-terminal", "show-urls-launch", "unicode-input"} <= {name for name, _ in bound}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_unit(tmp_path) -> None:
    """systemd finds nothing wrong with the unit (with a program in place of cage)."""
    unit = tmp_path / "ovr-kiosk.service"
    text = (CONFIGS / unit.name).read_text()
    unit.write_text(text.replace("/usr/bin/cage", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "words", [["--show", "load"], ["--public", "--show", "sun"], ["--every", "0"], ["--every=nan"]]
)
def test_wrong_wishes_are_refused(words) -> None:
    """A figure that nobody knows, figures of a display that shows all, a page of no time."""
    with pytest.raises(BadWish):
        wish(["kiosk", *words])
