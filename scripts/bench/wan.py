"""What a metered link costs: two thinned sinks side by side, one with snappy, one with zstd."""

import json
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import tomli_w

from collector.config.paths import Home
from collector.model.snapshot import SinkHealth, Snapshot
from scripts.bench.local import snapshot
from scripts.bench.parts import until
from scripts.bench.rows import Row

TARGETS = {"snappy": 4.0, "zstd": 2.5}
"""kB for each asset and minute."""


class Counting(ThreadingHTTPServer):
    """Counts what it takes: bodies and their bytes."""

    requests = 0
    body_bytes = 0


class _Takes(BaseHTTPRequestHandler):
    """Says that it takes zstd, takes everything, and keeps nothing."""

    server: Counting

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(200, json.dumps({"epoch": "bench", "encodings": ["zstd"]}).encode())

    def do_POST(self) -> None:
        self.server.body_bytes += len(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests += 1
        self._answer(204, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's
        """Nothing is printed."""


@contextmanager
def counting() -> Iterator[Counting]:
    """A receiver that takes everything, keeps nothing, and counts."""
    server = Counting(("127.0.0.1", 0), _Takes)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def zstd_receiver() -> Iterator[str]:
    """The URL of a receiver that says it takes zstd."""
    with counting() as server:
        yield f"http://127.0.0.1:{server.server_address[1]}"


def configure(home: Home, snappy_url: str, zstd_url: str) -> None:
    """Two thinned sinks, and no other one."""
    node = tomllib.loads(home.node_toml.read_text())
    node["sinks"] = {
        "snappy": {"url": snappy_url, "resolution_s": 10},
        "zstd": {
            "url": zstd_url,
            "resolution_s": 10,
            "epoch_url": f"{zstd_url}/v1/receiver",
        },
    }
    home.node_toml.write_text(tomli_w.dumps(node))


def sink(home: Home, name: str) -> SinkHealth:
    """One sink as the collector shows it."""
    seen: Snapshot = until(lambda: snapshot(home), "the collector answers", 30)
    return next(sink for sink in seen.sinks if sink.sink == name)


def rows(home: Home, seconds: float, devices: int) -> Iterator[Row]:
    """A row for each packing, for the design's assets: one of each device.

    A GX here gives three assets, so the snapshot has more of them; the detail tells their share.
    """
    until(
        lambda: not any(sink(home, name).owed_batches for name in TARGETS),
        "both have the past",
        200,
    )
    before = {name: sink(home, name) for name in TARGETS}
    time.sleep(seconds)
    seen = until(lambda: snapshot(home), "the collector answers", 30)
    for name, target in TARGETS.items():
        after = sink(home, name)
        minutes = (after.sent_batches - before[name].sent_batches) / 60
        kb = (after.sent_bytes - before[name].sent_bytes) / minutes / 1000
        samples = (after.sent_samples - before[name].sent_samples) / minutes
        yield Row(
            f"WAN bytes per asset-minute, {name}",
            f"{kb / devices:.2f} kB",
            f"≤ {target:g} kB",
            kb / devices <= target,
            f"{samples / devices:.0f} samples each; {kb / len(seen.assets):.2f} kB for each of the "
            f"snapshot's {len(seen.assets)} assets",
        )
