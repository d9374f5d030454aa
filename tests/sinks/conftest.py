"""A journal, and sinks at work on it, at a pace fit for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from collector.journal import Journal
from collector.model.sink import SinkSettings
from collector.sinks import Deliverer
from collector.sinks.pace import Pace
from tests.support.batches import batch
from tests.support.waiting import running_beside

FAST = Pace(settle_s=60.0, look_s=0.2, save_s=0.2, rest=0.0, back_off=lambda tries: 0.05)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    """An empty journal."""
    made = await open_journal(tmp_path / "journal.db")
    yield made
    await made.close()


async def open_journal(path: Path) -> Journal:
    """The journal at `path`, without caps that matter."""
    return await Journal.open(path, cap_bytes=1 << 40, max_age_s=1e9)


async def fill(journal: Journal, count: int, samples: int = 10) -> None:
    """Append `count` batches."""
    for seq in range(journal.next_seq, journal.next_seq + count):
        await journal.append(batch(seq, samples))


def local(url: str, **more: object) -> SinkSettings:
    """Settings of a sink in a hurry."""
    return SinkSettings(**{"name": "local", "url": url, "flush_s": 0.02, **more})  # type: ignore[arg-type]


@asynccontextmanager
async def delivering(
    journal: Journal, settings: SinkSettings, pace: Pace = FAST
) -> AsyncIterator[Deliverer]:
    """A sink that runs until the block ends; if it fails by itself the block fails."""
    sink = Deliverer(settings, journal, pace=pace)
    async with running_beside(sink.run(lambda: None)):
        yield sink
