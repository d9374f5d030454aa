"""What is asked of many rows at once is what each of them says."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from msgspec.structs import astuple

from collector.model.rollup import Counter, Gauge, Rollup
from collector.model.rollup_codec import pack
from reporting.measured.held import Gauged, Held, alone
from reporting.measured.rises import Span
from reporting.measured.rows import WORTH_A_PIECE, Rows
from reporting.measured.unpacking import unpack_all
from tests.reporting.measured.test_unpacking import COUNTERS, TIME, gauges
from tests.reporting.support import MINUTE, START_MS

SMALL = st.integers(-(10**6), 10**6)
STEADY = st.builds(
    lambda good, value: Gauge(
        good, max(0, value) * good, max(0, -value) * good, value, value, value, value
    ),
    st.integers(1, MINUTE),
    SMALL,
)
GAUGE = Gauge(MINUTE, MINUTE, 0, 1, 1, 1, 1)
READ = st.builds(Counter, SMALL, SMALL, st.none() | SMALL, st.none() | SMALL)
KEYS = ("load_power_w", "voltage_v.L12", "load_energy_kwh", "generator_starts")
ROWS = st.builds(
    lambda minute, span, gauges, counters: Rollup(
        from_ms=START_MS + minute * MINUTE,
        to_ms=START_MS + minute * MINUTE + span,
        gauges=gauges,
        counters=counters,
    ),
    st.integers(0, 99),
    st.just(MINUTE) | TIME,
    st.dictionaries(st.sampled_from(KEYS[:2]), STEADY | gauges()),
    st.dictionaries(st.sampled_from(KEYS[2:]), READ | COUNTERS),
)


def plain(rows: list[Rollup], key: str) -> Gauged:
    """A gauge, row by row."""
    found = [
        (row.from_ms, row.to_ms, *astuple(row.gauges[key])) for row in rows if key in row.gauges
    ]
    return Gauged(*zip(*found, strict=True))


def same(read: list[Rollup], rows: list[Rollup]) -> None:
    """Whatever is asked of `read`, they answer as each of these plain rows."""
    asked = Rows(read)
    assert asked.told() == {key for row in rows for key in (*row.gauges, *row.counters)}
    for key in KEYS:
        assert list(map(tuple, asked.gauged(key))) == list(map(tuple, plain(rows, key)))
        assert asked.counted(key) == [
            Span(row.from_ms, row.to_ms, row.counters[key]) for row in rows if key in row.counters
        ]
    for one, row in zip(read, rows, strict=True):
        assert {key for key in KEYS if key in one.gauges} == set(row.gauges)
        assert [one.counters.get(key) for key in KEYS] == [row.counters.get(key) for key in KEYS]


def unpacked(rows: list[Rollup]) -> list[Rollup]:
    """These rows as they are read from a file."""
    return [row for row in unpack_all([(row.from_ms, pack(row)) for row in rows]) if row]


@given(st.lists(ROWS, min_size=1, max_size=8), st.data())
def test_a_row_is_read_without_those_beside_it(rows: list[Rollup], data: st.DataObject):
    """All parts of one row, for which those of the others are not made; what was put into it is its
    own."""
    one, row = data.draw(st.sampled_from(list(zip(unpacked(rows), rows, strict=True))))
    assert (alone(one.gauges), alone(one.counters), alone(one.states)) == (
        row.gauges, row.counters, row.states,
    )  # fmt: skip
    if isinstance(one.gauges, Held):
        assert dict(one.gauges.columns) == {}
    changed = structs.replace(one, gauges={"load_power_w": GAUGE})
    assert alone(changed.gauges) == {"load_power_w": GAUGE}
    assert alone(changed.counters) == row.counters


@given(st.lists(ROWS, max_size=8), st.data())
def test_rows_answer_together_as_each_of_them(rows: list[Rollup], data: st.DataObject):
    """Rows that were read, among them unusual ones; some of them then had other gauges or counters
    put in, were left out or came from another file."""
    read = unpacked(rows)
    same(read, rows)
    pairs = [*zip(read, rows, strict=True), *zip(unpacked(rows[:2]), rows[:2], strict=True)]
    changed = [
        data.draw(
            st.sampled_from(
                (
                    pair,
                    [structs.replace(row, gauges={KEYS[0]: GAUGE}) for row in pair],
                    [structs.replace(row, counters={KEYS[2]: Counter(1, 2)}) for row in pair],
                )
            )
        )
        for pair in data.draw(st.permutations(pairs))
    ]
    same([one for one, _ in changed], [row for _, row in changed])


def test_rows_in_many_pieces_are_asked_one_by_one():
    """Every second row is left out."""
    rows = [
        Rollup(from_ms=start, to_ms=start + MINUTE, gauges={KEYS[0]: GAUGE})
        for start in range(START_MS, START_MS + 4 * WORTH_A_PIECE * MINUTE, MINUTE)
    ]
    same(unpacked(rows)[::2], rows[::2])
