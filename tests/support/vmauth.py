"""Debian's vmauth in front of a receiver."""

import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.ports import end, free_port, wait_listening


class VmAuth:
    """One vmauth. `configure` changes who may come while it runs."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.file = folder / f"vmauth-{self.port}.yml"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, users: str) -> None:
        """Run it with `users` (YAML) and wait until it listens."""
        self.file.write_text(users)
        program = shutil.which("vmauth") or "/usr/bin/vmauth"
        self.process = subprocess.Popen(
            [program, f"-httpListenAddr=127.0.0.1:{self.port}", f"-auth.config={self.file}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_listening(self.port, self.process)

    def configure(self, users: str) -> None:
        """Take other users into force at once."""
        assert self.process is not None
        self.file.write_text(users)
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            end(self.process)
            self.process = None


@pytest.fixture
def vmauth(tmp_path: Path) -> Iterator[Callable[[str], VmAuth]]:
    """Makes running ones out of their users."""
    made: list[VmAuth] = []

    def make(users: str) -> VmAuth:
        one = VmAuth(tmp_path)
        made.append(one)
        one.start(users)
        return one

    yield make
    for one in made:
        one.stop()
