"""A baseline that was changed after the start: it stands, and is shown."""

import msgspec
import pytest
from msgspec import structs

from collector.model.event import Change, SystemUse
from collector.model.terms import Baseline, BaselineSet
from reporting.worth.changed import later_changes
from tests.reporting.worth.site import HOUR, START, event, facts, saving

SMALL = Baseline(sets=(BaselineSet(name="A", rated_kw=60),))
LARGE = Baseline(sets=(BaselineSet(name="B", rated_kw=200, count=2),))


def change(at_ms, before, after, field="baseline", subject="e"):
    """One change of the event."""
    texts = [
        one if isinstance(one, str) else msgspec.json.encode(one).decode()
        for one in (before, after)
    ]
    return Change(
        id=str(at_ms), event="e", subject=subject, field=field, before=texts[0], after=texts[1],
        at_ms=at_ms, person="Ann", reason="the quote said so",
    )  # fmt: skip


def started():
    """An event that has begun."""
    return structs.replace(event(), from_ms=START)


def test_what_was_entered_before_the_start_is_no_change():
    """Entered and changed while the event was planned: nothing to show."""
    early = [change(START - 2, "", SMALL), change(START - 1, SMALL, LARGE)]
    assert later_changes(started(), early) == ()


def test_a_later_change_is_shown_with_what_it_was_before():
    """Flagged, with person, time, reason, and the sets as they had been entered."""
    late = later_changes(started(), [change(START - 2, "", SMALL), change(START + 1, SMALL, LARGE)])
    assert len(late) == 1
    got = saving(
        structs.replace(facts({"load": [20.0] * HOUR}), baseline=LARGE, baseline_changes=late)
    )
    assert got.saving.baseline_changed
    (note,) = (one for one in got.notes if one.code == "baseline-changed")
    assert "Ann" in note.text
    assert "the quote said so" in note.text
    assert "A 1 × 60 kW 00:00–24:00" in note.text


@pytest.mark.parametrize(
    "other",
    [
        change(START + 1, SMALL, SMALL),
        change(START + 1, SMALL, LARGE, field="carbon"),
        change(START + 1, SMALL, LARGE, subject="p"),
    ],
)
def test_what_is_not_about_the_baseline_is_none(other):
    """The same text again, another field, a participation."""
    assert later_changes(started(), [other]) == ()


def test_a_systems_own_baseline_counts_for_it_alone():
    """Its use was changed twice after the start: only the change of its baseline is shown."""
    use = SystemUse(system="s", baseline=SMALL)
    own = structs.replace(started(), systems=(use,))
    late = [
        change(START + 1, SystemUse(system="s"), use, field="system:s"),
        change(START + 2, use, structs.replace(use, use_case="hybridization"), field="system:s"),
        change(START + 3, SMALL, LARGE),
    ]
    assert [one.at_ms for one in later_changes(own, late, "s")] == [START + 1]
    assert [one.at_ms for one in later_changes(own, late, "t")] == [START + 3]


def test_text_that_is_no_baseline_is_nothing():
    """A damaged text is not read; what follows it is a change."""
    assert len(later_changes(started(), [change(START + 1, "{{", LARGE)])) == 1
