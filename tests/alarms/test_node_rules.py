"""The rules about the node itself, about moments, and about what devices say."""

import pytest
from msgspec import structs

from collector.alarms.advice import ADVICE
from collector.alarms.scene import Backlog
from collector.model.alarm import Notice, Rule, Severity
from collector.model.snapshot import (
    JournalHealth,
    NodeHealth,
    Overlap,
    SinkHealth,
    Total,
)
from tests.alarms.scenes import LIMITS, Watch, bess, load, scene, source


def after(seen, seconds=15, limits=LIMITS):
    """What a scene raises when it lasts."""
    watch = Watch(limits)
    watch.see(seen, seconds)
    return {alarm.key: alarm for alarm in watch.open.values()}


def state(watch: Watch, key: str) -> str:
    """Of the open alarm of a condition."""
    return watch.open[key].state


def sink(**more):
    """A sink's health."""
    return SinkHealth(sink="cloud", state="live", **more)


def health(clock, *, confirmed=False):
    """A node whose clock is so."""
    return NodeHealth(started_ms=0, clock=clock, clock_confirmed=confirmed)


def test_every_rule_says_what_to_do():
    """No alarm without advice."""
    assert set(ADVICE) == set(Rule)
    assert all(len(text) > 20 for text in ADVICE.values())


def test_a_node_in_order_raises_nothing():
    """Healthy parts, for an hour."""
    well = scene([load()], sinks=(sink(),), disk_free_bytes=9 * 10**9, outbox=Backlog(waiting=3))
    assert after(well, 3600) == {}


def test_a_sink_behind():
    """Beyond its minutes, with the cause in words."""
    late = scene(sinks=(sink(behind_s=1000.0, cause="no route"),))
    assert after(late)["sink behind:cloud"].text == "cloud is 17 min behind: no route"


def test_samples_that_a_sink_refuses_for_good():
    """Until they were sent again or discarded."""
    watch = Watch()
    watch.see(scene(sinks=(sink(dead_samples=7),)))
    assert "refuses 7 samples" in watch.open["samples refused:cloud"].text
    watch.see(scene(sinks=(sink(),)))
    assert state(watch, "samples refused:cloud") == "cleared"


@pytest.mark.parametrize("state", ["failing", "losing"])
def test_a_journal_that_does_not_keep(state):
    """Critical, with its cause."""
    bad = scene(journal=JournalHealth(state=state, cause="no space left"))
    alarm = after(bad)["journal:"]
    assert (alarm.severity, "no space left" in alarm.text) == (Severity.CRITICAL, True)


def test_samples_that_were_lost_are_seen():
    """Each loss stands for ten minutes, then waits to be acknowledged; what an earlier run lost
    is no news."""
    watch = Watch()
    watch.see(scene(journal=JournalHealth(state="ok", lost_samples=5)), 30)
    assert watch.open == {}
    watch.see(scene(journal=JournalHealth(state="ok", lost_samples=9)), 500)
    assert state(watch, "samples lost:") == "active"
    watch.see(scene(journal=JournalHealth(state="ok", lost_samples=9)), 150)
    assert state(watch, "samples lost:") == "cleared"


def test_a_journal_that_fails_and_loses_is_one_alarm():
    """What it loses while it fails stands in its own alarm."""
    watch = Watch()
    watch.see(scene(journal=JournalHealth(state="ok")), 5)
    for lost in (10, 20, 30):
        watch.see(scene(journal=JournalHealth(state="failing", cause="full", lost_samples=lost)))
    watch.see(scene(journal=JournalHealth(state="ok", lost_samples=30)), 60)
    assert list(watch.open) == ["journal:"]
    assert watch.open["journal:"].now == "the journal is failing, 30 samples are lost: full"


def test_a_disk_that_fills():
    """A warning, and critical at a quarter of the limit."""
    assert after(scene(disk_free_bytes=900 * 10**6))["disk:"].severity == Severity.WARNING
    assert after(scene(disk_free_bytes=200 * 10**6))["disk:"].severity == Severity.CRITICAL
    assert after(scene(disk_free_bytes=2000 * 10**6)) == {}


def test_clocks():
    """A jump is alarmed at once; a clock that is not confirmed has two minutes after the boot."""
    assert "clock:" in after(scene(health=health("jumped", confirmed=True)))
    assert after(scene(health=health("confirmed by bess-1", confirmed=True)), 300) == {}
    assert after(scene(health=health("unconfirmed")), 100) == {}
    assert "unconfirmed" in after(scene(health=health("unconfirmed")), 130)["clock:"].text


def test_an_outbox_that_is_stuck():
    """Records may wait for an hour."""
    assert after(scene(outbox=Backlog(waiting=5, oldest_s=1800.0))) == {}
    stuck = after(scene(outbox=Backlog(waiting=5, oldest_s=7200.0, cause="401")))["outbox:"]
    assert stuck.text == "5 records wait for the cloud, the oldest for 2 h: 401"


def test_totals_that_may_count_twice():
    """One alarm for a pair, whatever totals it is in; not for assets that nobody watches."""
    twins = (Overlap(asset="load-1", other="load-2", since_ms=0),)
    totals = {q: Total(quantity=q, value=1.0, unverified=twins) for q in ("load_power_w", "x")}
    both = [load("load-1"), load("load-2")]
    alarm = after(scene(both, totals=totals))["totals unverified:load-1 load-2"]
    assert alarm.members == ("load-1", "load-2")
    assert after(scene(both, totals=totals, commissioned=frozenset())) == {}


def test_a_refused_counter_is_seen():
    """Its words stand for ten minutes and then wait to be acknowledged; other notes are none."""
    said = load()
    said = structs.replace(said, notes=("load energy: refused: +9 kWh is more than the rating",))
    hint = structs.replace(load(), notes=("load energy: not judged: no rating",))
    watch = Watch()
    watch.see(scene([hint]), 30)
    assert watch.open == {}
    watch.see(scene([said]), 30)
    told = watch.open["counter refused:load-1"].text
    assert told == "not all is added to load energy: +9 kWh is more than the rating"
    watch.see(scene([said]), 700)
    assert state(watch, "counter refused:load-1") == "cleared"


def notice(fact="battery/512/Alarms/LowSoc", severity=Severity.ALARM, role="", value=""):
    """A complaint of a GX."""
    return Notice(role=role, fact=fact, severity=severity, text="Lynx: low charge", value=value)


def complaining(*notices, views=None):
    """A GX with complaints."""
    views = views or [bess(battery_soc_pct=60.0)]
    return scene(views, [source("bess-1")], notices={"bess-1": notices})


def test_what_a_device_says_is_an_alarm():
    """In its own words, with its own severity."""
    alarms = after(complaining(notice("x/Alarms/HighTemperature", Severity.WARNING, value="61 C")))
    (alarm,) = alarms.values()
    assert (alarm.rule, alarm.severity) == (Rule.DEVICE, Severity.WARNING)
    assert alarm.text == "the device says: Lynx: low charge (61 C)"


def test_one_fact_is_one_alarm_whoever_says_it():
    """The GX's low charge and ours are one; the worse severity counts; the device's word alone
    raises the same alarm."""
    low = bess(battery_soc_pct=15.0)
    critical = notice(severity=Severity.CRITICAL)
    (both,) = after(complaining(critical, views=[low])).values()
    assert (both.key, both.severity) == ("low soc:bess-1", Severity.CRITICAL)
    assert "charge 15 %" in both.text
    assert "the device says" in both.text
    (alone,) = after(complaining(notice())).values()
    assert alone.key == "low soc:bess-1"


def test_two_phases_that_are_overloaded_are_one_alarm():
    """A fact of ours is about the asset, not about each phase."""
    several = [notice(f"vebus/276/Alarms/L{n}/Overload") for n in (1, 2, 3)]
    assert list(after(complaining(*several))) == ["overload:bess-1"]


def test_a_complaint_outlives_a_moment_without_the_device():
    """A GX that is not heard neither complains nor is well."""
    watch = Watch()
    watch.see(complaining(notice("x/Alarms/HighTemperature")), 15)
    lost = structs.replace(complaining(), notices={})
    watch.see(lost, 300)
    assert [a.state for a in watch.open.values()] == ["active"]
    watch.see(complaining(), 15)
    assert [a.state for a in watch.open.values()] == ["cleared"]


def test_complaints_of_what_nobody_watches():
    """A part that is not commissioned complains to nobody."""
    parts = structs.replace(complaining(notice(role="tank-22")), commissioned=frozenset({"bess-1"}))
    assert after(parts) == {}


def test_a_device_that_never_says_the_same_twice_crowds_out_nobody():
    """What is over and unseen stays, but of one device only so much: others still alarm."""
    watch = Watch()
    for number in range(0, 400, 20):
        watch.see(complaining(*[notice(f"x/Alarms/N{number + n}") for n in range(20)]), 15)
        watch.see(complaining(), 15)
    assert len(watch.open) == 50
    watch.see(complaining(notice("x/Alarms/New")), 15)
    assert watch.book.refused == 1
    watch.see(complaining(views=[bess(battery_soc_pct=12.0)]), 15)
    assert state(watch, "low soc:bess-1") == "active"


def test_words_of_many_phases_end_somewhere():
    """Facts that are one are told with a few of their words."""
    several = [notice(f"vebus/{n}/Alarms/Overload", value="9" * 100) for n in range(50)]
    (alarm,) = after(complaining(*several)).values()
    assert len(alarm.text) < 600


def test_a_device_that_complains_without_end_is_bounded():
    """A thousand complaints of one device are fifty."""
    flood = [notice(f"x/Alarms/N{n}") for n in range(1000)]
    assert len(after(complaining(*flood))) == 50
