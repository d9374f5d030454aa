"""Silence: one alarm for one cause, which lists the rest."""

import pytest
from msgspec import structs

from collector.alarms.causes import subnet
from collector.model.kinds import AssetKind, AssetStatus
from tests.alarms.scenes import LIMITS, Watch, bess, load, scene, silent, source
from tests.support.snapshots import asset


def field(count=6, net="10.20.0"):
    """Meters at hosts of their own in one subnet."""
    names = [f"load-{n}" for n in range(1, count + 1)]
    return [load(n) for n in names], [source(n, f"{net}.{31 + i}:502") for i, n in enumerate(names)]


def quiet(views, names, age_s):
    """The views, those named not heard for a while."""
    return [silent(v, age_s) if v.id in names else v for v in views]


def pass_silent(watch, views, sources, names, seconds, *, start_s=0.0, **more):
    """Second by second these grow older."""
    steps = []
    for second in range(int(seconds)):
        views_now = quiet(views, names, start_s + second + 1)
        steps += watch.see(scene(views_now, sources, **more))
    return steps


def keys(watch):
    """What is open and true."""
    return {key for key, alarm in watch.open.items() if alarm.cleared_ms is None}


def test_silent_after_stale_s_since_it_was_heard():
    """The minute counts from when it was heard last, not from when that was noticed."""
    views, sources = field(1)
    watch = Watch()
    assert pass_silent(watch, views, sources, {"load-1"}, 59) == []
    assert pass_silent(watch, views, sources, {"load-1"}, 2, start_s=59) != []
    assert watch.open["silent:load-1"].name == "load-1"


def test_a_short_silence_raises_nothing():
    """A GX that is rebooted within the minute calls nobody."""
    views, sources = field(1)
    watch = Watch()
    pass_silent(watch, views, sources, {"load-1"}, 50)
    watch.see(scene(views, sources), 60)
    assert watch.steps == []


def test_a_lost_gx_is_one_alarm_with_all_its_assets():
    """What hangs on a GX is not alarmed singly."""
    parts = ["bess-1", "bess-1.tank-22", "bess-1.mppt-1", "bess-1.genset"]
    views = [asset(name, AssetKind.BESS) for name in parts]
    watch = Watch()
    pass_silent(watch, views, [source("bess-1")], set(parts), 70)
    assert keys(watch) == {"silent:bess-1"}
    assert set(watch.open["silent:bess-1"].members) == set(parts)


def test_a_part_that_stays_away_is_alarmed_by_itself():
    """When the GX is back without its tank, the tank has two minutes, then it is an alarm."""
    views = [asset(n, AssetKind.BESS) for n in ("bess-1", "bess-1.tank-22")]
    sources = [source("bess-1")]
    watch = Watch()
    pass_silent(watch, views, sources, {"bess-1", "bess-1.tank-22"}, 70)
    pass_silent(watch, views, sources, {"bess-1.tank-22"}, 110, start_s=70)
    assert keys(watch) == set()
    pass_silent(watch, views, sources, {"bess-1.tank-22"}, 30, start_s=180)
    assert keys(watch) == {"silent:bess-1.tank-22"}


def test_a_missing_sensor_of_a_living_gx_is_its_own_alarm():
    """One part that is gone is that part's alarm."""
    views = [asset(n, AssetKind.BESS) for n in ("bess-1", "bess-1.tank-22")]
    watch = Watch()
    pass_silent(watch, views, [source("bess-1")], {"bess-1.tank-22"}, 70)
    assert keys(watch) == {"silent:bess-1.tank-22"}


def test_a_watched_asset_that_nobody_tells_of_is_missed():
    """After a restart a part that never comes has no view; it is missed all the same."""
    views = [asset("bess-1", AssetKind.BESS)]
    watch = Watch()
    watched = frozenset({"bess-1", "bess-1.tank-22"})
    watch.see(scene(views, [source("bess-1")], commissioned=watched), 70)
    assert keys(watch) == {"silent:bess-1.tank-22"}


def test_a_device_that_was_removed_is_not_missed():
    """What the registry does not know any more cannot be silent."""
    watch = Watch()
    watched = frozenset({"bess-1", "load-9"})
    watch.see(scene([bess()], [source("bess-1")], commissioned=watched), 300)
    assert keys(watch) == set()


def test_a_disabled_device_is_not_missed():
    """Somebody switched it off in the registry."""
    view = structs.replace(load(), status=AssetStatus.DISABLED)
    watch = Watch()
    watch.see(scene([view], [source("load-1", state="disabled")]), 300)
    assert keys(watch) == set()


def test_a_gateway_that_is_down_is_one_alarm():
    """Several meters behind one address: the address is named, the meters are listed."""
    views = [load(f"load-{n}") for n in (1, 2, 3)]
    sources = [source(v.id, "10.20.0.41:502") for v in views] + [source("load-9", "10.20.0.9:502")]
    views.append(load("load-9"))
    watch = Watch()
    pass_silent(watch, views, sources, {"load-1", "load-2", "load-3"}, 70)
    assert keys(watch) == {"gateway:10.20.0.41"}
    assert watch.open["gateway:10.20.0.41"].members == ("load-1", "load-2", "load-3")


def test_a_subnet_that_is_down_is_one_alarm():
    """Nobody in a /24 answers: one alarm, critical, with everybody in it."""
    views, sources = field(4)
    others, their = field(3, "10.20.1")
    others = [structs.replace(v, id=f"b-{v.id}", device=f"b-{v.id}") for v in others]
    their = [structs.replace(s, device=f"b-{s.device}") for s in their]
    watch = Watch()
    pass_silent(watch, views + others, sources + their, {v.id for v in views}, 70)
    assert keys(watch) == {"subnet:10.20.0.0/24"}
    assert set(watch.open["subnet:10.20.0.0/24"].members) == {v.id for v in views}
    assert watch.open["subnet:10.20.0.0/24"].severity == "critical"


def test_a_node_without_a_link_is_one_alarm():
    """All subnets are covered, whether the interface says so or everybody is silent."""
    views, sources = field(3)
    other, its = load("load-9"), source("load-9", "192.168.7.3:502")
    for link_up in (False, None):
        watch = Watch()
        everyone = {v.id for v in (*views, other)}
        pass_silent(watch, [*views, other], [*sources, its], everyone, 70, link_up=link_up)
        assert keys(watch) == {"node link:"}
        assert set(watch.open["node link:"].members) == everyone


def test_some_that_fall_silent_together_are_one_alarm():
    """A switch in a flat network takes four of ten: one alarm, wherever they are."""
    views, sources = field(10)
    gone = {"load-2", "load-4", "load-5", "load-7"}
    watch = Watch()
    pass_silent(watch, views, sources, gone, 70)
    (alarm,) = watch.open.values()
    assert alarm.rule == "silent together"
    assert set(alarm.members) == gone


def test_some_that_fall_silent_one_by_one_are_their_own():
    """A quarter of an hour apart it is not one cause."""
    views, sources = field(10)
    watch = Watch()
    ages = {"load-2": 2000.0, "load-4": 1100.0, "load-5": 200.0}
    for second in range(30):
        now = [silent(v, ages[v.id] + second) if v.id in ages else v for v in views]
        watch.see(scene(now, sources))
    assert keys(watch) == {f"silent:{name}" for name in ages}


def test_when_the_cause_ends_those_that_stay_silent_raise_by_themselves():
    """A switch is back, one meter is not: after the time to be tried again it is its own alarm,
    and the common one is over."""
    views, sources = field(10)
    gone = {"load-2", "load-4", "load-5", "load-7"}
    watch = Watch()
    pass_silent(watch, views, sources, gone, 70)
    pass_silent(watch, views, sources, {"load-4"}, 115, start_s=70)
    assert keys(watch) == set()
    pass_silent(watch, views, sources, {"load-4"}, 20, start_s=185)
    assert keys(watch) == {"silent:load-4"}


def test_a_cause_whose_members_come_back_one_by_one_calls_once():
    """Behind a gateway that is up again meters answer one after the other."""
    views = [load(f"load-{n}") for n in (1, 2, 3, 4)]
    sources = [source(v.id, "10.20.0.41:502") for v in views]
    watch = Watch()
    everyone = [v.id for v in views]
    pass_silent(watch, views, sources, set(everyone), 90)
    for back in (1, 2, 3):
        pass_silent(watch, views, sources, set(everyone[back:]), 25, start_s=90 + 25 * back)
    watch.see(scene(views, sources), 300)
    assert watch.calls == 1
    assert keys(watch) == set()


def test_one_that_was_silent_before_keeps_its_alarm_within_the_common_one():
    """It was alarmed for itself; the common alarm lists it too, and neither is raised twice."""
    views, sources = field(4)
    watch = Watch()
    pass_silent(watch, views, sources, {"load-1"}, 100)
    first = watch.open["silent:load-1"].id
    for second in range(70):
        now = [silent(v, (100 if v.id == "load-1" else 0) + second + 1) for v in views]
        watch.see(scene(now, sources))
    assert keys(watch) == {"silent:load-1", "subnet:10.20.0.0/24"}
    assert watch.open["silent:load-1"].id == first
    assert len(watch.open["subnet:10.20.0.0/24"].members) == 4


def test_what_is_still_coming_back_makes_no_new_cause():
    """Two meters of a gateway that is up again and another one that is alarmed already were heard
    last at about the same time: that is no third cause."""
    views = [load(f"load-{n}") for n in (1, 2, 3)] + [load("gen-1"), load("gen-2")]
    sources = [source(f"load-{n}", "10.20.0.41:502") for n in (1, 2, 3)]
    sources += [source("gen-1", "10.20.1.51:502"), source("gen-2", "10.20.2.51:502")]
    watch = Watch()
    pass_silent(watch, views, sources, {"load-1", "load-2", "load-3", "gen-1"}, 70)
    assert keys(watch) == {"gateway:10.20.0.41", "silent:gen-1"}
    pass_silent(watch, views, sources, {"load-2", "load-3", "gen-1"}, 60, start_s=70)
    watch.see(scene(quiet(views, {"gen-1"}, 200), sources), 60)
    assert watch.calls == 2


def test_what_is_not_commissioned_neither_alarms_nor_is_listed():
    """Half of a field is still being set up."""
    views, sources = field(6)
    watch = Watch()
    ready = frozenset({"load-1", "load-2"})
    pass_silent(watch, views, sources, {v.id for v in views}, 70, commissioned=ready)
    assert keys(watch) == {"silent:load-1", "silent:load-2"}


def test_a_restart_with_a_dead_field_is_one_alarm():
    """Devices that were never heard since the start are one cause, not a storm."""
    views, sources = field(10)
    waiting = [structs.replace(v, status=AssetStatus.WAITING, age_s=None) for v in views[:5]]
    watch = Watch()
    watch.see(scene(waiting + views[5:], sources), 70)
    assert len(keys(watch)) == 1
    assert len(watch.open[keys(watch).pop()].members) == 5


def test_a_common_alarm_outlives_a_restart():
    """The same alarm, with those that are still missing, though the group is not seen to form."""
    views, sources = field(10)
    gone = {"load-2", "load-4", "load-5", "load-7"}
    watch = Watch()
    pass_silent(watch, views, sources, gone, 70)
    before = next(iter(watch.open.values())).id
    watch.restart()
    left = {"load-4", "load-7"}
    waiting = [
        structs.replace(v, status=AssetStatus.WAITING, age_s=None) if v.id in left else v
        for v in views
    ]
    watch.see(scene(waiting, sources), 120)
    (alarm,) = watch.open.values()
    assert (alarm.id, set(alarm.members)) == (before, left)
    assert watch.calls == 1


def test_another_device_at_the_address():
    """One alarm of its own kind, in the words of who found it; not silence besides."""
    view = structs.replace(load(), status=AssetStatus.WRONG)
    wrong = source("load-1", state="wrong device", cause="4711 answers, expected 0815")
    watch = Watch()
    watch.see(scene([view], [wrong]), 100)
    assert {k: a.text for k, a in watch.open.items()} == {
        "wrong device:load-1": "4711 answers, expected 0815"
    }


def test_a_flapping_link_calls_a_few_times_and_then_chatters():
    """A Wi-Fi bridge that fails every 100 s for an hour calls six times in all."""
    views, sources = field(1)
    limits = structs.replace(LIMITS, stale_s=20.0)
    watch = Watch(limits)
    for _ in range(30):
        pass_silent(watch, views, sources, {"load-1"}, 50)
        watch.see(scene(views, sources), 50)
    assert watch.calls == 6
    assert watch.open["silent:load-1"].chattering


@pytest.mark.parametrize(
    ("host", "net"),
    [
        ("10.20.3.4", "10.20.3.0/24"),
        ("fd00:1:2:3::5", "fd00:1:2:3::/64"),
        ("gx.local", ""),
        ("127.0.0.1:1883", ""),
    ],
)
def test_subnets(host, net):
    """A /24, or a /64; a name belongs to none."""
    assert subnet(host) == net
