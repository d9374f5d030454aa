"""A console's memory over hours of changing pages, in fast time: each step is a second, with a
snapshot and a key that leads to another page."""

import asyncio
import os
from collections.abc import Iterator

from ovr_tui.console.tidy import favour_keys
from scripts.bench.parts import rss_mb
from scripts.bench.rows import Row
from tests.console.readers import Clock, HandReader, make_app, settle
from tests.support.snapshots import START_MS, changed, site

STEPS = ("enter", "escape", "a", "e", "r", "d", "h", "question_mark", "escape", "s")
ASSETS = 150
FULL_SHARE = 0.25
"""So much of the time passes until recent history is full and caches are."""
FLAT_MB = 6.0


def run(steps: int) -> Iterator[Row]:
    """Walk for so many steps, and compare the memory held from a quarter of them on."""
    looks = asyncio.run(_walk(steps))
    full = looks[int(len(looks) * FULL_SHARE) :]
    yield Row(
        f"console, {steps} changes of page",
        f"{full[-1] - full[0]:+.1f} MB",
        "flat",
        full[-1] - full[0] <= FLAT_MB,
        "held: " + ", ".join(f"{mb:.0f}" for mb in looks),
    )


async def _walk(steps: int) -> list[float]:
    """The memory at twelve times, in MB."""
    clock, shot = Clock(), site(ASSETS)
    reader = HandReader(shot)
    app, _ = make_app(reader=reader, clock=clock)
    favour_keys()
    looks = []
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(pilot)
        for step in range(steps):
            clock.at += 1
            seq = step + 2
            reader.push(changed(shot, seq=seq, at_ms=START_MS + seq * 1000))
            await pilot.press(STEPS[step % len(STEPS)])
            if step % max(1, steps // 12) == steps // 12 - 1:
                looks.append(rss_mb(os.getpid()))
    return looks
