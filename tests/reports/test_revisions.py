"""What comes after the first draft: next revisions, the event's report, releases."""

from pathlib import Path

import msgspec
import pytest

from collector.errors import NotPossible
from collector.model.report_input import EventInputs, ReportInputs, RollupFile
from collector.model.report_state import ReportState
from collector.model.rollup_record import read_record
from collector.reports import table
from collector.reports.check import whole
from collector.reports.commit import LONGEST_MS, MOST_TRIES
from collector.reports.jobs import QUIET_MS
from tests.reports.support import FROM_MS, MINUTE_MS, TO_MS, Node, node


async def _states(one: Node, report: str) -> list[tuple[int, str]]:
    return [(each.entry.revision, each.entry.state.value) for each in await one.revisions(report)]


async def _tried(one: Node, report: str, tries: int) -> None:
    await one.until(lambda db: (job := table.job_of(db, report)) is not None and job.tries >= tries)


async def test_nothing_new_is_no_revision(tmp_path: Path) -> None:
    """Data that were touched and say the same make no revision."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a"])
        left = await one.leave(event, "stage-a")
        await one.draft(left.id)
        await one.touch("for nothing", "stage-a")
        assert await one.job(left.id) is not None
        one.later(QUIET_MS)
        await one.idle()
        assert await _states(one, left.id) == [(1, "draft")]


async def test_a_counter_that_fell_is_waited_for(tmp_path: Path) -> None:
    """A draft follows as soon as its minute is stored; where a counter of its assets has just
    fallen, when it has had its time to come back. Another system's counter holds nothing up."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a", "stage-b"])
        one.undecided = frozenset({"stage-a"})
        first = await one.leave(event, "stage-a")
        second = await one.leave(event, "stage-b")
        await one.until(lambda db: len(table.listed(db, None, 9)) == 2)
        one.later(2_000)
        await one.until(lambda db: table.job_of(db, second.id) is None)
        assert await _states(one, second.id) == [(1, "draft")]
        assert await _states(one, first.id) == [(1, "provisional")]
        (job,) = (await one.desk.listed()).jobs
        assert job.reason == "its counters are not decided yet"
        await one.draft(first.id)


async def test_late_data_make_a_revision(tmp_path: Path) -> None:
    """Minutes that come late: a next revision after a quiet minute; the former stays, superseded,
    with its files, and the reason is printed."""
    async with node(tmp_path) as one:
        event = await one.event()
        await one.minutes("stage-a", but=lambda number: number == 4)
        left = await one.leave(event, "stage-a")
        first = await one.draft(left.id)
        await one.minutes("stage-a")
        await one.touch("a meter's log has filled gaps", "stage-a")
        one.later(QUIET_MS - 1)
        assert await _states(one, left.id) == [(1, "draft")]
        second = await one.draft(left.id, 2)
        await one.idle()
        assert await _states(one, left.id) == [(1, "superseded"), (2, "draft")]
        assert second.entry.why == "a meter's log has filled gaps"
        for each in (first, second):
            assert (tmp_path / each.entry.folder / "report.json").exists()
        meta = (tmp_path / first.entry.folder / "report.meta.json").read_bytes()
        assert b'"superseded"' in meta


async def test_another_assets_data_touch_nothing(tmp_path: Path) -> None:
    """A report hears only of what it speaks of."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a"])
        left = await one.leave(event, "stage-a")
        await one.draft(left.id)
        await one.touch("elsewhere", "stage-b")
        assert await one.job(left.id) is None


async def test_expired_rows_are_no_revision(tmp_path: Path) -> None:
    """When the minutes have expired since, the report stays, and its job says why."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a"])
        left = await one.leave(event, "stage-a")
        await one.draft(left.id)
        await one.db.run("expire", lambda db: db.execute("DELETE FROM rollup"))
        await one.touch("late", "stage-a")
        one.later(QUIET_MS)
        await one.until(
            lambda db: (job := table.job_of(db, left.id)) is not None and job.state == "failed"
        )
        job = await one.job(left.id)
        assert job is not None
        assert "of 10 stored minutes 0 are left" in job.reason
        assert await _states(one, left.id) == [(1, "draft")]


async def test_event_follows_its_systems(tmp_path: Path) -> None:
    """The event's report is made once no system's is awaited: of the drafts' files, and with the
    failed one named."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a", "stage-b", "refuse"])
        lefts = [await one.leave(event, name) for name in ("stage-a", "stage-b", "refuse")]
        await one.end(event)
        for tries in range(1, MOST_TRIES + 1):
            await _tried(one, lefts[2].id, tries)
            one.later(LONGEST_MS)
        await one.until(lambda db: table.newest(db, event.id) is not None)
        (whole,) = await one.revisions(event.id)
        assert whole.entry.folder == f"reports/{event.id}/event-r1"
        inputs = msgspec.json.decode(
            (tmp_path / whole.entry.folder / "inputs.json").read_bytes(), type=EventInputs
        )
        assert [part.report for part in inputs.parts] == [lefts[0].id, lefts[1].id]
        assert [(miss.system, "no load" in miss.why) for miss in inputs.missing] == [
            ("refuse", True)
        ]
        first = (await one.revisions(lefts[0].id))[0]
        hashes = {file.name: file.sha256 for file in first.meta.files}
        assert inputs.parts[0].report_sha256 == hashes["report.json"]


async def test_event_is_made_again(tmp_path: Path) -> None:
    """A part's next revision makes one of the event's report."""
    async with node(tmp_path) as one:
        event = await one.event()
        await one.minutes("stage-a", but=lambda number: number == 4)
        left = await one.leave(event, "stage-a")
        await one.end(event)
        await one.draft(left.id)
        await one.idle()
        assert await _states(one, event.id) == [(1, "draft")]
        await one.minutes("stage-a")
        await one.touch("filled", "stage-a")
        await one.draft(left.id, 2)
        await one.idle()
        assert await _states(one, event.id) == [(1, "superseded"), (2, "draft")]
        assert (await one.revisions(event.id))[1].entry.why == "stage-a has revision 2"


async def test_release(tmp_path: Path) -> None:
    """Provisional cannot be released; a draft can, with name and note; the released one stays so
    when a newer draft comes, until that one is released."""
    async with node(tmp_path) as one:
        event = await one.event()
        await one.minutes("stage-a", but=lambda number: number == 4)
        left = await one.leave(event, "stage-a")
        await one.until(lambda db: table.newest(db, left.id) is not None)
        with pytest.raises(NotPossible, match="provisional"):
            await one.release(left.id)
        draft = await one.draft(left.id)
        await one.idle()
        done = await one.release(left.id)
        assert (done.state, done.released_by) == (ReportState.RELEASED, "uid 0 (ann)")
        folder = tmp_path / draft.entry.folder
        assert b'"released"' in (folder / "report.meta.json").read_bytes()
        assert b'"released_by":"uid 0 (ann)"' in (folder / "report.html").read_bytes()
        kept = (await one.revisions(left.id))[0]
        assert whole(folder, kept.meta.files)
        assert kept.entry.report_sha256 == draft.entry.report_sha256
        assert list((tmp_path / "reports" / ".jobs").iterdir()) == []
        await one.minutes("stage-a")
        await one.touch("filled", "stage-a")
        await one.draft(left.id, 2)
        await one.idle()
        assert await _states(one, left.id) == [(1, "released"), (2, "draft")]
        await one.release(left.id)
        assert await _states(one, left.id) == [(1, "superseded"), (2, "released")]
        with pytest.raises(NotPossible, match="superseded"):
            await one.release(left.id, revision=1)


async def test_what_cannot_say_that_it_is_released_is_not(tmp_path: Path) -> None:
    """Its pages cannot be set: it stays a draft, with the files that it had."""
    async with node(tmp_path) as one:
        event = await one.event(["stuck"])
        left = await one.leave(event, "stuck")
        draft = await one.draft(left.id)
        await one.idle()
        with pytest.raises(NotPossible, match="there is no typeface"):
            await one.release(left.id)
        assert await _states(one, left.id) == [(1, "draft")]
        assert whole(tmp_path / draft.entry.folder, draft.meta.files)
        assert list((tmp_path / "reports" / ".jobs").iterdir()) == []


async def test_released_files_that_were_damaged_come_back_as_released(tmp_path: Path) -> None:
    """Built again they say the same as before: what is released never looks like a draft."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a"])
        left = await one.leave(event, "stage-a")
        await one.draft(left.id)
        await one.idle()
        done = await one.release(left.id)
        page = tmp_path / done.folder / "report.html"
        before = page.read_bytes()
        page.write_text("<p>99 kWh</p>")
        await one.build(report=left.id)
        await one.idle()
        assert page.read_bytes() == before
        assert await _states(one, left.id) == [(1, "released")]


async def test_blocked_is_released_only_by_force(tmp_path: Path) -> None:
    """Flagged evidence blocks a release; who forces it says why."""
    async with node(tmp_path) as one:
        event = await one.event(["doubtful"])
        left = await one.leave(event, "doubtful")
        await one.draft(left.id)
        await one.idle()
        with pytest.raises(NotPossible, match="by its register and by its power differ"):
            await one.release(left.id)
        with pytest.raises(NotPossible, match="say why"):
            await one.release(left.id, force=True)
        done = await one.release(left.id, force=True, note="the meter was read by hand")
        assert done.release_note == "the meter was read by hand"


async def test_damaged_files_are_not_released_and_come_back(tmp_path: Path) -> None:
    """Files that were changed are not released; built again they are whole, no other revision."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a"])
        left = await one.leave(event, "stage-a")
        draft = await one.draft(left.id)
        await one.idle()
        page = tmp_path / draft.entry.folder / "report.html"
        before = page.read_bytes()
        page.write_text("<p>99 kWh</p>")
        with pytest.raises(NotPossible, match="not what was made"):
            await one.release(left.id)
        await one.build(report=left.id)
        await one.idle()
        assert page.read_bytes() == before
        assert await _states(one, left.id) == [(1, "draft")]
        await one.release(left.id)


async def test_interim(tmp_path: Path) -> None:
    """A window of an event that goes on: its systems' reports and the event's, in whole minutes;
    nothing ends."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a", "stage-b"])
        for name in ("stage-a", "stage-b"):
            await one.stay(event, name)
        asked = await one.build(
            event=event.id, from_ms=FROM_MS + 90_000, to_ms=FROM_MS + 5 * MINUTE_MS + 1
        )
        assert [job.kind for job in asked] == ["interim", "interim", "event"]
        one.later()
        await one.idle()
        (whole,) = await one.revisions(asked[2].report)
        assert whole.entry.folder == f"reports/{event.id}/interim/{asked[2].report}-r1"
        (part,) = await one.revisions(asked[0].report)
        window = (part.entry.from_ms, part.entry.to_ms)
        assert window == (FROM_MS + MINUTE_MS, FROM_MS + 5 * MINUTE_MS)
        inputs = msgspec.json.decode(
            (tmp_path / whole.entry.folder / "inputs.json").read_bytes(), type=EventInputs
        )
        assert {each.report for each in inputs.parts} == {asked[0].report, asked[1].report}
        with pytest.raises(NotPossible, match="goes on"):
            await one.build(event=event.id)


async def test_job_folder_is_what_the_contract_says(tmp_path: Path) -> None:
    """inputs.json and rollups.msgpack of a job decode as their structs; the rows are those of the
    window, and the hash is of the file."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a", "stage-b"])
        left = await one.leave(event, "stage-a")
        draft = await one.draft(left.id)
        found = await one.verify(left.id)
        assert (found.same, found.differs) == (True, ())
        folder = tmp_path / found.folder
        inputs = msgspec.json.decode((folder / "inputs.json").read_bytes(), type=ReportInputs)
        content = (folder / "rollups.msgpack").read_bytes()
        rows = msgspec.msgpack.decode(content, type=RollupFile)
        (asset,) = rows.assets
        assert asset.record.asset == "stage-a"
        travelled = read_record(asset.record, asset.content)
        assert [row.rollup.from_ms for row in travelled] == list(range(FROM_MS, TO_MS, MINUTE_MS))
        made = (tmp_path / draft.entry.folder / "inputs.json").read_bytes()
        assert made == (folder / "inputs.json").read_bytes()
        assert inputs.rollups_sha256 in made.decode()
