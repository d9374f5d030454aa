"""Beside vmagent: the same batches, one a second, through our journal and sink, and through it.

Both keep what they take and forward it as remote write, packed with snappy, to a server that only
counts. Ours is on disk before it is sent; vmagent keeps fresh blocks in memory while the receiver
answers. What one cannot see here: vmagent has no thinning, so only full resolution is compared.
"""

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from collector.journal import Batch
from collector.reports.process import cpu_s
from scripts.bench.parts import (
    folder,
    gx_devices,
    home_with,
    meter_devices,
    until,
    wires,
)
from scripts.bench.recorded import mark_of, moved, record, request
from scripts.bench.rows import Row
from scripts.bench.wan import Counting, counting
from scripts.bench.workload import Size, free_port

SETTLES_S = 10.0


def run(size: Size) -> Iterator[Row]:
    """Record the workload, then forward it in both ways."""
    with folder() as below:
        with (
            wires("gx_wire", "--count", str(size.gx), "--rate", str(size.rate)) as gx,
            wires("meter_wire", "--count", str(size.meters)) as meters,
        ):
            devices = gx_devices(gx) + meter_devices(meters)
            home = home_with(below, devices, None)
            batches = record(home, SETTLES_S, size.seconds)
        samples = sum(map(len, batches))
        minutes = len(batches) / 60 * len(devices)
        with counting() as server:
            cpu, counted = _ours(home.journal_db, below, server, len(batches))
        yield from _rows("ours", cpu, counted, samples, minutes, "every sample fsynced first")
        if shutil.which("vmagent") is None:
            yield Row(
                "forwarding by vmagent", "no vmagent here", "", None, "Debian's package has it"
            )
            return
        with counting() as server:
            cpu, counted = _theirs(below, server, batches)
        yield from _rows("vmagent", cpu, counted, samples, minutes, "fresh blocks in memory only")


def _rows(
    whose: str, cpu: float, counted: int, samples: int, minutes: float, how: str
) -> Iterator[Row]:
    yield Row(
        f"forwarding by {whose}, CPU",
        f"{cpu / samples * 1e6:.2f} ms",
        "",
        None,
        f"for 1,000 samples; {samples} of them, one batch a second; {how}",
    )
    yield Row(
        f"forwarding by {whose}, bytes",
        f"{counted / minutes / 1000:.1f} kB",
        "",
        None,
        f"for an asset-minute, full resolution, snappy; {counted / samples:.1f} a sample",
    )


def _url(server: Counting) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/api/v1/write"


def _ours(recorded: Path, below: Path, server: Counting, count: int) -> tuple[float, int]:
    state = below / "forwarder"
    state.mkdir()
    words = [str(recorded), str(state), _url(server), str(count)]
    done = subprocess.run(
        [sys.executable, "-m", "scripts.bench.forwarder", *words],
        capture_output=True,
        check=True,
        text=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return float(told["cpu_s"]), server.body_bytes


@contextmanager
def _vmagent(below: Path, url: str) -> Iterator[tuple[int, str]]:
    """A vmagent that forwards to `url`: its process, and where it takes samples."""
    port = free_port()
    process = subprocess.Popen(
        [
            "vmagent",
            f"-httpListenAddr=127.0.0.1:{port}",
            f"-remoteWrite.url={url}",
            f"-remoteWrite.tmpDataPath={below / 'vmagent'}",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _answers(port), "vmagent answers", 20)
        yield process.pid, f"http://127.0.0.1:{port}/api/v1/write"
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2).close()
    except OSError:
        return False
    return True


def _theirs(below: Path, server: Counting, batches: Sequence[Batch]) -> tuple[float, int]:
    with _vmagent(below, _url(server)) as (pid, url):
        time.sleep(1)
        cpu = cpu_s(pid)
        for seq, batch in enumerate(batches, 1):
            body = request(moved(batch, mark_of(batch), seq, (int(time.time()) + 1) * 1000))
            time.sleep(1 - time.time() % 1)
            urllib.request.urlopen(urllib.request.Request(url, body), timeout=10).close()  # noqa: S310
        time.sleep(3)
        return cpu_s(pid) - cpu, server.body_bytes
