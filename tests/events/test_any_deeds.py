"""Whatever people do and in whatever order: a system is in one event at a time, within that event,
and rows, holds and records say the same as the changes."""

import asyncio
import tempfile
from itertools import combinations
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from collector.errors import OvrError
from collector.events.rules import Window
from collector.model.event import EventStatus, Participation
from collector.model.event_history import History
from tests.events.books import MINUTE, Books, books

EVENTS, SYSTEMS = ("A", "B"), ("bess-1", "bess-2")
NOW = st.none()
BACK = st.one_of(NOW, NOW, st.integers(0, 40))
"""Minutes ago; mostly it is done now."""

EVENT, SYSTEM = st.sampled_from(EVENTS), st.sampled_from(SYSTEMS)
JOIN = st.tuples(st.just("join"), EVENT, SYSTEM, BACK, st.one_of(NOW, NOW, NOW, BACK))
LEAVE = st.tuples(st.just("leave"), EVENT, SYSTEM, BACK)
WAIT = st.tuples(st.just("wait"), st.integers(1, 20))
RARE = st.one_of(
    st.tuples(st.just("end"), EVENT, BACK),
    st.tuples(st.just("correct"), st.integers(0, 5), BACK, BACK),
    st.tuples(st.just("move"), EVENT, BACK, BACK),
).map(tuple)  # else each of them were as frequent as the others
DEEDS = st.lists(
    st.one_of(JOIN, JOIN, LEAVE, LEAVE, LEAVE, WAIT, WAIT, RARE), min_size=20, max_size=50
)


def _ago(node: Books, minutes):
    return None if minutes is None else node.now_ms - minutes * MINUTE


async def _do(node: Books, deed) -> None:
    what, *more = deed
    events = node.events
    if what == "end":
        await events.end(more[0], at_ms=_ago(node, more[1]), person="x")
    elif what == "join":
        at_ms, to_ms = _ago(node, more[2]), _ago(node, more[3])
        await events.join(more[0], [more[1]], at_ms=at_ms, to_ms=to_ms, person="x")
    elif what == "leave":
        await events.leave(more[0], [more[1]], at_ms=_ago(node, more[2]), person="x")
    elif what == "move":
        times = {"from_ms": _ago(node, more[1]), "to_ms": _ago(node, more[2])}
        said = {name: value for name, value in times.items() if value is not None}
        await events.edit(
            more[0], None, lambda one: structs.replace(one, **said), person="x", reason="y"
        )
    elif what == "correct":
        parts = [part for file in await events.events() for part in file.participations]
        if len(parts) > more[0]:
            times = {"from_ms": _ago(node, more[1]), "to_ms": _ago(node, more[2])}
            said = {name: value for name, value in times.items() if value is not None}
            await events.correct(
                parts[more[0]].id, None, lambda one: structs.replace(one, **said), person="x",
                reason="y",
            )  # fmt: skip


@given(DEEDS)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_any_deeds(deeds):
    """After each deed, done or refused."""

    async def run(folder: Path) -> None:
        async with books(folder) as node:
            for name in EVENTS:
                await node.create(name)
                await node.events.start(name, at_ms=node.now_ms - 60 * MINUTE, person="x")
            for deed in deeds:
                node.later(deed[1] * MINUTE if deed[0] == "wait" else 1000)
                try:
                    await _do(node, deed)
                except OvrError:
                    pass
                await _sound(node)

    with tempfile.TemporaryDirectory(prefix="ovr-events-") as folder:
        asyncio.run(run(Path(folder)))


async def _sound(node: Books) -> None:
    parts: list[Participation] = []
    for listed in await node.events.events():
        file = await node.events.find(listed.event.id)
        event = file.event
        history = History(file.changes)
        assert history.event(event.id) == event
        assert history.participations(event.id) == file.participations
        assert not file.conflicts
        assert listed.conflicts == 0
        for one in file.participations:
            assert event.from_ms is not None
            assert one.from_ms >= event.from_ms
            assert one.to_ms is None or one.from_ms <= one.to_ms <= node.now_ms
            if event.status is EventStatus.ENDED:
                assert one.to_ms is not None
                assert event.to_ms is not None
                assert one.to_ms <= event.to_ms
        parts += file.participations
    for one, other in combinations(parts, 2):
        if one.system == other.system:
            assert not Window(one.from_ms, one.to_ms).meets(other)
    inside = {one.system for one in parts if one.to_ms is None}
    assert node.events.active_systems() == inside
    assert {id_: window[1:] for id_, window in (await node.holds()).items()} == {
        one.id: (one.from_ms, one.to_ms) for one in parts
    }
