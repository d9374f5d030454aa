"""A real file system, filled to its last byte by others while nothing is settled."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.journal.full_disk import fill
from tests.support.nodes import make_home
from tests.support.processes import OVR, environment, finish, status, until

ROOT = Path(__file__).parents[2]
IN_NAMESPACE = 'mount -t tmpfs -o size=180m tmpfs "$0" && for step; do '
IN_NAMESPACE += f'{sys.executable} -m tests.journal.full_disk "$0" "$step"; done'


@pytest.fixture(scope="module")
def namespace() -> list[str]:
    """How to run a command with mounts of its own; skips where the system does not let us."""
    words = ["unshare", "--mount", "sh", "-c"]
    try:
        may = subprocess.run(
            [*words, "mount -t tmpfs -o size=1m tmpfs /mnt"], capture_output=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("there is no unshare(1) here")
    if may.returncode:
        pytest.skip(f"no mounts without root: {may.stderr.decode().strip()}")
    return words


def run(namespace: list[str], folder: Path, *steps: str) -> list[dict[str, Any]]:
    """What each step tells."""
    done = subprocess.run(
        [*namespace, IN_NAMESPACE, str(folder), *steps],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=50,
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_a_full_disk_is_lived_through_on_the_reserve(namespace: list[str], tmp_path: Path) -> None:
    """A thousand batches are kept on a disk without a free byte, and health says on what; when the
    reserve is used up batches are refused; with room again the next one is kept, and the
    reserve is made anew. Nothing that was acknowledged is missing."""
    (told,) = run(namespace, tmp_path, "fills")
    assert told["on_reserve"] == 1
    assert "lives on its reserve" in told["cause"]
    assert told["kept"] > 1000
    assert told["left"] == 0
    assert (told["state"], told["refused"]) == ("failing", True)
    assert (told["resumed"], told["state_then"]) == (128, "ok")
    assert told["refilled"] == 8
    assert told["whole"]


def test_a_collector_killed_on_a_full_disk_goes_on(namespace: list[str], tmp_path: Path) -> None:
    """Killed while it lives on the reserve, it opens again on the full disk, has every batch that
    was acknowledged, and keeps further ones."""
    died, then = run(namespace, tmp_path, "dies", "goes-on")
    assert died["kept"] == 100
    assert (then["newest"], then["whole"]) == (died["newest"], True)
    assert (then["kept"], then["whole_then"]) == (100, True)


def _journal(home: Path) -> dict[str, Any]:
    found = status(home)
    return found["journal"] | {"tick": found["health"]["tick_seq"]} if found else {}


def _in_state(home: Path, state: str) -> dict[str, Any] | None:
    found = _journal(home)
    return found if found.get("state") == state else None


@pytest.mark.timeout(180)
def test_a_collector_on_a_full_disk_stays_alive(namespace: list[str], tmp_path: Path) -> None:
    """Its state folder is full to the last byte, too small for a reserve: ticks go on, health says
    what fails; with room again it journals by itself, and the gap is counted from when to when."""
    home = make_home(tmp_path)
    words = [*namespace[:-1], "-c", 'mount -t tmpfs -o size=24m tmpfs "$0" && exec "$@"']
    process = subprocess.Popen(
        [*words, str(home.state), *OVR, "--home", str(tmp_path), "collect"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(),
    )
    try:
        until(lambda: _journal(tmp_path).get("head", 0) > 2, "batches are kept", 40)
        others = Path(f"/proc/{process.pid}/root{home.state}/others")
        fill(others)
        failing = until(
            lambda: (seen := _journal(tmp_path)).get("state") == "failing" and seen,
            "it is full",
            30,
        )
        assert "no space left" in failing["cause"]
        until(lambda: _journal(tmp_path)["gap"]["ticks"] >= 3, "ticks are lost", 30)
        assert _journal(tmp_path)["tick"] > failing["tick"], "ticks go on"
        os.truncate(others, 0)
        seen = until(lambda: _in_state(tmp_path, "ok"), "it goes on", 30)
        assert seen["gap_ticks"] == seen["gap"]["ticks"] >= 3
        assert seen["gap"]["to_ms"] - seen["gap"]["from_ms"] >= 2000
        assert seen["lost_samples"] == seen["gap_samples"] > 0
    finally:
        said = finish(process)
    assert process.returncode == 0, said
