"""When a final report can be made: as soon as all that it is made of is stored, not before."""

from pathlib import Path

import msgspec

from collector.reports import due, table
from collector.reports.due import SOON_MS, Due, Now
from collector.rollups import holds, tables
from tests.reports.support import FROM_MS, MINUTE_MS, TO_MS, Node, node

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


async def _look(one: Node, now_ms: int, **cuts: int) -> Due:
    def look(db: tables.Db) -> Due:
        return due.look(db, now_ms, (), 8, "final", Now(cuts=cuts))

    return await one.db.run("look", look)


async def _expected(one: Node, now_ms: int) -> bool:
    return await one.db.run("look", lambda db: due.expected(db, now_ms, table.jobs(db)))


async def test_not_before_its_end_is_stored(tmp_path: Path) -> None:
    """Its provisional report is too late; the final one waits until what was before the leave is
    stored, and not for the end of that minute."""
    async with node(tmp_path, running=False) as one:
        await _left_at_half(one, "a")
        assert (await _look(one, TO_MS + SOON_MS)).ready == ()
        assert (await _look(one, TO_MS + SOON_MS, a=HALF_MS - 1_000)).ready == ()
        assert (await _look(one, TO_MS + SOON_MS, b=HALF_MS)).ready == ()
        (job,) = (await _look(one, TO_MS + SOON_MS, a=HALF_MS)).ready
        assert (job.report, job.stage) == ("p", "final")


async def test_nobody_splits_after_a_new_start(tmp_path: Path) -> None:
    """Then only the end of the minute tells that nothing more follows."""
    async with node(tmp_path, running=False) as one:
        await _left_at_half(one, "a")
        assert (await _look(one, TO_MS + SOON_MS)).ready == ()
        await one.db.run("mark", lambda db: tables.write(db, [], TO_MS))
        assert len((await _look(one, TO_MS + SOON_MS)).ready) == 1


async def test_rows_missing_before_are_waited_for(tmp_path: Path) -> None:
    """The minute of the end is stored, but not those before it."""
    async with node(tmp_path, running=False) as one:
        await _left_at_half(one, "a")
        await one.db.run("mark", lambda db: tables.write(db, [], TO_MS - 2 * MINUTE_MS))
        assert (await _look(one, TO_MS + SOON_MS, a=HALF_MS)).ready == ()


async def test_reports_are_expected_while_a_system_is_in(tmp_path: Path) -> None:
    """Not in its first seconds; when it has left, until its first report is there."""
    async with node(tmp_path, running=False) as one:
        assert not await _expected(one, TO_MS)
        await one.db.run("join", lambda db: holds.hold(db, "p", ["a"], TO_MS))
        assert not await _expected(one, TO_MS + due.EXPECTED_MS - 1)
        assert await _expected(one, TO_MS + due.EXPECTED_MS)
        await one.db.run("leave", lambda db: holds.close_hold(db, "p", TO_MS + 1))
        assert not await _expected(one, TO_MS + due.EXPECTED_MS)
        event = await one.event(["b"])
        left = await one.leave(event, "b")
        assert await _expected(one, TO_MS)
        await one.db.run("made", lambda db: table.drop_job(db, left.id))
        assert not await _expected(one, TO_MS)
