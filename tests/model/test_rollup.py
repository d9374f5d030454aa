"""Rollups: merging is exact, bytes come back, damage is said."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.kinds import AssetKind
from collector.model.rollup import Counter, Gauge, Rollup, merge
from collector.model.rollup_codec import BadRollup, pack
from collector.model.rollup_decode import unpack, unpack_one
from collector.model.rollup_keys import BY_KEY
from tests.rollups.ticking import START_MS, Script

KEYS = (
    "load_power_w", "reactive_power_var", "generator_power_w", "battery_power_w",
    "load_energy_kwh", "generator_state", "voltage_v.L12",
)  # fmt: skip
WATTS = st.integers(-300, 300).map(lambda q: q / 8)
VALUES = {
    "load_energy_kwh": st.integers(0, 10**7).map(lambda q: q / 1000),
    "generator_state": st.integers(0, 7).map(float),
}
SAID = st.fixed_dictionaries({}, optional={key: st.none() | VALUES.get(key, WATTS) for key in KEYS})
TICK = st.tuples(
    st.sampled_from((1000, 1000, 1000, 1000, 2000, 7000, 11_000, 130_000)),
    st.sampled_from((-900, -300, 0, 0, 0, 300, 1100)),
    st.none() | SAID,
)
TICKS = st.lists(TICK, min_size=1, max_size=40)


def run(ticks, cuts=()):
    """The rows of these ticks, cut also at `cuts`."""
    script = Script(kind=AssetKind.BESS)
    for cut in cuts:
        script.book.split("a", cut)
    for ms, jitter, values in ticks:
        script.tick(values, ms, max(0, ms + jitter))
    script.keep(script.book.close(script.at_ms + 1000))
    return script.rows


@given(TICKS, st.lists(st.integers(0, 200_000), max_size=12), st.randoms())
def test_any_cutting_and_any_grouping_merges_to_the_same_whole(ticks, offsets, rand):
    """Cut at any milliseconds, merge in any order and grouping: bit for bit the uncut whole."""
    whole = run(ticks)
    parts = run(ticks, [START_MS + offset for offset in offsets])
    assert bool(whole) == bool(parts)
    if not whole:
        return
    expected = merge(whole)
    assert same(merge(parts), expected)
    while len(parts) > 1:  # any two neighbours
        at = rand.randrange(len(parts) - 1)
        pair = [parts[at], parts[at + 1]]
        rand.shuffle(pair)
        parts[at : at + 2] = [merge(pair)]
    assert same(parts[0], expected)


def same(one: Rollup, other: Rollup) -> bool:
    """Equal in everything measured. (The ends may differ: parts without good time leave no row.)"""
    fields = ("gauges", "counters", "states", "peak", "running", "filled_ms")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


@given(TICKS, st.lists(st.integers(0, 200_000), max_size=6))
def test_a_row_comes_back_from_its_bytes(ticks, offsets):
    """unpack(pack(row)) is the row; so is the merged whole's."""
    rows = run(ticks, [START_MS + offset for offset in offsets])
    for row in rows + ([merge(rows)] if rows else []):
        data = pack(row)
        assert unpack(data, row.from_ms) == row
        entries = {**row.gauges, **row.counters, **row.states}
        assert {key: unpack_one(data, row.from_ms, key) for key in BY_KEY} == {
            key: entries.get(key) for key in BY_KEY
        }


@given(TICKS)
def test_the_mean_is_what_a_plain_sum_over_ticks_gives(ticks):
    """Against an independent reckoning: each tick's value times the time to the next tick."""
    rows = run([(ms, 0, values) for ms, _, values in ticks])
    held = [next_ms if next_ms <= 10_000 else 1000 for next_ms, _, _ in ticks[1:]] + [1000]
    said = [
        (round(values["battery_power_w"] * 10), ms)
        for (_, _, values), ms in zip(ticks, held, strict=True)
        if values and values.get("battery_power_w") is not None
    ]
    if not said:
        assert not rows or "battery_power_w" not in merge(rows).gauges
        return
    gauge = merge(rows).gauges["battery_power_w"]
    assert gauge.good_ms == sum(ms for _, ms in said)
    assert gauge.pos == sum(q * ms for q, ms in said if q > 0)
    assert gauge.neg == -sum(q * ms for q, ms in said if q < 0)
    assert (gauge.least, gauge.greatest) == (min(said)[0], max(said)[0])
    assert (gauge.first, gauge.last) == (said[0][0], said[-1][0])


def test_overlapping_rows_are_not_added_up():
    """One stretch of time counts once."""
    row = Rollup(from_ms=0, to_ms=60_000, counters={"pv_energy_kwh": Counter(1, 2)})
    with pytest.raises(ValueError, match="overlaps"):
        merge([row, Rollup(from_ms=59_999, to_ms=60_001)])
    with pytest.raises(ValueError, match="nothing"):
        merge([])


def test_figures_of_any_size_are_kept():
    """A misread register cannot break a row."""
    row = Rollup(
        from_ms=0,
        to_ms=60_000,
        gauges={"load_power_w": Gauge(7, 10**300, 3, -(10**290), 10**293, 0, -1)},
        counters={"pv_energy_kwh": Counter(-5, 10**40, None, -(10**41))},
    )
    assert unpack(pack(row), 0) == row


ROW = run([(1000, 0, {"load_power_w": 1.5, "generator_state": 3.0, "load_energy_kwh": 2.0})])[0]


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_damaged_row_is_said_to_be_damaged(at, flip):
    """Any changed byte is noticed; none is read as other figures."""
    data = bytearray(pack(ROW))
    data[at % len(data)] ^= flip
    with pytest.raises(BadRollup):
        unpack(bytes(data), ROW.from_ms)


@given(st.binary(max_size=80), st.integers(0, 2**41))
def test_bytes_that_are_no_row_are_refused(data, from_ms):
    """Whatever they are, the error is BadRollup."""
    with pytest.raises(BadRollup):
        unpack(data, from_ms)


def test_a_row_under_another_time_is_refused():
    """A row's key belongs to it."""
    with pytest.raises(BadRollup, match="checksum"):
        unpack(pack(ROW), ROW.from_ms + 60_000)


def test_a_newer_row_is_said_to_be_newer():
    """Not guessed at."""
    with pytest.raises(BadRollup, match="format 2; this program reads format 1"):
        unpack(b"\x02" + pack(ROW)[1:], ROW.from_ms)


def test_a_cut_off_row_is_refused():
    """At every length."""
    data = pack(ROW)
    for length in range(len(data)):
        with pytest.raises(BadRollup):
            unpack(data[:length], ROW.from_ms)


def test_rows_of_long_stretches_merge_whatever_their_order():
    """A day of minutes, shuffled."""
    rows = run([(1000, 0, {"battery_power_w": (-1.0) ** n * n}) for n in range(3600)])
    expected = merge(rows)
    random.Random(1).shuffle(rows)
    assert len(rows) == 61
    assert merge(rows) == expected
