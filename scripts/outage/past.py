"""A journal with a past: hours of batches as a collector really writes them."""

import asyncio
import time
from array import array
from collections.abc import Sequence
from pathlib import Path

from msgspec import structs

from collector.config.paths import Home
from collector.journal import Batch, Journal, SinkRecord
from collector.model.series import decode_series
from scripts.bench.local import all_running
from scripts.bench.parts import collector, until

MARK = "ovr_node_batch_seq"
RECORD_S = 120.0
"""More than the 30 s after which an unchanged canonical value is sampled again; an unchanged raw
one (240 s) comes once in a recording, hence twice as often as in truth."""
GAP_MS = 5000
STEP_SAMPLES = 200_000
ENDLESS = 1 << 62


async def opened(path: Path) -> Journal:
    """The journal at `path`, without caps that matter."""
    return await Journal.open(path, cap_bytes=1 << 40, max_age_s=1e9)


async def _all(path: Path) -> list[Batch]:
    journal = await opened(path)
    found: list[Batch] = []
    try:
        at = journal.first
        while more := await journal.read(at, ENDLESS, max_samples=STEP_SAMPLES):
            found += more
            at = more[-1].seq + 1
    finally:
        await journal.close()
    return found


def record(home: Home) -> list[Batch]:
    """What a collector journals once all devices of `home` answer."""
    with collector(home):
        until(lambda: all_running(home), "all devices answer", 120, 0.5)
        began_ms = time.time() * 1000
        time.sleep(RECORD_S)
    return [batch for batch in asyncio.run(_all(home.journal_db)) if batch.at_ms > began_ms]


def mark_of(batch: Batch) -> int:
    """Where the batch's own number stands among its samples."""
    return next(n for n, one in enumerate(batch.series) if decode_series(one)[0] == MARK)


def moved(batch: Batch, mark: int, seq: int, at_ms: int) -> Batch:
    """The same samples under another number and time."""
    values: array[float] = array("d")
    values.frombytes(batch.values.tobytes())
    values[mark] = seq
    return structs.replace(batch, seq=seq, at_ms=at_ms, values=values)


async def _write(home: Home, recorded: Sequence[Batch], seconds: int, settled: str) -> int:
    journal = await opened(home.journal_db)
    marks = [mark_of(batch) for batch in recorded]
    start = journal.next_seq
    end_ms = int(time.time()) * 1000 - GAP_MS
    try:
        for second in range(seconds):
            which = second % len(recorded)
            at_ms = end_ms - (seconds - second) * 1000
            seq = start + second
            await journal.append(moved(recorded[which], marks[which], seq, at_ms))
        if settled:
            await journal.save_sink(SinkRecord(name=settled, head=journal.head))
        return journal.head
    finally:
        await journal.close()


def write(home: Home, recorded: Sequence[Batch], seconds: int, settled: str = "") -> int:
    """Fill the journal of `home` with so many seconds up to now, made of `recorded` over and over;
    the newest number. The sink called `settled` has all of it already."""
    return asyncio.run(_write(home, recorded, seconds, settled))
