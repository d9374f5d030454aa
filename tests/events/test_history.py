"""Merging is putting together: in whatever order, however often, the same event comes out."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from collector.model.event import Change, EventStatus, UseCase
from collector.model.event_fields import text_of, value_of
from collector.model.event_history import Dossier, History, merged, settings_of
from tests.events.books import BLANK

E1, E2, P1, P2 = "e1", "e2", "p1", "p2"
VALUES = {
    "name": ("A", "B"),
    "notes": ("", "x"),
    "status": tuple(EventStatus),
    "from_ms": ("10", "20", "30"),
    "to_ms": ("40", "50", "60"),
    "use_case": tuple(UseCase),
}
OF_EVENT = ("name", "notes", "status", "from_ms", "to_ms")
OF_PART = ("from_ms", "to_ms", "use_case")


@st.composite
def dossiers(draw):
    """Three dossiers of one event, made apart on three nodes that told each other of some of it:
    each knows some of all changes, and creations of all that it speaks of."""
    count = draw(st.integers(1, 14))
    made: list[Change] = []
    for number in range(count):
        subject = draw(st.sampled_from((E1, E2, P1, P2)))
        field = draw(st.sampled_from(OF_PART if subject in (P1, P2) else OF_EVENT))
        earlier = [one.id for one in made if (one.subject, one.field) == (subject, field)]
        known = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        made.append(
            Change(
                id=f"c{number:02}",
                event=E1 if subject in (E1, P1) else E2,
                subject=subject,
                field=field,
                before="",
                after=draw(st.sampled_from(VALUES[field])),
                at_ms=draw(st.integers(1, 5)),
                person="x",
                origin=draw(st.sampled_from(("n1", "n2", "n3"))),
                replaces=tuple(known),
            )
        )
    created = [
        Change(id=f"z{one}", event=event, subject=one, field="created", before="", after="n1/s",
               at_ms=0, person="x", origin="n1")
        for one, event in ((E1, E1), (E2, E2), (P1, E1), (P2, E2))
    ]  # fmt: skip
    found = []
    for _ in range(3):
        ids = draw(st.lists(st.sampled_from((E1, E2)), min_size=1, unique=True))
        some = draw(st.lists(st.sampled_from(made), unique_by=lambda one: one.id))
        found.append(merged(Dossier(ids=tuple(ids), changes=(*created, *some))))
    return tuple(found)


@given(dossiers())
def test_merging_is_commutative_associative_and_idempotent(three):
    """Whoever meets whom first, and however often."""
    a, b, c = three
    assert merged(a, b) == merged(b, a)
    assert merged(merged(a, b), c) == merged(a, merged(b, c))
    assert merged(a, a) == a
    assert merged(merged(a, b), b) == merged(a, b)


@given(dossiers())
def test_status_only_moves_forward(three):
    """Merging never brings an event back, and an end that is known stays one."""
    order = ("planned", "cancelled", "active", "ended")
    whole = merged(*three)
    now = History(whole.changes).event(whole.id)
    for one in three:
        before = History(one.changes).event(one.id)
        if one.id == whole.id:
            assert order.index(now.status) >= order.index(before.status)
            assert before.to_ms is None or now.to_ms is not None


@given(dossiers())
def test_nothing_is_lost(three):
    """Every change that nobody replaced is what holds, equal to it, or listed as a conflict."""
    whole = merged(*three)
    history = History(whole.changes)
    lost = {(one.subject, one.field, one.lost) for one in history.conflicts()}
    gone = {other for one in whole.changes for other in one.replaces}
    for one in whole.changes:
        if one.id in gone or one.field in ("created", "status"):
            continue
        held = history.text(one.subject, one.field)
        assert one.after == held or (one.subject, one.field, one.after) in lost


def change(id_, field, after, at_ms, origin="n1", replaces=(), subject=E1):
    """One change of the event."""
    return Change(id=id_, event=E1, subject=subject, field=field, before="", after=after,
                  at_ms=at_ms, person="x", origin=origin, replaces=replaces)  # fmt: skip


def test_the_earlier_end_wins_and_a_correction_before_it():
    """Two nodes ended it apart; then one of them corrects its end: that goes before both, and
    what somebody has decided is no conflict any more."""
    first = change("a", "to_ms", "500", 1)
    second = change("b", "to_ms", "400", 2, "n2")
    assert History((first, second)).value(E1, "to_ms") == 400
    corrected = change("c", "to_ms", "600", 3, replaces=("a",))
    both = History((first, second, corrected))
    assert both.value(E1, "to_ms") == 600
    assert [(one.kept, one.lost) for one in both.conflicts()] == [("600", "400")]
    decided = change("d", "to_ms", "450", 4, replaces=("b", "c"))
    last = History((first, second, corrected, decided))
    assert (last.value(E1, "to_ms"), last.conflicts()) == (450, ())


def test_the_later_word_wins_and_origin_decides_a_tie():
    """Per field the later change, of two at one moment that of the higher origin."""
    one, two = change("a", "name", "A", 5, "n1"), change("b", "name", "B", 5, "n2")
    history = History((two, one))
    assert history.text(E1, "name") == "B"
    (conflict,) = history.conflicts()
    assert (conflict.lost, conflict.lost_origin, conflict.lost_ms) == ("A", "n1", 5)


def test_an_event_is_what_was_said_of_it():
    """Fields go to text and back without a difference."""
    event = structs.replace(BLANK, name="Show", job="J", planned_from_ms=5)
    for field, text in settings_of(event).items():
        assert text_of(value_of(field, text)) == text
