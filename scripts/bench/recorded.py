"""What a collector really journals, to be given to something else."""

import asyncio
import time
from array import array
from pathlib import Path

from msgspec import structs

from collector.config.paths import Home
from collector.journal import Batch, Journal
from collector.model.series import decode_series
from collector.sinks.remote_write import Gatherer, snappy
from scripts.bench.local import all_running
from scripts.bench.parts import collector, until

MARK = "ovr_node_batch_seq"
STEP_SAMPLES = 200_000
ENDLESS = 1 << 62


async def opened(path: Path) -> Journal:
    """The journal at `path`, without caps that matter."""
    return await Journal.open(path, cap_bytes=1 << 40, max_age_s=1e9)


async def all_batches(path: Path) -> list[Batch]:
    """Everything that the journal at `path` holds, in order."""
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


def record(home: Home, warm_s: float, seconds: float) -> list[Batch]:
    """What a collector journals in `seconds`, `warm_s` after all devices of `home` answer."""
    with collector(home):
        until(lambda: all_running(home), "all devices answer", 120, 0.5)
        time.sleep(warm_s)
        began_ms = time.time() * 1000
        time.sleep(seconds)
        end_ms = time.time() * 1000
    batches = asyncio.run(all_batches(home.journal_db))
    return [batch for batch in batches if began_ms < batch.at_ms < end_ms]


def mark_of(batch: Batch) -> int:
    """Where the batch's own number stands among its samples."""
    return next(n for n, one in enumerate(batch.series) if decode_series(one)[0] == MARK)


def moved(batch: Batch, mark: int, seq: int, at_ms: int) -> Batch:
    """The same samples under another number and time."""
    values: array[float] = array("d")
    values.frombytes(batch.values.tobytes())
    values[mark] = seq
    return structs.replace(batch, seq=seq, at_ms=at_ms, values=values)


def request(batch: Batch) -> bytes:
    """`batch` as the body of a remote-write request."""
    gatherer = Gatherer()
    gatherer.add(batch)
    return snappy(gatherer.series()).body
