"""Rows that are read many at once are those that are read one by one."""

from hypothesis import given
from hypothesis import strategies as st

from collector.model.rollup import Counter, Gauge, Peak, Rollup, Running, Spell, merge
from collector.model.rollup_codec import pack
from reporting.measured.unpacking import unpack_all
from tests.model.test_rollup import TICKS, run
from tests.reporting.support import START_MS

NUMBER = st.integers(-(10**6), 10**6) | st.integers(-(2**70), 2**70)
PART = st.integers(0, 10**7) | st.integers(0, 2**70)
TIME = st.integers(1, 60).map(lambda s: s * 1000) | st.integers(1, 200_000)


@st.composite
def gauges(draw):
    """Any gauge that has its integral within its bounds."""
    good, least = draw(TIME), draw(NUMBER)
    more = draw(PART)
    if not more:
        net = least * good
        return Gauge(good, max(net, 0), max(-net, 0), least, least, least, least)
    neg = draw(PART) if least < 0 < least + more else max(0, -(least * good))
    net = least * good + draw(st.integers(0, 10**9))
    neg = max(neg, 0, -net)
    if not (least < 0 < least + more):
        neg = max(0, -net)
    ends = (draw(st.integers(0, more)), draw(st.integers(0, more)))
    return Gauge(good, net + neg, neg, least, least + more, least + ends[0], least + ends[1])


COUNTERS = st.builds(Counter, NUMBER, NUMBER, st.none() | NUMBER, st.none() | NUMBER)
STATES = st.dictionaries(
    st.integers(-9, 300), st.builds(Spell, TIME, st.integers(0, 9)), min_size=1, max_size=4
)
ROWS = st.builds(
    lambda span, gauges, counters, states, peak, running, filled: Rollup(
        from_ms=START_MS, to_ms=START_MS + span, gauges=gauges, counters=counters, states=states,
        peak=peak, running=running, filled_ms=filled,
    ),
    st.just(60_000) | TIME,
    st.dictionaries(st.sampled_from(["load_power_w", "voltage_v.L12", "current_a.N"]), gauges()),
    st.dictionaries(st.sampled_from(["load_energy_kwh", "generator_starts"]), COUNTERS),
    st.dictionaries(st.sampled_from(["ac_source", "pv_state"]), STATES),
    st.none() | st.builds(
        Peak, st.integers(START_MS, START_MS + 59_000), NUMBER, st.none() | NUMBER,
        st.none() | NUMBER,
    ),
    st.none() | st.builds(Running, TIME, TIME, NUMBER),
    st.just(0) | TIME,
)  # fmt: skip


@given(st.lists(TICKS, max_size=4))
def test_what_a_node_packs_is_read_as_by_the_plain_reader(scripts):
    """Rows of any ticks, and their merged wholes, in one batch."""
    rows = [row for ticks in scripts for row in run(ticks)]
    rows += [merge(rows_) for ticks in scripts if (rows_ := run(ticks))]
    assert unpack_all([(row.from_ms, pack(row)) for row in rows]) == rows


@given(st.lists(ROWS, min_size=1, max_size=6))
def test_any_row_is_read_as_it_was_packed(rows):
    """Small and huge figures, odd times, all parts or none, mixed in one batch."""
    packed = [(row.from_ms, pack(row)) for row in rows]
    assert unpack_all(packed) == rows


@given(st.lists(ROWS, min_size=1, max_size=4), st.binary(max_size=40), st.data())
def test_damaged_rows_are_left_out_and_harm_no_other(rows, garbage, data):
    """Bytes that are no row, a changed byte, a row under another time."""
    packed = [(row.from_ms, pack(row)) for row in rows]
    victim = data.draw(st.integers(0, len(packed) - 1))
    body = bytearray(packed[victim][1])
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    bad = [(START_MS, garbage), (START_MS, bytes(body)), (START_MS + 1, packed[0][1]), (0, b"")]
    assert unpack_all([*bad, *packed]) == [None, None, None, None, *rows]
