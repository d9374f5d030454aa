"""A journal with a past: hours of batches as a collector really writes them."""

import asyncio
import time
from collections.abc import Sequence

from collector.config.paths import Home
from collector.journal import Batch, SinkRecord
from scripts.bench.recorded import mark_of, moved, opened

RECORD_S = 120.0
"""More than the 30 s after which an unchanged canonical value is sampled again; an unchanged raw
one (240 s) comes once in a recording, hence twice as often as in truth."""
WARM_S = 10.0
GAP_MS = 5000


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
