"""A real file system, filled to its last byte by others while nothing is settled."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

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
