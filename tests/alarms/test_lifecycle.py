"""The life of an alarm: raised, acknowledged, cleared, shelved, and what is kept of it."""

import pytest

from collector.alarms.book import CALM_S, CHATTER_RAISES
from collector.errors import NotPossible, UnknownAlarm
from tests.alarms.scenes import Watch, bess, scene

LOW = scene([bess(battery_soc_pct=12.0)])
WELL = scene([bess(battery_soc_pct=60.0)])
KEY = "low soc:bess-1"


def words(steps):
    """What changed."""
    return [step.change.what for step in steps]


def raised() -> Watch:
    """One alarm that is active."""
    watch = Watch()
    watch.see(LOW, 15)
    assert watch.open[KEY].state == "active"
    return watch


def acknowledge(watch, key=KEY, note="on it"):
    """By kim, now."""
    step = watch.book.acknowledge(
        watch.open[key].id, person="kim", note=note, at_ms=watch.at_ms + 1
    )
    if step is not None:
        watch.steps.append(step)
    return step


def test_raised_only_after_the_delay():
    """A value beyond its limit for less than the delay raises nothing."""
    watch = Watch()
    assert watch.see(LOW, 10) == []
    watch.see(WELL, 2)
    assert watch.see(LOW, 10) == []
    assert words(watch.see(LOW, 1)) == ["raised"]


def test_acknowledged_then_cleared_is_history():
    """Seen and over: the alarm is closed, with its times in order, and no longer open."""
    watch = raised()
    assert acknowledge(watch).alarm.ack_note == "on it"
    assert watch.open[KEY].state == "acknowledged"
    (step,) = watch.see(WELL, 30)
    assert (step.change.what, step.alarm.state) == ("cleared", "closed")
    done = step.alarm
    assert done.acked_ms is not None
    assert done.cleared_ms is not None
    assert done.raised_ms <= done.acked_ms <= done.cleared_ms
    assert watch.open == {}


def test_cleared_unseen_stays_visible_until_seen():
    """What was over before anybody saw it stays until somebody does."""
    watch = raised()
    watch.see(WELL, 3600)
    assert watch.open[KEY].state == "cleared"
    assert acknowledge(watch).alarm.state == "closed"
    assert watch.open == {}


def test_back_within_the_hysteresis_does_not_clear():
    """Between the limit and the limit plus hysteresis an alarm stays, and none is raised."""
    watch = raised()
    watch.see(scene([bess(battery_soc_pct=20.3)]), 600)
    assert watch.open[KEY].state == "active"
    fresh = Watch()
    assert fresh.see(scene([bess(battery_soc_pct=20.3)]), 600) == []


def test_back_again_while_open_is_the_same_alarm():
    """A condition that returns before its alarm was seen does not make a second one."""
    watch = raised()
    first = watch.open[KEY]
    watch.see(WELL, 60)
    assert words(watch.see(LOW, 15)) == ["again"]
    assert (watch.open[KEY].id, watch.open[KEY].raises) == (first.id, 2)


def test_back_again_after_it_was_closed_is_another_alarm():
    """What was seen and over has its own record; the next time is a new one."""
    watch = raised()
    first = watch.open[KEY]
    acknowledge(watch)
    watch.see(WELL, 60)
    watch.see(LOW, 15)
    assert watch.open[KEY].id != first.id


def test_worse_calls_again():
    """An acknowledged alarm that becomes more severe has to be acknowledged anew."""
    watch = raised()
    acknowledge(watch)
    steps = watch.see(scene([bess(battery_soc_pct=9.0)]), 5)
    assert words(steps) == ["worse"]
    assert (watch.open[KEY].state, watch.open[KEY].severity) == ("active", "critical")
    watch.see(LOW, 60)
    assert watch.open[KEY].severity == "critical", "it never becomes less while it is open"


def test_shelved_comes_back_by_itself():
    """A shelved alarm that is still true calls again when its time is over."""
    watch = raised()
    shelve(watch, 300)
    watch.see(LOW, 290)
    assert watch.open[KEY].state == "shelved"
    assert words(watch.see(LOW, 15)) == ["unshelved"]
    assert watch.open[KEY].state == "active"


def shelve(watch, seconds, key=KEY):
    """By kim, from now."""
    until_ms = watch.at_ms + int(seconds * 1000)
    step = watch.book.shelve(
        watch.open[key].id, until_ms=until_ms, person="kim", reason="known", at_ms=watch.at_ms
    )
    watch.steps.append(step)


def test_over_while_shelved_is_closed_at_the_end_of_the_shelf():
    """Whoever shelved it knew of it: once it is over nobody is called."""
    watch = raised()
    shelve(watch, 300)
    calls = watch.calls
    watch.see(WELL, 200)
    assert watch.open[KEY].state == "shelved"
    watch.see(WELL, 120)
    assert watch.open == {}
    assert watch.calls == calls


def test_nothing_is_shelved_into_the_past():
    """A time that is over is refused, and changes nothing."""
    watch = raised()
    with pytest.raises(NotPossible):
        shelve(watch, 0)
    assert watch.open[KEY].state == "active"


def test_an_unknown_alarm_says_so():
    """An id that is not open is named in the error."""
    with pytest.raises(UnknownAlarm, match="id-404"):
        Watch().book.acknowledge("id-404", person="kim", note="", at_ms=1)


def test_chatter_becomes_one_alarm_until_calm():
    """The sixth raise within ten minutes makes it chattering: it calls no more while the
    condition comes and goes, and clears once that has kept still for ten minutes."""
    watch = Watch()
    for _ in range(20):
        watch.see(LOW, 15)
        watch.see(WELL, 15)
    assert watch.calls == CHATTER_RAISES + 1
    assert watch.open[KEY].chattering
    watch.see(WELL, CALM_S + 5)
    assert (watch.open[KEY].state, watch.open[KEY].chattering) == ("cleared", False)
    assert watch.calls == CHATTER_RAISES + 1


def test_chatter_that_stays_true_calms_down_to_an_alarm():
    """When the condition stays for ten minutes the alarm is an ordinary one again."""
    watch = Watch()
    for _ in range(8):
        watch.see(WELL, 15)
        watch.see(LOW, 15)
    assert watch.open[KEY].chattering
    watch.see(LOW, CALM_S)
    assert (watch.open[KEY].state, watch.open[KEY].chattering) == ("active", False)


def test_a_restart_raises_nothing_anew():
    """What was open before a crash is the same alarm after it; nobody is called again."""
    watch = raised()
    before = watch.open[KEY].id
    calls = watch.calls
    watch.restart()
    watch.see(LOW, 60)
    assert watch.open[KEY].id == before
    assert watch.calls == calls


def test_a_condition_may_take_its_time_after_a_restart():
    """An open alarm waits half a minute for its condition to be seen again."""
    watch = raised()
    watch.restart()
    watch.see(WELL, 25)
    assert watch.open[KEY].state == "active"
    watch.see(WELL, 30)
    assert watch.open[KEY].state == "cleared"


def test_release_ends_what_was_open_of_the_asset():
    """Nobody has to acknowledge the alarms of an asset that was released."""
    watch = raised()
    steps = watch.book.release("bess-1", person="kim", at_ms=watch.at_ms)
    assert words(steps) == ["cleared", "acknowledged"]
    assert steps[-1].alarm.state == "closed"
    assert watch.open == {}


def test_release_ends_what_is_shelved_without_a_call():
    """A shelved alarm of an asset that is released is closed, and calls nobody."""
    watch = raised()
    shelve(watch, 300)
    calls = watch.calls
    watch.steps += watch.book.release("bess-1", person="kim", at_ms=watch.at_ms)
    assert watch.open == {}
    assert watch.calls == calls
