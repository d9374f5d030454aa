"""Sinks that come and go in node.toml."""

from pathlib import Path

from collector.journal import SinkRecord
from tests.sinks.conftest import fill, open_journal
from tests.support.nodes import make_home, running


async def test_a_sink_that_was_taken_out_pins_nothing_after_a_start(tmp_path: Path) -> None:
    """At its start the collector forgets what it owed to sinks that node.toml names no more; what
    was refused stays to be looked at, and the journal keeps its batches."""
    home = make_home(tmp_path)
    home.ensure()
    journal = await open_journal(home.journal_db)
    await fill(journal, 5)
    await journal.save_sink(SinkRecord(name="former", head=2, unsettled=((1, 2),)))
    await journal.close()
    async with running(home) as node:
        await node.ticks(1)
    journal = await open_journal(home.journal_db)
    try:
        assert "former" not in await journal.load_sinks()
        assert journal.first == 1
        assert journal.head > 5
    finally:
        await journal.close()
