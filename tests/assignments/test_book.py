"""Statements are kept in node.db with their records for the cloud, and never changed."""

import sqlite3

import msgspec
import pytest
from msgspec import structs

from collector.assignments import AssignmentBook
from collector.assignments import book as words
from collector.errors import NotPossible, StoreError
from collector.model.assignment import NUMBER, SERIAL, About, Assignment, Fact, Timeline
from collector.store import NodeDb
from tests.assignments.test_facts import BEFORE, BESS, METER

UNIT = About("bess-1", Fact.UNIT, NUMBER)
T0 = 1_780_000_000_000


class Kept:
    """A book in a file, and its clock."""

    def __init__(self, db: NodeDb) -> None:
        self.db = db
        self.now_ms = T0
        self.book = AssignmentBook(db, wall=lambda: self.now_ms / 1000)

    async def line(self) -> Timeline:
        """What the file says now."""
        return Timeline(await self.book.read())

    async def records(self) -> list[Assignment]:
        """What waits for the cloud."""

        def read(db: sqlite3.Connection) -> list[bytes]:
            rows = db.execute(
                "SELECT body FROM outbox WHERE kind = 'assignments' ORDER BY revision"
            )
            return [row[0] for row in rows]

        bodies = await self.db.run("look", read)
        return [msgspec.json.decode(body, type=Assignment) for body in bodies]


@pytest.fixture
async def kept(tmp_path):
    """A new book."""
    db = NodeDb(tmp_path / "node.db")
    await db.open()
    yield Kept(db)
    await db.close()


async def test_the_first_start_states_what_holds_since_ever(kept):
    """Before the book there was nobody to say anything: what the registry says then holds for all
    time before. A later start states only what is otherwise, from then on."""
    first = await kept.book.begin(BEFORE, {"stage-a": "AH1"})
    assert {one.from_ms for one in first} == {0}
    assert (await kept.line()).at(About("stage-a", Fact.UNIT, SERIAL), 5) == "AH1"
    kept.now_ms += 60_000
    assert await kept.book.begin(BEFORE, {"stage-a": "AH1"}) == []
    moved = structs.replace(BEFORE, devices=(BESS, structs.replace(METER, system="camp")))
    (one,) = await kept.book.begin(moved, {"stage-a": "AH1"})
    assert (one.from_ms, one.value, one.reason) == (kept.now_ms, "camp", words.FOUND)


async def test_units_behind_devices_are_no_business_of_the_registry(kept):
    """What a GX tells of its generator stands, whatever the registry says at the next start."""
    genset = About("bess-1.genset", Fact.UNIT, SERIAL)
    await kept.book.begin(BEFORE, {})
    await kept.book.state({genset: "G1"}, person="", reason=words.MET)
    assert await kept.book.begin(BEFORE, {}) == []
    assert (await kept.line()).at(genset, T0 + 10) == "G1"


async def test_each_statement_travels(kept):
    """What is kept and what waits for the cloud are the same, in one transaction."""
    await kept.book.state({UNIT: "104"}, person="anna", reason="swapped", from_ms=T0 - 3_600_000)
    await kept.book.state({UNIT: "105"}, person="ben")
    assert await kept.records() == await kept.book.read()
    assert [one.value for one in await kept.records()] == ["104", "105"]
    assert (await kept.book.read(what=Fact.SYSTEM)) == []
    assert len(await kept.book.read("bess-1", Fact.UNIT)) == 2


async def test_nothing_is_half_kept(kept, monkeypatch):
    """When the record cannot be queued the statement is not there either."""

    def fail(*_args, **_more):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("collector.assignments.table.put", fail)
    with pytest.raises(StoreError):
        await kept.book.state({UNIT: "104"}, person="anna")
    assert await kept.book.read() == []


async def test_a_change_told_late_replaces_what_was_said_since(kept):
    """The registry says now that it is unit 106, and the person adds: since an hour. What was said
    of that hour is replaced, and stays readable."""
    await kept.book.state({UNIT: "104"}, person="anna", from_ms=T0 - 7_200_000)
    await kept.book.state({UNIT: "105"}, person="anna", from_ms=T0 - 1_800_000)
    changed = structs.replace(
        BEFORE,
        settings={**BEFORE.settings, "bess-1": structs.replace(
            BEFORE.settings["bess-1.genset"], kind=None, system="", unit_no="106")},
    )  # fmt: skip
    (one,) = await kept.book.changed(BEFORE, changed, person="ben", at_ms=T0 - 3_600_000)
    line = await kept.line()
    assert line.at(UNIT, T0 - 3_600_001) == "104"
    assert line.at(UNIT, T0 - 1_000_000) == "106"
    assert line.at(UNIT, T0 + 1) == "106"
    assert len(one.replaces) == 1
    assert [each.value for each in await kept.book.read("bess-1")] == ["104", "105", "106"]


@pytest.mark.parametrize(("begin", "end"), [(T0 + 120_000, None), (T0 - 5, T0 - 5), (T0 - 5, 1)])
async def test_times_that_cannot_be(kept, begin, end):
    """Nobody states the future, nor an end before the beginning."""
    with pytest.raises(NotPossible):
        await kept.book.state({UNIT: "1"}, person="anna", from_ms=begin, to_ms=end)
    assert await kept.book.read() == []


async def test_words_of_people_are_cleaned(kept):
    """Control characters and endless reasons do not get into the file."""
    (one,) = await kept.book.state({UNIT: "1"}, person="an\x1bna", reason="x" * 5000)
    assert "\x1b" not in one.person
    assert len(one.reason) <= words.REASON_CELLS + 1


async def test_a_clock_that_is_behind(kept):
    """A node that starts with a clock of 1970 states what is so now all the same: after all that
    was told before."""
    await kept.book.begin(BEFORE, {})
    await kept.book.state({UNIT: "104"}, person="anna")
    kept.now_ms = 60_000
    await kept.book.state({UNIT: "105"}, person="ben")
    line = await kept.line()
    assert line.at(UNIT, T0 + 1) == "104"
    assert line.at(UNIT, T0 + 2) == "105"
