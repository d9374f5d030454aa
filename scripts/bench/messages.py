"""What one Victron message costs, and what of it is aiomqtt's receiving."""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiomqtt

from collector.reports.process import cpu_s
from scripts.bench.local import live, snapshot
from scripts.bench.parts import collector, folder, gx_devices, home_with, until, wires
from scripts.bench.peer import side_by_side
from scripts.bench.rows import Row

RATE = 1500
SECONDS = 15.0
PEER_US = 56.0
"""venus-influx-loader 1.8.0 (Node 20) into VictoriaMetrics at 1,500 messages/s, measured on two
virtual cores (Zen 4): CPU of its process for each message."""


def _cost(rate: int) -> tuple[float, int]:
    """CPU seconds and messages of a collector on one GX, over `SECONDS`."""
    with folder() as below, wires("gx_wire", "--count", "1", "--rate", str(rate)) as gx:
        home = home_with(below, gx_devices(gx), None)
        with collector(home) as process:
            until(lambda: live(home), "the GX lives", 30)
            time.sleep(8)
            before, cpu = snapshot(home), cpu_s(process.pid)
            time.sleep(SECONDS)
            after, used = snapshot(home), cpu_s(process.pid) - cpu
        assert before is not None  # it was live just now
        assert after is not None
        return used, after.sources[0].messages - before.sources[0].messages


async def receive(port: int, portal: str) -> dict[str, float]:
    """Receive with bare aiomqtt for a while: CPU seconds and messages."""
    count = 0
    async with aiomqtt.Client("127.0.0.1", port) as client:
        await client.subscribe(f"N/{portal}/#")
        await client.publish(f"R/{portal}/keepalive", "")
        began, cpu = time.monotonic() + 3, 0.0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SECONDS + 3):
                async for _ in client.messages:
                    now = time.monotonic()
                    if not cpu and now > began:
                        cpu, count = time.process_time(), 0
                    count += 1
    return {"cpu_s": time.process_time() - cpu, "messages": count}


def _bare() -> float:
    """CPU µs that aiomqtt takes to receive a message and hand it over."""
    with wires("gx_wire", "--count", "1", "--rate", str(RATE)) as gx:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "scripts.bench.messages",
                str(gx[0]["port"]),
                gx[0]["portal_id"],
            ],
            capture_output=True,
            check=True,
        )
    told = json.loads(done.stdout)
    return float(told["cpu_s"]) / float(told["messages"]) * 1e6


def run(peer: Path | None = None) -> Iterator[Row]:
    """Measure; rows come as they are known. `peer`: a built checkout of venus-influx-loader."""
    idle, _ = _cost(0)
    busy, messages = _cost(RATE)
    ours, theirs = (busy - idle) / messages * 1e6, PEER_US
    where = "its CPU on another machine"
    if peer is not None:
        ours, theirs = side_by_side(peer, RATE)
        where = "side by side, both into VictoriaMetrics"
    ratio = ours / theirs
    detail = f"{ours:.0f} µs; venus-influx-loader {theirs:.0f}, {where}; bare aiomqtt {_bare():.0f}"
    yield Row("CPU per Victron message", f"{ratio:.2f} × the peer", "≤ 1.5 ×", ratio <= 1.5, detail)
    yield Row("CPU at one GX, nothing moving", f"{idle / SECONDS * 100:.1f} % of a core", "", None)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(receive(int(sys.argv[1]), sys.argv[2]))))
