"""Twenty readers of the stream, one of which stops reading: does the collector notice?"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from collector.config.paths import Home
from collector.reports.process import cpu_s
from scripts.bench.local import all_running
from scripts.bench.parts import (
    collector,
    folder,
    gx_devices,
    home_with,
    meter_devices,
    rss_mb,
    until,
    wires,
)
from scripts.bench.reader import Seen
from scripts.bench.rows import Row
from scripts.bench.workload import Size

READERS = 20
AWAKE_S = 2.5
"""A reader is up to date that holds a tick which is not older."""
LATE_MS = 250.0
"""A tick that is frozen within this after its whole second is on the second."""


@dataclass
class Reader:
    """A reader in a process of its own, and the file that it writes to."""

    process: "subprocess.Popen[bytes]"
    path: Path

    def seen(self) -> list[Seen]:
        """What it has received whole, in order."""
        whole = self.path.read_bytes().rpartition(b"\n")[0]
        return [msgspec.json.decode(line, type=Seen) for line in whole.splitlines()]


@contextmanager
def reader(home: Home, path: Path) -> Iterator[Reader]:
    """Reads the collector of `home` while the block runs."""
    argv = [sys.executable, "-m", "scripts.bench.reader", str(home.operator_socket)]
    with path.open("wb") as out:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out)
    try:
        yield Reader(process, path)
    finally:
        process.kill()
        process.wait()


def run(size: Size) -> Iterator[Row]:
    """Measure at the workload, without a receiver."""
    with (
        folder() as below,
        wires("gx_wire", "--count", str(size.gx), "--rate", str(size.rate)) as gx,
        wires("meter_wire", "--count", str(size.meters)) as meters,
    ):
        home = home_with(below, gx_devices(gx) + meter_devices(meters), None)
        with collector(home) as process:
            until(lambda: all_running(home), "all devices answer", 90, 0.5)
            time.sleep(size.warm_s)
            yield from _rows(size, home, process.pid, below)


def _rows(size: Size, home: Home, pid: int, below: Path) -> Iterator[Row]:
    alone = _percent(pid, size.seconds)
    with ExitStack() as stack:
        readers = [stack.enter_context(reader(home, below / f"reader-{n}")) for n in range(READERS)]
        until(lambda: all(one.seen() for one in readers), "all readers read", 60, 0.5)
        stopped, watching = readers[0], readers[1]
        began_ms, rss = time.time() * 1000, rss_mb(pid)
        os.kill(stopped.process.pid, signal.SIGSTOP)
        percent = _percent(pid, size.seconds)
        grown = rss_mb(pid) - rss
        ticks = [seen for seen in watching.seen() if seen.at_ms > began_ms]
        before = len(stopped.seen())
        os.kill(stopped.process.pid, signal.SIGCONT)
        woken_s = time.monotonic()
        until(lambda: _awake(stopped), "the stopped reader reads the newest", 30, 0.05)
        took_s = time.monotonic() - woken_s
        old = len(stopped.seen()) - before - 1
    yield _ticks(ticks)
    yield Row(
        f"collector CPU with {READERS} readers",
        f"{percent:.1f} % of a core",
        "",
        None,
        f"{alone:.1f} % without any",
    )
    yield Row(
        "a reader that was stopped is up to date",
        f"{took_s:.1f} s after SIGCONT",
        f"≤ {AWAKE_S:g} s",
        took_s <= AWAKE_S,
        f"after {old} old ones that lay in its socket, of {len(ticks)} ticks",
    )
    yield Row(
        "memory while a reader is stopped",
        f"{grown:+.1f} MB",
        "flat",
        abs(grown) < 8,
        f"in {size.seconds:.0f} s",
    )


def _ticks(ticks: Sequence[Seen]) -> Row:
    late = sorted(seen.late_ms for seen in ticks)
    p99 = late[min(len(late) - 1, int(len(late) * 0.99))]
    skipped = (ticks[-1].at_ms - ticks[0].at_ms) // 1000 + 1 - (ticks[-1].seq - ticks[0].seq + 1)
    return Row(
        f"tick with {READERS} readers, one stopped, p99",
        f"{p99:.0f} ms late",
        f"≤ {LATE_MS:.0f} ms",
        p99 <= LATE_MS and not skipped,
        f"at most {late[-1]:.0f} ms; {skipped} seconds without a tick of {len(ticks)}; "
        f"{ticks[-1].readers} readers",
    )


def _percent(pid: int, seconds: float) -> float:
    cpu, began = cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_s(pid) - cpu) / (time.monotonic() - began) * 100


def _awake(one: Reader) -> bool:
    newest = one.seen()[-1]
    return time.time() * 1000 - newest.at_ms <= AWAKE_S * 1000
