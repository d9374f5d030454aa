"""Debian's victoria-metrics as a receiver."""

import json
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.ports import end, free_port, wait_listening

FLAGS = (
    "-dedup.minScrapeInterval=1ms",
    "-search.latencyOffset=1ms",
    "-retentionPeriod=100y",
    "-memory.allowedPercent=10",
)


class VictoriaMetrics:
    """One server with its own storage. `kill` loses what it had only in memory."""

    def __init__(self, folder: Path, flags: tuple[str, ...] = FLAGS) -> None:
        self.port = free_port()
        self.folder = folder / f"vm-{self.port}"
        self.flags = flags
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Run it and wait until it listens."""
        program = shutil.which("victoria-metrics") or "/usr/bin/victoria-metrics"
        self.process = subprocess.Popen(
            [
                program,
                f"-httpListenAddr=127.0.0.1:{self.port}",
                f"-storageDataPath={self.folder}",
                *self.flags,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_listening(self.port, self.process)

    def stop(self) -> None:
        """End it as systemd does; everything answered is on disk."""
        if self.process is not None:
            end(self.process)
            self.process = None

    def kill(self) -> None:
        """A power cut."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def get(self, path: str, **params: str) -> bytes:
        """The body of a GET."""
        query = urllib.parse.urlencode(params)
        with urllib.request.urlopen(f"{self.url}{path}?{query}", timeout=30) as answer:  # noqa: S310
            body: bytes = answer.read()
            return body

    def export(self, match: str) -> list[dict[str, Any]]:
        """All raw samples of the matching series: `metric`, `values`, `timestamps`."""
        self.get("/internal/force_flush")
        body = self.get("/api/v1/export", **{"match[]": match, "start": "0", "end": "9e9"})
        return [json.loads(line) for line in body.splitlines() if line]


@pytest.fixture
def victoriametrics(tmp_path: Path) -> Iterator[Callable[..., VictoriaMetrics]]:
    """Makes running servers."""
    servers: list[VictoriaMetrics] = []

    def make(flags: tuple[str, ...] = FLAGS) -> VictoriaMetrics:
        server = VictoriaMetrics(tmp_path, flags)
        server.start()
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.stop()
