"""What was valid when follows from the statements alone, in whatever order they are known."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.assignments.tell import tell
from collector.model.assignment import NUMBER, OTHERS, About, Assignment, Fact, Timeline
from collector.model.ids import Uuid7

UNIT = About("bess-1", Fact.UNIT, NUMBER)


def said(about: About, value: str, from_ms: int, made_ms: int | None = None, **more) -> Assignment:
    """A statement; its id is made of what it says."""
    made = from_ms if made_ms is None else made_ms
    return Assignment(
        id=f"{value}@{from_ms}/{made}",
        asset=about.asset,
        what=about.what,
        key=about.key,
        value=value,
        from_ms=from_ms,
        made_ms=made,
        person="anna",
        **more,
    )


def parts(found) -> list[tuple[str, int, int | None]]:
    """Value, beginning and end of each part."""
    return [(one.value, one.from_ms, one.to_ms) for one in found]


def test_a_statement_holds_until_the_next():
    """Of a fact the newest statement that has begun holds; before the first there is nothing."""
    line = Timeline([said(UNIT, "101", 1000), said(UNIT, "102", 5000)])
    assert [line.at(UNIT, at) for at in (999, 1000, 4999, 5000, 10**15)] == [
        "", "101", "101", "102", "102",
    ]  # fmt: skip
    assert parts(line.held(0, 10**15)) == [("101", 1000, 5000), ("102", 5000, None)]


def test_one_told_late_splits_what_was():
    """At 18:00 somebody says that the unit was another one from 14:00 on: what was said at 10:00
    ends there, what was said for 16:00 stays."""
    line = Timeline([said(UNIT, "A", 10), said(UNIT, "C", 16), said(UNIT, "B", 14, made_ms=18)])
    assert parts(line.held(0, 99)) == [("A", 10, 14), ("B", 14, 16), ("C", 16, None)]


def test_a_minute_in_which_it_changed_has_two_parts():
    """A report asks for a minute, and gets each value with the part of the minute it held."""
    line = Timeline([said(UNIT, "A", 0), said(UNIT, "B", 90_000)])
    assert parts(line.during(UNIT, 60_000, 120_000)) == [
        ("A", 60_000, 90_000),
        ("B", 90_000, 120_000),
    ]
    assert parts(line.during(UNIT, 120_000, 180_000)) == [("B", 120_000, 180_000)]


def test_of_two_from_one_moment_the_later_word_counts():
    """Who corrects a statement says it again from the same moment on."""
    line = Timeline([said(UNIT, "A", 10, made_ms=20), said(UNIT, "B", 10, made_ms=30)])
    assert parts(line.held(0, 99)) == [("B", 10, None)]


def test_a_device_speaks_for_its_assets():
    """The system of a device is that of its assets, unless something else is said of one."""
    device = About("bess-1", Fact.SYSTEM)
    line = Timeline(
        [
            said(device, "stage", 0),
            said(About("bess-1.genset", Fact.SYSTEM), "power", 50),
            said(device, "camp", 100),
            said(About("bess-1", Fact.SYSTEM, OTHERS), "field", 100),
        ]
    )
    assert line.system("bess-1.genset", 10) == "stage"
    assert line.system("bess-1.genset", 60) == "power"
    assert line.system("bess-1", 120) == "camp"
    assert line.system("bess-1.grid", 120) == "field"
    assert line.system("bess-2", 120) == ""


class Told:
    """A book in memory, and beside it what each moment truly is."""

    def __init__(self) -> None:
        self.statements: list[Assignment] = []
        self.truth = [""] * 60
        self._ids = Uuid7(lambda bits: 0)

    def tell(self, value: str, begin: int, end: int | None, made: int) -> None:
        """What the last statement about a time says of it, it is."""
        told = tell(
            Timeline(self.statements),
            {UNIT: value},
            from_ms=begin,
            to_ms=end,
            made_ms=made,
            person="p",
            reason="r",
            new_id=self._ids,
        )
        self.statements += told
        last = len(self.truth) if end is None else end
        self.truth[begin:last] = [value] * (last - begin)


@settings(max_examples=200)
@given(
    words=st.lists(
        st.tuples(
            st.sampled_from(["A", "B", ""]),
            st.integers(0, 40),
            st.one_of(st.none(), st.integers(1, 19)),
        ),
        max_size=12,
    ),
    order=st.randoms(use_true_random=False),
)
def test_any_words_in_any_order(words, order):
    """Whatever was said of whichever time: each moment is what was said of it last, and whoever
    knows the same statements in another order knows the same."""
    told = Told()
    for number, (value, begin, lasts) in enumerate(words):
        told.tell(value, begin, None if lasts is None else begin + lasts, 60 + number)
    shuffled = list(told.statements)
    order.shuffle(shuffled)
    for line in (Timeline(told.statements), Timeline(shuffled)):
        assert [line.at(UNIT, at) for at in range(60)] == told.truth
        held = line.held(0, 10**9)
        assert all(a.to_ms == b.from_ms for a, b in itertools.pairwise(held))


def test_nothing_is_said_twice():
    """What holds already needs no statement."""
    told = Told()
    told.tell("A", 10, None, 60)
    told.tell("A", 10, None, 61)
    told.tell("A", 20, 30, 62)
    assert len(told.statements) == 1
