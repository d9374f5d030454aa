"""When a final report can be made: as soon as all that it is made of is stored, not before."""

from pathlib import Path

import msgspec

from collector.model.kinds import AssetKind
from collector.reports import due, table
from collector.reports.due import SOON_MS, Due
from collector.rollups import Subject, holds, tables
from collector.rollups.tables import packed
from collector.rollups.track import Closed
from tests.reports.support import FROM_MS, MINUTE_MS, TO_MS, Node, minute, node

HALF_MS = TO_MS - MINUTE_MS // 2
"""In the midst of the last minute."""


async def _left_at_half(one: Node, system: str) -> None:
    """A system leaves within a minute of which nothing is stored yet."""
    event = await one.event()
    await one.minutes(system, but=lambda number: number == 9)
    await one.db.run("mark", lambda db: tables.write(db, [], TO_MS - MINUTE_MS))
    participation = await one.leave(event, system, id_="p")
    left = msgspec.structs.replace(participation, to_ms=HALF_MS)

    def moved(db: tables.Db) -> None:
        job = table.job_of(db, "p")
        assert job is not None
        table.put_job(db, msgspec.structs.replace(job, to_ms=left.to_ms))
        holds.hold(db, "p", [system], FROM_MS, left.to_ms)

    await one.db.run("move", moved)


async def _split(one: Node, system: str, to_ms: int) -> None:
    """The first part of the last minute is stored, ahead of the mark."""
    subject = Subject(system, AssetKind.LOAD, system)
    part = msgspec.structs.replace(minute(TO_MS - MINUTE_MS, 9), to_ms=to_ms)
    row = packed(Closed(subject, part))
    await one.db.run("keep a part", lambda db: tables.write(db, [row]))


async def _look(one: Node, now_ms: int) -> Due:
    def look(db: tables.Db) -> Due:
        return due.look(db, now_ms, (), 8, "final")

    return await one.db.run("look", look)


async def test_not_before_the_last_part_is_stored(tmp_path: Path) -> None:
    """Its provisional report is too late; the final one waits for the part that was split off."""
    async with node(tmp_path, running=False) as one:
        await _left_at_half(one, "a")
        assert (await _look(one, TO_MS + SOON_MS)).ready == ()
        await _split(one, "a", HALF_MS)
        (job,) = (await _look(one, TO_MS + SOON_MS)).ready
        assert (job.report, job.stage) == ("p", "final")


async def test_a_part_that_ends_elsewhere_is_not_the_last(tmp_path: Path) -> None:
    """The asset had no good data at the end: only the end of the minute tells that nothing more
    follows."""
    async with node(tmp_path, running=False) as one:
        await _left_at_half(one, "a")
        await _split(one, "a", HALF_MS - 1_000)
        assert (await _look(one, TO_MS + SOON_MS)).ready == ()
        await one.db.run("mark", lambda db: tables.write(db, [], TO_MS))
        assert len((await _look(one, TO_MS + SOON_MS)).ready) == 1


async def test_rows_missing_before_are_waited_for(tmp_path: Path) -> None:
    """The part at the end is stored, but minutes before it are not."""
    async with node(tmp_path, running=False) as one:
        await _left_at_half(one, "a")
        await _split(one, "a", HALF_MS)
        await one.db.run("mark", lambda db: tables.write(db, [], TO_MS - 2 * MINUTE_MS))
        assert (await _look(one, TO_MS + SOON_MS)).ready == ()


async def test_reports_are_expected_while_a_system_is_in(tmp_path: Path) -> None:
    """Not in its first seconds, and not when it has left."""
    async with node(tmp_path, running=False) as one:
        assert not (await _look(one, TO_MS)).expected
        await one.db.run("join", lambda db: holds.hold(db, "p", ["a"], TO_MS))
        assert not (await _look(one, TO_MS + due.EXPECTED_MS - 1)).expected
        assert (await _look(one, TO_MS + due.EXPECTED_MS)).expected
        await one.db.run("leave", lambda db: holds.close_hold(db, "p", TO_MS + 1))
        assert not (await _look(one, TO_MS + due.EXPECTED_MS)).expected
