"""Room on the disk, and what a journal remembers about sinks and numbers."""

import asyncio
from pathlib import Path

import pytest

from collector.journal import Journal, SinkRecord
from tests.journal.test_store import _fill, _seqs, _tidied, opened
from tests.support.batches import START_MS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal may be."""
    return tmp_path / "state" / "journal.db"


async def _pages(journal: Journal) -> int:
    """How large the file is, in pages, used or free."""
    database = journal._database
    return await journal._call(lambda: database._db.execute("PRAGMA page_count").fetchone()[0])


async def test_on_an_almost_full_disk_new_batches_take_the_place_of_settled_ones(
    path: Path,
) -> None:
    """With little space left the file grows no more while there are settled batches; what is owed
    stays, and nothing is lost or refused."""
    async with opened(path) as journal:
        await journal.save_sink(SinkRecord(name="a", head=0))
        await _fill(journal, 150, samples=200)
        journal._database.free_bytes = lambda: 32 << 20
        await _fill(journal, 3, samples=200)
        assert len(await _seqs(journal)) == 153, "nothing is settled"
        before = await _pages(journal)
        await journal.save_sink(SinkRecord(name="a", head=140, unsettled=((3, 5), (130, 140))))
        await _fill(journal, 60, samples=200)
        assert {*range(3, 6), *range(130, 214)} <= set(await _seqs(journal))
        assert await _pages(journal) <= before
        assert journal.health().state == "ok"
        assert "disk is almost full" in journal.health().cause
        assert journal.health().lost_samples == 0


async def test_an_earlier_copy_of_the_file_reuses_no_number(path: Path) -> None:
    """A journal put back from a copy goes on above every number that was ever given."""
    async with opened(path) as journal:
        await _fill(journal, 5)
    copy = await asyncio.to_thread(path.read_bytes)
    async with opened(path, min_seq=20_000) as journal:
        await _fill(journal, 5)
    await asyncio.to_thread(path.write_bytes, copy)
    async with opened(path) as journal:
        assert journal.next_seq > 20_004
        assert journal.last_ms == START_MS + 5_000
        await _fill(journal, 1)
        assert (await _seqs(journal))[:5] == [1, 2, 3, 4, 5]


async def test_nothing_is_held_for_sinks_that_are_configured_no_more(path: Path) -> None:
    """After a start without it a sink pins no batches; the others' states stay as they were."""
    stays = SinkRecord(name="stays", head=50, unsettled=((30, 50),))
    async with opened(path, cap_bytes=400_000) as journal:
        await _fill(journal, 50, samples=200)
        await journal.save_sink(SinkRecord(name="gone", head=0))
        await journal.save_sink(stays)
        await journal.keep_sinks(("stays", "new"))
        assert await journal.load_sinks() == {"stays": stays}
        await journal.save_sink(SinkRecord(name="stays", head=1 << 40, unsettled=((30, 50),)))
        await _fill(journal, 300, samples=200)
        await _tidied(journal)
        assert 1 not in await _seqs(journal)
        assert journal.health().lost_samples == 0
