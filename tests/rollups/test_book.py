"""What ticks come to: whom a moment belongs to, what a gap is, what happens at a cut."""

import pytest

from collector.model.kinds import AssetKind
from collector.model.rollup import Counter, Gauge, Peak, Running, Spell, merge
from collector.site.counters import CounterState
from tests.rollups.ticking import START_MS, Script, view

GEN = AssetKind.GENERATOR
POWER = "load_power_w"


def register(raw, path="e", total=0.0):
    """A counter of the site that shows `raw`."""
    return CounterState(unit="u", path=path, raw=raw, total=total, heard_ms=0, changed_ms=0)


def test_a_reading_holds_from_its_tick_until_the_next_one():
    """Two seconds of 100 W and one of 300 W: integral, mean, extremes and ends."""
    script = Script()
    for watts in (100.0, 100.0, 300.0):
        script.tick({POWER: watts})
    row = script.close()
    assert row.gauges[POWER] == Gauge(3000, 5_000_000, 0, 1000, 3000, 1000, 3000)
    assert row.mean(POWER) == pytest.approx(500 / 3)
    assert row.hours(POWER)[0] == pytest.approx(500 / 3600)


def test_positive_and_negative_integrals_stand_apart():
    """Charging and discharging in one minute do not cancel."""
    script = Script()
    for watts in (100.0, -40.0, -40.0):
        script.tick({"battery_power_w": watts})
    gauge = script.close().gauges["battery_power_w"]
    assert (gauge.pos, gauge.neg) == (1_000_000, 800_000)


def test_the_instant_of_a_minute_belongs_to_the_minute_that_begins():
    """What the tick of :00 says is in the new row, and nothing of it in the old one."""
    script = Script()
    for second in range(60):
        script.tick({POWER: 1.0 if second < 40 else 2.0})
    script.close()
    old, new = script.rows
    assert old.to_ms == new.from_ms == START_MS + 40_000
    assert (old.gauges[POWER].good_ms, old.gauges[POWER].greatest) == (40_000, 10)
    assert (new.gauges[POWER].good_ms, new.gauges[POWER].least) == (20_000, 20)


def test_bad_and_absent_readings_are_gaps():
    """Good time does not grow while a reading is bad or its asset gone."""
    script = Script()
    for values in ({POWER: 5.0}, {POWER: None}, {POWER: 7.0}, None, {POWER: 9.0}, {}):
        script.tick(values)
    gauge = script.close().gauges[POWER]
    assert (gauge.good_ms, gauge.first, gauge.last) == (3000, 50, 90)


def test_a_standstill_over_ten_seconds_is_a_gap_after_the_tick_s_own_second():
    """Readings hold over a late tick, but not over a pause of the program."""
    late, paused = Script(), Script()
    for script, pause in ((late, 9000), (paused, 11_000)):
        script.tick({POWER: 1.0})
        script.tick({POWER: 1.0}, pause)
    assert late.close().gauges[POWER].good_ms == 10_000
    assert paused.close().gauges[POWER].good_ms == 2000


def test_a_gap_over_minutes_leaves_no_trace_in_the_minutes_within():
    """The part after a gap begins with the minute of its first tick."""
    script = Script()
    script.tick({POWER: 1.0})
    script.tick({POWER: 2.0}, 10 * 60_000)
    script.close()
    assert [row.good_ms(POWER) for row in script.rows] == [1000, 1000]
    assert script.rows[1].from_ms == script.at_ms // 60_000 * 60_000


def test_integrals_follow_the_monotonic_clock_in_whole_seconds():
    """Ticks stretched to 1.1 s after a step back count 1.1 s each in the sum; lateness nothing."""
    stretched, jittery = Script(), Script()
    for number in range(20):
        stretched.tick({POWER: 1.0}, 1000, 1100)
        jittery.tick({POWER: 1.0}, 1000, 1000 + (400 if number % 2 else -400))
    # the last tick holds for its own second
    assert stretched.close().gauges[POWER].good_ms == 20_000 + 1000
    assert jittery.close().gauges[POWER].good_ms == 20_000


def test_a_small_step_forward_adds_no_time():
    """A clock that jumps 5 s ahead does not make the second before it longer."""
    script = Script()
    for ms, mono in ((1000, 1000), (6000, 1000), (1000, 1000)):
        script.tick({POWER: 1.0}, ms, mono)
    assert script.close().gauges[POWER].good_ms == 3000


def test_counters_of_adjoining_rows_join_at_the_instant():
    """What a counter shows at :00 ends the old row and begins the new one: nothing between."""
    script = Script()
    for second in range(100):
        script.tick({"load_energy_kwh": second / 1000})
    script.close()
    ends = [row.counters["load_energy_kwh"] for row in script.rows]
    assert ends[0].last == ends[1].first == 400
    assert script.rows[0].counters["load_energy_kwh"].first == 0


def test_gap_energy_is_in_the_ends_of_a_counter_only():
    """What came while nobody looked is in the difference of the ends, not in an integral."""
    script = Script()
    script.tick({"load_energy_kwh": 1.0, POWER: 1000.0})
    script.tick(None)
    script.tick({"load_energy_kwh": 3.0, POWER: 1000.0}, 300_000)
    row = script.close()
    counter = row.counters["load_energy_kwh"]
    assert counter.last - counter.first == 20_000
    assert row.good_ms(POWER) == 2000
    # the part before the gap does not end with what came after it
    assert script.rows[0].counters["load_energy_kwh"] == Counter(10_000, 10_000)


def test_registers_stand_beside_totals_and_sums_of_power_have_none():
    """Raw at both ends; an integral of ours is no register."""
    script = Script()
    for number in range(3):
        counters = {
            ("a", "load_energy_kwh"): register(500.0 + number),
            ("a", "pv_energy_kwh"): register(7.0, path="integral"),
        }
        values = {"load_energy_kwh": float(number), "pv_energy_kwh": 7.0}
        script.tick(values, counters=counters)
    row = script.close()
    assert row.counters["load_energy_kwh"] == Counter(0, 20_000, 5_000_000, 5_020_000)
    assert row.counters["pv_energy_kwh"] == Counter(70_000, 70_000)


def test_states_are_timed_and_entries_are_seen_turns():
    """A state that goes on over a cut is entered once; after a gap nobody saw it enter."""
    script = Script()
    script.book.split("a", START_MS + 2500)
    for state in (3.0, 9.0, 9.0, 9.0, None, 3.0, 9.0):
        script.tick({"inverter_state": state})
    row = script.close()
    assert row.states["inverter_state"] == {3: Spell(2000, 0), 9: Spell(4000, 2)}
    assert script.rows[0].states["inverter_state"] == {3: Spell(1000, 0), 9: Spell(1500, 1)}
    assert script.rows[1].states["inverter_state"][9].entries == 1


def test_p_q_and_s_of_the_peak_are_of_one_moment():
    """The first moment of the greatest main power, with what Q and S were then."""
    script = Script()
    for p, q, s in ((5.0, 1.0, 6.0), (9.0, 2.0, None), (9.0, 4.0, 10.0), (7.0, 9.0, 12.0)):
        script.tick({POWER: p, "reactive_power_var": q, "apparent_power_va": s})
    assert script.close().peak == Peak(START_MS + 1000, 90, 20, None)


def test_a_held_peak_begins_the_next_part_but_one_that_is_over_does_not():
    """After a pause the peak of the new part is what is measured in it."""
    script = Script()
    script.tick({POWER: 900.0})
    script.tick({POWER: 10.0}, 120_000)
    script.close()
    assert [row.peak.p for row in script.rows if row.peak] == [9000, 100]


def test_a_generator_runs_by_its_state_or_its_power():
    """Run time, the part of it with known power, and the integral over that."""
    script = Script(kind=GEN)
    for watts, state in ((0.0, 0.0), (0.0, 3.0), (None, 3.0), (5000.0, 0.0), (0.0, 0.0)):
        script.tick({"generator_power_w": watts, "generator_state": state})
    assert script.close().running == Running(3000, 2000, 50_000_000)


def test_a_split_to_the_millisecond_shares_without_loss():
    """A leave at 20.250 s: both parts add up to the row that there would have been."""
    cut, whole = Script(), Script()
    assert cut.book.split("a", START_MS + 20_250)
    for script in (cut, whole):
        for second in range(45):
            script.tick({POWER: 100.0 + second, "load_energy_kwh": second / 100})
        script.close()
    assert [row.to_ms for row in cut.rows] == [START_MS + 20_250, *(r.to_ms for r in whole.rows)]
    assert merge(cut.rows) == merge(whole.rows)
    parts = [row.counters["load_energy_kwh"] for row in cut.rows]
    assert parts[0].last == parts[1].first


def test_a_split_of_the_past_is_refused():
    """What a tick has told cannot be cut any more."""
    script = Script()
    script.tick({POWER: 1.0})
    assert not script.book.split("a", START_MS)
    assert script.book.split("a", START_MS + 1)


def test_an_asset_that_appears_after_its_split_belongs_to_the_later_part():
    """Nobody can take for the time before a join what was measured after it."""
    script = Script()
    script.book.split("a", START_MS + 2000)
    for _ in range(4):
        script.tick(None)
    script.tick({POWER: 1.0})
    script.close()
    assert [row.from_ms for row in script.rows] == [START_MS + 2000]


def test_another_system_or_kind_begins_another_row():
    """An asset that is moved is two subjects; what it said before stays under the old one."""
    script = Script()
    script.tick({POWER: 1.0})
    script.kind = {"system": "s2"}
    script.tick({POWER: None})
    script.tick({POWER: 2.0})
    script.close()
    told = [(one.subject.system, one.row.from_ms, one.row.good_ms(POWER)) for one in script.closed]
    assert told == [("s1", START_MS, 1000), ("s2", START_MS + 2000, 1000)]


def test_an_asset_without_good_data_has_no_row():
    """A gap takes no space."""
    script = Script()
    script.tick({POWER: None, "load_energy_kwh": None, "inverter_state": None})
    assert script.book.close(script.at_ms + 1000) == []


def test_the_open_part_can_be_looked_at_without_disturbing_it():
    """Reading it at every tick changes nothing of what it comes to."""
    looked, alone = Script(), Script()
    for second in range(70):
        values = {POWER: float(second), "inverter_state": float(second // 7), "voltage_v.L1": 230.0}
        looked.tick(values)
        alone.tick(values)
        found = looked.book.open_part("a")
        assert found is None or found[1].to_ms == looked.at_ms
    looked.close()
    alone.close()
    assert looked.rows == alone.rows


def test_two_assets_do_not_mix():
    """Each has its own rows."""
    script = Script()
    script.book.begin(START_MS, 1.0)
    script.book.take([view("a", {POWER: 1.0}, 0), view("b", {POWER: 2.0}, 0)], {})
    closed = script.book.close(START_MS + 1000)
    assert {one.subject.asset: one.row.mean(POWER) for one in closed} == {"a": 1.0, "b": 2.0}
