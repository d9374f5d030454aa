"""From the start of the collector to its first live value."""

import time
from collections.abc import Iterator

from scripts.bench.local import live
from scripts.bench.parts import collector, folder, gx_devices, home_with, until, wires
from scripts.bench.rows import Row


def run() -> Iterator[Row]:
    """Measure three starts; the slowest counts."""
    took = []
    with folder() as below, wires("gx_wire", "--count", "1", "--rate", "30") as gx:
        home = home_with(below, gx_devices(gx), None)
        for _ in range(3):
            began = time.monotonic()
            with collector(home):
                until(lambda: live(home), "the GX lives", 30, 0.02)
                took.append(time.monotonic() - began)
    yield Row(
        "start to first live value", f"{max(took):.1f} s", "≤ 3 s", max(took) <= 3, "slowest of 3"
    )
