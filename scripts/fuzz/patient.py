"""The collector that is lied to: a process of its own, watched from outside."""

import math
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from collector.client import Client
from collector.errors import ApiError
from collector.model.kinds import AssetStatus
from collector.model.snapshot import AssetView, Snapshot
from scripts.bench.parts import collector, folder, home_with, rss_mb
from scripts.fuzz.outcome import Outcome

SLOW_S = 8.0
"""An answer of the local API that takes longer is a fault."""
SAID = 400
ODD_WORDS = ("Traceback", "fault of ours", "Fatal error", "Task exception was never retrieved")


class Patient:
    """A running collector."""

    def __init__(self, process: "subprocess.Popen[bytes]", client: Client, log: Path) -> None:
        self._process = process
        self._client = client
        self._log = log

    @property
    def rss_mb(self) -> float:
        """Its resident memory; 0 when it is dead."""
        return rss_mb(self._process.pid) if self._process.poll() is None else 0.0

    async def look(self, outcome: Outcome) -> Snapshot | None:
        """Its newest snapshot, judged: it must live, answer, and show nothing that is no number."""
        if self._process.poll() is not None:
            outcome.fault(f"the collector ended with status {self._process.returncode}")
            return None
        began = time.monotonic()
        try:
            seen = await self._client.snapshot()
        except ApiError as error:
            outcome.fault(f"the collector does not answer: {error}")
            return None
        took = time.monotonic() - began
        if took > SLOW_S:
            outcome.fault(f"the collector needed {took:.1f} s to answer")
        for asset in seen.assets:
            for key, reading in asset.readings.items():
                if reading.value is not None and not math.isfinite(reading.value):
                    outcome.fault(f"{asset.id} shows {key} = {reading.value}")
        return seen

    def said(self, outcome: Outcome) -> None:
        """What of its log is a fault of its own."""
        for line in self._log.read_text(errors="replace").splitlines():
            if any(word in line for word in ODD_WORDS):
                outcome.fault(f"its log: {line[:SAID]} … {line[-SAID:]}")


@asynccontextmanager
async def patient(devices: list[dict[str, Any]]) -> AsyncIterator[Patient]:
    """A collector that reads these devices, in a home of its own."""
    with folder() as below:
        home = home_with(below, devices, None)
        async with Client(home.operator_socket, answer_s=2 * SLOW_S) as client:
            with collector(home) as process:
                yield Patient(process, client, home.state / "collector.log")


def live(seen: Snapshot | None, asset: str) -> AssetView | None:
    """An asset, if it lives."""
    for each in seen.assets if seen else ():
        if each.id == asset and each.status is AssetStatus.LIVE:
            return each
    return None


def value(seen: Snapshot | None, asset: str, key: str) -> float | None:
    """What a live asset shows."""
    found = live(seen, asset)
    reading = found.readings.get(key) if found else None
    return reading.value if reading else None
