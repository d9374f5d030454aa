"""The audit in a real node.db: what was done, by whom, and how it ended."""

import pytest
from structlog.testing import capture_logs

from collector.audit import AuditBook
from collector.audit.book import DONE_BY, NOT_DONE
from collector.errors import StoreError
from collector.model.audit import Deed
from collector.store import NodeDb

DAY_S = 86_400.0


def deed(action="ack", **more):
    """Somebody does something."""
    return Deed(person="uid 1000 (anna)", transport="ovr.sock", action=action, **more)


@pytest.fixture
async def db(tmp_path):
    """An open node.db."""
    db = NodeDb(tmp_path / "node.db")
    await db.open()
    yield db
    await db.close()


async def test_written_before_and_after(db):
    """A line stands as begun before anything is done, and gets its outcome; its text stays."""
    book = AuditBook(db, wall=lambda: 5.0)
    entry = await book.begin(deed(subject="a1", before="x", after="y"))
    assert [line.outcome for line in await book.read(0, 10_000, 10)] == ["begun"]
    await book.end(entry)
    (line,) = await book.read(0, 10_000, 10)
    assert (line.at_ms, line.outcome, line.deed) == (5000, "done", entry.deed)
    await book.end(entry, "refused: no", after="z")
    (line,) = await book.read(0, 10_000, 10)
    assert (line.outcome, line.deed.after) == ("refused: no", "z")


async def test_what_was_cut_off_stands_as_begun(tmp_path):
    """A line whose end was never written is still there after the next start."""
    db = NodeDb(tmp_path / "node.db")
    await db.open()
    await AuditBook(db).begin(deed("registry"))
    await db.close()
    again = NodeDb(tmp_path / "node.db")
    await again.open()
    (line,) = await AuditBook(again).read(0, 1 << 50, 10)
    assert (line.deed.action, line.outcome) == ("registry", "begun")
    await again.close()


async def test_newest_first_and_page_by_page(db):
    """Lines come newest first, also of one millisecond, and a list goes on where it ended."""
    now = [1.0]
    book = AuditBook(db, wall=lambda: now[0])
    for number in range(25):
        now[0] = 1.0 + number // 5
        await book.begin(deed(subject=str(number)))
    seen, before = [], ""
    while part := await book.read(0, 1 << 50, 10, before):
        seen += [line.deed.subject for line in part]
        before = part[-1].id
    assert seen == [str(number) for number in reversed(range(25))]
    assert len(await book.read(2000, 2999, 100)) == 5
    assert await book.read(0, 1 << 50, 10, "no such line") == []


async def test_old_lines_go(db):
    """Lines go with age, and only then."""
    now = [0.0]
    book = AuditBook(db, keep_days=30, wall=lambda: now[0])
    await book.begin(deed(subject="old"))
    now[0] = 29 * DAY_S
    await book.begin(deed(subject="new"))
    assert len(await book.read(0, 1 << 50, 10)) == 2
    now[0] = 31 * DAY_S
    await book.begin(deed(subject="newest"))
    assert [line.deed.subject for line in await book.read(0, 1 << 50, 10)] == ["newest", "new"]


async def test_hostile_text_is_made_harmless(db):
    """Names and values of people are cleaned and bounded, and SQL in them is only text."""
    book = AuditBook(db, wall=lambda: 1.0)
    hostile = "\x1b[31m'; DROP TABLE audit; --" + "x" * 5000
    await book.begin(deed(subject=hostile, before=hostile, after=hostile))
    (line,) = await book.read(0, 1 << 50, 10)
    assert "\x1b" not in line.deed.subject
    assert len(line.deed.before) <= 600
    assert "DROP TABLE" in line.deed.after


async def test_each_end_is_logged(db):
    """What was changed also stands in the log, for when node.db is gone."""
    book = AuditBook(db, wall=lambda: 1.0)
    with capture_logs() as lines:
        await book.end(await book.begin(deed("shelve", subject="a1")))
        await book.end(await book.begin(deed("shelve", subject="a2")), "refused: no")
    assert [(line["event"], line["subject"]) for line in lines] == [
        (DONE_BY, "a1"),
        (NOT_DONE, "a2"),
    ]


async def test_a_store_that_takes_nothing_is_told(tmp_path):
    """When node.db is closed or broken the audit raises instead of losing a line."""
    db = NodeDb(tmp_path / "node.db")
    await db.open()
    book = AuditBook(db)
    await db.run("break", lambda db: db.execute("DROP TABLE audit"))
    with pytest.raises(StoreError, match="cannot keep the audit"):
        await book.begin(deed())
    await db.close()


async def test_what_was_done_to_one_thing(db):
    """The lines about one subject, page by page, and none about another whose id begins alike."""
    book = AuditBook(db, wall=lambda: 5.0)
    for number in range(6):
        await book.begin(deed(f"do {number}", subject="bess-1" if number % 2 else "bess-10"))
    first = await book.read(0, 10_000, 2, subject="bess-1")
    rest = await book.read(0, 10_000, 10, first[-1].id, "bess-1")
    assert [line.deed.action for line in (*first, *rest)] == ["do 5", "do 3", "do 1"]
    assert await book.read(0, 10_000, 10, subject="bess") == []


async def test_the_log_says_which_alarm(db):
    """The line of the log names the alarm, not its id."""
    book = AuditBook(db)
    with capture_logs() as said:
        await book.end(await book.begin(deed(subject="0197a3c2", before="BESS 1: it is silent")))
    assert [line["subject"] for line in said] == ["BESS 1: it is silent"]
