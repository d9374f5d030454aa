"""What a day of rollups takes on disk, and what a tick of them costs."""

import random
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from collector.config.paths import find_home
from collector.model.catalogue import KEYS
from collector.model.kinds import AssetKind, AssetStatus, Quality
from collector.model.reading import Reading
from collector.model.rollup_codec import MINUTE_MS
from collector.model.snapshot import AssetView
from collector.rollups import Row as Minute
from collector.rollups import tables
from collector.rollups.book import Book
from collector.store.files import connect
from scripts.bench.parts import OVR, folder
from scripts.bench.rows import Row

ASSETS = 150
KEYS_PER_ASSET = 40
DAY_MINUTES = 1440
TARGET_MB = 180
START_MS = 1_790_000_000_000 // MINUTE_MS * MINUTE_MS


class Disk(NamedTuple):
    """What the file grew by, and by how many rows."""

    bytes: int
    rows: int

    @property
    def a_row(self) -> float:
        """Bytes on disk for one row."""
        return self.bytes / self.rows


def run(seconds: int = 200) -> Iterator[Row]:
    """Measure; rows come as they are known. `seconds` of the simulated site give the minutes."""
    yield _tick()
    with folder() as below:
        minutes = simulated(below, seconds)
        rich = [row for row in minutes if _keys(row) >= KEYS_PER_ASSET - 5]
        yield from (
            _disk("rollups on disk, the simulated site", minutes, below / "mixed.db"),
            _disk("rollups on disk, all assets rich", rich, below / "rich.db"),
        )


def simulated(below: Path, seconds: int) -> list[Minute]:
    """The whole minutes of the simulated site, as its collector stored them."""
    home = find_home(str(below / "home"), {})
    argv = [*OVR, "--home", str(below / "home"), "demo", "--headless"]
    argv += ["--assets", str(ASSETS), "--for", str(seconds)]
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with closing(connect(home.node_db)) as db:
        assets = sorted({subject.asset for subject in tables.tracks(db).values()})
        rows, _ = tables.window(db, assets, 0, 1 << 41, 1 << 41)
    spans = [(row, row.rollup()) for row in rows]
    return [row for row, one in spans if one.to_ms - one.from_ms == MINUTE_MS]


def on_disk(minutes: Sequence[Minute], path: Path) -> Disk:
    """What a day of 150 assets with minutes like these takes, written as a collector writes it: a
    transaction each minute, nothing tidied up."""
    rand = random.Random(1)
    with closing(connect(path)) as db:
        before = _bytes(db)
        for minute in range(DAY_MINUTES):
            from_ms = START_MS + minute * MINUTE_MS
            some = (
                Minute(row.subject._replace(asset=f"asset-{asset}"), from_ms, row.body)
                for asset, row in enumerate(rand.choices(minutes, k=ASSETS))
            )
            db.execute("BEGIN")
            tables.write(db, some, from_ms + MINUTE_MS)
            db.execute("COMMIT")
        return Disk(_bytes(db) - before, ASSETS * DAY_MINUTES)


def _disk(what: str, minutes: Sequence[Minute], path: Path) -> Row:
    if not minutes:
        return Row(what, "no whole minute", f"≤ {TARGET_MB} MB", met=False)
    found = on_disk(minutes, path)
    mb = found.bytes / 1e6
    keys = sum(map(_keys, minutes)) / len(minutes)
    packed = sum(len(row.body) for row in minutes) / len(minutes)
    detail = f"{found.a_row:.0f} bytes a row ({packed:.0f} packed), {keys:.0f} readings an asset"
    return Row(what, f"{mb:.0f} MB a day", f"≤ {TARGET_MB} MB", mb <= TARGET_MB, detail)


def _bytes(db: sqlite3.Connection) -> int:
    pages, size = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    return int(pages * size)


def _keys(row: Minute) -> int:
    one = row.rollup()
    return len(one.gauges) + len(one.counters) + len(one.states)


def _tick(ticks: int = 130) -> Row:
    """CPU of the reckoning at 150 assets of 40 readings, half of which change each second."""
    rand, book, spent_s = random.Random(1), Book(), 0.0
    for second in range(ticks):
        at_ms = START_MS + second * 1000
        views = [_view(f"asset-{n}", at_ms, rand) for n in range(ASSETS)]
        began = time.thread_time()
        book.begin(at_ms, at_ms / 1000)
        book.take(views, {})
        rows = [tables.packed(closed) for closed in book.end()]
        spent_s += time.thread_time() - began
        del rows
    percent = spent_s / ticks * 100
    detail = f"{ASSETS} assets of {KEYS_PER_ASSET} readings, packing included"
    return Row("rollups, CPU", f"{percent:.2f} % of a core", "≤ 2 %", percent <= 2, detail)


def _view(asset: str, at_ms: int, rand: random.Random) -> AssetView:
    keys = [key for key, one in KEYS.items() if AssetKind.BESS in one.kinds][:KEYS_PER_ASSET]
    value = partial(rand.choice, (230.0, 230.0, rand.gauss(5000, 300)))
    return AssetView(
        id=asset,
        name=asset,
        kind=AssetKind.BESS,
        system="s",
        device=asset,
        status=AssetStatus.LIVE,
        readings={key: Reading(value(), Quality.GOOD, at_ms) for key in keys},
    )


if __name__ == "__main__":
    for row in run():
        print(row.line(), flush=True)
