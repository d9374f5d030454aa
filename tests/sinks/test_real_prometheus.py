"""Against the real Prometheus: in order only, and with a window for what comes late."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from collector.journal import Journal
from tests.sinks.conftest import delivering, fill, local, open_journal
from tests.support.batches import START_MS, value
from tests.support.prometheus import Prometheus
from tests.support.waiting import until

Make = Callable[..., Prometheus]


def _wrong(receiver: Prometheus, last: int, samples: int) -> list[str]:
    """What differs between the receiver and what was journaled, sample by sample."""
    end_s = START_MS / 1000 + last + 1
    stored = {
        line["metric"]["asset"]: {round(at): float(text) for at, text in line["values"]}
        for line in receiver.samples("ovr_load_power_w", end_s, "1h")
    }
    return [
        f"batch {seq}, series {number}"
        for seq in range(1, last + 1)
        for number in range(samples - 2)
        if stored.get(f"bess-{number}", {}).get(START_MS // 1000 + seq) != value(seq, number)
    ]


async def _check(receiver: Prometheus, last: int, samples: int) -> None:
    wrong = await asyncio.to_thread(_wrong, receiver, last, samples)
    assert not wrong, (len(wrong), wrong[:5])


async def test_oldest_first_survives_its_death_and_ours(tmp_path: Path, prometheus: Make) -> None:
    """It takes no sample late and no repeat; killed, and after a start of the collector's, it gets
    every sample all the same, and nothing is called poison."""
    receiver = prometheus()
    settings = local(receiver.url, order="oldest-first")
    path = tmp_path / "j.db"
    journal = await open_journal(path)
    try:
        async with delivering(journal, settings) as sink:
            await fill(journal, 40, samples=20)
            await sink.drain()
            await asyncio.to_thread(receiver.kill)
            await fill(journal, 20, samples=20)
            await until(lambda: sink.health().state == "backoff", "it backs off")
            await asyncio.to_thread(receiver.start)
            await fill(journal, 20, samples=20)
            await sink.drain()
            assert sink.health().lossless is True
    finally:
        await journal.close()
    journal = await open_journal(path)
    try:
        async with delivering(journal, settings) as sink:
            await fill(journal, 20, samples=20)
            await sink.drain()
            assert sink.health().dead_samples == 0
            assert sink.health().cause == ""
    finally:
        await journal.close()
    await _check(receiver, 100, 20)


async def test_with_a_window_the_newest_may_go_first(journal: Journal, prometheus: Make) -> None:
    """With `out_of_order_time_window` an outage is caught up behind the newest, like anywhere."""
    receiver = prometheus("1h")
    async with delivering(journal, local(receiver.url)) as sink:
        await fill(journal, 10, samples=20)
        await sink.drain()
        receiver.stop()
        await fill(journal, 300, samples=20)
        await until(lambda: sink.health().state == "backoff", "it backs off")
        receiver.start()
        await sink.drain()
        assert sink.health().dead_samples == 0
        await _check(receiver, 310, 20)
        second = time.time() + 1.1
        await until(lambda: time.time() > second, "start times differ")
        await asyncio.to_thread(receiver.kill)
        await asyncio.to_thread(receiver.start)
        await until(lambda: sink.state.generation > 1, "its restart is seen")
        await sink.drain()
        assert sink.health().dead_samples == 0
        await _check(receiver, 310, 20)
