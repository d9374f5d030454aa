"""The outbox's rows: what a transaction queues, what comes next, what is let go of."""

import shutil
import sqlite3
from functools import partial
from pathlib import Path

import msgspec
import pytest

from collector.errors import StoreError
from collector.model.ids import uuid7_ms
from collector.model.outbox import KINDS, FileRef, OutboxItem
from collector.outbox import Packet, put, shown, table
from collector.store import NodeDb
from tests.outbox.conftest import NOW_MS, left, opened, queue


def turn(
    kind: str, most: int = 100, most_bytes: int = 1 << 20, **more: object
) -> partial[list[table.Waiting]]:
    """What comes next of `kind`."""
    return partial(table.turn, kind=kind, most=most, most_bytes=most_bytes, **more)  # type: ignore[arg-type]


def settle(kind: str, **more: object) -> partial[None]:
    """What was answered."""
    given = {"kind": kind, "done": (), "bad": (), "at_ms": NOW_MS, **more}
    return partial(table.settle, **given)  # type: ignore[arg-type]


def items() -> partial[list[OutboxItem]]:
    """All that is there."""
    return partial(shown.items, kind=None, state=None, limit=100)


async def test_a_record_and_its_place_in_the_outbox_are_one_commit(db: NodeDb) -> None:
    """What fails after `put` takes the queued record with it."""

    def half(one: sqlite3.Connection) -> None:
        put(one, kind="events", record_id="e1", body={}, at_ms=NOW_MS)
        raise sqlite3.OperationalError("the disk is full")

    with pytest.raises(StoreError):
        await db.run("end the event", half)
    assert await left(db) == []


async def test_each_revision_of_what_people_decide_is_kept_in_order(db: NodeDb) -> None:
    """An event that was changed twice while offline is sent twice."""
    for name in ("first", "second"):
        await queue(db, "events", "e1", {"name": name})
    found = await db.run("look", turn("events"))
    assert [msgspec.json.decode(one.body)["name"] for one in found] == ["first", "second"]
    assert found[0].revision < found[1].revision


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if kind.newest])
async def test_only_the_newest_waits_where_it_says_all(db: NodeDb, kind: str) -> None:
    """It goes to the end; other records keep their places."""
    for record_id, number in (("a", 1), ("b", 1), ("a", 2)):
        await queue(db, kind, record_id, {"number": number})
    found = await db.run("look", turn(kind))
    assert [(one.record_id, one.body) for one in found] == [
        ("b", b'{"number":1}'),
        ("a", b'{"number":2}'),
    ]


async def test_a_newer_revision_takes_the_place_of_a_refused_one(db: NodeDb) -> None:
    """What was mended needs no person to clear the old one away."""
    revision = await queue(db, "rollups", "a", {"number": 1})
    await db.run("refuse", settle("rollups", bad=[(revision, "no")]))
    await queue(db, "rollups", "a", {"number": 2})
    (item,) = await db.run("look", items())
    assert item.state == "waiting"


async def test_revisions_follow_the_clock_and_never_fall(db: NodeDb) -> None:
    """They stand for the time while it moves on, and rise by one while it does not."""
    times = (NOW_MS, NOW_MS, NOW_MS - 5000, NOW_MS + 10)
    found = [await queue(db, "log", f"l{number}", at_ms=at) for number, at in enumerate(times)]
    assert found == [NOW_MS, NOW_MS + 1, NOW_MS + 2, NOW_MS + 10]


async def test_an_earlier_copy_of_the_file_gives_no_revision_twice(
    db: NodeDb, tmp_path: Path
) -> None:
    """A backup put back goes on above what was sent since."""
    await queue(db, "log", "l1", at_ms=NOW_MS)
    copy = tmp_path / "copy"
    copy.mkdir()
    for tail in ("", "-wal"):
        shutil.copy(tmp_path / f"node.db{tail}", copy)
    sent = await queue(db, "log", "l2", at_ms=NOW_MS + 1000)
    restored = await opened(copy / "node.db")
    later = await queue(restored, "log", "l3", at_ms=NOW_MS + 2000)
    await restored.close()
    assert later > sent


async def test_the_installation_has_one_id_for_ever(db: NodeDb, tmp_path: Path) -> None:
    """It is made with the first record, survives a restart, and another file has another one."""
    first = await db.run("look", partial(table.me, at_ms=NOW_MS))
    assert uuid7_ms(first.install) >= NOW_MS
    await db.close()
    again = await opened(db.path)
    renamed = await again.run("name", partial(table.introduce, node="node-2", at_ms=NOW_MS + 9))
    assert (renamed.install, renamed.node) == (first.install, "node-2")
    await again.close()
    other = await opened(tmp_path / "other.db")
    second = await other.run("look", partial(table.me, at_ms=NOW_MS))
    assert second.install != first.install
    await other.close()


async def test_revisions_go_on_after_a_damaged_file_was_replaced(db: NodeDb) -> None:
    """Even if the row that holds the last one was lost with it."""
    revision = await queue(db, "log", "l1")
    await db.run("lose it", lambda one: one.execute("DELETE FROM outbox_self"))
    assert await queue(db, "log", "l2", at_ms=0) == revision + 1


async def test_a_turn_is_bounded_in_records_and_bytes(db: NodeDb) -> None:
    """At least one goes, however large it is."""
    for number in range(5):
        await queue(db, "log", f"l{number}", {"text": "x" * 1000})
    assert len(await db.run("look", turn("log", most=3))) == 3
    assert len(await db.run("look", turn("log", most_bytes=2500))) == 2
    assert len(await db.run("look", turn("log", most_bytes=10))) == 1


async def test_a_packet_is_made_when_its_turn_has_come(db: NodeDb) -> None:
    """The row holds no copy of it meanwhile."""
    await db.run("put", partial(put, kind="rollups", record_id="p/a/1", at_ms=NOW_MS))
    packet = Packet(body={"minutes": 3}, blobs={"rows": b"\0\1\2"})
    (found,) = await db.run("look", turn("rollups", loader=lambda one, record_id: packet))
    assert (found.body, found.blobs) == (b'{"minutes":3}', {"rows": b"\0\1\2"})
    assert (await db.run("look", items()))[0].bytes == 0


@pytest.mark.parametrize("loader", [None, lambda one, record_id: None])
async def test_a_packet_whose_data_are_gone_is_dropped_and_counted(
    db: NodeDb, loader: table.Loader | None
) -> None:
    """It could never be sent."""
    await db.run("put", partial(put, kind="rollups", record_id="p/a/1", at_ms=NOW_MS))
    assert await db.run("look", turn("rollups", loader=loader)) == []
    assert await left(db) == []
    assert (await db.run("look", shown.counts))["rollups"].dropped == 1


async def test_confirmed_hears_of_a_record_when_nothing_of_it_is_left(db: NodeDb) -> None:
    """Not while a newer revision of it waits, and in the same transaction."""
    told: list[tuple[str, str]] = []

    def confirmed(one: sqlite3.Connection, kind: str, record_id: str) -> None:
        assert one.in_transaction
        told.append((kind, record_id))

    await queue(db, "rollups", "a", {"number": 1})
    await queue(db, "rollups", "b", {"number": 1})
    sent = await db.run("look", turn("rollups"))
    await queue(db, "rollups", "a", {"number": 2})
    await db.run("settle", settle("rollups", done=sent, confirmed=confirmed))
    assert told == [("rollups", "b")]
    assert await left(db) == ["a"]


async def test_what_a_failing_confirmation_undoes_is_sent_again(db: NodeDb) -> None:
    """The record stays until both are done."""

    def confirmed(one: sqlite3.Connection, kind: str, record_id: str) -> None:
        raise KeyError("no such hold")

    await queue(db, "rollups", "a")
    sent = await db.run("look", turn("rollups"))
    with pytest.raises(KeyError):
        await db.run("settle", settle("rollups", done=sent, confirmed=confirmed))
    assert await left(db) == ["a"]


async def test_alarms_that_wait_are_bounded_and_the_rest_is_counted(
    db: NodeDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest go; other kinds keep everything."""
    few = {**KINDS, "alarms": msgspec.structs.replace(KINDS["alarms"], most=3)}
    monkeypatch.setattr(shown, "KINDS", few)
    for number in range(5):
        await queue(db, "alarms", f"a{number}")
        await queue(db, "log", f"l{number}")
    counts = await db.run("tidy", shown.tidy)
    assert (counts["alarms"].waiting, counts["alarms"].dropped) == (3, 2)
    assert (counts["log"].waiting, counts["log"].dropped) == (5, 0)
    assert [one for one in await left(db) if one.startswith("a")] == ["a2", "a3", "a4"]


async def test_figures_tell_what_waits_what_is_refused_and_how_old(db: NodeDb) -> None:
    """Sent ones count for ever, also those that are gone from the table."""
    bad = await queue(db, "events", "e0", at_ms=NOW_MS - 9000)
    await queue(db, "events", "e1", at_ms=NOW_MS)
    await queue(db, "log", "l1", at_ms=NOW_MS + 5)
    await db.run("refuse", settle("events", bad=[(bad, "no")]))
    await db.run("settle", settle("log", done=await db.run("look", turn("log"))))
    counts = await db.run("count", shown.counts)
    assert counts == {
        "events": shown.Count(waiting=1, refused=1, oldest_ms=NOW_MS),
        "log": shown.Count(sent=1, sent_ms=NOW_MS),
    }


async def test_a_refused_record_is_sent_again_in_its_old_place(db: NodeDb) -> None:
    """Before what came after it; what is not refused is left alone."""
    first, second = [await queue(db, "log", f"l{number}") for number in (1, 2)]
    await db.run("refuse", settle("log", bad=[(first, "it is wrong")]))
    (item,) = await db.run("look", partial(shown.items, kind="log", state="refused", limit=9))
    assert (item.record_id, item.reason) == ("l1", "it is wrong")
    assert await db.run("again", partial(shown.resend, revisions=[first, first, second])) == [first]
    assert [one.record_id for one in await db.run("look", turn("log"))] == ["l1", "l2"]


async def test_only_refused_records_can_be_forgotten(db: NodeDb) -> None:
    """What waits is not thrown away by a slip."""
    first, second = [await queue(db, "log", f"l{number}") for number in (1, 2)]
    await db.run("refuse", settle("log", bad=[(first, "no")]))
    gone = await db.run("forget", partial(shown.forget, revisions=[first, second, 77]))
    assert [item.record_id for item in gone] == ["l1"]
    assert await left(db) == ["l2"]
    assert (await db.run("count", shown.counts))["log"].dropped == 1


@pytest.mark.parametrize(
    ("kind", "record_id"), [("weather", "w1"), ("log", ""), ("log", "x" * 201)]
)
async def test_what_no_caller_may_queue_is_refused(db: NodeDb, kind: str, record_id: str) -> None:
    """A fault of ours shows where it is made."""
    with pytest.raises(ValueError, match=r"outbox knows no kind|no id of a record"):
        await queue(db, kind, record_id)


async def test_files_of_a_record_are_listed(db: NodeDb) -> None:
    """People see which files a record waits for."""
    file = FileRef(name="report.pdf", path="reports/e/report.pdf", sha256="00", size=3)
    await queue(db, "reports", "r1", files=[file])
    (item,) = await db.run("look", items())
    assert item.files == ("reports/e/report.pdf",)
    assert (await db.run("look", turn("reports")))[0].files == (file,)
