"""A node.db as four days of an event leave it: 100 systems of 150 assets, all still in.

The minutes are those of a simulated system, over and over: what they hold, how large they are and
how they read is real, only the days repeat.
"""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import structlog
from msgspec import structs

from collector.assignments import AssignmentBook
from collector.config.paths import Home, find_home
from collector.events import EventBook
from collector.model.assignment import About, Fact
from collector.model.event import Event, SystemUse, UseCase
from collector.model.kinds import AssetKind
from collector.model.rollup import Counter, Rollup
from collector.model.rollup_codec import MINUTE_MS, pack
from collector.rollups import Subject, tables
from collector.simulator import show
from collector.simulator.virtual.loop import run as run_virtual
from collector.simulator.virtual.node import opened
from collector.simulator.virtual.site import VirtualSite
from collector.store import NodeDb
from collector.store.files import connect

SYSTEMS = 100
DAYS = 4
PATTERN_S = 7200
TICK_S = 6
MODELS = {"bess": "bess-1", "gen": "gen-1", "load": "load-1"}
"""Whose minutes stand for those of an asset."""
START_S = 1_782_420_000


class FourDays:
    """The event in `home`, from `from_ms` on; `systems` are in it."""

    def __init__(self, event: str, systems: Sequence[str], from_ms: int, rows: int) -> None:
        self.event = event
        self.systems = systems
        self.from_ms = from_ms
        self.rows = rows


def assets_of(system: int) -> dict[str, str]:
    """The assets of a system, with their model: every other one is a battery system with a
    generator, the others are meters."""
    if system % 2:
        return {f"meter-{system}": "load"}
    return {f"store-{system}": "bess", f"set-{system}": "gen"}


def prepare(home: Home, now_ms: int, systems: int = SYSTEMS, days: int = DAYS) -> FourDays:
    """Write node.db of `home`: all minutes of so many days before `now_ms`, and the event."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    from_ms = now_ms // MINUTE_MS * MINUTE_MS - days * 1440 * MINUTE_MS
    names = {f"system-{n}": assets_of(n) for n in range(systems)}
    event = asyncio.run(_books(home, names, from_ms))
    count = _fill(home, names, pattern(), from_ms, days * 1440)
    return FourDays(event, tuple(names), from_ms, count)


def pattern() -> Mapping[str, list[tuple[Subject, Rollup]]]:
    """Whole minutes of the simulated assets, by model."""
    with tempfile.TemporaryDirectory() as folder:
        return run_virtual(partial(_simulate, Path(folder)))


async def _simulate(folder: Path, loop: object) -> Mapping[str, list[tuple[Subject, Rollup]]]:
    from collector.simulator.virtual.loop import VirtualLoop

    assert isinstance(loop, VirtualLoop)
    home = find_home(str(folder), {})
    site = VirtualSite(
        loop, (show.HYBRID, show.STAND), 1, start_s=START_S, start_hour=16.0, tick_s=TICK_S
    )
    node = {"node": {"id": "bench", "site": "bench", "timezone": "UTC"}}
    async with opened(loop, site, home, node) as running:
        for _ in range(PATTERN_S // TICK_S):
            await running.tick()
    with closing(connect(home.node_db)) as db:
        rows, _ = tables.window(db, list(MODELS.values()), 0, 1 << 41, 1 << 41)
    found: dict[str, list[tuple[Subject, Rollup]]] = {}
    for model, asset in MODELS.items():
        own = [(row.subject, row.rollup()) for row in rows if row.subject.asset == asset]
        whole = [one for one in own if one[1].to_ms - one[1].from_ms == MINUTE_MS]
        found[model] = whole[2:]  # without the first minutes, in which not all was found
    return found


async def _books(home: Home, names: Mapping[str, Mapping[str, str]], from_ms: int) -> str:
    """The event, its systems, and what belongs to what; the event's id."""
    db = NodeDb(home.node_db)
    await db.open()
    wall = lambda: from_ms / 1000  # noqa: E731
    try:
        book = AssignmentBook(db, wall=wall)
        facts = {}
        for system, assets in names.items():
            for asset in assets:
                facts[About(asset, Fact.SYSTEM)] = system
            if len(assets) > 1:
                store, generator = assets
                facts[About(generator, Fact.LINK, store)] = "same_as"
                facts[About(store, Fact.RATING, "battery_kwh")] = "120"
                facts[About(generator, Fact.RATING, "rated_kva")] = "60"
        await book.state(facts, person="bench", from_ms=0)
        events = EventBook(db, node="bench", systems=lambda: names, wall=wall)
        uses = tuple(
            SystemUse(system=s, use_case=UseCase.HYBRIDIZATION if len(a) > 1 else UseCase.METERING)
            for s, a in names.items()
        )
        draft = Event(
            id="", name="Four days", job="BENCH-1", timezone="America/Los_Angeles", systems=uses,
            created_ms=0, changed_ms=0,
        )  # fmt: skip
        event = await events.create(draft, person="bench")
        await events.start(event.id, person="bench")
        await events.join(event.id, tuple(names), person="bench")
    finally:
        await db.close()
    return event.id


def _fill(
    home: Home,
    names: Mapping[str, Mapping[str, str]],
    models: Mapping[str, list[tuple[Subject, Rollup]]],
    from_ms: int,
    minutes: int,
) -> int:
    bodies = {name: _bodies(rows, from_ms, minutes) for name, rows in models.items()}
    count = 0
    with closing(connect(home.node_db)) as db:
        db.execute("PRAGMA synchronous=OFF")
        for system, assets in names.items():
            db.execute("BEGIN")
            for asset, model in assets.items():
                kind: AssetKind = models[model][0][0].kind
                track = tables.track_number(db, Subject(asset, kind, system))
                db.executemany(
                    "INSERT INTO rollup (id, body) VALUES (?, ?)",
                    (
                        (tables.row_id(track, from_ms + minute * MINUTE_MS), body)
                        for minute, body in enumerate(bodies[model])
                    ),
                )
                count += minutes
            db.execute("COMMIT")
        tables.write(db, [], from_ms + minutes * MINUTE_MS)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return count


def _bodies(rows: Sequence[tuple[Subject, Rollup]], from_ms: int, minutes: int) -> list[bytes]:
    """The pattern again and again, with counters that go on."""
    whole = {
        key: rows[-1][1].counters[key].last - one.first for key, one in rows[0][1].counters.items()
    }
    found = []
    for minute in range(minutes):
        lap, place = divmod(minute, len(rows))
        row = rows[place][1]
        at_ms = from_ms + minute * MINUTE_MS
        peak = row.peak
        if peak is not None:
            peak = structs.replace(peak, at_ms=peak.at_ms - row.from_ms + at_ms)
        moved = structs.replace(
            row,
            from_ms=at_ms,
            to_ms=at_ms + MINUTE_MS,
            peak=peak,
            counters={k: _on(c, lap * whole.get(k, 0)) for k, c in row.counters.items()},
        )
        found.append(pack(moved))
    return found


def _on(counter: Counter, more: int) -> Counter:
    raw = (counter.raw_first, counter.raw_last)
    first, last = (None if one is None else one + more for one in raw)
    return Counter(counter.first + more, counter.last + more, first, last)
