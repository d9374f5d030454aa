"""Debian's Prometheus as a receiver."""

import json
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.ports import end, free_port, wait_listening


class Prometheus:
    """One server with its own storage, which takes remote write."""

    def __init__(self, folder: Path, window: str) -> None:
        self.port = free_port()
        self.folder = folder / f"prometheus-{self.port}"
        self.folder.mkdir()
        self.config = self.folder / "prometheus.yml"
        tsdb = f"{{out_of_order_time_window: {window}}}" if window else "{}"
        self.config.write_text(f"storage: {{tsdb: {tsdb}}}\n")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Run it and wait until it is ready."""
        program = shutil.which("prometheus") or "/usr/bin/prometheus"
        self.process = subprocess.Popen(
            [
                program,
                f"--config.file={self.config}",
                f"--storage.tsdb.path={self.folder / 'data'}",
                "--storage.tsdb.retention.time=100y",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--web.enable-remote-write-receiver",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_listening(self.port, self.process)
        deadline = time.monotonic() + 30
        while not self._ready():
            assert time.monotonic() < deadline, "prometheus is not ready"
            time.sleep(0.05)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5):  # noqa: S310
                return True
        except OSError:
            return False

    def stop(self) -> None:
        """End it in order."""
        if self.process is not None:
            end(self.process)
            self.process = None

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def samples(self, selector: str, at_s: float, window: str) -> list[dict[str, Any]]:
        """All raw samples of the matching series within `window` before `at_s`: `metric`,
        `values` as pairs of seconds and text."""
        query = urllib.parse.urlencode({"query": f"{selector}[{window}]", "time": str(at_s)})
        with urllib.request.urlopen(f"{self.url}/api/v1/query?{query}", timeout=30) as answer:  # noqa: S310
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
            return found


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[Callable[..., Prometheus]]:
    """Makes running servers; `window`: how late samples may come, "" in order only."""
    servers: list[Prometheus] = []

    def make(window: str = "") -> Prometheus:
        server = Prometheus(tmp_path, window)
        servers.append(server)
        server.start()
        return server

    yield make
    for server in servers:
        server.stop()
