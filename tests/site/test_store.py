"""What outlives a restart."""

import sqlite3

import pytest

from collector.site.counters import CounterState
from collector.site.site import Memory, Pin
from collector.site.store import Store


def memory(total=5.0):
    """Something to remember."""
    state = CounterState(
        unit="S1", path="p", raw=100.0, total=total, heard_ms=10_000, changed_ms=9_000, gap=1.0
    )
    key = ("d1", "load_energy_kwh")
    return Memory({key: state}, "2026-06-01", {key: 2.0}, {"d1": Pin("S1", "Acuvim II")})


async def test_round_trip(tmp_path):
    """Counters, midnight and pins come back as they were saved."""
    store = Store(tmp_path / "node.db")
    await store.open()
    await store.save(memory())
    await store.save(memory(6.0))
    await store.close()
    again = Store(tmp_path / "node.db")
    await again.open()
    found = await again.load()
    await again.close()
    told = found.counters["d1", "load_energy_kwh"]
    assert (told.raw, told.total, told.gap, told.unit) == (100.0, 6.0, 1.0, "S1")
    assert abs(told.heard_ms - 10_000) < 1000
    assert (found.day, found.base, found.pins) == memory()[1:]


async def test_new_file_is_empty(tmp_path):
    """A first start remembers nothing."""
    store = Store(tmp_path / "node.db")
    await store.open()
    assert await store.load() == Memory({}, "", {}, {})
    await store.close()


async def test_damaged_file_is_set_aside(tmp_path):
    """A file that is no database is kept aside, and counting begins anew."""
    path = tmp_path / "node.db"
    path.write_bytes(b"power cut" * 1000)
    store = Store(path)
    await store.open()
    assert await store.load() == Memory({}, "", {}, {})
    await store.save(memory())
    await store.close()
    aside = [p for p in tmp_path.iterdir() if ".corrupt." in p.name]
    assert [p.read_bytes()[:9] for p in aside] == [b"power cut"]


async def test_save_is_all_or_nothing(tmp_path):
    """A save that fails half-way leaves the last one whole."""
    store = Store(tmp_path / "node.db")
    await store.open()
    await store.save(memory())
    broken = memory(7.0)._replace(pins={"d1": Pin(object(), "")})  # type: ignore[arg-type]
    with pytest.raises(sqlite3.Error):
        await store.save(broken)
    found = await store.load()
    await store.close()
    assert found.counters["d1", "load_energy_kwh"].total == 5.0
