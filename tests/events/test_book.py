"""Each deed is whole or not at all: rows, records for the cloud, holds and hooks."""

import pytest
from msgspec import structs

from collector.errors import BadClock, NotPossible, RecordChanged, UnknownRecord
from collector.model.event import EventStatus, SystemUse, UseCase
from tests.events.books import HOUR, MINUTE, T0, books


@pytest.fixture
async def node(tmp_path):
    """The books of a node."""
    async with books(tmp_path) as found:
        yield found


async def test_a_whole_event(node):
    """Planned, begun, two systems in, one out and in again, ended: what stayed in leaves then, and
    every step is in the outbox, held and told."""
    use = SystemUse(system="bess-1", use_case=UseCase.HYBRIDIZATION)
    event = await node.create(job="J-1", client="C", systems=(use,))
    assert (event.status, event.revision > 1) == (EventStatus.PLANNED, True)
    node.later(MINUTE)
    begun = await node.events.start("j-1", person="anna")
    assert (begun.status, begun.from_ms) == (EventStatus.ACTIVE, node.now_ms)
    joined = await node.events.join("J-1", ["bess-1", "stage-a"], person="anna")
    assert [one.use_case for one in joined] == [UseCase.HYBRIDIZATION, UseCase.METERING]
    assert node.events.active_systems() == {"bess-1", "stage-a"}
    held = await node.holds()
    assert held[joined[0].id] == (("bess-1", "bess-1.genset", "genset-1"), node.now_ms, None)
    left_ms = node.later(HOUR)
    (gone,) = await node.events.leave("J-1", ["bess-1"], person="bob")
    assert (gone.to_ms, node.told.left) == (left_ms, [("bess-1", left_ms)])
    assert (await node.holds())[gone.id][2] == left_ms
    node.later(HOUR)
    await node.events.join("J-1", ["bess-1"], person="bob")
    ended_ms = node.later(HOUR)
    ended, left = await node.events.end("J-1", person="anna")
    assert (ended.status, ended.to_ms) == (EventStatus.ENDED, ended_ms)
    assert {one.system for one in left} == {"bess-1", "stage-a"}
    assert node.told.ended == ["Show"]
    assert node.events.active_systems() == frozenset()
    assert all(to_ms is not None for _, _, to_ms in (await node.holds()).values())
    records = await node.records("events")
    assert [one["event"]["status"] for one in records] == ["planned", "active", "ended"]
    assert len(await node.records("participations")) == 6
    revisions = [one["event"]["revision"] for one in records]
    assert revisions == sorted(set(revisions))


async def test_what_a_hook_refuses_did_not_happen(node):
    """The report job and the participation's end are one transaction."""
    event = await node.started()
    await node.events.join(event.id, ["bess-1"], person="anna")
    before = await node.rows("SELECT count(*) FROM outbox")
    node.told.fail = True
    with pytest.raises(RuntimeError):
        await node.events.end(event.id, person="anna")
    assert await node.rows("SELECT count(*) FROM outbox") == before
    found = await node.events.find(event.id)
    assert (found.event.status, found.participations[0].to_ms) == (EventStatus.ACTIVE, None)
    assert node.events.active_systems() == {"bess-1"}


async def test_a_system_is_in_one_event_at_a_time(node):
    """It is refused with the other event's name and what to do; also at a time that is past; and
    never twice in the same one."""
    one, other = await node.started("Field"), await node.started("Arena")
    await node.events.join(one.id, ["bess-1"], person="anna")
    with pytest.raises(
        NotPossible, match=r"bess-1 is in “Field” since .*ovr event leave .* bess-1"
    ):
        await node.events.join(other.id, ["stage-a", "bess-1"], person="anna")
    assert node.events.active_systems() == {"bess-1"}
    with pytest.raises(NotPossible, match="bess-1 is in it since"):
        await node.events.join(one.id, ["bess-1"], person="anna")
    left_ms = node.later(HOUR)
    await node.events.leave(one.id, ["bess-1"], person="anna")
    node.later(HOUR)
    with pytest.raises(NotPossible, match=r"bess-1 was in “Field” from .* to "):
        await node.events.join(other.id, ["bess-1"], at_ms=left_ms - 1, person="anna")
    (joined,) = await node.events.join(other.id, ["bess-1"], at_ms=left_ms, person="anna")
    assert joined.from_ms == left_ms


@pytest.mark.parametrize(
    ("system", "hint"), [("bes-1", "did you mean bess-1?"), ("zzz", "there are bess-1, bess-2")]
)
async def test_an_unknown_system(node, system, hint):
    """The nearest name is said."""
    event = await node.started()
    with pytest.raises(NotPossible, match=hint.replace("?", r"\?")):
        await node.events.join(event.id, [system], person="anna")


async def test_a_clock_that_nobody_confirmed(node):
    """No event begins, nobody joins or leaves by a clock that may be wrong."""
    event = await node.create()
    node.confirmed = False
    for deed in (
        node.events.start(event.id, person="anna"),
        node.events.end(event.id, person="anna"),
        node.events.join(event.id, ["bess-1"], person="anna"),
        node.events.leave(event.id, ["bess-1"], person="anna"),
    ):
        with pytest.raises(BadClock, match="ovr clock confirm"):
            await deed


async def test_back_dated(node):
    """Joins and leaves may be told late, within the event and not of the future."""
    node.later(10 * HOUR)
    event = await node.create()
    begun = await node.events.start(event.id, at_ms=T0 + HOUR, person="anna")
    assert begun.from_ms == T0 + HOUR
    (one,) = await node.events.join(event.id, ["bess-1"], at_ms=T0 + 2 * HOUR, person="anna")
    (two,) = await node.events.leave(event.id, ["bess-1"], at_ms=T0 + 3 * HOUR, person="anna")
    assert (two.id, two.from_ms, two.to_ms) == (one.id, T0 + 2 * HOUR, T0 + 3 * HOUR)
    for at_ms, told in ((T0, "began at"), (node.now_ms + 1, "lies ahead")):
        with pytest.raises(NotPossible, match=told):
            await node.events.join(event.id, ["bess-2"], at_ms=at_ms, person="anna")
    await node.events.join(event.id, ["bess-2"], at_ms=T0 + 4 * HOUR, person="anna")
    with pytest.raises(NotPossible, match="bess-2 joined at"):
        await node.events.leave(event.id, ["bess-2"], at_ms=T0 + 3 * HOUR, person="anna")
    with pytest.raises(NotPossible, match="bess-2 joined at"):
        await node.events.end(event.id, at_ms=T0 + 3 * HOUR, person="anna")
    await node.events.end(event.id, at_ms=T0 + 5 * HOUR, person="anna")
    with pytest.raises(NotPossible, match="--until"):
        await node.events.join(event.id, ["stage-a"], at_ms=T0 + 2 * HOUR, person="anna")
    (late,) = await node.events.join(
        event.id, ["stage-a"], at_ms=T0 + 2 * HOUR, to_ms=T0 + 5 * HOUR, person="anna"
    )
    assert late.to_ms == T0 + 5 * HOUR
    assert ("stage-a", late.to_ms) in node.told.left


async def test_corrected_afterwards(node):
    """Times of a participation are corrected with a reason, a trace and another hold; a revision
    that is not the newest is refused."""
    event = await node.started()
    node.later(HOUR)
    (one,) = await node.events.join(event.id, ["bess-1"], person="anna")
    node.later(HOUR)
    (left,) = await node.events.leave(event.id, ["bess-1"], person="anna")

    def earlier(before):
        return structs.replace(before, from_ms=before.from_ms - MINUTE)

    with pytest.raises(NotPossible, match="needs a reason"):
        await node.events.correct(one.id, None, earlier, person="bob", reason="")
    with pytest.raises(RecordChanged):
        await node.events.correct(one.id, 1, earlier, person="bob", reason="late")
    fixed = await node.events.correct(
        one.id, left.revision, earlier, person="bob", reason="plugged in before"
    )
    assert (fixed.from_ms, fixed.revision) == (one.from_ms - MINUTE, left.revision + 1)
    assert (await node.holds())[one.id][1:] == (fixed.from_ms, fixed.to_ms)
    (trace,) = [
        each
        for each in (await node.events.find(event.id)).changes
        if each.subject == one.id and each.before
    ]
    assert (trace.person, trace.reason) == ("bob", "plugged in before")
    assert (trace.before, trace.after) == (str(one.from_ms), str(fixed.from_ms))
    assert node.told.moved == [("bess-1", "from_ms corrected: plugged in before")]
    assert not (await node.events.find(event.id)).conflicts


async def test_the_baseline_is_entered_before_the_start(node):
    """Later it takes a reason, which the trace shows; a note does not."""
    event = await node.started()
    await node.events.join(event.id, ["bess-1"], person="anna")

    def cheaper(before):
        fuel = structs.replace(before.terms.fuel, price_per_l=1.1)
        return structs.replace(before, terms=structs.replace(before.terms, fuel=fuel))

    with pytest.raises(NotPossible, match="change of fuel needs a reason"):
        await node.events.edit(event.id, None, cheaper, person="anna")
    edited = await node.events.edit(event.id, None, cheaper, person="anna", reason="new invoice")
    assert edited.terms.fuel.price_per_l == 1.1
    noted = await node.events.edit(
        event.id,
        edited.revision,
        lambda before: structs.replace(before, notes="call Bob"),
        person="anna",
    )
    assert noted.notes == "call Bob"
    assert node.told.touched == [
        ("fuel changed: new invoice", {"event": event.id}),
        ("notes changed", {"event": event.id}),
    ]


async def test_planned_is_cancelled_active_is_not(node):
    """Status only moves forward."""
    planned, active = await node.create("A"), await node.started("B")
    cancelled = await node.events.cancel(planned.id, person="anna")
    assert cancelled.status is EventStatus.CANCELLED
    for deed in (
        node.events.cancel(active.id, person="anna"),
        node.events.start(planned.id, person="anna"),
        node.events.start(active.id, person="anna"),
        node.events.end(planned.id, person="anna"),
        node.events.cancel(planned.id, person="anna"),
    ):
        with pytest.raises(NotPossible):
            await deed


async def test_a_job_code_is_one_event(node):
    """A second event of the same code is refused, and says which one it is."""
    await node.create("A", job="J-7")
    with pytest.raises(NotPossible, match=r"j-7 is the job code of “A”"):
        await node.create("B", job="j-7")
    other = await node.create("B")
    with pytest.raises(NotPossible, match="ovr event merge"):
        await node.events.edit(
            other.id, None, lambda e: structs.replace(e, job="J-7"), person="anna"
        )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": " "}, "needs a name"),
        ({"timezone": "America/Los_Angelos"}, "did you mean America/Los_Angeles"),
        ({"locale": "x"}, "locale"),
        ({"planned_from_ms": 5, "planned_to_ms": 5}, "planned end"),
    ],
)
async def test_what_cannot_be_created(node, fields, told):
    """It is said what is wrong, and nothing is kept."""
    with pytest.raises(NotPossible, match=told):
        await node.create(**{"name": "Show", **fields})
    assert await node.events.events() == []


async def test_prompts_start_and_end_nothing(node):
    """A scheduled start or end is a line that says what to do, and no more."""
    event = await node.create(job="J-9", planned_from_ms=T0 + HOUR, planned_to_ms=T0 + 2 * HOUR)
    assert node.events.now(node.now_ms) == ()
    node.later(HOUR)
    (shown,) = node.events.now(node.now_ms)
    assert shown.prompt.endswith("ovr event start J-9")
    assert node.events.problems(node.now_ms) == (f"event “Show” (J-9) {shown.prompt}",)
    await node.events.start("J-9", person="anna")
    await node.events.join("J-9", ["bess-1"], person="anna")
    assert node.events.now(node.now_ms)[0].prompt == ""
    node.later(HOUR)
    (shown,) = node.events.now(node.now_ms)
    assert "(bess-1 still in): ovr event end J-9" in shown.prompt
    assert (await node.events.find(event.id)).event.status is EventStatus.ACTIVE


async def test_it_is_all_there_after_a_restart(tmp_path):
    """Who takes part is read from node.db."""
    async with books(tmp_path) as node:
        event = await node.started()
        await node.events.join(event.id, ["bess-1"], person="anna")
    async with books(tmp_path) as node:
        assert node.events.active_systems() == {"bess-1"}
        assert [one.id for one in node.events.now(node.now_ms)] == [event.id]


async def test_an_asset_that_comes_later_is_held_too(node):
    """A device that joins the system in the middle of the event keeps its minutes as well, and one
    of which it is told afterwards that it was there."""
    from collector.assignments import AssignmentBook
    from collector.model.assignment import About, Fact

    assigned = AssignmentBook(node.db, wall=lambda: node.now_ms / 1000)
    event = await node.started()
    (one,) = await node.events.join(event.id, ["bess-2"], person="anna")
    await node.events.write("refresh", "", lambda _, deed: deed.refresh())
    node.systems["bess-2"] = ("bess-2", "genset-7")
    node.later(MINUTE)
    await node.events.write("refresh", "", lambda _, deed: deed.refresh())
    assert (await node.holds())[one.id][0] == ("bess-2", "genset-7")
    node.later(HOUR)
    await node.events.leave(event.id, ["bess-2"], person="anna")
    await assigned.state(
        {About("meter-9", Fact.SYSTEM): "bess-2"},
        person="bob",
        from_ms=one.from_ms + MINUTE,
        to_ms=one.from_ms + 2 * MINUTE,
    )
    await node.events.write("refresh", "", lambda _, deed: deed.refresh())
    assert (await node.holds())[one.id][0] == ("bess-2", "genset-7", "meter-9")
    (why, more) = node.told.touched[0]
    assert (why, more["from_ms"]) == ("an assignment of meter-9 was made", one.from_ms + MINUTE)


async def test_nothing_is_meant(node):
    """What there is not is said with the nearest name."""
    await node.create("Desert Festival")
    with pytest.raises(UnknownRecord, match="did you mean Desert Festival"):
        await node.events.find("Dessert Festival")
    with pytest.raises(UnknownRecord):
        await node.events.correct("x", None, lambda one: one, person="anna", reason="y")


async def test_minutes_are_split_where_systems_join_and_leave(node):
    """At the very millisecond, for all assets of the system; what is refused splits nothing."""
    splits = []
    node.events.split = lambda assets, at_ms: splits.append((tuple(assets), at_ms))
    await node.create(job="J-1", client="C")
    await node.events.start("J-1", person="anna")
    begun_ms = node.later(1_234)
    await node.events.join("J-1", ["bess-1"], person="anna")
    assets = ("bess-1", "bess-1.genset", "genset-1")
    assert splits == [(assets, begun_ms)]
    with pytest.raises(NotPossible):
        await node.events.join("J-1", ["bess-1"], person="anna")
    ended_ms = node.later(HOUR + 17)
    await node.events.end("J-1", person="anna")
    assert splits[-1] == (assets, ended_ms)
