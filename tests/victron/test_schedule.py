"""When a GX is asked for what, and when it counts as alive."""

import json
from itertools import pairwise

from collector.sources.victron.keepalive import (
    FULL_S,
    LEGACY_AFTER_S,
    LEGACY_S,
    MAX_TRIES,
    PLAIN_S,
    RETRY_S,
    SUPPRESS,
    Keepalive,
)
from collector.sources.victron.life import (
    BEAT_LIMIT_S,
    GIVE_UP_S,
    GIVE_UP_TALK_S,
    NO_BEAT_AFTER_S,
    TALK_LIMIT_S,
    Life,
)

TOPIC = "R/p1/keepalive"


def echo_of(payload: str) -> str:
    """The echo that a full publish asks for."""
    echo = json.loads(payload)["keepalive-options"][0]["full-publish-completed-echo"]
    assert isinstance(echo, str)
    return echo


def sent(plan: Keepalive, start: float, seconds: int) -> list[tuple[float, str, str]]:
    """What is sent when the plan is asked twice a second."""
    times = [start + half / 2 for half in range(seconds * 2)]
    return [(now - start, each.topic, each.payload) for now in times for each in plan.due(now)]


def test_first_is_full() -> None:
    """On connect everything is asked for, with an echo of this client's own, as a string."""
    (first,) = Keepalive("p1", "ovr-1", 0.0).due(0.0)
    assert first.topic == TOPIC
    assert echo_of(first.payload).startswith("ovr-1-")


def test_steady_state() -> None:
    """Answered, it sends `suppress-republish` every 30 s and everything again every 240 s."""
    plan = Keepalive("p1", "ovr-1", 0.0)
    (first,) = plan.due(0.0)
    assert plan.completed(echo_of(first.payload), 1.0)
    found = sent(plan, 1.0, 250)
    plain = [at for at, _, payload in found if payload == SUPPRESS]
    full = [at for at, _, payload in found if payload != SUPPRESS]
    assert plain[:3] == [29.0, 59.0, 89.0]
    assert max(b - a for a, b in pairwise(plain)) <= PLAIN_S * 2
    assert full[0] == FULL_S
    assert {topic for _, topic, _ in found} == {TOPIC}


def test_never_silent_for_long() -> None:
    """Whatever the GX answers, no 60 s pass without a keepalive: after them it falls silent."""
    plan = Keepalive("p1", "ovr-1", 0.0)
    times = [at for at, topic, _ in sent(plan, 0.0, 2000) if topic == TOPIC]
    assert max(b - a for a, b in pairwise(times)) <= PLAIN_S


def test_refused_full_is_repeated() -> None:
    """A full publish whose echo does not come is asked again, more slowly each time, then left
    until the next round."""
    plan = Keepalive("p1", "ovr-1", 0.0)
    plan.alive()
    full = [at for at, _, payload in sent(plan, 0.0, 200) if payload != SUPPRESS]
    assert full == [0.0, RETRY_S, 3 * RETRY_S, 6 * RETRY_S]
    assert len(full) == MAX_TRIES


def test_gx_that_never_completes() -> None:
    """One that has let a whole round pass without saying when a full publish ends is asked once in
    each further round, until it says so."""
    plan = Keepalive("p1", "ovr-1", 0.0)
    plan.alive()
    full = [at for at, _, payload in sent(plan, 0.0, 900) if payload != SUPPRESS]
    assert len(full) == MAX_TRIES + 3
    assert plan.completed(None, 900.0)
    assert plan.due(900.0 + FULL_S)[0].full
    assert plan.due(900.0 + FULL_S + RETRY_S)[0].full


def test_foreign_echo() -> None:
    """Another client's completed publish is not ours; one without echo (Venus < 3.50) will do."""
    plan = Keepalive("p1", "ovr-1", 0.0)
    plan.due(0.0)
    assert not plan.completed("someone-else-1", 1.0)
    assert [each.topic for each in plan.due(RETRY_S)] == [TOPIC]
    assert plan.completed(None, 6.0)
    assert plan.due(6.0 + RETRY_S) == []


def test_newest_echo() -> None:
    """The end of a full publish that was asked for before the last one is told from its end."""
    plan = Keepalive("p1", "ovr-1", 0.0)
    (first,) = plan.due(0.0)
    (second,) = plan.due(RETRY_S)
    assert first.full
    assert not plan.is_newest(echo_of(first.payload))
    assert plan.is_newest(echo_of(second.payload))
    assert not plan.is_newest(None)


def test_legacy() -> None:
    """Without any answer in 10 s the form of dbus-mqtt ≤ 2.94 is sent as well, until it answers."""
    plan = Keepalive("p1", "ovr-1", 0.0)
    old = [at for at, topic, _ in sent(plan, 0.0, 60) if topic == "R/p1/system/0/Serial"]
    assert old == [LEGACY_AFTER_S, LEGACY_AFTER_S + LEGACY_S, LEGACY_AFTER_S + 2 * LEGACY_S]
    assert plan.legacy
    plan.alive()
    assert all(topic == TOPIC for _, topic, _ in sent(plan, 60.0, 100))


def test_restarted_broker() -> None:
    """When the GX's broker begins anew, everything is asked for again."""
    plan = Keepalive("p1", "ovr-1", 0.0)
    (first,) = plan.due(0.0)
    plan.completed(echo_of(first.payload), 1.0)
    assert plan.due(5.0) == []
    plan.restarted(6.0)
    (again,) = plan.due(6.0)
    assert echo_of(again.payload) != echo_of(first.payload)


def test_heartbeat_is_life() -> None:
    """An advancing heartbeat proves life for 10 s."""
    life = Life()
    life.start(0.0)
    assert life.beat(100.0, 1.0)
    assert life.alive(1.0 + BEAT_LIMIT_S)
    assert not life.alive(1.1 + BEAT_LIMIT_S)


def test_standing_heartbeat_is_none() -> None:
    """A heartbeat that comes but does not advance proves nothing, and is named as the reason."""
    life = Life()
    life.start(0.0)
    assert life.beat(100.0, 1.0)
    for second in range(4, 70, 3):
        assert not life.beat(100.0, second)
    assert not life.alive(20.0)
    assert "stands still" in life.lost(1.0 + GIVE_UP_S)


def test_values_are_no_life_once_it_beats() -> None:
    """Old values that still come do not stand for a heartbeat that has stopped."""
    life = Life()
    life.start(0.0)
    life.beat(100.0, 1.0)
    assert not life.talk(50.0)
    assert not life.alive(50.0)
    assert "has stopped" in life.lost(1.0 + GIVE_UP_S)
    assert life.lost(GIVE_UP_S) == ""


def test_old_gx_without_heartbeat() -> None:
    """A GX that never sent a heartbeat is alive while it says anything, with a longer limit."""
    life = Life()
    life.start(0.0)
    assert life.talk(1.0)
    assert life.limit_s(5.0) == BEAT_LIMIT_S
    assert life.limit_s(NO_BEAT_AFTER_S + 1) == TALK_LIMIT_S
    life.talk(20.0)
    assert life.alive(20.0 + TALK_LIMIT_S)
    assert life.lost(20.0 + 2 * GIVE_UP_S) == ""
    assert life.lost(20.0 + GIVE_UP_TALK_S) == "it has said nothing more for 150 s"


def test_frozen_across_reconnects() -> None:
    """A connection anew does not make a frozen GX look like an old one, nor its same old
    heartbeat a new one."""
    life = Life()
    life.start(0.0)
    life.beat(100.0, 1.0)
    life.start(70.0)
    assert not life.beat(100.0, 72.0)
    assert not life.talk(73.0)
    assert not life.alive(73.0)
    assert life.limit_s(100.0) == BEAT_LIMIT_S


def test_never_heard() -> None:
    """A broker that says nothing at all is given up after a minute, in these words."""
    life = Life()
    life.start(10.0)
    assert life.lost(10.0 + GIVE_UP_S - 1) == ""
    assert "nothing heard" in life.lost(10.0 + GIVE_UP_S)
