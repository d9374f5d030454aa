"""Open journal and node.db of a collector that ended in order, on a disk that is full since.

Run as a program: it goes into a mount namespace. Exit status 77: that is not permitted here.
"""

import asyncio
import sqlite3
import sys
import tempfile
from array import array
from pathlib import Path

from collector.errors import JournalError, StoreError
from collector.journal import Batch, Journal
from collector.model.series import encode_series
from collector.store import NodeDb
from scripts.torture import disk

SERIES = [encode_series(f"ovr_m{number}", {"node": "n1"}) for number in range(2000)]
NOT_PERMITTED = 77


def _batch(seq: int) -> Batch:
    values = array("d", [seq * 1.1 + number for number in range(len(SERIES))])
    return Batch(seq=seq, at_ms=seq * 1000, series=SERIES, values=values)


def _insert(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE IF NOT EXISTS t (a)")
    db.execute("INSERT INTO t VALUES (?)", ("x" * 5000,))


async def _try(folder: Path) -> None:
    node_db = NodeDb(folder / "node.db")
    await node_db.open()
    journal = await Journal.open(folder / "journal.db", cap_bytes=1 << 40, max_age_s=1e9)
    said = [f"holds {len(await journal.read(1, 1 << 62, max_samples=1 << 40))}"]
    try:
        await journal.append(_batch(journal.next_seq))
        said.append("kept")
    except JournalError as error:
        said.append("no space" if "no space left" in str(error) else str(error))
    try:
        await node_db.run("try it", _insert)
        said.append("stored")
    except StoreError as error:
        said.append("no space" if "no space left" in str(error) else str(error))
    await journal.close()
    await node_db.close()
    sys.stdout.write(f"{', '.join(said)}\n")


def main() -> int:
    """Say what happens before, while and after the disk is full, a line each."""
    if disk.enter("tests.torture.on_full_disk", sys.argv[1:]):
        return NOT_PERMITTED
    with tempfile.TemporaryDirectory() as name, disk.mounted(Path(name), 8):
        folder = Path(name)
        asyncio.run(_try(folder))
        with disk.filled(folder):
            assert disk.free_bytes(folder) == 0
            asyncio.run(_try(folder))
        asyncio.run(_try(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
