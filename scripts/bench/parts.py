"""The parts that a measurement starts: processes, a receiver, a home."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomli_w

from collector.config.paths import Home, find_home

PAGE = os.sysconf("SC_PAGE_SIZE")
OVR = (sys.executable, "-m", "ovr_tui.cli")


def rss_mb(pid: int) -> float:
    """Resident memory of a process, MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6


def until(true: Callable[[], Any], what: str, limit_s: float = 60, step_s: float = 0.05) -> Any:
    """Poll until `true` returns something true, and return it."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        found = true()
        if found:
            return found
        time.sleep(step_s)
    raise SystemExit(f"bench: {what}: not within {limit_s:.0f} s")


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder."""
    with tempfile.TemporaryDirectory(prefix="ovr-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def wires(module: str, *words: str) -> Iterator[list[dict[str, Any]]]:
    """Simulated devices of `scripts.bench.<module>`; gives what they told on their first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"scripts.bench.{module}", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None  # asked for above
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


class Receiver:
    """A victoria-metrics on a port of its own."""

    def __init__(self, below: Path, port: int, *more: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._argv = [
            shutil.which("victoria-metrics") or "/usr/bin/victoria-metrics",
            f"-httpListenAddr=127.0.0.1:{port}",
            f"-storageDataPath={below / f'vm-{port}'}",
            "-dedup.minScrapeInterval=1ms",
            "-search.latencyOffset=1ms",
            "-retentionPeriod=100y",
            *more,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it."""
        self._process = subprocess.Popen(
            self._argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def rows(self, protocol: str) -> int:
        """How many samples it was given over a protocol (`promremotewrite`, `influx`)."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as answer:  # noqa: S310
            page: str = answer.read().decode()
        found = re.search(
            rf'^vm_rows_inserted_total{{type="{protocol}"}} (\d+)', page, re.MULTILINE
        )
        return int(found[1]) if found else 0

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def kill(self) -> None:
        """End it as a power cut does; what it had only in memory is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)
            self._process = None

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        return None if self._process is None else self._process.pid


def home_with(below: Path, devices: list[dict[str, Any]], sink: str | None) -> Home:
    """A home with these devices and this receiver."""
    home = find_home(str(below / "home"), {})
    home.ensure()
    node: dict[str, Any] = {
        "node": {"id": "bench", "site": "bench", "timezone": "UTC", "trust_clock": True}
    }
    sinks: dict[str, Any] = {}
    if sink:
        sinks["local"] = {"url": sink}
    node["sinks"] = sinks
    home.node_toml.write_text(tomli_w.dumps(node))
    home.registry_toml.write_text(tomli_w.dumps({"version": 1, "device": devices}))
    return home


@contextmanager
def collector(home: Home) -> Iterator["subprocess.Popen[bytes]"]:
    """A collector on `home`; its summary is written to state/summary.json at its end."""
    with (home.state / "collector.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *OVR,
                *("--home", str(home.config.parent), "collect"),
                *("--summary", str(home.state / "summary.json")),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def gx_devices(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Registry entries of the GX that are served."""
    return [
        {
            "id": f"gx-{n}",
            "kind": "gx",
            "host": "127.0.0.1",
            "port": gx["port"],
            "portal_id": gx["portal_id"],
        }
        for n, gx in enumerate(told)
    ]


def meter_devices(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Registry entries of the meters that are served."""
    kinds = ("load", "generator", "grid", "load")
    return [
        {
            "id": f"meter-{n}",
            "kind": "acuvim",
            "host": "127.0.0.1",
            "port": meter["port"],
            "asset_kind": kinds[n % len(kinds)],
        }
        for n, meter in enumerate(told)
    ]
