"""What outlives a restart."""

import sqlite3
from contextlib import closing

import pytest

from collector.errors import OvrError
from collector.site.counters import PAUSE_MS, CounterState
from collector.site.site import Memory, Pin
from collector.site.store import SCHEMA, Store


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
    assert (told.dip_raw, told.fell, told.anew) == (0.5, 3.0, True)
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


LATER = "dip_raw REAL, fell REAL NOT NULL DEFAULT 0, anew INTEGER NOT NULL DEFAULT 0,"
EARLIER = {1: "", 2: "dip_low INTEGER NOT NULL DEFAULT 0,"}


@pytest.mark.parametrize("version", EARLIER)
async def test_earlier_versions_are_carried_over(tmp_path, version):
    """A file of each earlier schema is taken over with its counters, and kept as one of this."""
    path = tmp_path / "node.db"
    earlier = SCHEMA.replace(LATER, EARLIER[version])
    assert earlier != SCHEMA
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"{earlier}PRAGMA user_version={version};")
        row = ("d1", "load_energy_kwh", "S1", "p", 100, 5, 1, 1000, 900, None, 1)
        marks = ",".join("?" * (9 + version))
        db.execute(f"INSERT INTO counter VALUES ({marks})", row[: 9 + version])  # noqa: S608
        db.commit()
    for _ in range(2):
        store = Store(path)
        await store.open()
        found = await store.load()
        await store.save(found)
        await store.close()
        told = found.counters["d1", "load_energy_kwh"]
        assert (told.total, told.raw, told.fell, told.dip_raw) == (5.0, 100.0, 0.0, None)


async def test_newer_file_is_left_alone(tmp_path):
    """A file of a newer program is refused with what to do, and not touched."""
    path = tmp_path / "node.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript("PRAGMA user_version=99;")
    store = Store(path)
    with pytest.raises(OvrError, match="newer program"):
        await store.open()
    await store.close()
    assert [p.name for p in tmp_path.iterdir()] == ["node.db"]


async def test_sound_file_is_not_set_aside(tmp_path):
    """A file that somebody else holds is sound: it is refused for now, never replaced."""
    path = tmp_path / "node.db"
    store = Store(path)
    await store.open()
    await store.save(memory())
    await store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        again = Store(path)
        with pytest.raises(OvrError, match="cannot be used"):
            await again.open()
        await again.close()
    third = Store(path)
    await third.open()
    assert (await third.load()).counters
    await third.close()
    assert not [p for p in tmp_path.iterdir() if ".corrupt." in p.name]


async def test_clock_that_lost_its_time(tmp_path):
    """After a start with a clock of years ago a saved counter counts as unheard for a pause: an
    unproven register is a baseline then, and nothing is from the future."""
    path = tmp_path / "node.db"
    store = Store(path, wall=lambda: 1_780_000_000.0, mono=lambda: 10.0)
    await store.open()
    await store.save(memory())
    await store.close()
    again = Store(path, wall=lambda: 1_500_000_000.0, mono=lambda: 5.0)
    await again.open()
    told = (await again.load()).counters["d1", "load_energy_kwh"]
    await again.close()
    assert told.heard_ms == told.changed_ms == 5_000 - PAUSE_MS - 1
