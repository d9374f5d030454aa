"""The console over a real pseudo-terminal, on a collector at the whole workload.

Site page, asset page, kiosk and the low-bandwidth profile at 160×48; then every page in turn,
scrolling and a terminal that reads nothing, while another reader watches whether the collector's
ticks stay on the second.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from collector.config.paths import Home
from scripts.bench.local import all_running
from scripts.bench.parts import (
    OVR,
    collector,
    folder,
    gx_devices,
    home_with,
    meter_devices,
    until,
    wires,
)
from scripts.bench.reader import Seen
from scripts.bench.readers import LATE_MS, reader
from scripts.bench.rows import Row
from scripts.bench.workload import Size
from scripts.console_load import SELECTED, ConsoleLoad, Press, measure, stall

TICKING = r"\d\d:\d\d:\d\d"
"""The clock in the top line: the kiosk has painted."""
THIN = {"OVR_LINK": "slow", "OVR_THEME": "ansi"}


def run(size: Size) -> Iterator[Row]:
    """Measure at the workload, without a receiver."""
    with (
        folder() as below,
        wires("gx_wire", "--count", str(size.gx), "--rate", str(size.rate)) as gx,
        wires("meter_wire", "--count", str(size.meters)) as meters,
    ):
        home = home_with(below, gx_devices(gx) + meter_devices(meters), None)
        with collector(home):
            until(lambda: all_running(home), "all devices answer", 90, 0.5)
            with reader(home, below / "reader") as watching:
                until(watching.seen, "the reader reads", 30, 0.5)
                time.sleep(size.warm_s)
                began_ms = time.time() * 1000
                yield from _rows(home, below)
                yield _ticks([seen for seen in watching.seen() if seen.at_ms > began_ms])


def _rows(home: Home, below: Path) -> Iterator[Row]:
    argv = [*OVR, "--home", str(home.config.parent)]
    own = {"XDG_CONFIG_HOME": str(below / "settings")}
    yield from _load("site page", measure(argv, env=own))
    asset = measure(argv, env=own, opening=ASSET[:1], presses=ASSET[1:])
    yield from _load("asset page", asset)
    kiosk = measure([*argv, "kiosk"], env=own, begin=TICKING, presses=(), keys=0)
    yield from _load("kiosk", kiosk)
    thin = measure(argv, env={**own, **THIN}, begin="assets", presses=(), keys=0, seconds=30)
    kb = thin.bytes_per_s / 1000
    yield Row("low-bandwidth profile, raw", f"{kb:.2f} kB/s", "≤ 2 kB/s", kb <= 2)
    pages = measure(argv, env=own, seconds=1, keys=30, presses=PAGES)
    yield Row(
        "a page by its key, to painted, p99",
        f"{pages.key_p99_ms:.0f} ms",
        "",
        None,
        f"p50 {pages.key_p50_ms:.0f} ms, all six in turn",
    )
    scrolled = measure(argv, env=own, seconds=1, keys=40, presses=ENDS)
    yield Row(
        "to the last row and back, to painted, p99",
        f"{scrolled.key_p99_ms:.0f} ms",
        "≤ 40 ms",
        scrolled.key_p99_ms <= 40,
        f"p50 {scrolled.key_p50_ms:.0f} ms",
    )
    unread = stall(argv, env=own)
    yield Row(
        f"a terminal unread for {unread.unread_s:.0f} s answers a key after",
        f"{unread.answered_s * 1000:.0f} ms",
        "≤ 2 s",
        unread.answered_s <= 2 and unread.others_gap_s <= 2.5,
        f"the other console painted at least every {unread.others_gap_s:.1f} s",
    )


_HEAD = r"\x1b\[3;1H[^\n]*live"
ASSET: tuple[Press, ...] = ((b"\r", _HEAD), (b"n", _HEAD), (b"p", _HEAD))
"""Opens the page of an asset; n and p then walk to the next one and back."""
PAGES: tuple[Press, ...] = tuple(
    (name[0].lower().encode(), rf"\[{name}\]")
    for name in ("Alarms", "Events", "Reports", "Devices", "Health", "Site")
)
ENDS: tuple[Press, ...] = ((b"\x1b[F", SELECTED), (b"\x1b[H", SELECTED))


def _load(page: str, load: ConsoleLoad) -> Iterator[Row]:
    yield Row(
        f"{page}: CPU, 160×48, 1 Hz",
        f"{load.cpu_pct:.1f} % of a core",
        "≤ 5 %",
        load.cpu_pct <= 5,
        f"{load.rss_mb:.0f} MB",
    )
    if load.keys:
        yield Row(
            f"{page}: key to painted, p99",
            f"{load.key_p99_ms:.0f} ms",
            "≤ 40 ms",
            load.key_p99_ms <= 40,
            f"p50 {load.key_p50_ms:.0f} ms",
        )
    kb, thin = load.bytes_per_s / 1000, load.zlib_bytes_per_s / 1000
    yield Row(f"{page}: terminal bytes", f"{kb:.1f} kB/s", "≤ 20 kB/s", kb <= 20)
    yield Row(f"{page}: through ssh -C", f"{thin:.2f} kB/s", "≤ 1.5 kB/s", thin <= 1.5)


def _ticks(ticks: Sequence[Seen]) -> Row:
    late = sorted(seen.late_ms for seen in ticks)
    p99 = late[min(len(late) - 1, int(len(late) * 0.99))]
    whole = (ticks[-1].at_ms - ticks[0].at_ms) // 1000 + 1
    skipped = whole - (ticks[-1].seq - ticks[0].seq + 1)
    return Row(
        "the collector's tick meanwhile, p99",
        f"{p99:.0f} ms late",
        f"≤ {LATE_MS:.0f} ms",
        p99 <= LATE_MS and not skipped,
        f"at most {late[-1]:.0f} ms; {skipped} seconds without a tick of {whole}",
    )
