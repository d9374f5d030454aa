"""Events that are known on two nodes: export, import, merge, on real files of two nodes."""

import msgspec
import pytest
from msgspec import structs

from collector.errors import NotPossible
from collector.events.files import export, read_file, take_in
from collector.model.event import EventStatus
from collector.model.said import Correction, CorrectionKind, LogEntry, LogKind
from tests.events.books import HOUR, MINUTE, T0, books


@pytest.fixture
async def two(tmp_path):
    """Two nodes."""
    async with books(tmp_path, "n1") as one, books(tmp_path, "n2") as other:
        yield one, other


async def carried(here, there, wanted):
    """The file of one node is taken in on another."""
    content = msgspec.json.encode(await export(here.events, wanted))
    return await take_in(there.events, read_file(content), person="carol")


def alike(file):
    """What both nodes must agree on."""
    return (file.event, file.participations, file.changes, file.conflicts)


async def test_the_same_event_on_two_nodes(two):
    """Made on one, carried to the other, both go on apart, and carried both ways they agree: the
    set of participations is whole, the later field holds, the other is kept as a conflict."""
    here, there = two
    event = await here.started(job="J-1")
    await carried(here, there, "J-1")
    there.now_ms = here.now_ms
    await here.events.join("J-1", ["bess-1"], person="anna")
    there.later(MINUTE)
    await there.events.join("J-1", ["bess-1"], person="bob")
    await here.events.edit("J-1", None, lambda e: structs.replace(e, client="Here"), person="anna")
    there.later(MINUTE)
    await there.events.edit("J-1", None, lambda e: structs.replace(e, client="There"), person="bob")
    await carried(here, there, event.id)
    await carried(there, here, event.id)
    one, other = await here.events.find("J-1"), await there.events.find("J-1")
    assert alike(one) == alike(other)
    assert [(p.node, p.system) for p in one.participations] == [("n1", "bess-1"), ("n2", "bess-1")]
    assert one.event.client == "There"
    assert [(c.field, c.kept, c.lost) for c in one.conflicts] == [("client", "There", "Here")]
    rows = await here.rows("SELECT count(*) FROM outbox")
    await carried(there, here, event.id)
    assert await here.rows("SELECT count(*) FROM outbox") == rows
    assert here.events.active_systems() == there.events.active_systems() == {"bess-1"}


async def test_ended_elsewhere_lets_nothing_go_by_itself(two):
    """An end that is carried here is known, and asks what to do with what is still in."""
    here, there = two
    await here.started(job="J-1")
    await carried(here, there, "J-1")
    await there.events.join("J-1", ["bess-2"], person="bob")
    here.later(HOUR)
    there.later(HOUR)
    await here.events.end("J-1", person="anna")
    event = await carried(here, there, "J-1")
    assert event.status is EventStatus.ENDED
    assert there.events.active_systems() == {"bess-2"}
    (line,) = there.events.problems(there.now_ms)
    assert "bess-2 still in: ovr event end J-1" in line
    _, left = await there.events.end("J-1", person="bob")
    assert [one.system for one in left] == ["bess-2"]
    assert there.events.problems(there.now_ms) == ()


async def test_made_apart_with_one_job_code(two):
    """Both nodes made it without a link: the same job code makes one of them, under the id that
    was made first, found by either id, and reports hear of it."""
    here, there = two
    first = await here.started("Desert", job="J-5", client="C")
    there.now_ms = here.later(MINUTE)
    second = await there.started("Desert Fest", job="j-5")
    await there.events.join("J-5", ["stage-a"], person="bob")
    await there.said.note(
        LogEntry(id="", kind=LogKind.NOTE, at_ms=there.now_ms, text="rain", event="j-5", made_ms=0),
        person="bob",
    )
    merged = await carried(here, there, "J-5")
    assert merged.id == first.id
    assert there.told.renamed == [(second.id, first.id)]
    assert (await there.events.find(second.id)).event.id == first.id
    assert [e.event.id for e in await there.events.events()] == [first.id]
    (entry,) = await there.said.log(0, 1 << 60, "J-5")
    assert entry.event == first.id
    await carried(there, here, "J-5")
    one, other = await here.events.find(second.id), await there.events.find("J-5")
    assert alike(one) == alike(other)
    assert one.event.from_ms == first.from_ms
    assert {(c.field, c.lost) for c in one.conflicts} >= {("name", "Desert")}
    assert [entry.text for entry in await here.said.log(0, 1 << 60, "J-5")] == ["rain"]


async def test_merged_by_hand(two):
    """Two events of one node, one without a code; those of two codes are not merged."""
    here, _ = two
    one = await here.create("A", job="J-6")
    other, third = await here.create("B"), await here.create("C", job="J-7")
    with pytest.raises(NotPossible, match="different job codes"):
        await here.events.merge("J-6", third.id, person="anna")
    merged = await here.events.merge(other.id, "J-6", person="anna")
    assert (merged.id, merged.job) == (min(one.id, other.id), "J-6")
    with pytest.raises(NotPossible, match="that very event"):
        await here.events.merge(one.id, other.id, person="anna")


async def test_corrections_are_of_the_node_where_they_were_said(two):
    """What is carried is known, and does not change what another node's asset of that name says;
    withdrawn anywhere is withdrawn."""
    from collector.events import said_tables

    here, there = two
    await here.started(job="J-1")
    await here.events.join("J-1", ["bess-1"], person="anna")
    here.later(HOUR)
    one = await here.said.correct(
        Correction(id="", asset="bess-1", kind=CorrectionKind.SIGN, from_ms=T0, made_ms=0,
                   reason="CT reversed"),
        person="anna",
    )  # fmt: skip
    await carried(here, there, "J-1")
    known = await there.said.corrections(None, 0, 1 << 60)
    assert known == [one]
    own = await there.db.run("look", lambda db: said_tables.corrections(db, ["bess-1"], node="n2"))
    assert own == []
    await there.said.withdraw_correction(one.id, person="bob")
    await carried(there, here, "J-1")
    (back,) = await here.said.corrections(["bess-1"], 0, 1 << 60)
    assert back.withdrawn_by == "bob"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda f: f | {"schema": 2}, "schema 2"),
        (lambda f: f | {"ids": []}, "no event"),
        (lambda f: f | {"ids": ["../../etc"]}, "id that is none"),
        (lambda f: f | {"changes": []}, "when the event was created"),
        (lambda f: _with(f, field="rm"), "does not know"),
        (lambda f: _with(f, field="status", after="finished"), "value that is none"),
        (lambda f: _with(f, field="from_ms", after="-5"), "value that is none"),
        (lambda f: _with(f, field="fuel", after="{"), "value that is none"),
        (lambda f: _with(f, after="a\x1b[2Jb"), "no node writes"),
        (lambda f: _with(f, event="0199f3c2-8a40-7f10-8d11-2b9a4c5d6e7f"), "another event"),
        (lambda f: {"schema": 1}, "no file of ovr event export"),
    ],
)
async def test_hostile_files(two, spoil, told):
    """What no node has written is refused with a reason, and nothing is kept."""
    here, there = two
    await here.started(job="J-1")
    file = msgspec.to_builtins(await export(here.events, "J-1"))
    with pytest.raises(NotPossible, match=told):
        await take_in(there.events, read_file(msgspec.json.encode(spoil(file))), person="carol")
    assert await there.events.events() == []


def _with(file, **fields):
    index = next(n for n, one in enumerate(file["changes"]) if one["field"] == "name")
    changes = list(file["changes"])
    changes[index] = changes[index] | fields
    return file | {"changes": changes}
