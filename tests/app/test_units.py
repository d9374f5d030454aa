"""The units for systemd: what it thinks of them, and that they fit the program."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ovr_tui.commands.collect import END_S
from ovr_tui.commands.console import SERVICE

FOLDER = Path(__file__).parents[2] / "configs" / "systemd"
COLLECT = FOLDER / "ovr-collect.service"


def settings(unit: Path) -> dict[str, str]:
    """What a unit sets; the last one counts."""
    lines = (line.partition("=") for line in unit.read_text().splitlines() if line[:1] != "#")
    return {name: value for name, mark, value in lines if mark}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("unit", sorted(FOLDER.glob("*.service")), ids=lambda unit: unit.name)
def test_systemd_finds_nothing_wrong(unit: Path, tmp_path: Path) -> None:
    """Unknown or misspelt settings are warnings there, and failures here."""
    program = settings(unit)["ExecStart"].split()[0]
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace(program, sys.executable))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if unit.name in line]
    assert (said, done.returncode) == ([], 0)


def test_the_unit_fits_the_program() -> None:
    """Ready by notification, a watchdog, no restart on a wrong configuration, time for the end."""
    found = settings(COLLECT)
    assert COLLECT.stem == SERVICE
    assert (found["Type"], found["WatchdogSec"], found["Restart"]) == ("notify", "30", "always")
    assert found["RestartPreventExitStatus"] == "78"
    assert float(found["TimeoutStopSec"]) > END_S
    assert (found["User"], found["Group"]) == ("ovr", "ovr")
    assert found["ExecStart"].endswith("/ovr collect")


def test_the_unit_lets_the_program_ask_for_ntp() -> None:
    """Whether NTP has set the clock is asked of the kernel by a call that can also set it: the
    filter lets it through, and no capability is there to set anything."""
    found = settings(COLLECT)
    assert {"adjtimex", "clock_adjtime", "clock_adjtime64"} <= set(
        found["SystemCallFilter"].split()
    )
    assert "ProtectClock" not in found, "it would forbid the question too"
    assert found["CapabilityBoundingSet"] == ""
