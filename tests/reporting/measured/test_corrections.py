"""What people correct is read as they say; everything else stays as it was measured."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from collector.model.kinds import AssetKind
from collector.model.rollup import Gauge
from collector.model.said import Correction, CorrectionKind
from reporting.measured import read
from reporting.measured.scaling import product
from tests.reporting.support import (
    MINUTE,
    START_MS,
    asset,
    counter,
    gauge,
    inputs,
    rollup_file,
    row,
    steady,
)

END_MS = START_MS + 60 * MINUTE


def counting(minute, watts, first, last, **more):
    """A minute of a load, and its counter at both ends."""
    return row(minute, {"load_power_w": watts, **more}, {"load_energy_kwh": counter(first, last)})


def correction(kind, number=1, asset="a", begin=None, end=None, **said):
    """A correction of asset `a`, made in the order of its number; times in minutes."""
    return Correction(
        id=f"c{number}",
        asset=asset,
        kind=CorrectionKind(kind),
        from_ms=0 if begin is None else START_MS + round(begin * MINUTE),
        to_ms=None if end is None else START_MS + round(end * MINUTE),
        made_ms=number,
        **said,
    )


def measured(rows, *corrections, kind=AssetKind.LOAD, minutes=60, **said):
    """What one asset comes to under these corrections."""
    one = inputs([asset("a", kind, **said)], minutes, corrections=tuple(corrections))
    return read(one, rollup_file({"a": rows}, {"a": kind}))


def reversed_load(minutes):
    """A load of 6 kW whose CTs face backwards: −6 kW, and its register of import stands still."""
    return [
        row(i, {"load_power_w": -6000, "power_factor": -1}, {"load_energy_kwh": counter(5, 5)})
        for i in minutes
    ]


def test_a_reversed_ct_is_read_the_other_way_and_energy_is_that_of_the_power():
    """Before: 0 kWh by a register that never rose. After: 6 kW for an hour, 6 kWh."""
    found = measured(reversed_load(range(60)), correction("sign"))
    assert found.energy.load_kwh == 6.0
    assert found.evidence[0].method == "integral"
    assert found.evidence[0].integral_kwh == 6.0
    assert found.flows["load_power_w"].mean_kw(7) == 6.0
    assert found.tracks[0].rows[0].gauges["power_factor"].first == 1000
    (effect,) = found.effects
    assert (effect.figure, effect.before, effect.after) == ("load_energy_kwh", 0.0, 6.0)
    assert not [note for note in found.notes if note.level == "blocks"]


def test_a_sign_for_some_of_the_time_acts_in_that_time_alone():
    """Turned in minutes 20 to 40: the register, of 0.1 kWh, counts before and after, the power
    between."""
    rows = [
        *steady("load_power_w", 6000, range(20), "load_energy_kwh", 5),
        *[counting(i, -6000, 7, 7) for i in range(20, 40)],
        *[counting(i, 6000, 3 + i / 10, 3.1 + i / 10) for i in range(40, 60)],
    ]  # fmt: skip
    found = measured(rows, correction("sign", begin=20, end=40))
    assert found.energy.load_kwh == 6.0
    assert found.energy.uncertainty["load_kwh"] == 0.1
    assert found.quality.coverage_pct == 100.0


def test_a_correction_that_ends_within_a_row_shares_it_by_time_and_says_so():
    """A factor of 3 for the first half minute: 6 kWh · (1/120 · 3 + 119/120)."""
    found = measured(
        steady("load_power_w", 6000, range(60), "load_energy_kwh", 5),
        correction("factor", end=0.5, factor=3.0),
    )
    assert found.energy.load_kwh == 6.1
    assert "shared-by-time" in {note.code for note in found.notes}


def test_a_factor_multiplies_power_current_and_the_rise_of_the_counter():
    """CT ratio twice what was set: 12 kWh, 20 A; volts stay."""
    rows = [
        row(
            i,
            {"load_power_w": 6000, "current_a.L1": 10, "voltage_v.L1": 230},
            {"load_energy_kwh": counter(5 + i / 10, 5.1 + i / 10)},
        )
        for i in range(60)
    ]
    found = measured(rows, correction("factor", factor=2.0))
    assert found.energy.load_kwh == 12.0
    assert found.evidence[0].method == "register"
    gauges = found.tracks[0].rows[3].gauges
    assert (gauges["current_a.L1"].first, gauges["voltage_v.L1"].first) == (2000, 23000)
    assert found.effects[0].before == 6.0


def test_one_reversed_phase_takes_twice_its_power_from_the_whole():
    """L1 4 kW read as −4, L2 3, L3 2: the whole was read as 1 and is 9 kW."""
    phases = {"load_power_w.L1": -4000, "load_power_w.L2": 3000, "load_power_w.L3": 2000}
    rows = [counting(i, 1000, 5 + i / 60, 5 + (i + 1) / 60, **phases) for i in range(60)]
    found = measured(rows, correction("sign", phase="L1"))
    assert found.energy.load_kwh == 9.0
    whole = found.tracks[0].rows[0].gauges["load_power_w"]
    assert (whole.least, whole.greatest) == (90_000, 90_000)
    assert found.tracks[0].rows[0].gauges["load_power_w.L1"].first == 40_000


def test_one_phase_cannot_be_corrected_where_no_phase_was_read():
    """It is a gap, and blocks the release."""
    found = measured(steady("load_power_w", 1000, range(60)), correction("sign", phase="L1"))
    assert found.energy.load_kwh is None
    assert "correction-not-applied" in {note.code for note in found.notes}


def test_exchanged_phases_change_places_and_the_whole_stays():
    """What was read as L2 is L1."""
    phases = {"current_a.L1": 1, "current_a.L2": 2, "current_a.L3": 3, "voltage_v.L12": 400,
              "voltage_v.L23": 410, "load_power_w": 1000}  # fmt: skip
    found = measured(
        [row(i, phases) for i in range(60)],
        correction("phase-swap", phases=("L2", "L1", "L3")),
    )
    gauges = found.tracks[0].rows[0].gauges
    assert [gauges[f"current_a.L{i}"].first for i in (1, 2, 3)] == [200, 100, 300]
    assert (gauges["voltage_v.L12"].first, gauges["voltage_v.L31"].first) == (40_000, 41_000)
    assert found.energy.load_kwh == 1.0
    assert {(e.figure, e.before, e.after) for e in found.effects} == {
        ("current_a.L1", 1.0, 2.0),
        ("current_a.L2", 2.0, 1.0),
    }


def test_a_reversed_grid_meter_has_its_other_register():
    """Import was counted as export: the counters change places."""
    rows = [
        row(
            i,
            {"grid_power_w": -6000},
            {"grid_import_kwh": counter(5, 5), "grid_export_kwh": counter(i / 10, (i + 1) / 10)},
        )
        for i in range(60)
    ]
    found = measured(rows, correction("sign"), kind=AssetKind.GRID)
    assert (found.energy.grid_import_kwh, found.energy.grid_export_kwh) == (6.0, 0.0)
    assert {(one.flow, one.method) for one in found.evidence} == {
        ("grid_import_kwh", "register"),
        ("grid_export_kwh", "register"),
    }


def test_another_role_makes_a_load_a_generator_that_ran():
    """6 kW for half an hour, then nothing."""
    rows = steady("load_power_w", 6000, range(30), "load_energy_kwh", 0) + [
        row(i, {"load_power_w": 0}, {"load_energy_kwh": counter(3, 3)}) for i in range(30, 60)
    ]
    found = measured(rows, correction("role", role=AssetKind.GENERATOR))
    assert found.energy.generator_kwh == 3.0
    assert found.tracks[0].kind is AssetKind.GENERATOR
    ran = [one.running.ms for one in found.tracks[0].rows if one.running is not None]
    assert sum(ran) == 30 * MINUTE
    effect = {e.figure: (e.before, e.after) for e in found.effects}
    assert effect == {"load_energy_kwh": (3.0, None), "generator_energy_kwh": (None, 3.0)}


def test_what_is_excluded_is_a_gap_of_which_nothing_counts():
    """Minutes 20 to 30 left out: 5 kWh of 6; the uncertainty has what may have flowed, 1 kWh,
    and the register's digit."""
    found = measured(
        steady("load_power_w", 6000, range(60), "load_energy_kwh", 5),
        correction("exclude", begin=20, end=30),
    )
    assert found.energy.load_kwh == 5.0
    assert found.energy.uncertainty["load_kwh"] == 1.1
    assert found.quality.coverage_pct == 83.33
    assert found.quality.gaps[0].gap_kwh in (None, 0.0)


def test_a_register_read_by_a_person_stands_in_place_of_the_device_s():
    """Closing 1,013 instead of 1,011: 8 kWh, by hand."""
    found = measured(
        steady("load_power_w", 6000, range(60), "load_energy_kwh", 5),
        correction("reading", measurement="load_energy_kwh", value=1013.0, at_ms=END_MS),
    )
    (one,) = found.evidence
    assert (one.method, one.raw_opening, one.raw_closing, one.kwh) == (
        "manual",
        1005.0,
        1013.0,
        8.0,
    )
    assert [(e.before, e.after) for e in found.effects] == [(6.0, 8.0)]


def test_a_correction_that_was_withdrawn_does_nothing():
    """And has no effect listed."""
    found = measured(reversed_load(range(60)), correction("sign", withdrawn_ms=9))
    assert found.energy.load_kwh == 0.0
    assert not found.effects


POWERS = st.lists(
    st.tuples(st.integers(-9000, 9000), st.integers(-9000, 9000), st.integers(-9000, 9000)),
    min_size=1, max_size=6,
)  # fmt: skip


def swap(*phases):
    """Phases that change places."""
    return "phase-swap", {"phases": phases}


UNDONE = st.sampled_from([
    (("sign", {}), ("sign", {})),
    (("sign", {"phase": "L2"}), ("sign", {"phase": "L2"})),
    (("factor", {"factor": 4.0}), ("factor", {"factor": 0.25})),
    (("factor", {"factor": -5.0, "phase": "L1"}), ("factor", {"factor": -0.2, "phase": "L1"})),
    (swap("L2", "L1", "L3"), swap("L2", "L1", "L3")),
    (swap("L2", "L3", "L1"), swap("L3", "L1", "L2")),
])  # fmt: skip


def rows_of(powers):
    """A row for each minute, with a counter."""
    found = []
    for i, watts in enumerate(powers):
        phases = {f"load_power_w.L{n}": one for n, one in enumerate(watts, 1)}
        counters = {"load_energy_kwh": counter(i, i + 0.5)}
        found.append(row(i, {"load_power_w": sum(watts), **phases}, counters))
    return found


@given(POWERS, UNDONE)
def test_what_is_corrected_and_corrected_back_is_as_it_was(powers, pair):
    """A sign twice, a factor and its inverse, phases there and back: no figure differs."""
    rows = rows_of(powers)
    (one, first), (other, second) = pair
    plain = measured(rows, minutes=len(rows))
    twice = measured(
        rows, correction(one, 1, **first), correction(other, 2, **second), minutes=len(rows)
    )
    assert twice.tracks == plain.tracks
    assert twice.evidence == plain.evidence
    assert twice.energy == plain.energy


@given(POWERS, st.permutations(range(4)))
def test_the_order_in_which_corrections_are_listed_means_nothing(powers, order):
    """They act in the order in which they were made."""
    rows = rows_of(powers)
    some = [
        correction("sign", 1, phase="L1"),
        correction("phase-swap", 2, phases=("L3", "L1", "L2")),
        correction("factor", 3, factor=1.5, end=2),
        correction("exclude", 4, begin=1, end=1.5),
    ]
    listed = measured(rows, *some, minutes=len(rows))
    shuffled = measured(rows, *[some[i] for i in order], minutes=len(rows))
    assert (listed.tracks, listed.energy, listed.notes) == (
        shuffled.tracks, shuffled.energy, shuffled.notes,
    )  # fmt: skip


@given(st.integers(-9000, 9000), st.integers(0, 9000), st.integers(0, 9000))
def test_the_bounds_of_a_corrected_whole_hold_what_every_course_of_it_could_be(mean, below, above):
    """Phases that moved within the minute: the corrected whole's mean lies within its bounds."""
    moved = gauge("load_power_w.L1", mean, least=mean - below, greatest=mean + above)
    still = {"load_power_w.L2": 500, "load_power_w.L3": 0}
    whole = gauge("load_power_w", mean + 500, least=mean + 500 - below, greatest=mean + 500 + above)
    one = row(0, {"load_power_w": whole, "load_power_w.L1": moved, **still})
    found = measured([one], correction("sign", phase="L1"), minutes=1)
    got: Gauge = found.tracks[0].rows[0].gauges["load_power_w"]
    assert got.pos - got.neg == (500 - mean) * 10 * MINUTE
    assert (got.least, got.greatest) == ((500 - mean - above) * 10, (500 - mean + below) * 10)


@given(st.integers(), st.fractions())
def test_a_product_is_rounded_as_fractions_are(count: int, factor: Fraction):
    """Halves go to the even number."""
    assert product(count, factor) == round(count * factor)
    assert product(count, Fraction(1, 2)) == round(Fraction(count, 2))
