"""What a day of rollups takes on disk: the minutes that a run stored, written for a day."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from collector.config.paths import Home
from collector.model.rollup_codec import MINUTE_MS
from collector.rollups import Row as Rolled
from collector.rollups import tables
from collector.store import NodeDb
from scripts.bench.rows import Row

DAY_MIN = 1440
DAY_MS = 86_400_000
TARGET_MB = 180.0


def rows(home: Home, devices: int) -> Iterator[Row]:
    """The row for the design's assets: one of each device. The collector of `home` has ended."""
    minutes = asyncio.run(_minutes(home))
    if not minutes:
        yield Row("rollups on disk", "no whole minute", f"≤ {TARGET_MB:g} MB/day", False)
        return
    assets = max(map(len, minutes))
    path = home.state / "day.db"
    asyncio.run(_day(path, minutes))
    size = path.stat().st_size
    path.unlink()
    rows_of = sum(map(len, minutes))
    body = sum(len(row.body) for minute in minutes for row in minute) / rows_of
    mb = size / 1e6 / assets * devices
    yield Row(
        "rollups on disk",
        f"{mb:.0f} MB/day",
        f"≤ {TARGET_MB:g} MB/day",
        mb <= TARGET_MB,
        f"for {devices} assets; {size / 1e6:.0f} MB for the snapshot's {assets}; a minute of an "
        f"asset packs into {body:.0f} bytes; {len(minutes)} real minutes over and over",
    )


async def _minutes(home: Home) -> list[list[Rolled]]:
    """The rows of each whole minute, but for the first and last, which may be parts."""
    node_db = NodeDb(home.node_db)
    await node_db.open()
    try:
        found = await node_db.run("read rollups", _read)
    finally:
        await node_db.close()
    by_minute: defaultdict[int, list[Rolled]] = defaultdict(list)
    for row in found:
        by_minute[row.from_ms // MINUTE_MS].append(row)
    return [by_minute[minute] for minute in sorted(by_minute)[1:-1]]


def _read(db: tables.Db) -> list[Rolled]:
    known = tables.tracks(db)
    stored = db.execute("SELECT track, from_ms, body FROM rollup ORDER BY from_ms").fetchall()
    return [Rolled(known[track], from_ms, body) for track, from_ms, body in stored]


async def _day(path: Path, minutes: Sequence[Sequence[Rolled]]) -> None:
    """Write a day of minutes as a collector does, one in each transaction."""
    node_db = NodeDb(path)
    await node_db.open()
    start_ms = minutes[0][0].from_ms // DAY_MS * DAY_MS
    for number, minute in enumerate(islice(cycle(minutes), DAY_MIN)):
        from_ms = start_ms + number * MINUTE_MS
        moved = [row._replace(from_ms=from_ms) for row in minute]
        await node_db.run("write", partial(tables.write, rows=moved, upto_ms=from_ms + MINUTE_MS))
    await node_db.close()
