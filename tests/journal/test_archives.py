"""Files that earlier programs wrote are opened, migrated and read."""

import asyncio
import gzip
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest

from collector.errors import JournalError
from collector.journal.files import SCHEMA
from tests.journal.archives.make import BATCHES, DEAD, SINK, expected
from tests.journal.test_store import opened

ARCHIVES = Path(__file__).parent / "archives"
FOUND = sorted(ARCHIVES.glob("schema_*.db.gz"))


def _unpack(archive: Path, path: Path) -> None:
    path.write_bytes(gzip.decompress(archive.read_bytes()))


def test_every_earlier_schema_has_its_archive() -> None:
    """No step of the schema without a file of the program before it."""
    assert [path.name for path in FOUND] == [f"schema_{n}.db.gz" for n in range(1, SCHEMA + 1)]


@pytest.mark.parametrize("archive", FOUND, ids=lambda path: path.name.partition(".")[0])
async def test_an_archived_file_is_migrated_and_read_bit_for_bit(
    archive: Path, tmp_path: Path
) -> None:
    """Each sample of each batch, what is owed and what was refused come back unchanged; the file
    then goes on under the schema of today."""
    path = tmp_path / "journal.db"
    await asyncio.to_thread(_unpack, archive, path)
    for _ in ("the first time", "again, migrated"):
        async with opened(path) as journal:
            found = await journal.read(1, BATCHES, max_samples=1 << 40)
            assert [one.seq for one in found] == list(range(1, BATCHES + 1))
            for one in found:
                wanted = expected(one.seq)
                assert list(one.series) == list(wanted.series)
                assert one.values.tobytes() == wanted.values.tobytes()
                assert (one.at_ms, one.times, one.boot) == (wanted.at_ms, wanted.times, "")
            assert await journal.load_sinks() == {"local": SINK}
            (dead,) = await journal.dead()
            assert (dead.reason, dead.body) == (DEAD.reason, DEAD.body)
            health = journal.health()
            assert (health.lost_samples, health.unconfirmed, health.gap) == (0, 0, None)
            assert not health.cause
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


async def test_a_file_of_a_newer_program_is_not_touched(tmp_path: Path) -> None:
    """A newer schema is refused with what to do, and not a byte of the file changes."""
    path = tmp_path / "journal.db"
    await asyncio.to_thread(_unpack, FOUND[-1], path)
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    db.close()
    before = sha256(await asyncio.to_thread(path.read_bytes)).digest()
    with pytest.raises(JournalError, match="newer program"):
        async with opened(path):
            pass
    assert sha256(await asyncio.to_thread(path.read_bytes)).digest() == before
    assert await asyncio.to_thread(lambda: [p.name for p in tmp_path.iterdir()]) == [path.name]
