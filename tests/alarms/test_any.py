"""Whatever happens in whatever order: what must hold of alarms at every moment."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from collector.alarms.evaluate import evaluate, remember
from collector.alarms.presence import presence
from collector.errors import OvrError
from collector.model.alarm import Alarm, urgent_first
from collector.model.kinds import AssetStatus
from tests.alarms.scenes import Watch, bess, load, scene, source

HOSTS = {
    "a-1": "10.20.0.41:502",
    "a-2": "10.20.0.41:502",
    "b-1": "10.20.0.31:502",
    "b-2": "10.20.0.32:502",
    "b-3": "10.20.0.33:502",
    "c-1": "10.20.1.31:502",
    "c-2": "gx.local:1883",
}
SOURCES = [source(device, address) for device, address in HOSTS.items()]
CAUSES = ("gateway", "subnet", "silent together", "node link")


class World:
    """Devices that come and go, and what people do; everything is checked after each step."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.away: dict[str, float] = {}
        """By device since when it is silent."""
        self.low: set[str] = set()
        self.link_up: bool | None = None
        self.unwatched: set[str] = set()
        self.ever: dict[str, Alarm] = {}

    def views(self):
        """What the site shows."""
        for device in HOSTS:
            soc = 12.0 if device in self.low else 60.0
            view = bess(device, battery_soc_pct=soc) if device < "b" else load(device)
            if device in self.away:
                age_s = self.watch.now_s + 1 - self.away[device]
                view = structs.replace(view, status=AssetStatus.STALE, age_s=age_s)
            yield view

    def scene(self):
        """Of this moment."""
        watched = frozenset(HOSTS.keys() - self.unwatched)
        return scene(list(self.views()), SOURCES, commissioned=watched, link_up=self.link_up)

    # -- what can happen ---------------------------------------------------------------------

    def lasts(self, seconds):
        """Time passes."""
        for _ in range(seconds):
            self.watch.see(self.scene())
            self.check()

    def turn(self, device, *, away):
        """A device falls silent or comes back."""
        if away:
            self.away.setdefault(device, self.watch.now_s)
        else:
            self.away.pop(device, None)

    def charge(self, device, *, low):
        """A battery gets low, or full."""
        (self.low.add if low else self.low.discard)(device)

    def commission(self, device, *, on):
        """Somebody watches a device, or releases it."""
        if on:
            self.unwatched.discard(device)
        elif device not in self.unwatched:
            self.unwatched.add(device)
            self.took(self.watch.book.release(device, person="kim", at_ms=self.watch.at_ms))
            assert all(alarm.asset != device for alarm in self.watch.book.open())

    def act(self, number, what, seconds=0):
        """Somebody does something to one of the open alarms."""
        alarms = sorted(self.watch.book.open(), key=lambda a: a.id)
        if not alarms:
            return
        target, book, at_ms = alarms[number % len(alarms)].id, self.watch.book, self.watch.at_ms
        try:
            if what == "ack":
                step = book.acknowledge(target, person="kim", note="", at_ms=at_ms)
            elif what == "shelve":
                until = at_ms + seconds * 1000
                step = book.shelve(target, until_ms=until, person="k", reason="r", at_ms=at_ms)
            else:
                step = book.unshelve(target, person="kim", at_ms=at_ms)
        except OvrError:
            return
        self.took([step] if step else [])

    def took(self, steps):
        """Changes by people are kept like all others."""
        self.watch.steps += steps
        self.check()

    def restart(self):
        """The collector is killed and started again."""
        before = {a.id: (a.state, a.acked_ms, a.cleared_ms) for a in self.watch.book.open()}
        self.watch.restart()
        after = {a.id: (a.state, a.acked_ms, a.cleared_ms) for a in self.watch.book.open()}
        assert after == before, "the same alarms in the same state"

    # -- what must hold ----------------------------------------------------------------------

    def check(self):
        """At every moment."""
        opened = self.watch.book.open()
        keys = Counter(alarm.key for alarm in opened)
        assert all(count == 1 for count in keys.values()), "one open alarm for one condition"
        for alarm in opened:
            self.one(alarm)
        for step in self.watch.steps:
            assert step.change.alarm == step.alarm.id
            self.ever[step.alarm.id] = step.alarm
        for alarm in self.ever.values():
            if alarm.state == "closed":
                assert alarm.acked_ms is not None
                assert alarm.cleared_ms is not None
                assert min(alarm.acked_ms, alarm.cleared_ms) >= alarm.raised_ms

    def one(self, alarm):
        """Of an open alarm."""
        shelved, over, seen = alarm.shelved_until_ms, alarm.cleared_ms, alarm.acked_ms
        assert alarm.state != "closed"
        assert (alarm.state == "shelved") == (shelved is not None)
        if shelved is None:
            assert not (over is not None and seen is not None)
            assert (alarm.state == "cleared") == (over is not None)
            assert (alarm.state == "acknowledged") == (seen is not None)
        if over is not None:
            assert over >= alarm.raised_ms

    def complete(self):
        """Whoever is silent and watched stands in exactly one condition of this moment, and all
        common causes list nobody else."""
        now = structs.replace(self.scene(), now_s=self.watch.now_s, at_ms=self.watch.at_ms)
        memory = remember(self.watch.memory, now)
        found = evaluate(now, self.watch.limits, memory, company=self.watch.book.company())
        named: list[str] = []
        for condition in found.conditions.values():
            if condition.rule.value == "silent":
                named.append(condition.subject)
            elif condition.rule.value in CAUSES:
                named += condition.members
        out = presence(now).out
        assert sorted(named) == sorted(out), "each once, and nobody else"


devices = st.sampled_from(sorted(HOSTS))
batteries = st.sampled_from(["a-1", "a-2"])
happenings = st.one_of(
    st.builds(lambda seconds: lambda w: w.lasts(seconds), st.sampled_from([1, 7, 15, 40, 70, 130])),
    st.builds(lambda d, away: lambda w: w.turn(d, away=away), devices, st.booleans()),
    st.builds(
        lambda some, away: lambda w: [w.turn(d, away=away) for d in sorted(some)],
        st.sets(devices, min_size=2),
        st.booleans(),
    ),
    st.builds(lambda d, low: lambda w: w.charge(d, low=low), batteries, st.booleans()),
    st.builds(lambda d, on: lambda w: w.commission(d, on=on), devices, st.booleans()),
    st.builds(lambda up: lambda w: setattr(w, "link_up", up), st.sampled_from([None, True, False])),
    st.builds(
        lambda n, what, s: lambda w: w.act(n, what, s),
        st.integers(0, 9),
        st.sampled_from(["ack", "shelve", "unshelve"]),
        st.sampled_from([0, 30, 300]),
    ),
    st.just(lambda w: w.restart()),
)


@settings(max_examples=60)
@given(st.lists(happenings, max_size=25))
def test_what_must_hold_at_every_moment(events):
    """Never two open alarms of one condition, times in order, states that follow from them, and a
    restart at any moment finds what was there; common causes are complete."""
    world = World()
    for event in events:
        event(world)
        world.complete()
    world.lasts(80)
    world.complete()


@settings(max_examples=60)
@given(st.lists(happenings, max_size=25))
def test_nobody_is_called_by_what_is_shelved(events):
    """While an alarm is shelved none of its changes is one that calls, and it is not shown."""
    world = World()
    for event in events:
        event(world)
        shown = urgent_first([a for a in world.watch.book.open() if a.state != "shelved"])
        assert all(alarm.shelved_until_ms is None for alarm in shown)
    for step in world.watch.steps:
        if step.alarm.shelved_until_ms is not None:
            assert step.alarm.state == "shelved"


@settings(max_examples=20)
@given(st.lists(st.integers(5, 30), min_size=30, max_size=60))
def test_one_condition_calls_at_most_six_times_in_ten_minutes(flaps):
    """However a condition comes and goes, it calls five times in ten minutes, and once to say
    that it chatters."""
    world = World()
    for number, seconds in enumerate(flaps):
        world.charge("a-1", low=number % 2 == 0)
        world.watch.see(world.scene(), seconds)
    words = ("raised", "again", "chattering")
    times = [s.change.at_ms / 1000 for s in world.watch.steps if s.change.what in words]
    assert all(sum(t <= u < t + 600 for u in times) <= 6 for t in times)
