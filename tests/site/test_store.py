"""What outlives a restart."""

from contextlib import asynccontextmanager

import pytest

from collector.errors import StoreError
from collector.site.counters import PAUSE_MS, CounterState
from collector.site.identities import Pin
from collector.site.memory import Memory
from collector.site.store import Store
from collector.store import NodeDb


def memory(total=5.0):
    """Something to remember."""
    state = CounterState(
        unit="S1",
        path="p",
        raw=100.0,
        total=total,
        heard_ms=10_000,
        changed_ms=9_000,
        gap=1.0,
        dip_ms=9_500,
        dip_raw=0.5,
        fell=3.0,
        anew=True,
    )
    key = ("d1", "load_energy_kwh")
    return Memory({key: state}, "2026-06-01", {key: 2.0}, {"d1": Pin("S1", "Acuvim II")})


@asynccontextmanager
async def opened(path, **clocks):
    """The site's tables in the file at `path`."""
    db = NodeDb(path)
    await db.open()
    try:
        yield Store(db, **clocks)
    finally:
        await db.close()


async def test_round_trip(tmp_path):
    """Counters, midnight and pins come back as they were saved."""
    async with opened(tmp_path / "node.db") as store:
        await store.save(memory())
        await store.save(memory(6.0))
    async with opened(tmp_path / "node.db") as store:
        found = await store.load()
    told = found.counters["d1", "load_energy_kwh"]
    assert (told.raw, told.total, told.gap, told.unit) == (100.0, 6.0, 1.0, "S1")
    assert (told.dip_raw, told.fell, told.anew) == (0.5, 3.0, True)
    assert abs(told.heard_ms - 10_000) < 1000
    assert (found.day, found.base, found.pins) == memory()[1:4]


async def test_new_file_is_empty(tmp_path):
    """A first start remembers nothing."""
    async with opened(tmp_path / "node.db") as store:
        assert await store.load() == Memory({}, "", {}, {})


async def test_save_is_all_or_nothing(tmp_path):
    """A save that fails half-way leaves the last one whole."""
    async with opened(tmp_path / "node.db") as store:
        await store.save(memory())
        broken = memory(7.0)._replace(pins={"d1": Pin(object(), "")})  # type: ignore[arg-type]
        with pytest.raises(StoreError):
            await store.save(broken)
        found = await store.load()
    assert found.counters["d1", "load_energy_kwh"].total == 5.0


async def test_clock_that_lost_its_time(tmp_path):
    """After a start with a clock of years ago a saved counter counts as unheard for a pause: an
    unproven register is a baseline then, and nothing is from the future."""
    path = tmp_path / "node.db"
    async with opened(path, wall=lambda: 1_780_000_000.0, mono=lambda: 10.0) as store:
        await store.save(memory())
    async with opened(path, wall=lambda: 1_500_000_000.0, mono=lambda: 5.0) as store:
        told = (await store.load()).counters["d1", "load_energy_kwh"]
    assert told.heard_ms == told.changed_ms == 5_000 - PAUSE_MS - 1
