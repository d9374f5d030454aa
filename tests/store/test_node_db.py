"""The one connection to node.db."""

import sqlite3
from contextlib import closing

import pytest

from collector.errors import OvrError, StoreError
from collector.store import NodeDb
from collector.store.files import HAD, IN_VERSION_4, VERSION, domains, script

ROW = ("d1", "load_energy_kwh", "S1", "p", 100.0, 5.0, 1.0, 1000, 900, None, 1)
LATER = "dip_raw REAL, fell REAL NOT NULL DEFAULT 0, anew INTEGER NOT NULL DEFAULT 0,"
EARLIER = {1: ("", 10), 2: ("dip_low INTEGER NOT NULL DEFAULT 0,", 11)}


def insert(db, row=ROW):
    """One counter, in a file of this version."""
    db.execute("INSERT INTO counter VALUES (?,?,?,?,?,?,?,?,?,?,NULL,0,0)", row[:10])


def counters(db):
    """All counters' names and totals."""
    return db.execute("SELECT asset, total FROM counter ORDER BY asset").fetchall()


@pytest.fixture
async def node_db(tmp_path):
    """An open file in an empty folder."""
    db = NodeDb(tmp_path / "node.db", wall=lambda: 1_780_000_000.0)
    await db.open()
    yield db
    await db.close()


async def reopened(path):
    """The file at `path`, opened as after a restart."""
    db = NodeDb(path, wall=lambda: 1_780_000_000.0)
    await db.open()
    return db


async def test_what_was_run_is_there_after_a_restart(node_db):
    """A finished transaction is in the file, whoever opens it next."""
    await node_db.run("keep it", insert)
    await node_db.close()
    again = await reopened(node_db.path)
    assert await again.run("look", counters) == [("d1", 5.0)]
    await again.close()


async def test_a_transaction_is_whole_or_not_there(node_db):
    """What fails half-way leaves nothing behind, whatever it failed with."""

    def half(db):
        insert(db)
        raise KeyError("ours")

    with pytest.raises(KeyError):
        await node_db.run("keep it", half)

    def twice(db):
        insert(db)
        insert(db)

    with pytest.raises(StoreError, match=r"cannot keep it twice: UNIQUE"):
        await node_db.run("keep it twice", twice)
    assert await node_db.run("look", counters) == []


async def test_a_full_disk_says_so_and_it_goes_on(node_db):
    """Without room the caller learns what to do; with room again the same call succeeds."""
    pages = await node_db.run("look", lambda db: db.execute("PRAGMA page_count").fetchone()[0])

    def limit(count):
        return lambda db: db.execute(f"PRAGMA max_page_count={count}").fetchone()

    await node_db.run("limit", limit(pages))

    def many(db):
        for number in range(2000):
            insert(db, (f"d{number}", *ROW[1:]))

    with pytest.raises(StoreError, match="no space left on its disk; free some"):
        await node_db.run("keep many", many)
    assert await node_db.run("look", counters) == []
    await node_db.run("limit", limit(1_000_000))
    await node_db.run("keep many", many)
    assert len(await node_db.run("look", counters)) == 2000


async def test_no_database_is_set_aside(tmp_path):
    """A file that is no database is kept aside, and a new one begins."""
    path = tmp_path / "node.db"
    path.write_bytes(b"power cut" * 1000)
    db = await reopened(path)
    await db.run("keep it", insert)
    assert "set aside as node.db.corrupt." in db.damaged
    await db.close()
    aside = [p for p in tmp_path.iterdir() if ".corrupt." in p.name]
    assert [p.read_bytes()[:9] for p in aside] == [b"power cut"]


def spoil(path, count=1):
    """Overwrite the last `count` pages of a closed file."""
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(size - 4096 * count)
        file.write(b"\xa5" * 4096 * count)


async def test_readable_rows_of_a_damaged_file_are_carried_over(node_db):
    """A damaged page costs its own rows: the others, on both sides of it, are in the new file."""

    def many(db):
        for number in range(3000):
            insert(db, (f"d{number:05}", *ROW[1:]))

    await node_db.run("keep many", many)
    await node_db.close()
    path = node_db.path
    with closing(sqlite3.connect(path)) as db:
        root = db.execute("SELECT rootpage FROM sqlite_schema WHERE name='counter'").fetchone()[0]
    with path.open("r+b") as file:
        pages = path.stat().st_size // 4096
        file.seek(max(root, pages * 3 // 4) * 4096)
        file.write(b"\xa5" * 4096)
    again = await reopened(path)
    found = dict(await again.run("look", counters))
    assert "set aside" in again.damaged
    assert 2000 < len(found) < 3000
    assert {"d00000", "d02999"} <= found.keys()
    assert set(found.values()) == {5.0}
    await again.close()


async def test_a_damaged_file_of_the_version_before_is_carried_over_too(tmp_path):
    """An update of the program meets a damaged file: what it had is not lost for its age."""
    path = tmp_path / "node.db"
    whole = "\n".join(script(name) for name in ("counters", *sorted(IN_VERSION_4)))
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"{whole}PRAGMA user_version=4;")
        for number in range(3000):
            insert(db, (f"d{number:05}", *ROW[1:]))
        db.commit()
    spoil(path)
    again = await reopened(path)
    found = dict(await again.run("look", counters))
    assert "set aside" in again.damaged
    assert len(found) > 2000
    await again.close()


async def test_damage_that_shows_later_does_not_stop_it(node_db):
    """A file that breaks in use is replaced; the failing call says so, the next one works."""

    def many(db):
        for number in range(3000):
            insert(db, (f"d{number:05}", *ROW[1:]))

    await node_db.run("keep many", many)
    await node_db.close()
    db = await reopened(node_db.path)
    await db.run("forget pages", lambda c: c.execute("PRAGMA shrink_memory").fetchall())
    spoil(node_db.path, 20)
    with pytest.raises(StoreError):
        await db.run("look", counters)
    assert "set aside" in db.damaged
    await db.run("keep it", lambda c: insert(c, ("z", *ROW[1:])))
    assert ("z", 5.0) in await db.run("look", counters)
    await db.close()


@pytest.mark.parametrize("version", [*EARLIER, 3, 4, 5, 6, 7])
async def test_earlier_versions_are_carried_over(tmp_path, version):
    """A file of each earlier schema is taken over with its counters, and is one of this then."""
    path = tmp_path / "node.db"
    base = script("counters")
    column, width = EARLIER.get(version, (LATER, 13))
    earlier = base.replace(LATER, column)
    assert (earlier == base) == (version >= 3)
    had = HAD.get(version, frozenset())
    more = "\n".join(script(name) for name in sorted(had))
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"{earlier}{more}PRAGMA user_version={version};")
        row = (*ROW, 0, 0)[:width]
        marks = ",".join("?" * width)
        db.execute(f"INSERT INTO counter VALUES ({marks})", row)  # noqa: S608
        db.commit()
    for _ in range(2):
        db = await reopened(path)
        assert await db.run("look", counters) == [("d1", 5.0)]
        assert not db.damaged
        await db.close()
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(tmp_path / "new")) as new:
        new.executescript("\n".join(script(name) for name in ("counters", *domains())))
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert columns(db) == columns(new)


def columns(db):
    """Every table's columns, in any order."""
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
    return {
        table: {row[1:3] for row in db.execute(f"PRAGMA table_info({table})")} for table in tables
    }


async def test_newer_file_is_left_alone(tmp_path):
    """A file of a newer program is refused with what to do, and not touched."""
    path = tmp_path / "node.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript("PRAGMA user_version=99;")
    refused = NodeDb(path)
    with pytest.raises(OvrError, match="newer program"):
        await refused.open()
    await refused.close()
    assert [p.name for p in tmp_path.iterdir()] == ["node.db"]


async def test_sound_file_is_not_set_aside(node_db):
    """A file that somebody else holds is sound: it is refused for now, never replaced."""
    await node_db.run("keep it", insert)
    await node_db.close()
    path = node_db.path
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        again = NodeDb(path)
        with pytest.raises(OvrError, match="cannot be used"):
            await again.open()
        await again.close()
    third = await reopened(path)
    assert await third.run("look", counters) == [("d1", 5.0)]
    await third.close()
    assert not [p for p in path.parent.iterdir() if ".corrupt." in p.name]


async def test_nobody_else_opens_it_and_no_space_is_needed_beside_it(node_db):
    """The connection holds the file for itself, so there is no `-shm`, for which a full disk has
    no room: a collector can be started there."""
    await node_db.run("keep it", insert)
    names = sorted(path.name for path in node_db.path.parent.iterdir())
    assert names == ["node.db", "node.db-wal"]
    with (
        closing(sqlite3.connect(node_db.path, timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        counters(other)
