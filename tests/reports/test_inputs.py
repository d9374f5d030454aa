"""What a report is made of: who belongs to it, what was said, and what of it makes a difference."""

from pathlib import Path

import msgspec
from msgspec import UNSET, structs

from collector.assignments import table as assignments
from collector.events import said_tables
from collector.events import tables as events
from collector.model.assets import ASSUMED, Link
from collector.model.assignment import NUMBER, About, Assignment, Fact
from collector.model.event import Event, EventStatus, Participation
from collector.model.kinds import AssetKind, DeviceKind, LinkType
from collector.model.refused import RefusedCount
from collector.model.report_input import AssetInput, ReportInputs
from collector.model.said import Correction, CorrectionKind, LogEntry, LogKind
from collector.reports.former import Former
from collector.reports.inputs import Plan, identity, plan
from collector.reports.members import Known
from collector.reports.table import Db, Job
from collector.rollups import Subject
from collector.rollups import tables as rollups
from collector.rollups.tables import packed
from collector.rollups.track import Closed
from collector.site import refused_table
from tests.reports.support import FROM_MS, MINUTE_MS, TO_MS, Node, minute, node

KNOWN = Known(
    node="n1",
    assets={
        name: AssetInput(
            id=name,
            device=name,
            device_kind=DeviceKind.ACUVIM,
            kind=AssetKind.LOAD,
            model="II",
            system=system,
        )
        for name, system in (("a", "a"), ("b", "b"), ("c", "c"), ("d", "d"))
    },
    links=(
        Link(asset="d", type=LinkType.BEHIND, other="a"),
        Link(asset="c", type=LinkType.SAME_AS, other="b"),
    ),
)


def _said(asset: str, what: Fact, value: str, from_ms: int, key: str = "") -> Assignment:
    about = About(asset, what, key)
    return Assignment(
        id=f"{about}{from_ms}", asset=asset, what=what, key=key, value=value,
        from_ms=from_ms, made_ms=from_ms, person="ann",
    )  # fmt: skip


async def _at_work(one: Node) -> Job:
    """A participation of system a in an event, and its job."""
    event = await one.event()
    left = Participation(
        id="p1", event=event.id, node="n1", system="a",
        from_ms=FROM_MS, to_ms=TO_MS, changed_ms=TO_MS,
    )  # fmt: skip
    said = [_said(name, Fact.SYSTEM, name, 0) for name in "abcd"]
    said.append(_said("a", Fact.UNIT, "U1", 0, NUMBER))

    def write(db: Db) -> None:
        events.put_participation(db, left)
        assignments.keep(db, said)

    await one.db.run("begin", write)
    return Job(
        id="j", report="p1", kind="system", stage="final", event=event.id, system="a",
        participation="p1", from_ms=FROM_MS, to_ms=TO_MS, queued_ms=TO_MS, due_ms=TO_MS,
    )  # fmt: skip


async def _inputs(
    one: Node, job: Job, known: Known = KNOWN, then: Former | None = None, **former: AssetInput
) -> ReportInputs:
    then = then or Former(assets=former, stands=True)
    found: Plan = await one.db.run("plan", lambda db: plan(db, job, known, then, TO_MS))
    assert isinstance(found.inputs, ReportInputs)
    return found.inputs


async def test_who_belongs_to_it(tmp_path: Path) -> None:
    """Its own assets, one that was there for two minutes only, and what they are linked to; what
    was moved in after the end is none of it."""
    async with node(tmp_path, running=False) as one:
        job = await _at_work(one)
        assert [a.id for a in (await _inputs(one, job)).assets] == ["a", "d"]
        moved = [
            _said("b", Fact.SYSTEM, "a", FROM_MS + 3 * MINUTE_MS),
            _said("b", Fact.SYSTEM, "b", FROM_MS + 5 * MINUTE_MS),
        ]
        await one.db.run("move", lambda db: assignments.keep(db, moved))
        inputs = await _inputs(one, job)
        assert [a.id for a in inputs.assets] == ["a", "b", "c", "d"]
        assert [(link.asset, link.other) for link in inputs.links] == [("c", "b"), ("d", "a")]
        held = {(h.asset, h.value, h.from_ms) for h in inputs.assignments if h.what is Fact.SYSTEM}
        assert ("b", "a", FROM_MS + 3 * MINUTE_MS) in held


async def test_moved_in_after_the_end(tmp_path: Path) -> None:
    """An asset that comes to the system at the very end of the window is none of it."""
    async with node(tmp_path, running=False) as one:
        job = await _at_work(one)
        late = [_said("b", Fact.SYSTEM, "a", TO_MS)]
        await one.db.run("move", lambda db: assignments.keep(db, late))
        assert [a.id for a in (await _inputs(one, job)).assets] == ["a", "d"]


async def test_what_was_said(tmp_path: Path) -> None:
    """Corrections and log entries of its assets and its time, without what was withdrawn; a dip at
    the end belongs to it, a delivery at the end does not; of the refused what was decided too."""
    async with node(tmp_path, running=False) as one:
        job = await _at_work(one)

        def entry(id_: str, kind: LogKind, at_ms: int, **more: str) -> LogEntry:
            return LogEntry(
                id=id_, kind=kind, at_ms=at_ms, made_ms=at_ms, origin="n1", event=job.event,
                **more,  # type: ignore[arg-type]
            )  # fmt: skip

        def fix(id_: str, asset: str, from_ms: int, to_ms: int | None) -> Correction:
            return Correction(
                id=id_, asset=asset, kind=CorrectionKind.SIGN, from_ms=from_ms, to_ms=to_ms,
                made_ms=TO_MS, origin="n1",
            )  # fmt: skip

        gone = structs.replace(entry("gone", LogKind.NOTE, FROM_MS, system="a"), withdrawn_ms=TO_MS)
        refused = RefusedCount(
            id="r", asset="a", measurement="load_energy_kwh", unit="", path="", at_ms=FROM_MS,
            raw_before=1, raw_after=9, amount=8, why="too much", alarms=True,
            decided_ms=TO_MS, accepted=8, person="ann",
        )  # fmt: skip

        def write(db: Db) -> None:
            for each in (
                entry("dip", LogKind.DIP, TO_MS, asset="a"),
                entry("fuel", LogKind.FUEL, TO_MS, asset="a"),
                entry("first", LogKind.FUEL, FROM_MS, asset="a"),
                entry("other", LogKind.NOTE, FROM_MS, system="b"),
                entry("whole", LogKind.NOTE, FROM_MS),
                gone,
            ):
                said_tables.put_entry(db, each)
            for one_ in (
                fix("in", "a", FROM_MS - 1, None),
                fix("before", "a", 0, FROM_MS),
                fix("elsewhere", "b", 0, None),
            ):
                said_tables.put_correction(db, one_)
            refused_table.keep(db, [refused])

        await one.db.run("say", write)
        inputs = await _inputs(one, job)
        assert [each.id for each in inputs.log] == ["first", "dip"]
        assert [each.id for each in inputs.corrections] == ["in"]
        (doubt,) = inputs.doubts
        assert (doubt.decided, doubt.accepted, doubt.decided_by) == (True, 8, "ann")


async def test_dated_facts_are_those_of_the_window(tmp_path: Path) -> None:
    """Another unit after the end changes nothing; what is not dated is as the former revision
    knew it, and for a new report as the node knows it now."""
    async with node(tmp_path, running=False) as one:
        job = await _at_work(one)
        later = [_said("a", Fact.UNIT, "U2", TO_MS + 1, NUMBER)]
        await one.db.run("swap", lambda db: assignments.keep(db, later))
        now = AssetInput(id="a", device="a", kind=AssetKind.LOAD, model="L", unit_no="U2")
        swapped = structs.replace(KNOWN, assets={**KNOWN.assets, "a": now})
        fresh = await _inputs(one, job, swapped)
        assert (fresh.assets[0].unit_no, fresh.assets[0].model) == ("U1", "L")
        again = await _inputs(one, job, swapped, a=KNOWN.assets["a"])
        assert (again.assets[0].unit_no, again.assets[0].model) == ("U1", "II")
        first = await _inputs(one, job)
        assert identity(first) == identity(again) != identity(fresh)


async def test_what_makes_no_difference(tmp_path: Path) -> None:
    """That the event has ended since, its revision and its plans change no report of a system; its
    client's name does."""
    async with node(tmp_path, running=False) as one:
        job = await _at_work(one)
        first = await _inputs(one, job)

        async def edited(**changes: object) -> str:
            event: Event = structs.replace(first.event, **changes)
            await one.db.run("edit", lambda db: events.put_event(db, event))
            return identity(await _inputs(one, job))

        ended = await edited(
            status=EventStatus.ENDED, to_ms=TO_MS, revision=9, changed_ms=TO_MS, planned_to_ms=1
        )
        assert ended == identity(first)
        assert await edited(client="Acme") != identity(first)


async def test_same_state_same_bytes(tmp_path: Path) -> None:
    """Inputs are a function of what is stored."""
    async with node(tmp_path, running=False) as one:
        job = await _at_work(one)
        made = [msgspec.json.encode(await _inputs(one, job)) for _ in range(2)]
        assert made[0] == made[1]


async def _tracked(one: Node, *assets: str) -> None:
    def write(db: Db) -> None:
        for name in assets:
            subject = Subject(name, AssetKind.GENERATOR, "a")
            rollups.write(db, [packed(Closed(subject, minute(FROM_MS, 0)))], TO_MS)

    await one.db.run("keep minutes", write)


async def test_links_that_devices_told_are_those_of_the_window(tmp_path: Path) -> None:
    """One that ended before it, and one that began after it, are none of it; when another one began
    before it or ends after it is no matter of it, so that a later change makes no revision."""
    async with node(tmp_path, running=False) as one:
        job = await _at_work(one)

        def told(**times: int) -> Link:
            return structs.replace(KNOWN.links[0], **times)

        async def seen(*links: Link) -> list[tuple[object, object]]:
            inputs = await _inputs(one, job, structs.replace(KNOWN, links=links))
            return [(each.from_ms, each.to_ms) for each in inputs.links]

        middle = FROM_MS + MINUTE_MS
        assert await seen(told(to_ms=FROM_MS), told(from_ms=TO_MS)) == []
        assert await seen(told(from_ms=FROM_MS - 1, to_ms=TO_MS)) == [(UNSET, UNSET)]
        assert await seen(told(to_ms=middle), told(from_ms=middle)) == [
            (UNSET, middle),
            (middle, UNSET),
        ]
        always = await _inputs(one, job)
        ended = (told(to_ms=TO_MS + 1), KNOWN.links[1])
        assert identity(always) == identity(
            await _inputs(one, job, structs.replace(KNOWN, links=ended))
        )


async def test_what_an_asset_was_then(tmp_path: Path) -> None:
    """A meter that was swapped after the window is described as the one that stood there, also in
    a report that is made for the first time."""
    async with node(tmp_path, running=False) as one:
        job = await _at_work(one)
        was = structs.replace(KNOWN.assets["a"], model="I")
        swapped = structs.replace(KNOWN, before={"a": ((FROM_MS, was), (TO_MS, was))})
        assert (await _inputs(one, job, swapped)).assets[0].model == "I"
        earlier = structs.replace(KNOWN, before={"a": ((FROM_MS, was),)})
        assert (await _inputs(one, job, earlier)).assets[0].model == "II"


async def test_what_the_node_knows_no_more_the_former_revision_has(tmp_path: Path) -> None:
    """Also for a report that is asked anew: the asset and its links are as they were."""
    async with node(tmp_path, running=False) as one:
        job = await _at_work(one)
        await _tracked(one, "a.genset")
        genset = AssetInput(
            id="a.genset", device="a", device_kind=DeviceKind.GX, kind=AssetKind.GENERATOR,
            role="genset", name="DSE", system="a",
        )  # fmt: skip
        link = Link(asset="a", type=LinkType.SAME_AS, other="a.genset", why="inside the device")
        then = Former(assets={"a.genset": genset}, links=(link,))
        inputs = await _inputs(one, job, then=then)
        assert [each.name for each in inputs.assets if each.id == "a.genset"] == ["DSE"]
        assert [each for each in inputs.links if each.other == "a.genset"] == [link]


async def test_what_nobody_knows_is_taken_for_a_part(tmp_path: Path) -> None:
    """Neither the node nor a former revision knows how an asset lies to its device; a former one
    that did not know either, and said so, is no witness."""
    async with node(tmp_path, running=False) as one:
        job = await _at_work(one)
        await _tracked(one, "a.genset")
        guess = Link(asset="a.genset", type=LinkType.BEHIND, other="a", why=ASSUMED)
        bare = AssetInput(id="a.genset", device="a", kind=AssetKind.GENERATOR, role="genset")
        for then in (Former(), Former(assets={"a.genset": bare}, links=(guess,), stands=True)):
            inputs = await _inputs(one, job, then=then)
            assert [each for each in inputs.links if each.asset == "a.genset"] == [guess]
        told = structs.replace(KNOWN, assets={**KNOWN.assets, "a.genset": bare})
        inputs = await _inputs(one, job, told)
        assert [each for each in inputs.links if each.asset == "a.genset"] == []
