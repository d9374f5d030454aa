"""One collector for each state folder."""

import os
import subprocess
import sys

import pytest

from collector.app.lock import CollectorLock, holder
from collector.errors import AlreadyRunning


def test_second_is_refused(tmp_path):
    """Another process is refused with the holder's pid; afterwards the lock is free."""
    code = (
        "import sys, pathlib; from collector.app.lock import CollectorLock\n"
        "CollectorLock(pathlib.Path(sys.argv[1])).__enter__()"
    )
    with CollectorLock(tmp_path):
        assert holder(tmp_path) == os.getpid()
        with pytest.raises(AlreadyRunning, match=str(os.getpid())):
            CollectorLock(tmp_path).__enter__()
        done = subprocess.run(
            [sys.executable, "-c", code, tmp_path], capture_output=True, check=False
        )
        assert b"AlreadyRunning" in done.stderr
    assert holder(tmp_path) is None
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True)


def test_dead_holder_leaves_nothing(tmp_path):
    """A collector that was killed holds nothing, whatever its file says."""
    (tmp_path / "collector.lock").write_text("1\n")
    assert holder(tmp_path) is None
    with CollectorLock(tmp_path):
        assert holder(tmp_path) == os.getpid()
    assert holder(tmp_path / "nowhere") is None
