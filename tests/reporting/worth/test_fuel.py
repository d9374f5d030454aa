"""Litres from power: by chart, by line, by a set's own points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.fuel import (
    HOUR_MS,
    Running,
    curve_fault,
    default_curve,
    fuel_l,
    fuel_l_per_h,
    linear_curve,
    slope_l_per_kwh,
)

RATINGS = st.floats(min_value=1, max_value=3000)


def test_the_chart_gives_its_own_figures_at_its_own_sizes():
    """100 kW at half load: 4.1 US gallons = 15.520 L an hour, 3.22 kWh/L; 60 kW at a quarter: 1.8
    gallons = 6.814 L, 2.20 kWh/L (the figures of the reference's table)."""
    assert fuel_l_per_h(default_curve(100), 50) == pytest.approx(15.5202, abs=1e-4)
    assert 50 / fuel_l_per_h(default_curve(100), 50) == pytest.approx(3.22, abs=0.005)
    assert fuel_l_per_h(default_curve(60), 15) == pytest.approx(6.8137, abs=1e-4)
    assert 15 / fuel_l_per_h(default_curve(60), 15) == pytest.approx(2.20, abs=0.005)


@pytest.mark.parametrize(
    ("rated", "f0", "f1"),
    [
        (20, 0.047, 0.257),
        (60, 0.054, 0.250),
        (100, 0.036, 0.244),
        (200, 0.026, 0.245),
        (500, 0.018, 0.248),
        (1000, 0.016, 0.249),
    ],
)
def test_no_load_is_the_intercept_of_the_straight_line(rated, f0, f1):
    """The reference's fit of the same chart: F0 of each size, to its three decimals; and the line
    F0 + F1 lies within 5 % of the chart's full load."""
    curve = default_curve(rated)
    assert fuel_l_per_h(curve, 0) / rated == pytest.approx(f0, abs=0.0006)
    assert fuel_l_per_h(curve, rated) / rated == pytest.approx(f0 + f1, rel=0.05)


def test_a_size_between_two_rows_lies_between_them():
    """80 kW is half way from 60 to 100: at full load (4.8/60 + 7.4/100) / 2 = 0.077 gallons an
    hour per kW, so 6.16 gallons = 23.318 L an hour."""
    assert fuel_l_per_h(default_curve(80), 80) == pytest.approx(23.3181, abs=1e-4)


def test_homers_own_example():
    """50 kW with F0 0.033 and F1 0.273: 8.475 L an hour at 25 kW, 15.3 at 50 kW."""
    curve = linear_curve(50, 0.033, 0.273)
    assert fuel_l_per_h(curve, 25) == pytest.approx(8.475)
    assert fuel_l_per_h(curve, 50) == pytest.approx(15.3)


def test_a_set_of_no_rating_has_no_curve():
    """Nor one whose rating is no number."""
    for rated in (0, -5, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="no set has a rating"):
            default_curve(rated)


@given(RATINGS)
def test_every_default_curve_is_sound(rated):
    """Any size gives a curve that a person's would be accepted as."""
    assert curve_fault(default_curve(rated)) == ""


@given(RATINGS, st.floats(min_value=-10, max_value=5000), st.floats(min_value=0, max_value=500))
def test_more_power_never_burns_less(rated, kw, more):
    """At any size and any two loads, and a running set always burns something."""
    curve = default_curve(rated)
    assert fuel_l_per_h(curve, kw + more) >= fuel_l_per_h(curve, kw) > 0


def test_a_curve_without_a_no_load_point_is_drawn_on():
    """(25 kW, 9 L/h), (50 kW, 15 L/h): 0.24 L per kWh, so 3 L/h at no load and 27 L/h at 100 kW;
    never below nothing."""
    curve = ((25.0, 9.0), (50.0, 15.0))
    assert fuel_l_per_h(curve, 0) == pytest.approx(3.0)
    assert fuel_l_per_h(curve, -4) == pytest.approx(3.0)
    assert fuel_l_per_h(curve, 100) == pytest.approx(27.0)
    assert fuel_l_per_h(((25.0, 1.0), (50.0, 15.0)), 0) == 0.0


def test_the_slope_at_a_point_is_that_of_the_piece_above_it():
    """(0, 3), (25, 9), (50, 17): 0.24 L per kWh below 25 kW, 0.32 from there and beyond 50."""
    curve = ((0.0, 3.0), (25.0, 9.0), (50.0, 17.0))
    assert slope_l_per_kwh(curve, 10) == pytest.approx(0.24)
    assert slope_l_per_kwh(curve, 25) == pytest.approx(0.32)
    assert slope_l_per_kwh(curve, 80) == pytest.approx(0.32)


def test_fuel_is_counted_stretch_by_stretch():
    """Half an hour at 10 kW (5.4 L/h) and half at 50 kW (17 L/h): 11.2 L; the curve at the mean
    of 30 kW would give 10.6. A stretch of unknown power adds nothing."""
    curve = ((0.0, 3.0), (25.0, 9.0), (50.0, 17.0))
    half = HOUR_MS // 2
    assert fuel_l(curve, [Running(half, 10), Running(half, 50)]) == pytest.approx(11.2)
    assert fuel_l(curve, [Running(half, 10), Running(half, None)]) == pytest.approx(2.7)


@pytest.mark.parametrize(
    ("points", "says"),
    [
        ([(10, 3)], "two points"),
        ([], "two points"),
        ([(10, 3), (10, 4)], "powers do not rise"),
        ([(20, 3), (10, 4)], "powers do not rise"),
        ([(187.5, 162.1), (375, 103.7)], "does not rise: 162.1 L/h"),
        ([(0, float("nan")), (10, 4)], "not a number"),
        ([(-5, 1), (10, 4)], "negative"),
    ],
)
def test_a_curve_that_cannot_be_is_refused_with_its_reason(points, says):
    """The reprint's 162.1 L/h at a quarter of 750 kW is one of them."""
    assert says in curve_fault(points)
