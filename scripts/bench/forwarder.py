"""Our way from samples to a receiver by itself: what a second's batch costs from the journal on.

`python -m scripts.bench.forwarder RECORDED STATE URL SECONDS` takes the newest batches of the
journal RECORDED, appends one a second to a new journal in the folder STATE, and delivers it to URL
as a sink of full resolution does. It prints what that took as JSON.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from collector.model.sink import SinkSettings
from collector.sinks import Deliverer
from scripts.bench.recorded import all_batches, mark_of, moved, opened


async def forward(recorded: Path, state: Path, url: str, seconds: int) -> dict[str, float]:
    """CPU seconds of this process and its threads, samples, and bytes as the sink counts them."""
    batches = (await all_batches(recorded))[-seconds:]
    marks = [mark_of(batch) for batch in batches]
    journal = await opened(state / "journal.db")
    sink = Deliverer(SinkSettings(name="local", url=url), journal)
    task = asyncio.create_task(sink.run(lambda: None))
    await asyncio.sleep(1)
    cpu_s = time.process_time()
    for batch, mark in zip(batches, marks, strict=True):
        await asyncio.sleep(1 - time.time() % 1)
        at_ms = round(time.time()) * 1000
        await journal.append(moved(batch, mark, journal.next_seq, at_ms))
    await sink.drain()
    took = {
        "cpu_s": time.process_time() - cpu_s,
        "samples": float(sum(map(len, batches))),
        "bytes": float(sink.health().sent_bytes),
    }
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await journal.close()
    return took


if __name__ == "__main__":
    folder, below, where, count = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(forward(Path(folder), Path(below), where, int(count)))))
