"""Storing what is missing before the live rows, from the journal."""

import asyncio
import time
from collections.abc import AsyncGenerator
from functools import partial
from typing import NamedTuple

import structlog

from collector.journal.store import Journal
from collector.rollups import holds, tables
from collector.rollups.replay import WARM_UP_MS, Replay
from collector.rollups.tables import Db, Row
from collector.store import NodeDb

PATIENCE_S = 90.0
"""How long the journal may take to keep the ticks that were taken before now."""
BATCHES = 30
SAMPLES = 200_000

log = structlog.get_logger("rollups")


class _Known(NamedTuple):
    """What is stored: up to when each asset has rows; and where its parts are cut."""

    ends: dict[str, int]
    cuts: dict[str, list[int]]


async def remake(db: NodeDb, journal: Journal, from_ms: int, to_ms: int) -> None:
    """Make the rows from `from_ms` to `to_ms` of what the journal holds, and store them in order.

    When it ends early, by a failure or a power cut, it goes on where it was. It takes half of the
    time at most, so that a long journal does not slow the collector. Raises StoreError and
    JournalError.
    """
    await _kept_before(journal, to_ms)
    known: _Known = await db.run(
        "read which rollups there are", partial(_known, from_ms=from_ms, to_ms=to_ms)
    )
    replay = Replay(from_ms, to_ms, ends=known.ends, cuts=known.cuts)
    rows = 0
    began_s = time.monotonic()
    async for made in replayed(journal, replay, from_ms):
        await db.run("keep rollups", partial(tables.write, rows=made, upto_ms=replay.upto_ms))
        rows += len(made)
    await db.run("keep rollups", partial(tables.write, rows=[], upto_ms=to_ms))
    if rows:
        took_s = round(time.monotonic() - began_s, 1)
        log.info(
            "{rows} minutes that were missing are made from the journal.", rows=rows, took_s=took_s
        )


async def replayed(
    journal: Journal, replay: Replay, from_ms: int
) -> AsyncGenerator[list[Row], None]:
    """The rows of a replay from `from_ms` on, as they become complete. Raises JournalError."""
    seq = await _first_batch(journal, from_ms)
    while seq <= journal.head and not replay.finished:
        batches = await journal.read(seq, seq + BATCHES - 1, max_samples=SAMPLES)
        started_s = time.monotonic()
        rows = await asyncio.to_thread(replay.feed, batches)
        took_s = time.monotonic() - started_s
        if rows:
            yield rows
        seq = batches[-1].seq + 1 if batches else seq + BATCHES
        await asyncio.sleep(took_s)
    rows = replay.finish()
    if rows:
        yield rows


def _known(db: Db, from_ms: int, to_ms: int) -> _Known:
    return _Known(tables.ends(db, to_ms), holds.cuts(db, from_ms))


async def _first_batch(journal: Journal, from_ms: int) -> int:
    """The first batch to be read, so that all values are known at `from_ms`. Times rise with the
    numbers, so it is found by halving."""
    first, last = journal.first, journal.head + 1
    while first < last:
        middle = (first + last) // 2
        at_ms = await journal.at_ms(middle)
        if at_ms is not None and at_ms < from_ms - WARM_UP_MS:
            first = middle + 1
        else:
            last = middle
    return first


async def _kept_before(journal: Journal, to_ms: int) -> None:
    """Wait until the journal holds what was taken before `to_ms`; but it may be failing."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while journal.last_ms < to_ms:
                await journal.wait_beyond(journal.head)
    except TimeoutError:
        log.warning("The journal keeps nothing now; missing minutes are made of what it holds.")
