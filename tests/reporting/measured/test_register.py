"""Registers: their last digit, and when they contradict the power."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.rollup import Counter
from collector.model.said import Correction, CorrectionKind
from reporting.measured import read
from reporting.measured.digits import step
from tests.reporting.support import (
    MINUTE,
    START_MS,
    asset,
    counter,
    inputs,
    rollup_file,
    row,
    steady,
)

POWER, ENERGY = "load_power_w", "load_energy_kwh"


def raws(*levels, off=0):
    """Parts of a counter by what its register showed at their ends, in 0.1 Wh; its own total is
    `off` quanta astray, as rounding makes it."""
    return [Counter(a - levels[0], b - levels[0] + off, a, b) for a, b in pairwise(levels)]


def test_a_step_is_what_all_that_the_register_showed_can_be_divided_by():
    """0.1 kWh: 1002.3, 1002.6, 1002.6, 1003.1; of an ACUVIM with a CT of 16: 16 Wh."""
    assert step(raws(10_023_000, 10_026_000, 10_026_000, 10_031_000)) == 1000
    assert step(raws(160_000, 160_480, 160_800)) == 160


def test_the_total_s_own_rounding_is_no_finer_digit():
    """Our total lies off by a quantum in each part: the step is the register's still."""
    assert step(raws(10_000_000, 10_001_000, 10_002_000, 10_003_000, off=1)) == 1001
    assert step(raws(*range(10_000_000, 11_000_000, 100_000), off=1)) == 100_001


def test_a_register_that_never_moved_has_its_last_digit_at_most_a_kwh():
    """1002.3 kWh, 1002 kWh, 1000 kWh."""
    assert [step(raws(a, a)) for a in (10_023_000, 10_020_000, 10_000_000)] == [
        1000,
        10_000,
        10_000,
    ]


def test_a_total_without_a_register_has_its_least_rise():
    """And none where it did not rise; none where there is no counter."""
    assert step([Counter(0, 700), Counter(700, 700), Counter(700, 1000)]) == 300
    assert step([Counter(0, 0)]) == step([]) == 0


def test_a_corrected_counter_has_corrected_steps():
    """A factor of 3 makes a step of 0.1 kWh one of 0.3."""
    assert step([Counter(0, 3000, 10_000, 11_000), Counter(3000, 9000, 11_000, 13_000)]) == 3000


@given(
    st.integers(1, 10_000),
    st.integers(0, 1_000_000),
    st.lists(st.integers(0, 500), min_size=2, max_size=40),
)
def test_a_step_is_no_less_than_the_true_one_and_no_more_than_the_least_rise(true, at, rises):
    """Whatever register, wherever it begins."""
    levels = [at * true]
    for rise in rises:
        levels.append(levels[-1] + rise * true)
    seen = [rise for rise in rises if rise]
    if seen:
        assert true <= step(raws(*levels)) <= min(seen) * true


@pytest.mark.parametrize("digit", [0.01, 0.1, 1.0])
def test_the_truth_lies_within_one_digit_of_a_register_that_is_cut_off(digit):
    """7.3 kW for an hour from a level of 1000.0573 kWh on: 7.3 kWh, whatever digits are shown."""
    shown = [int((1000.0573 + 7.3 * i / 60) / digit) * digit - 1000 for i in range(61)]
    rows = [row(i, {POWER: 7300}, {ENERGY: counter(shown[i], shown[i + 1])}) for i in range(60)]
    found = read(inputs([asset("a")]), rollup_file({"a": rows})).energy
    assert found.uncertainty["load_kwh"] == digit
    assert found.load_kwh == pytest.approx(7.3, abs=digit)


def test_a_register_that_stands_still_hides_no_more_than_the_power_says():
    """600 W for ten minutes, 0.1 kWh, on a register of whole kWh; nothing at all; power unseen."""
    still = {ENERGY: counter(0, 0)}
    doubts = [
        read(
            inputs([asset("a")], 10), rollup_file({"a": [row(i, power, still) for i in range(10)]})
        ).energy.uncertainty["load_kwh"]
        for power in ({POWER: 600}, {POWER: 0}, {})
    ]
    assert doubts == [0.1, 0.0, 1.0]


def test_what_a_person_read_has_the_digits_that_were_written():
    """From 1000 by the device to 1006.5 by a person: 6.5 kWh ± 0.1."""
    rows = steady(POWER, 6000, range(60), ENERGY)
    said = Correction(
        id="c1", asset="a", kind=CorrectionKind.READING, from_ms=0, made_ms=1,
        at_ms=START_MS + 60 * MINUTE, value=1006.5, measurement=ENERGY,
    )  # fmt: skip
    (one,) = read(inputs([asset("a")], corrections=(said,)), rollup_file({"a": rows})).evidence
    assert (one.method, one.kwh, one.uncertainty_kwh) == ("manual", 6.5, 0.1)


def test_a_register_read_some_seconds_late_is_no_contradiction_in_a_short_window():
    """65 s at 47 kW are 0.848 kWh; the register, read 3 s earlier than the power, rose by 0.808:
    4.95 % apart, which 3.06 s at 47 kW explain. It is said as uncertainty all the same."""
    rows = [
        row(0, {POWER: 46_966}, {ENERGY: counter(0, 0.7441)}),
        row(1, {POWER: 46_966}, {ENERGY: counter(0.7441, 0.808)}, ms=5_000),
    ]
    found = read(inputs([asset("a")], 65 / 60), rollup_file({"a": rows}))
    (one,) = found.evidence
    assert (one.kwh, one.integral_kwh, one.deviation_pct) == (0.808, 0.848, 4.95)
    assert (one.flagged, one.uncertainty_kwh) == (False, 0.04)
    assert not [note for note in found.notes if note.level == "blocks"]


@pytest.mark.parametrize(
    ("minutes", "watts", "flagged"),
    [(60, 5820, True), (60, 5890, False), (20, 5820, True), (15, 5820, False), (15, 5600, True)],
)
def test_half_a_minute_explains_little_of_a_long_window(minutes, watts, flagged):
    """The register counts 6 kW. Of an hour half a minute is 0.8 %: 3 % are too much, 1.8 % are
    not. Of 20 minutes it is 2.5 %, of 15 it is 3.3 %: 3 % pass there, 6.7 % do not."""
    rows = [
        row(i, {POWER: watts}, {ENERGY: counter(i * 0.1 + 0.0001, (i + 1) * 0.1 + 0.0001)})
        for i in range(minutes)
    ]
    rows[0] = row(0, {POWER: watts}, {ENERGY: counter(0, 0.1001)})
    (one,) = read(inputs([asset("a")], minutes), rollup_file({"a": rows})).evidence
    assert one.flagged is flagged


def test_meters_without_a_class_are_named_once_and_their_totals_marked():
    """Two of three, one of them with both directions."""
    rows = {name: steady(POWER, 1000, range(5)) for name in ("a", "b", "c")}
    some = [asset("a"), asset("b", accuracy_class="0.5S"), asset("c", name="Stage C")]
    found = read(inputs(some, 5), rollup_file(rows))
    (note,) = [one for one in found.notes if one.code == "no-class"]
    assert (note.about, note.level) == ("", "info")
    assert note.text.endswith(": A, Stage C.")
    assert found.energy.class_unknown == ("load_kwh",)
    known = read(inputs([asset("b", accuracy_class="0.5S")], 5), rollup_file({"b": rows["b"]}))
    assert known.energy.class_unknown == ()
