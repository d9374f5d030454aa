"""Debian's mosquitto as the broker of a GX."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.ports import end, free_port, wait_listening


class Mosquitto:
    """One broker. `stop` and `start` keep its port, so a test can reboot a GX."""

    def __init__(
        self, folder: Path, extra: str = "", port: int = 0, host: str = "127.0.0.1"
    ) -> None:
        self.port = port or free_port()
        self.host = host
        self.folder = folder
        self.config = folder / f"mosquitto-{host}-{self.port}.conf"
        access = "" if "allow_anonymous" in extra else "allow_anonymous true\n"
        self.config.write_text(f"listener {self.port} {host}\n{access}{extra}\n")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it and wait until it listens."""
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.process = subprocess.Popen(
            [program, "-c", str(self.config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_listening(self.port, self.process, host=self.host)

    def stop(self) -> None:
        """End it; clients see their TCP connection close."""
        if self.process is not None:
            end(self.process)
            self.process = None


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Callable[..., Mosquitto]]:
    """Makes running brokers: `mosquitto()`, or `mosquitto("password_file …")`."""
    brokers: list[Mosquitto] = []

    def make(extra: str = "", port: int = 0, host: str = "127.0.0.1") -> Mosquitto:
        broker = Mosquitto(tmp_path, extra, port, host)
        broker.start()
        brokers.append(broker)
        return broker

    yield make
    for broker in brokers:
        broker.stop()
