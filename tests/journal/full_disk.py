"""A journal on a small disk that others fill: run in a mount namespace of its own.

`python -m tests.journal.full_disk FOLDER STEP`: says on its output what happened, as JSON.
"""

import asyncio
import json
import os
import sqlite3
import sys
from pathlib import Path

from collector.errors import JournalError
from collector.journal import Batch, Journal, SinkRecord, space
from tests.support.batches import batch

Told = dict[str, object]

CAP_BYTES = 2 << 30
SAMPLES = 200


def tell(told: Told) -> None:
    """One line for the test."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def fill(path: Path) -> None:
    """Others take the disk, to its last byte."""
    with path.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), size)
            except OSError:
                continue


def wide(seq: int) -> Batch:
    """A batch of about 30 kB."""
    many = [batch(seq + (n << 20), SAMPLES) for n in range(20)]
    one = many[0]
    values = one.values[:]
    for more in many[1:]:
        values.extend(more.values)
    return Batch(seq=seq, at_ms=one.at_ms, series=[*one.series] * 20, values=values)


async def append_until_refused(journal: Journal, most: int) -> int:
    """How many batches were kept before one was refused."""
    for count in range(most):
        try:
            await journal.append(wide(journal.next_seq))
        except JournalError:
            return count
    return most


async def saved_up(journal: Journal) -> int:
    """Portions of the reserve, once nothing is tidied any more."""
    while journal._tidying is not None:
        await journal._tidying
    return await journal._run("count", _portions)


def _portions(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM spare").fetchone()[0])


async def opened(folder: Path) -> Journal:
    """The journal of the folder."""
    return await Journal.open(folder / "journal.db", cap_bytes=CAP_BYTES, max_age_s=1e9)


async def prepared(folder: Path) -> Journal:
    """With a reserve, a sink that has settled nothing, and some batches; then the disk fills."""
    journal = await opened(folder)
    await journal.save_sink(SinkRecord(name="away", head=0))
    await append_until_refused(journal, 64)
    await saved_up(journal)
    await append_until_refused(journal, 30)
    fill(folder / "others")
    return journal


async def whole(journal: Journal) -> bool:
    """Every batch ever acknowledged is there."""
    found = await journal.read(1, 1 << 40, max_samples=1 << 40)
    return [one.seq for one in found] == list(range(1, journal.newest + 1))


async def fills(folder: Path) -> Told:
    """The disk fills under a running journal; then there is room again."""
    journal = await prepared(folder)
    told: Told = {"on_reserve": await append_until_refused(journal, 1)}
    told["cause"] = journal.health().cause
    told["kept"] = await append_until_refused(journal, 5000)
    told["state"] = journal.health().state
    told["left"] = await saved_up(journal)
    told["refused"] = await append_until_refused(journal, 3) == 0
    os.truncate(folder / "others", 10 << 20)
    told["resumed"] = await append_until_refused(journal, 128)
    told["state_then"] = journal.health().state
    told["refilled"] = await saved_up(journal)
    told["whole"] = await whole(journal)
    await journal.close()
    return told


async def dies(folder: Path) -> Told:
    """The disk fills, and the collector is killed while it lives on the reserve."""
    journal = await prepared(folder)
    tell({"kept": await append_until_refused(journal, 100), "newest": journal.newest})
    os._exit(9)


async def goes_on(folder: Path) -> Told:
    """It starts again on the full disk."""
    journal = await opened(folder)
    told: Told = {"newest": journal.newest, "whole": await whole(journal)}
    told["kept"] = await append_until_refused(journal, 100)
    told["whole_then"] = await whole(journal)
    await journal.close()
    return told


STEPS = {"fills": fills, "dies": dies, "goes-on": goes_on}

if __name__ == "__main__":
    space.PLENTY_BYTES = 64 << 20  # the disk of a test is small
    tell(asyncio.run(STEPS[sys.argv[2]](Path(sys.argv[1]))))
