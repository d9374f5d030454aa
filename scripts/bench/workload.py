"""The design's workload: 50 GX at 30 messages a second, 100 Modbus meters at 1 Hz."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from collector.config.paths import Home
from collector.model.snapshot import Snapshot
from collector.reports.process import cpu_s
from scripts.bench import wan
from scripts.bench.local import all_running, snapshot
from scripts.bench.parts import (
    Receiver,
    collector,
    folder,
    gx_devices,
    home_with,
    meter_devices,
    rss_mb,
    until,
    wires,
)
from scripts.bench.rows import Row
from scripts.bench.wan import sink


@dataclass(frozen=True)
class Size:
    """How large and how long a run is."""

    gx: int = 50
    meters: int = 100
    rate: float = 30.0
    warm_s: float = 90.0
    seconds: float = 60.0
    outage_s: float = 180.0
    wan_s: float = 150.0


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def run(size: Size) -> Iterator[Row]:
    """Measure; rows come as they are known."""
    with (
        folder() as below,
        wires("gx_wire", "--count", str(size.gx), "--rate", str(size.rate)) as gx,
        wires("meter_wire", "--count", str(size.meters)) as meters,
    ):
        receiver = Receiver(below, free_port())
        receiver.start()
        cloud = Receiver(below, free_port())
        devices = gx_devices(gx) + meter_devices(meters)
        home = home_with(below, devices, receiver.url)
        try:
            with collector(home) as process:
                yield from _steady(size, home, process.pid, gx)
            yield from _whole(home)
            with collector(home):
                until(lambda: all_running(home), "all devices answer", 90, 0.5)
                yield from _outage(size, home, receiver)
            cloud.start()
            with wan.zstd_receiver() as zstd_url:
                wan.configure(home, cloud.url, zstd_url)
                with collector(home):
                    until(lambda: all_running(home), "all devices answer", 90, 0.5)
                    yield from wan.rows(home, size.wan_s, len(devices))
        finally:
            receiver.stop()
            cloud.stop()


def _steady(size: Size, home: Home, pid: int, gx: list[dict[str, Any]]) -> Iterator[Row]:
    until(lambda: all_running(home), "all devices answer", 90, 0.5)
    time.sleep(size.warm_s)
    before, cpu, began = snapshot(home), cpu_s(pid), time.monotonic()
    time.sleep(size.seconds)
    after, took = snapshot(home), time.monotonic() - began
    assert before is not None  # it was live just now
    assert after is not None
    percent = (cpu_s(pid) - cpu) / took * 100
    samples = (after.journal.samples - before.journal.samples) / took
    shape = f"{len(after.assets)} assets, {after.health.series} series, {samples:.0f} samples/s"
    yield Row(
        "collector CPU at the workload",
        f"{percent:.1f} % of a core",
        "≤ 25 %",
        percent <= 25,
        shape,
    )
    yield Row(
        "  for 1,000 samples",
        f"{percent * 10 / samples * 1000:.2f} ms",
        "",
        None,
        "from the wire to the receiver's answer, snapshots and journal included",
    )
    yield Row(
        "memory of the collector", f"{rss_mb(pid):.0f} MB", "≤ 200 MB", rss_mb(pid) <= 200, ""
    )
    size_rate = (after.journal.bytes - before.journal.bytes) / took
    yield Row(
        "journal on disk", f"{size_rate * 86400 / 1e9:.2f} GB a day", "", None, f"{len(gx)} GX"
    )


def _outage(size: Size, home: Home, receiver: Receiver) -> Iterator[Row]:
    receiver.stop()
    time.sleep(size.outage_s)
    behind = sink(home, "local").behind_s
    receiver.start()
    began = time.monotonic()
    until(lambda: sink(home, "local").state != "backoff", "the sink tries again", 90, 0.1)
    waited = time.monotonic() - began
    late = 0

    def caught_up() -> bool:
        nonlocal late
        seen: Snapshot = until(lambda: snapshot(home), "the collector answers", 30)
        local = next(one for one in seen.sinks if one.sink == "local")
        late = max(late, seen.journal.head - local.head)
        return not local.owed_batches

    until(caught_up, "the sink caught up", 300, 0.2)
    took = time.monotonic() - began - waited
    ratio = behind / took
    detail = f"{behind:.0f} s in {took:.1f} s, after {waited:.0f} s of back-off"
    yield Row(
        "catch-up after an outage",
        f"{ratio:.0f} × real time",
        "≥ 50 ×",
        ratio >= 50,
        f"{detail}; the newest at most {late} s late",
    )


def _whole(home: Home) -> Iterator[Row]:
    did = json.loads((home.state / "summary.json").read_text())
    shown, stored = did["wire_to_snapshot_ms"], did["wire_to_stored_ms"]["local"]
    yield Row(
        "nothing lost",
        f"{did['lost']} samples",
        "0",
        did["lost"] == 0,
        f"{did['samples_journaled']} journaled",
    )
    yield Row(
        "wire → snapshot, p99",
        f"{shown['p99']:.0f} ms",
        "≤ 1,100 ms",
        shown["p99"] <= 1100,
        f"p50 {shown['p50']:.0f} ms",
    )
    yield Row(
        "wire → stored, p99",
        f"{stored['p99']:.0f} ms",
        "≤ 3,000 ms",
        stored["p99"] <= 3000,
        f"p50 {stored['p50']:.0f} ms, answered by VictoriaMetrics",
    )
