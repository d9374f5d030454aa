"""Alarms in node.db: what is kept, when, and what a restart finds."""

import asyncio

import pytest
from msgspec import structs

from collector.errors import NotPossible, StoreError, UnknownAlarm
from tests.alarms.conftest import node_at
from tests.alarms.scenes import bess, scene
from tests.support.snapshots import START_MS

LOW = scene([bess(battery_soc_pct=12.0)])
WELL = scene([bess(battery_soc_pct=60.0)])


async def watching(node):
    """One commissioned battery system with an alarm."""
    await node.alarms.commission("bess-1", person="kim", note="clamped")
    node.tick(LOW, 15)
    return node.alarms.active()[0]


def limit_pages(count):
    """Let the file grow no more (0: again)."""
    return lambda db: db.execute(f"PRAGMA max_page_count={count or 2**30}").fetchone()


async def fill(node):
    """The disk is full."""
    pages = await node.db.run("look", lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await node.db.run("fill", limit_pages(pages))


async def test_nothing_alarms_before_it_is_commissioned(node):
    """Assets that nobody has commissioned are being set up: they may do what they like."""
    node.tick(LOW, 600)
    assert node.alarms.active() == ()
    await node.alarms.commission("bess-1", person="kim")
    node.tick(LOW, 15)
    assert [a.rule for a in node.alarms.active()] == ["low soc"]


async def test_an_asset_in_an_event_is_watched(node):
    """An event watches its assets whether somebody commissioned them or not."""
    node.tick(structs.replace(LOW, in_event=frozenset({"bess-1"})), 15)
    assert len(node.alarms.active()) == 1


async def test_released_is_watched_no_more_also_after_a_restart(node):
    """Release ends its alarms and what is watched, durably."""
    await watching(node)
    await node.alarms.release("bess-1", person="lee")
    node.tick(LOW, 60)
    assert node.alarms.active() == ()
    await node.start()
    node.tick(LOW, 60)
    assert node.alarms.active() == ()
    with pytest.raises(NotPossible, match="not commissioned"):
        await node.alarms.release("bess-1", person="lee")


async def test_commissioning_says_who_and_when_and_stands(node):
    """The first word counts until the asset is released."""
    first = await node.alarms.commission("bess-1", person="kim", note="clamped")
    again = await node.alarms.commission("bess-1", person="lee")
    assert (first, again.person) == (again, "kim")
    await node.start()
    assert node.alarms.commissioned["bess-1"] == first


async def test_the_same_alarm_after_a_restart(node):
    """What was open is open again, with its id and what people did to it."""
    alarm = await watching(node)
    acked = await node.alarms.acknowledge(alarm.id, person="kim", note="on it")
    await node.start()
    assert node.alarms.active() == (acked,)
    node.tick(LOW, 60)
    assert [a.id for a in node.alarms.active()] == [alarm.id]


async def test_acknowledging_is_durable_when_it_returns(tmp_path):
    """Another process that opens the file then finds it acknowledged."""
    async with node_at(tmp_path / "node.db") as node:
        alarm = await watching(node)
        await node.alarms.acknowledge(alarm.id, person="kim", note="on it")
        copy = tmp_path / "copy.db"
        for tail in ("", "-wal"):
            part = tmp_path / f"node.db{tail}"
            if part.exists():
                copy.with_name(copy.name + tail).write_bytes(part.read_bytes())
    async with node_at(copy) as other:
        assert [a.state for a in other.alarms.active()] == ["acknowledged"]


async def test_acknowledged_twice_changes_nothing(node):
    """The first person's word stands."""
    alarm = await watching(node)
    await node.alarms.acknowledge(alarm.id, person="kim", note="on it")
    again = await node.alarms.acknowledge(alarm.id, person="lee", note="me too")
    assert (again.acked_by, again.ack_note) == ("kim", "on it")
    assert len(await node.alarms.changes(alarm.id)) == 2


async def test_shelving_needs_a_reason_and_an_end(node):
    """No alarm goes out of sight without why, nor for more than a week."""
    alarm = await watching(node)
    for until, reason in ((60_000, " "), (8 * 86_400_000, "known"), (-1, "known")):
        with pytest.raises(NotPossible):
            await node.alarms.shelve(
                alarm.id, person="kim", until_ms=node.at_ms + until, reason=reason
            )
    assert node.alarms.shelved() == ()


async def test_shelved_is_out_of_sight_and_listed_apart(node):
    """A shelved alarm is not among those that people have to see."""
    alarm = await watching(node)
    await node.alarms.shelve(
        alarm.id, person="kim", until_ms=node.at_ms + 60_000, reason="generator is coming"
    )
    assert node.alarms.active() == ()
    assert [a.shelf_reason for a in node.alarms.shelved()] == ["generator is coming"]
    await node.start()
    assert node.alarms.active() == ()
    back = await node.alarms.unshelve(alarm.id, person="lee")
    assert back.state == "active"
    with pytest.raises(NotPossible):
        await node.alarms.unshelve(alarm.id, person="lee")


async def test_history_keeps_every_step(node):
    """Closed alarms are found by time, with each step, its person and note."""
    alarm = await watching(node)
    await node.alarms.acknowledge(alarm.id, person="kim", note="on it")
    node.tick(WELL, 30)
    await node.alarms.flush()
    (found,) = await node.alarms.history(START_MS, node.at_ms)
    assert (found.id, found.state) == (alarm.id, "closed")
    steps = [(c.what, c.person, c.note) for c in await node.alarms.changes(alarm.id)]
    assert steps[0][0] == "raised"
    assert steps[1:] == [("acknowledged", "kim", "on it"), ("cleared", "", "")]
    assert await node.alarms.history(node.at_ms + 1000, node.at_ms + 2000) == ()


async def test_every_change_is_handed_on_once_in_its_own_transaction(tmp_path):
    """The outbox gets each change with the alarm as it is after it; what is written again after
    a failure is not handed on again."""
    handed = []
    fail = [False]

    def put(db, alarm, change):
        assert db.in_transaction
        handed.append((change.what, alarm.state))
        if fail[0]:
            raise RuntimeError("the outbox fails")

    async with node_at(tmp_path / "node.db", put) as node:
        alarm = await watching(node)
        fail[0] = True
        with pytest.raises(RuntimeError):
            await node.alarms.flush()
        assert node.alarms.health().waiting == 1
        assert await node.alarms.changes(alarm.id) == (), "all of it or nothing"
        fail[0] = False
        handed.clear()
        await node.alarms.acknowledge(alarm.id, person="kim", note="")
        await node.alarms.flush()
    assert handed == [("raised", "active"), ("acknowledged", "acknowledged")]


async def come_and_go(node):
    """Enough changes to fill what room is left, each acknowledged."""
    for _ in range(40):
        node.tick(WELL, 40)
        node.tick(LOW, 15)
        await node.alarms.acknowledge(node.alarms.active()[0].id, person="kim", note="x" * 400)


async def test_a_full_disk_stops_no_alarm(node):
    """Alarms go on while node.db takes nothing; it is said; afterwards everything is kept, in
    order."""
    await node.alarms.commission("bess-1", person="kim")
    await fill(node)
    node.tick(LOW, 15)
    (alarm,) = node.alarms.active()
    with pytest.raises(StoreError, match="no space"):
        await come_and_go(node)
    assert "not kept" in node.alarms.problem
    assert node.alarms.active()[0].state == "acknowledged", "it counts, though it is not kept"
    await node.db.run("make room", limit_pages(0))
    await node.alarms.flush()
    assert (node.alarms.problem, node.alarms.health().waiting) == ("", 0)
    shown = node.alarms.active()
    await node.start()
    assert node.alarms.active() == shown
    assert [c.what for c in await node.alarms.changes(alarm.id)][:1] == ["raised"]


async def test_run_keeps_what_comes_and_forgets_what_is_old(tmp_path):
    """The supervised part writes by itself, and deletes alarms that closed longer ago than the
    retention says."""
    loop, kept = asyncio.get_running_loop(), asyncio.Event()

    def put(_db, _alarm, change):
        if change.what == "cleared":
            loop.call_soon_threadsafe(kept.set)

    async with node_at(tmp_path / "node.db", put) as node:
        alarm = await watching(node)
        await node.alarms.acknowledge(alarm.id, person="kim")
        node.tick(WELL, 30)
        await node.alarms.flush()
        kept.clear()
        node.at_ms += 2 * 86_400_000
        node.tick(LOW, 15)
        ready = asyncio.Event()
        task = asyncio.create_task(node.alarms.run(ready.set))
        try:
            await ready.wait()
            assert await node.alarms.changes(alarm.id) == ()
            node.tick(WELL, 30)
            await kept.wait()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert [a.state for a in await node.alarms.history(0, node.at_ms)] == ["cleared"]


async def test_a_fault_of_ours_is_shown_and_ends_nothing(node, monkeypatch):
    """Should judging fail, the tick goes on, and a problem says so until it succeeds."""
    await watching(node)
    node.alarms.tick(None)
    assert "fault of ours" in node.alarms.problem
    node.tick(LOW)
    assert node.alarms.problem == ""


async def test_closed_alarms_cannot_be_acknowledged(node):
    """The id of an alarm that is history is unknown to the living."""
    alarm = await watching(node)
    await node.alarms.acknowledge(alarm.id, person="kim")
    node.tick(WELL, 30)
    with pytest.raises(UnknownAlarm):
        await node.alarms.acknowledge(alarm.id, person="kim")


async def test_words_of_people_are_cleaned(node):
    """Names and notes are one line without control characters, and bounded."""
    alarm = await watching(node)
    acked = await node.alarms.acknowledge(alarm.id, person="ki\x1bm", note="a\n\x00b" * 1000)
    assert acked.acked_by == "ki·m"
    assert len(acked.ack_note) == 500
    assert "\n" not in acked.ack_note


async def test_changes_that_wait_are_bounded_and_counted(node, monkeypatch):
    """Beyond the bound the oldest change is lost, and counted; what is open is kept as it is."""
    monkeypatch.setattr("collector.alarms.alarms.WAITING", 5)
    await watching(node)
    for _ in range(4):
        node.tick(WELL, 15)
        node.tick(LOW, 15)
    assert (node.alarms.health().waiting, node.alarms.health().lost) == (5, 4)
    await node.alarms.flush()
    shown = node.alarms.active()
    await node.start()
    assert node.alarms.active() == shown


async def test_an_alarm_whose_end_was_lost_gives_way_to_the_next_one(node):
    """Should the closing of an alarm never have reached the file, the next alarm of the condition
    is the open one all the same."""
    first = await watching(node)
    await node.alarms.acknowledge(first.id, person="kim")
    node.tick(WELL, 30)
    node.alarms._queue.clear()
    node.tick(LOW, 15)
    (second,) = node.alarms.active()
    await node.alarms.flush()
    await node.start()
    assert [a.id for a in node.alarms.active()] == [second.id]
    assert second.id != first.id
