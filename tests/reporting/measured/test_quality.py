"""What was not seen is said, with how far the figures can be from the truth."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.assets import Ratings
from collector.model.kinds import AssetKind
from collector.model.report_input import AssetRows, RollupFile
from collector.model.rollup import Counter, Gauge, Rollup
from collector.model.rollup_codec import pack
from collector.model.rollup_record import RecordRow, RollupRecord
from reporting.measured import read
from reporting.measured.metering import class_pct
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

POWER, ENERGY = "load_power_w", "load_energy_kwh"


def day(seed):
    """A load over a day, minute by minute, in W: a curve, noise, and pauses."""
    rand = random.Random(seed)
    level, found = 4000.0, []
    for _ in range(1440):
        level = min(20_000.0, max(0.0, level + rand.gauss(0, 600)))
        found.append(round(level if rand.random() > 0.05 else 0.0))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_with_a_twentieth_cut_out_the_truth_is_within_the_stated_uncertainty(seed):
    """No register: what flowed in the gaps is nobody's energy, and all of it is stated as doubt."""
    watts = day(seed)
    rand = random.Random(seed)
    out: set[int] = set()
    while len(out) < 72:
        begin = rand.randrange(1440)
        out.update(range(begin, min(1440, begin + rand.randrange(1, 20))))
    rows = [row(i, {POWER: w}) for i, w in enumerate(watts) if i not in out]
    found = read(inputs([asset("a")], 1440), rollup_file({"a": rows}))
    truth = sum(watts) / 60_000
    energy = found.energy.load_kwh
    doubt = found.energy.uncertainty["load_kwh"]
    assert energy is not None
    assert doubt is not None
    assert energy <= truth <= energy + doubt
    assert doubt == pytest.approx(
        len(out) * max(w for i, w in enumerate(watts) if i not in out) / 60_000, abs=0.0006
    )
    assert found.quality.coverage_pct == round(100 - 100 * len(out) / 1440, 2)
    assert sum(gap.to_ms - gap.from_ms for gap in found.quality.gaps) == len(out) * MINUTE
    assert "gaps" in {note.code for note in found.notes}


@given(st.lists(st.tuples(st.booleans(), st.integers(1, MINUTE)), min_size=1, max_size=30))
def test_good_time_and_gaps_together_are_the_duration(minutes):
    """Whatever is missing, also in parts of minutes: to the millisecond, in order, none twice."""
    seen = [(i, good) for i, (there, good) in enumerate(minutes) if there]
    rows = [row(i, {POWER: gauge(POWER, 1000, good)}) for i, good in seen]
    found = read(inputs([asset("a")], len(minutes)), rollup_file({"a": rows})).quality
    gaps = [(gap.from_ms, gap.to_ms) for gap in found.gaps]
    missing = sum(end - start for start, end in gaps)
    good = sum(good for there, good in minutes if there)
    assert missing + good == found.duration_ms == len(minutes) * MINUTE
    assert all(a[1] < b[0] for a, b in pairwise(gaps))
    assert all(START_MS <= start < end for start, end in gaps)
    assert found.flows[0].good_ms == good


def test_a_register_that_contradicts_the_power_blocks():
    """The register counts 10 % more than the power comes to: its figure, the doubt, a note."""
    rows = [row(i, {POWER: 6000}, {ENERGY: counter(i * 0.11, (i + 1) * 0.11)}) for i in range(60)]
    found = read(inputs([asset("a")]), rollup_file({"a": rows}))
    (one,) = found.evidence
    assert (one.kwh, one.integral_kwh, one.flagged) == (6.6, 6.0, True)
    assert one.deviation_pct == -9.09
    assert one.uncertainty_kwh == 0.6
    assert [n.code for n in found.notes if n.level == "blocks"] == ["register-contradicts"]


def test_a_register_of_coarse_steps_is_not_blamed_for_its_steps():
    """A meter of whole kWh shows 1 while 0.6 flowed: one step apart is no contradiction."""
    rows = [row(i, {POWER: 6000}, {ENERGY: counter(int(i > 3), int(i > 2))}) for i in range(6)]
    found = read(inputs([asset("a")], 6), rollup_file({"a": rows}))
    assert (found.evidence[0].register_kwh, found.evidence[0].flagged) == (1.0, False)


def test_counters_alone_give_energy_and_no_demand():
    """A meter that only counts."""
    rows = [row(i, {}, {ENERGY: counter(i * 0.1, (i + 1) * 0.1)}) for i in range(60)]
    found = read(inputs([asset("a")]), rollup_file({"a": rows}))
    assert found.energy.load_kwh == 6.0
    assert found.flows == {}
    assert found.quality.coverage_pct == 100.0


def test_a_total_that_the_program_sums_up_itself_is_no_register():
    """Without a register the integral is the method; there is nothing to compare it with."""
    rows = [
        row(i, {POWER: 6000}, {ENERGY: counter(i * 0.1, (i + 1) * 0.1, raw=False)})
        for i in range(60)
    ]
    (one,) = read(inputs([asset("a")]), rollup_file({"a": rows})).evidence
    assert (one.method, one.kwh, one.register_kwh, one.deviation_pct) == (
        "integral",
        6.0,
        None,
        None,
    )


def test_a_window_without_duration_has_no_figures_and_does_not_fail():
    """Joined and left in the same moment."""
    rows = steady(POWER, 6000, range(60), ENERGY)
    found = read(inputs([asset("a")], 0, begin=3), rollup_file({"a": rows}))
    assert (found.quality.duration_ms, found.quality.coverage_pct) == (0, None)
    assert found.energy.load_kwh is None
    assert list(found.starts_ms) == []
    assert "no-duration" in {note.code for note in found.notes}


def test_where_nothing_was_seen_only_a_rating_says_how_much_it_can_have_been():
    """Two minutes of an hour seen: 58 minutes at the rating of 12 kW are possible, 11.6 kWh."""
    rows = steady(POWER, 600, range(2))
    found = read(
        inputs([asset("a", ratings=Ratings(rated_kw=12))]), rollup_file({"a": rows})
    ).energy
    assert (found.load_kwh, found.uncertainty["load_kwh"]) == (0.02, 11.6)


def test_the_accuracy_class_is_part_of_the_uncertainty():
    """Class 1: 1 % of 6 kWh."""
    rows = steady(POWER, 6000, range(60))
    found = read(inputs([asset("a", accuracy_class="1")]), rollup_file({"a": rows}))
    assert found.energy.uncertainty["load_kwh"] == 0.06
    assert "no-class" not in {note.code for note in found.notes}


@pytest.mark.parametrize(
    ("text", "pct"),
    [("0.5S", 0.5), ("class 1", 1.0), ("B", 1.0), ("0,2", 0.2), ("", None), ("cl. ?", None)],
)
def test_classes_are_read_as_printed(text, pct):
    """IEC 62053 by number, EN 50470-3 by letter."""
    assert class_pct(text) == pct


def test_rows_over_others_count_their_own_time_once():
    """A clock set back by half a minute: the time in common is the earlier row's."""
    rows = [row(0, {POWER: 6000}), row(0.5, {POWER: 6000}), row(1.5, {POWER: 6000})]
    found = read(inputs([asset("a")], 3), rollup_file({"a": rows}))
    assert found.energy.load_kwh == 0.25
    assert "overlapping-rows" in {note.code for note in found.notes}
    assert all(good <= MINUTE for good in found.flows[POWER].good_ms)


def test_a_damaged_minute_is_a_gap_and_said():
    """One byte changed in the file of the job."""
    rows = steady(POWER, 6000, range(3))
    bodies = [pack(one) for one in rows]
    bodies[1] = bodies[1][:-1] + bytes([bodies[1][-1] ^ 1])
    record = RollupRecord(
        node="n", asset="a", from_ms=START_MS, to_ms=START_MS + 3 * MINUTE,
        rows=tuple(
            RecordRow(one.from_ms, AssetKind.LOAD, "s1", len(body))
            for one, body in zip(rows, bodies, strict=True)
        ),
    )  # fmt: skip
    file = RollupFile(assets=(AssetRows(record=record, content=b"".join(bodies)),))
    found = read(inputs([asset("a")], 3), file)
    assert found.energy.load_kwh == 0.2
    assert "damaged-rows" in {note.code for note in found.notes}


def test_a_figure_that_cannot_be_true_is_left_out_and_said():
    """10³⁰ W in a row."""
    absurd = Gauge(MINUTE, 10**36, 0, 10**31, 10**31, 10**31, 10**31)
    rows = [row(0, {POWER: absurd}), row(1, {POWER: 6000})]
    found = read(inputs([asset("a")], 2), rollup_file({"a": rows}))
    assert found.energy.load_kwh == 0.1
    assert "impossible-values" in {note.code for note in found.notes}


def test_a_provisional_report_is_judged_up_to_where_its_data_reach():
    """The last minute is not closed: 59 of 59 minutes were seen."""
    one = inputs([asset("a")], stage="provisional", upto_ms=START_MS + 59 * MINUTE)
    found = read(one, rollup_file({"a": steady(POWER, 6000, range(59))}))
    assert found.quality.coverage_pct == 100.0
    assert found.quality.gaps == ()
    assert "provisional-end" in {note.code for note in found.notes}


def test_one_row_of_many_minutes_is_spread_over_its_minutes():
    """As a cloud may merge them."""
    long = Rollup(
        from_ms=START_MS, to_ms=START_MS + 3 * MINUTE,
        gauges={POWER: gauge(POWER, 6000, 3 * MINUTE)}, counters={ENERGY: Counter(0, 3000)},
    )  # fmt: skip
    load = read(inputs([asset("a")], 3), rollup_file({"a": [long]})).flows[POWER]
    assert [load.mean_kw(i) for i in range(3)] == [6.0, 6.0, 6.0]


def test_the_order_of_assets_assignments_and_rows_means_nothing():
    """The same figures, the same notes."""
    names = ["c", "a", "b"]
    rows = {n: steady(POWER, 1000 + 7 * i, range(10)) for i, n in enumerate(names)}
    file = rollup_file(rows)
    turned = RollupFile(assets=tuple(reversed(file.assets)))
    one = read(inputs([asset(n) for n in names], 10), file)
    other = read(inputs([asset(n) for n in sorted(names)], 10), turned)
    assert (one.energy, one.evidence, one.quality, one.notes) == (
        other.energy, other.evidence, other.quality, other.notes,
    )  # fmt: skip


def test_a_power_that_moves_is_seen_late():
    """30 minutes of 3 kW that go from 1.2 to 4.8 kW in each: 30 × 3.6 kW × 2 s = 0.06 kWh.
    A steady power leaves no such doubt."""
    moving = gauge(POWER, 3000, least=1200, greatest=4800)
    for power, doubt in ((moving, 0.06), (gauge(POWER, 3000), 0.0)):
        rows = [row(minute, {POWER: power}) for minute in range(30)]
        found = read(inputs([asset("m")], 30), rollup_file({"m": rows})).energy
        assert found.load_kwh == 1.5
        assert found.uncertainty["load_kwh"] == doubt
