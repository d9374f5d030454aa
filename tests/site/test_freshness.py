"""What is not live is never shown, sampled or added as if it were."""

from collections import Counter

import pytest

from collector.errors import WrongDevice
from collector.model.kinds import AssetKind, AssetStatus, DeviceKind, Quality
from collector.model.reading import Identity
from collector.model.series import STALE_BITS
from collector.site.identities import Pin
from collector.site.image import MAX_ROLES
from tests.support.sites import Clocked, device


def meter(*devices, **more):
    """A site with a polled meter."""
    c = Clocked(*(devices or [device(**more)]))
    c.image().declare("", AssetKind.LOAD)
    return c


def say(c, power=1000.0, name="d1", role=""):
    """One poll."""
    c.image(name).put(role, "load_power_w", power)
    c.image(name).alive(role)


def told(c):
    """The last tick's samples without what the site itself adds up."""
    return {key: value for key, value in c.samples().items() if not key[0].endswith("_kwh")}


def markers(c):
    """How many stale markers the last tick has."""
    bits = memoryview(c.taken.samples.values.tobytes()).cast("Q")
    return list(bits).count(STALE_BITS)


def test_lost_connection_is_stale_at_once():
    """When the connection has failed, nothing waits for the silence limit: the asset is stale at
    the next tick with the reason, and each of its series ends once."""
    c = meter()
    c.image().cell("acuvim_p", {}).set(5.0)
    say(c)
    c.tick()
    c.site.watches["d1"].turn("backoff")
    c.site.watches["d1"].cause = "cable pulled"
    ended: Counter[object] = Counter()
    for _ in range(5):
        c.tick()
        assert (c.asset("d1").status, c.asset("d1").reason) == (AssetStatus.STALE, "cable pulled")
        ended.update(told(c).items())
    assert ended == {
        (("ovr_load_power_w", "d1", ""), "stale"): 1,
        (("acuvim_p", "d1", ""), "stale"): 1,
    }
    assert c.taken.totals["load_power_w"].left_out == ("d1",)


def test_what_does_not_answer_has_no_time_of_answering():
    """How long the last answer took is told of a source that runs, and of no other."""
    c = meter()
    c.image().count(latency_ms=12.0)
    shown = []
    for state in ("running", "backoff", "running"):
        c.site.watches["d1"].turn(state)
        c.tick()
        shown.append(c.taken.sources[0].latency_ms)
    assert shown == [12.0, None, 12.0]


def test_first_tick_after_a_reconnect():
    """Right after a reconnect, within the silence limit, nothing old is sampled; what is said on
    the new connection is, once."""
    c = meter()
    old = c.image().cell("acuvim_p", {})
    old.set(5.0)
    c.image().put("", "frequency_hz", 50.0)
    say(c)
    c.tick()
    c.image().reset()
    c.image().declare("", AssetKind.LOAD)
    say(c, 2000.0)
    c.tick()
    assert told(c) == {
        ("ovr_load_power_w", "d1", ""): 2000.0,
        ("ovr_frequency_hz", "d1", ""): "stale",
        ("acuvim_p", "d1", ""): "stale",
    }
    c.image().cell("acuvim_p", {}).set(5.0)
    say(c, 2000.0)
    c.tick()
    assert told(c) == {("acuvim_p", "d1", ""): 5.0}


def test_faulty_derivation_is_not_live():
    """While a source's values cannot be worked out, what was worked out before is not live,
    although the device lives; afterwards it is again."""
    c = meter()
    c.image().before_tick(lambda: None)
    say(c)
    c.tick()
    c.image().before_tick(lambda: 1 / 0)
    c.image().alive()
    c.tick()
    assert c.asset("d1").status is AssetStatus.STALE
    assert "ZeroDivisionError" in c.asset("d1").reason
    assert told(c) == {("ovr_load_power_w", "d1", ""): "stale"}
    c.image().before_tick(lambda: None)
    c.image().alive()
    c.tick()
    assert told(c) == {("ovr_load_power_w", "d1", ""): 1000.0}


def test_one_faulty_device_does_not_end_the_tick():
    """A device at which the tick itself fails is stale, its series end once; neighbours go on."""
    c = meter(device(), device(name="d2"))
    c.image("d2").declare("", AssetKind.LOAD)
    for _ in range(2):
        say(c, 5.0)
        say(c, 7.0, "d2")
        c.tick()
    c.image().roles[""].counters["load_energy_kwh"] = None
    ended: Counter[object] = Counter()
    for tick in range(3):
        say(c, 6.0 + tick)
        say(c, 8.0 + tick, "d2")
        c.tick()
        assert c.asset("d1").status is AssetStatus.STALE
        assert c.asset("d1").readings["load_power_w"].quality is Quality.STALE
        assert c.taken.totals["load_power_w"].value == 8.0 + tick
        ended.update(name for (_, name, _), value in c.samples().items() if value == "stale")
    assert ended == {"d1": 2}, "power and energy, once each"
    assert c.taken.sources[0].drops["fault in the tick"] == 3
    del c.image().roles[""].counters["load_energy_kwh"]
    say(c, 9.0)
    c.tick()
    assert c.samples()["ovr_load_power_w", "d1", ""] == 9.0


def test_polled_device_says_its_raw_values_anew():
    """After a silence on the same connection a polled device's raw series goes on when it is
    said, not because it was said long ago."""
    c = meter()
    gone, there = c.image().cell("acuvim_a", {}), c.image().cell("acuvim_b", {})
    gone.set(1.0)
    there.set(2.0)
    say(c)
    c.tick()
    c.tick(60)
    there.set(2.0)
    say(c)
    c.tick()
    assert ("acuvim_b", "d1", "") in c.samples()
    assert ("acuvim_a", "d1", "") not in c.samples()


def test_unsaid_raw_value_is_not_sampled_again():
    """A raw series that a live polled device says no more ends, and its last value is not sampled
    once more because its turn of the 240 s has come."""
    c = meter()
    c.image().silence_limit(3.5)
    cells = [c.image().cell(f"acuvim_x{number}", {}) for number in range(240)]
    for _ in range(31):
        for cell in cells:
            cell.set(1.0)
        say(c)
        c.tick()
    ended: Counter[object] = Counter()
    for second in range(60):
        say(c)
        c.tick()
        raw = {key: value for key, value in told(c).items() if key[0].startswith("acuvim_x")}
        assert second < 4 or set(raw.values()) <= {"stale"}
        ended.update(key for key, value in raw.items() if value == "stale")
    assert set(ended.values()) == {1}
    assert len(ended) == len(cells)


def test_live_meter_without_a_value():
    """A load that a live meter cannot tell is missing from the total, which says so."""
    c = meter(device(), device(name="d2"))
    c.image("d2").declare("", AssetKind.LOAD)
    say(c, 5.0)
    say(c, None, "d2")
    c.tick()
    total = c.taken.totals["load_power_w"]
    assert (total.value, total.left_out) == (5.0, ("d2",))


def test_no_more_told_since_a_reconnect():
    """An asset that a device tells of no more after a reconnect is awaited for two minutes, then
    lost: never live again by the device's life alone."""
    c = Clocked(device(kind=DeviceKind.GX))
    c.image().declare("tank", AssetKind.TANK)
    c.image().put("tank", "fuel_level_pct", 50.0)
    c.image().alive()
    c.tick()
    c.image().reset()
    states = []
    for _ in range(130):
        c.image().alive()
        c.tick()
        states.append(c.asset("d1.tank").status)
    assert states[:119] == [AssetStatus.STALE] * 119
    assert states[-1] is AssetStatus.LOST
    assert "no more" in c.asset("d1.tank").reason
    c.image().declare("tank", AssetKind.TANK)
    c.image().put("tank", "fuel_level_pct", 50.0)
    c.image().alive()
    c.tick()
    assert c.asset("d1.tank").status is AssetStatus.LIVE


def test_another_kind():
    """A meter that turns out to measure the grid: the load series end, nothing of the load is
    carried over, and it counts as grid at once."""
    c = meter()
    c.image().put_counter("", "load_energy_kwh", 5.0, path="p")
    say(c)
    c.tick()
    c.image().declare("", AssetKind.GRID)
    c.image().put("", "grid_power_w", 700.0)
    c.image().put_counter("", "grid_import_kwh", 5.0, path="p")
    c.image().alive()
    c.tick()
    assert set(c.asset("d1").readings) == {"grid_power_w", "grid_import_kwh", "grid_export_kwh"}
    assert c.taken.totals["grid_power_w"].value == 700.0
    assert c.taken.totals["load_power_w"].value is None
    assert not c.taken.totals["load_power_w"].partial
    assert {name for (name, *_), v in c.samples().items() if v == "stale"} == {
        "ovr_load_power_w",
        "ovr_load_energy_kwh",
    }
    c.image().alive()
    c.tick()
    assert told(c) == {}


def test_kind_there_and_back_within_a_tick():
    """A kind that is changed and changed back between two ticks leaves one sample a series."""
    c = meter()
    say(c)
    c.tick()
    c.image().declare("", AssetKind.GRID)
    c.image().declare("", AssetKind.LOAD)
    say(c, 3.0)
    c.tick()
    assert told(c) == {("ovr_load_power_w", "d1", ""): 3.0}


def test_series_of_former_connections_are_let_go():
    """A device whose series have other labels on each connection costs memory for two of them."""
    c = meter()
    for number in range(10):
        c.image().reset()
        c.image().declare("", AssetKind.LOAD)
        c.image().cell("acuvim_p", {"model": f"m{number}"}).set(1.0)
        say(c)
        c.tick()
        assert markers(c) == (number > 0)
    assert len(c.image().raw) <= 2
    assert sum(map(len, c.image().wheel)) <= 2


def test_connections_that_come_to_nothing():
    """A device that says much and is lost before it lives, again and again, costs memory once; and
    when it lives at last, each series has one sample, of what was said last."""
    c = meter()
    c.site.watches["d1"].turn("backoff")
    former = c.image().cell("acuvim_x0", {})
    for number in range(50):
        c.image().reset()
        c.image().declare("", AssetKind.LOAD)
        for each in range(20):
            c.image().cell(f"acuvim_x{each}", {}).set(float(number))
        say(c)
        c.tick()
    assert len(c.image().dirty) == len(c.image().raw) == sum(map(len, c.image().wheel)) == 20
    c.site.watches["d1"].turn("running")
    former.set(7.0)
    c.tick()
    raw = {value for (name, *_), value in c.samples().items() if name.startswith("acuvim_x")}
    assert raw == {49.0}


def test_too_many_assets():
    """A device that tells of assets without end is stopped, counted, and harms no tick."""
    c = meter()
    for number in range(MAX_ROLES + 50):
        c.image().declare(f"x{number}", AssetKind.LOAD)
        c.image().put(f"x{number}", "load_power_w", 1.0)
    c.image().alive()
    c.tick()
    assert len(c.taken.assets) == MAX_ROLES
    assert c.taken.sources[0].drops["too many assets"] >= 50


def test_kind_that_is_not_read():
    """A device of a kind that this version does not read says so; it is not merely disabled."""
    c = Clocked(device(kind=DeviceKind.MODBUS))
    c.site.watches["d1"].turn("disabled")
    c.site.watches["d1"].cause = "this version does not read devices of kind modbus yet"
    c.tick()
    assert c.asset("d1").reason == "this version does not read devices of kind modbus yet"


def test_two_entries_for_one_device_at_the_start():
    """Two entries that meet one device before the first tick: the second is refused then too,
    and is not pinned to it."""
    c = Clocked(device(name="d1"), device(name="d2"))
    c.image("d1").identify(Identity(serial="S1"))
    with pytest.raises(WrongDevice, match="already as d1"):
        c.image("d2").identify(Identity(serial="s1"))
    assert set(c.site.identities.pins) == {"d1"}
    c.image("d1").left()
    with pytest.raises(WrongDevice, match="is d1, which is expected at"):
        c.image("d2").identify(Identity(serial="S1"))


def test_device_that_moved_to_another_entry():
    """A device whose former entry was removed from the registry may be met by another one."""
    c = Clocked(device(name="d2"))
    c.site.identities.pins["d1"] = Pin("S1", "")
    c.image("d2").identify(Identity(serial="S1"))
    assert c.site.identities.pins["d2"].serial == "S1"


def test_nameless_device_in_place_of_a_known_one():
    """What cannot say who it is, where somebody who could was met before, is another device."""
    c = Clocked(device(name="d1"), device(name="d2", serial="S2"))
    c.image("d1").identify(Identity(serial=""))
    c.image("d1").identify(Identity(serial="S1"))
    with pytest.raises(WrongDevice, match="does not say who it is"):
        c.image("d1").identify(Identity(serial=""))
    c.image("d2").identify(Identity(serial=""))


def test_what_is_gone_grows_old_and_its_check_counts():
    """Its age is that of its values, though the device lives on; a battery system that sees the
    flow too counts in its place, and nothing is missing."""
    c = Clocked(device())
    power = "generator_power_w"
    c.image().declare("", AssetKind.BESS)
    c.image().declare("genset", AssetKind.GENERATOR)
    c.image().link_same("", "genset", frozenset({power}))
    c.image().put("", power, 47.0)
    c.image().put("genset", power, 46.0)
    c.image().alive()
    c.tick()
    assert c.taken.totals[power].counted == ("d1.genset",)
    c.image().present("genset", present=False, reason="the GX lost it")
    for _ in range(8):
        c.image().put("", power, 47.0)
        c.image().alive()
        c.tick()
    assert c.asset("d1.genset").age_s == pytest.approx(9.0)
    assert c.asset("d1").age_s == pytest.approx(1.0)
    found = c.taken.totals[power]
    assert (found.counted, found.value, found.partial) == (("d1",), 47.0, False)
    c.image().alive()
    c.image().present("genset", present=True)
    c.tick()
    assert (c.asset("d1.genset").status, c.asset("d1.genset").age_s) == (AssetStatus.LIVE, 1.0)
