"""Which changes of an event its reports tell."""

from pathlib import Path

from msgspec import structs

from collector.events import EventBook
from collector.model.event import Event, Participation
from collector.model.terms import Baseline, BaselineSet
from collector.reports import said
from collector.store import NodeDb

START_S = 1_780_000_000
SECRET = "gate code 4471"


async def test_what_was_entered_is_no_change_and_what_was_changed_later_is(tmp_path: Path) -> None:
    """Neither what was entered before the start (internal notes among it), nor joining and leaving
    as it happened; a baseline that was changed on the way, and a corrected time."""
    now_s = START_S
    db = NodeDb(tmp_path / "node.db")
    await db.open()
    book = EventBook(db, node="n", systems=lambda: {"s": ["a"]}, wall=lambda: now_s)
    draft = Event(id="", name="E", timezone="UTC", notes=SECRET, created_ms=0, changed_ms=0)
    event = await book.create(draft, person="anna")
    now_s += 60
    await book.edit(event.id, None, lambda e: structs.replace(e, client="C"), person="anna")
    now_s += 60
    await book.start(event.id, person="anna")
    (part,) = await book.join(event.id, ["s"], person="anna")
    now_s += 3600

    def dearer(one: Event) -> Event:
        plan = Baseline(sets=(BaselineSet(name="big", rated_kw=90.0),))
        return structs.replace(one, terms=structs.replace(one.terms, baseline=plan))

    await book.edit(event.id, None, dearer, person="ben", reason="the client says so")
    await book.edit(event.id, None, lambda e: structs.replace(e, notes="x"), person="ben")
    now_s += 3600
    await book.leave(event.id, ["s"], person="ben")
    now_s += 60

    def later(one: Participation) -> Participation:
        return structs.replace(one, from_ms=part.from_ms + 30_000)

    await book.correct(part.id, None, later, person="ben", reason="it was on later")
    found = (await book.find(event.id)).event
    told = await db.run("", lambda d: said.changes(d, found, (event.id, part.id)))
    await db.close()
    assert [(one.field, one.person) for one in told] == [("baseline", "ben"), ("from_ms", "ben")]
    assert SECRET not in str(told)
