"""Columns: however rows cut the time, the same minutes, percentiles and buckets come of it."""

from fractions import Fraction
from itertools import pairwise
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from collector.model.rollup import Gauge, Rollup
from reporting.figures.clock import MINUTE_MS
from reporting.figures.column import Column, column_of, together
from reporting.figures.distribution import Distribution

KEY = "load_power_w"
CUTS = st.sets(st.integers(1, 299), max_size=40).map(lambda at: sorted({0, 300, *at}))
VALUES = st.lists(st.integers(-900, 900), min_size=300, max_size=300)


def seconds(values, cuts, silent=()):
    """Rows of seconds of these values, cut there; those in `silent` have no such reading."""
    rows = []
    for number, (first, last) in enumerate(pairwise(cuts)):
        some = values[first:last]
        gauge = Gauge(
            1000 * len(some), 1000 * sum(v for v in some if v > 0),
            -1000 * sum(v for v in some if v < 0), min(some), max(some), some[0], some[-1],
        )  # fmt: skip
        gauges = {} if number in silent else {KEY: gauge}
        rows.append(Rollup(from_ms=first * 1000, to_ms=last * 1000, gauges=gauges))
    return rows


@given(VALUES, CUTS)
def test_any_cutting_gives_the_same_minutes(values, cuts):
    """The pieces of a minute become one; a row over several minutes is of the first."""
    marks = sorted({*cuts, *range(0, 301, 60)})
    whole = column_of(seconds(values, range(0, 301, 60)), KEY)
    column = column_of(seconds(values, marks), KEY).by_minute()
    assert list(map(list, astuple(column))) == list(map(list, astuple(whole)))


@given(VALUES, CUTS, st.sets(st.integers(0, 40)))
def test_what_has_no_reading_is_in_no_column(values, cuts, silent):
    """Only rows with the gauge, each once and in order."""
    rows = seconds(values, cuts, silent)
    told = [row for row in rows if row.gauges]
    column = column_of(rows, KEY)
    assert (list(column.from_ms), len(column)) == ([row.from_ms for row in told], len(told))
    assert column.means() == [row.gauges[KEY].mean for row in told]


@given(VALUES, CUTS, st.integers(0, 1000), st.integers(-500, 500))
def test_a_distribution_is_that_of_each_second(values, cuts, share, limit):
    """Percentiles, the low median and times outside, by their definitions."""
    column = column_of(seconds(values, cuts), KEY)
    spread = Distribution(column)
    held = sorted(zip(column.means(), column.good_ms, strict=True))
    needed, passed = max(Fraction(share * spread.total_ms, 1000), Fraction(1)), 0
    reached: list[float] = []
    for value, ms in held:
        passed += ms
        if passed >= needed:
            reached.append(value)
    assert spread.permille(share) == reached[0]
    above = [mean for mean, _ in held if mean >= limit]
    assert spread.median_from(limit) == (median_low(above) if above else None)
    outside = sum(ms for mean, ms in held if mean < limit or mean > limit + 100)
    assert spread.outside_ms(limit, limit + 100) == outside


@given(st.lists(st.sets(st.integers(0, 20)), min_size=2, max_size=4))
def test_together_keeps_what_all_have(sets):
    """The same minutes of each column, and no other."""
    columns = []
    for some in sets:
        at = [minute * MINUTE_MS for minute in sorted(some)]
        columns.append(Column(at, at, at, at, at, at))
    common = [minute * MINUTE_MS for minute in sorted(set.intersection(*sets))]
    assert all(list(column.from_ms) == common for column in together(columns))


def test_an_empty_column_has_no_percentile():
    """Nothing was seen, so nothing is said."""
    spread = Distribution(Column())
    assert (spread.permille(500), spread.median_from(0), spread.total_ms) == (None, None, 0)
    with pytest.raises(ZeroDivisionError):
        Column().mean()
