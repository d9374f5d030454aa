"""The collector's memory over time: is it flat once the recent history is full?"""

import time
from collections.abc import Iterator

from collector.site.history import SECONDS
from scripts.bench.local import all_running
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
from scripts.bench.workload import Size, free_port

FULL_MIN = SECONDS // 60 + 2
"""From this minute on the rings of recent history hold nothing but what replaces older values."""
FLAT_MB_PER_HOUR = 12.0


def run(size: Size, minutes: int) -> Iterator[Row]:
    """Look once a minute, for so many minutes; nothing when there are too few to tell."""
    if minutes <= FULL_MIN:
        return
    with (
        folder() as below,
        wires("gx_wire", "--count", str(size.gx), "--rate", str(size.rate)) as gx,
        wires("meter_wire", "--count", str(size.meters)) as meters,
    ):
        receiver = Receiver(below, free_port())
        receiver.start()
        home = home_with(below, gx_devices(gx) + meter_devices(meters), receiver.url)
        try:
            with collector(home) as process:
                until(lambda: all_running(home), "all devices answer", 90, 0.5)
                looks = list(_looks(process.pid, minutes))
        finally:
            receiver.stop()
    full = looks[FULL_MIN:]
    grown = _slope(full) * 60
    yield Row(
        "memory from minute to minute",
        f"{grown:+.1f} MB/h",
        "flat",
        grown <= FLAT_MB_PER_HOUR,
        f"from minute {FULL_MIN} on: {full[0]:.0f} to {full[-1]:.0f} MB; before: "
        + ", ".join(f"{mb:.0f}" for mb in looks[:FULL_MIN]),
    )


def _looks(pid: int, minutes: int) -> Iterator[float]:
    for _ in range(minutes + 1):
        yield rss_mb(pid)
        time.sleep(60)


def _slope(values: list[float]) -> float:
    """Of the straight line through values one step apart (least squares)."""
    middle = (len(values) - 1) / 2
    mean = sum(values) / len(values)
    over = sum((n - middle) * (value - mean) for n, value in enumerate(values))
    return over / (sum((n - middle) ** 2 for n in range(len(values))) or 1.0)
