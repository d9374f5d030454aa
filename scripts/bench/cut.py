"""What a collector loses that is killed at any moment.

A kill is not a power cut: that what was committed survives one is SQLite's `synchronous=FULL`.
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from collector.config.paths import Home
from collector.journal import Journal
from scripts.bench.local import live, snapshot
from scripts.bench.parts import collector, folder, gx_devices, home_with, until, wires
from scripts.bench.rows import Row

CUTS = 10
LONGEST_S = 4.0
LOST_S = 1.0


def run() -> Iterator[Row]:
    """Kill a collector again and again, and compare the newest tick that it showed with the newest
    one in its journal."""
    lost, damaged = [], 0
    when = random.Random(1)
    with folder() as below, wires("gx_wire", "--count", "5", "--rate", "100") as gx:
        home = home_with(below, gx_devices(gx), None)
        for _ in range(CUTS):
            shown_ms = _cut(home, when.uniform(0, LONGEST_S))
            damaged += sum(not _sound(path) for path in (home.journal_db, home.node_db))
            lost.append((shown_ms - asyncio.run(_newest_ms(home))) / 1000)
    worst = max(0.0, *lost)
    yield Row(
        "killed at any moment, samples lost",
        f"the last {worst:.0f} s",
        "≤ 1 s",
        worst <= LOST_S and not damaged,
        f"worst of {CUTS} kills; {damaged} files damaged",
    )


def _cut(home: Home, after_s: float) -> int:
    """Run a collector, kill it, and return the newest tick that it had shown."""
    with collector(home) as process:
        until(lambda: live(home), "the GX live", 30)
        time.sleep(after_s)
        shown = snapshot(home)
        process.kill()
        process.wait()
    assert shown is not None  # it was live just now
    return shown.at_ms


def _sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as db:
        answer: str = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
        return answer == "ok"


async def _newest_ms(home: Home) -> int:
    journal = await Journal.open(home.journal_db, cap_bytes=1 << 40, max_age_s=1e9)
    try:
        return journal.last_ms
    finally:
        await journal.close()
