"""How reports are asked for: in the transactions of the book of events, once for each."""

from pathlib import Path

from msgspec import structs

from collector.events import EventBook, SaidBook
from collector.model.event import Event
from collector.model.said import LogEntry, LogKind
from collector.reports import event_hooks, jobs, table
from collector.reports.asking import Wish, ask
from collector.reports.jobs import LONGEST_MS, QUIET_MS
from tests.reports.support import FROM_MS, MINUTE_MS, TO_MS, Node, node


async def _waiting(one: Node) -> list[tuple[str, str, int]]:
    found = await one.db.run("read", table.jobs)
    return [(job.kind, job.system, job.due_ms - one.now_ms) for job in found]


async def test_leaves_and_ends_of_the_book(tmp_path: Path) -> None:
    """Each leave asks for the system's report and an end for those of what was still in, then the
    event's: all in the transactions of the book."""
    async with node(tmp_path, running=False) as one:
        book = EventBook(
            one.db,
            node="n1",
            systems=lambda: {"a": {"a"}, "b": {"b"}},
            wall=lambda: one.now_ms / 1000,
        )
        book.hooks = event_hooks(lambda: None)
        await book.open()
        one.now_ms = FROM_MS
        blank = Event(id="", name="Fair", timezone="UTC", created_ms=0, changed_ms=0)
        event = await book.create(blank, person="ann")
        await book.start(event.id, person="ann")
        await book.join(event.id, ["a", "b"], person="ann")
        assert await _waiting(one) == []
        one.now_ms = FROM_MS + 5 * MINUTE_MS
        await book.leave(event.id, ["a"], person="ann")
        assert await _waiting(one) == [("system", "a", 0)]
        one.now_ms = TO_MS
        await book.end(event.id, person="ann")
        found = await one.db.run("read", table.jobs)
        assert [(job.kind, job.system) for job in found] == [
            ("system", "a"), ("system", "b"), ("event", ""),
        ]  # fmt: skip
        assert {job.part_of for job in found} == {event.id, ""}


async def test_log_touches_the_report(tmp_path: Path) -> None:
    """Fuel that is written down afterwards has the system's report made again after a minute."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a"])
        left = await one.leave(event, "stage-a")
        await one.draft(left.id)
        await one.idle()
        book = EventBook(
            one.db, node="n1", systems=lambda: {"stage-a": {"stage-a"}},
            wall=lambda: one.now_ms / 1000,
        )  # fmt: skip
        book.hooks = event_hooks(one.runner.asked)
        await book.open()
        said = SaidBook(book)
        draft = LogEntry(
            id="", kind=LogKind.FUEL, at_ms=TO_MS - 1, system="stage-a", value=200.0, unit="l",
            made_ms=0,
        )  # fmt: skip
        await said.note(draft, person="ann")
        ((kind, system, due_ms),) = await _waiting(one)
        assert (kind, system, due_ms) == ("system", "stage-a", QUIET_MS)
        second = await one.draft(left.id, 2)
        assert second.entry.why


async def test_why_it_is_made_names_the_person(tmp_path: Path) -> None:
    """Whoever asks without a reason is named as people call them, not as the audit does."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a"])
        left = await one.leave(event, "stage-a")
        await one.draft(left.id)
        await one.idle()
        wish = Wish(report=left.id)
        (job,) = await one.db.run(
            "ask", lambda db: ask(db, wish, None, "n1", "uid 0 (ann)", one.now_ms)
        )
        assert job.why == "asked for by ann"


async def test_quiet_minute(tmp_path: Path) -> None:
    """Late data put the job off while more come, ten minutes at most."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a"])
        left = await one.leave(event, "stage-a")
        await one.draft(left.id)
        await one.idle()
        began_ms = one.now_ms
        for _ in range(15):
            await one.touch("filled", "stage-a")
            job = await one.job(left.id)
            assert job is not None
            assert job.due_ms == min(one.now_ms + QUIET_MS, began_ms + LONGEST_MS)
            assert job.why == "filled"
            one.now_ms += QUIET_MS - 1
            if one.now_ms >= began_ms + LONGEST_MS - QUIET_MS:
                break


async def test_renamed_event(tmp_path: Path) -> None:
    """An event that goes by another id takes its reports and jobs along; files stay."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a", "stage-b"])
        left = await one.leave(event, "stage-a")
        await one.end(event)
        await one.draft(left.id)
        await one.idle()
        (before,) = await one.revisions(left.id)
        await one.db.run("merge", lambda db: jobs.renamed(db, event.id, "other"))
        (after,) = await one.revisions(left.id)
        assert (after.entry.event, after.part_of) == ("other", "other")
        assert structs.replace(after.entry, event=event.id) == before.entry
        (whole,) = await one.revisions("other")
        assert whole.entry.kind == "event"
        assert await one.revisions(event.id) == []
