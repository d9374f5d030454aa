"""Any split of an interval sums to the whole: nothing is lost or counted twice where a system
leaves and joins again in the same moment, in whatever minute, row or gap that is."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collector.model.kinds import AssetKind
from collector.model.rollup import Counter, Gauge, Rollup, Running, Spell
from reporting.measured import read
from reporting.measured.metering import WORK_PER_QUANTUM, Chain, line, part_of
from reporting.measured.model import Track
from reporting.measured.rises import Rise, Span, risen, rises
from reporting.measured.rows import as_rows
from reporting.measured.share import cut_at, part, shared
from tests.reporting.support import MINUTE, START_MS, asset, counter, inputs, rollup_file, row

ENERGY, POWER = "load_energy_kwh", "load_power_w"
END_MS = START_MS + 12 * MINUTE

MINUTES = st.lists(
    st.none()
    | st.tuples(
        st.integers(-40_000, 90_000),
        st.integers(0, MINUTE).map(lambda ms: max(1, ms)),
        st.integers(0, 5000),
        st.integers(0, 5000),
    ),
    min_size=12,
    max_size=12,
)
"""Twelve minutes: none, or power in quanta, good ms, what the counter rose before and in it."""
CUTS = st.lists(st.integers(START_MS, END_MS), max_size=6)


def rows_of(minutes):
    """The rows of these minutes, each with a power and a counter."""
    found, total = [], 1000
    for i, one in enumerate(minutes):
        if one is None:
            continue
        quanta, good, before, within = one
        first, last = total + before, total + before + within
        total = last
        power = Gauge(
            good, max(quanta, 0) * good, max(-quanta, 0) * good, quanta, quanta, quanta, quanta
        )
        start = START_MS + i * MINUTE
        found.append(
            Rollup(
                from_ms=start,
                to_ms=start + MINUTE,
                gauges={POWER: power},
                counters={ENERGY: Counter(first, last, first, last)},
                states={"ac_source": {1: Spell(good, i)}},
                running=Running(good, good, quanta * good),
            )
        )
    return found


def pieces(cuts):
    """The window, cut."""
    ends = sorted({START_MS, *cuts, END_MS})
    return list(pairwise(ends))


@given(MINUTES, CUTS)
def test_registers_and_integrals_of_all_parts_add_up_to_the_digit(minutes, cuts):
    """Cut anywhere: the same register rise, gap energy among it, and the same integral."""
    rows = rows_of(minutes)
    found = rises(Span(one.from_ms, one.to_ms, one.counters[ENERGY]) for one in rows)

    def of(from_ms, to_ms):
        own = [got for one in rows if (got := part(one, from_ms, to_ms)) is not None]
        came = risen(found, from_ms, to_ms)
        return (
            0 if came is None else came.quanta,
            0 if came is None else came.in_gaps,
            sum(part_of(as_rows(own).gauged(POWER), ENERGY)),
        )

    parts = [of(*piece) for piece in pieces(cuts)]
    assert tuple(map(sum, zip(*parts, strict=True))) == of(START_MS, END_MS)
    if rows:
        first, last = rows[0].counters[ENERGY].first, rows[-1].counters[ENERGY].last
        assert of(START_MS, END_MS)[0] == last - first


@given(MINUTES, CUTS)
def test_the_reports_of_adjoining_participations_add_up_to_the_report_of_the_whole(minutes, cuts):
    """Whole reports: the sum of their loads is the load of all the time, to 1 Wh each."""
    file = rollup_file({"a": rows_of(minutes)})

    def load(from_ms, to_ms):
        begin = (from_ms - START_MS) / MINUTE
        got = read(inputs([asset("a")], (to_ms - from_ms) / MINUTE, begin=begin), file)
        lines = [one for one in got.evidence if one.flow == ENERGY]
        return sum(one.register_kwh or 0.0 for one in lines)

    parts = [load(*piece) for piece in pieces(cuts)]
    assert abs(sum(parts) - load(START_MS, END_MS)) <= 0.0005 * (len(parts) + 1)


@given(MINUTES, CUTS)
def test_a_row_that_is_cut_comes_together_again(minutes, cuts):
    """Good time, integrals, counters, states and running time: all of it, nothing twice."""
    for one in rows_of(minutes):
        parts = cut_at(one, cuts)
        assert parts[0].from_ms == one.from_ms
        assert parts[-1].to_ms == one.to_ms
        gauges = [own.gauges[POWER] for own in parts if POWER in own.gauges]
        assert sum(g.good_ms for g in gauges) == one.gauges[POWER].good_ms
        assert sum(own.counters[ENERGY].last - own.counters[ENERGY].first for own in parts) == (
            one.counters[ENERGY].last - one.counters[ENERGY].first
        )
        assert sum(own.running.ms for own in parts if own.running) == one.running.ms
        spells = [own.states["ac_source"][1] for own in parts if "ac_source" in own.states]
        assert sum(spell.ms for spell in spells) == one.states["ac_source"][1].ms


def test_what_came_in_a_gap_over_the_end_of_a_participation_is_shared_by_time():
    """A gap of 10 minutes with 1.0 kWh; the system leaves after 4 of them: 0.4 and 0.6 kWh, and as
    the 1.0 may have come all before or all after, 0.6 kWh are uncertain on both sides, and the
    register's digit of 0.1."""
    rows = [
        row(0, {POWER: 6000}, {ENERGY: counter(0, 0.1)}),
        row(11, {POWER: 6000}, {ENERGY: counter(1.1, 1.2)}),
    ]
    file = rollup_file({"a": rows})
    first = read(inputs([asset("a")], 5), file).energy
    second = read(inputs([asset("a")], 7, begin=5), file).energy
    assert (first.load_kwh, second.load_kwh) == (0.5, 0.7)
    assert (first.uncertainty["load_kwh"], second.uncertainty["load_kwh"]) == (0.7, 0.7)


def test_a_counter_that_jumps_where_two_rows_meet_belongs_to_what_begins_there():
    """And to no other part."""
    found = [
        Rise(START_MS, START_MS + 10, 5, gap=False),
        Rise(START_MS + 10, START_MS + 10, 7, gap=True),
        Rise(START_MS + 10, START_MS + 20, 5, gap=False),
    ]
    assert risen(found, START_MS, START_MS + 10) == (5, 0, 0)
    assert risen(found, START_MS + 10, START_MS + 20) == (12, 7, 0)
    assert risen(found, START_MS + 30, START_MS + 40) is None


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6), st.data())
def test_shares_are_whole_and_add_up(total, span, data):
    """Also of what fell."""
    cut = data.draw(st.integers(0, span))
    assert shared(total, 0, span, 0, cut) + shared(total, 0, span, cut, span) == total


@given(MINUTES)
def test_without_a_register_the_energy_is_the_integral_over_good_time(minutes):
    """Against a plain sum: 0.1 W · ms, of the positive values."""
    rows = [
        Rollup(from_ms=one.from_ms, to_ms=one.to_ms, gauges=one.gauges) for one in rows_of(minutes)
    ]
    track = Track(
        asset=asset("a"), kind=AssetKind.LOAD, unit="", from_ms=START_MS, to_ms=END_MS, rows=rows
    )
    got = line(track, ENERGY, Chain(), 0)
    known = [one for one in minutes if one is not None]
    expected = sum(max(quanta, 0) * good for quanta, good, _, _ in known)
    assert got.work == (expected if known else None)
    assert got.unseen_ms == 12 * MINUTE - sum(good for _, good, _, _ in known)
    assert WORK_PER_QUANTUM == 3_600_000
