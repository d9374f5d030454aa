"""Times for batches whose clock was confirmed later, or never."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.journal.placing import Point, Stretch, place

DAY = 86_400_000
TRUE = 20_000 * DAY
"""A true UTC time."""


def stretch(mono_ms: int, length_ms: int, at_ms: int, *, set_by: int = 0) -> Stretch:
    """Batches from `mono_ms` on, whose clock said `at_ms` first and was set by so much later."""
    return Stretch(Point(mono_ms, at_ms), Point(mono_ms + length_ms, at_ms + length_ms + set_by))


def test_without_anything_before_what_was_measured_counts() -> None:
    """The boot that is confirmed gets the measured offset."""
    own = stretch(10_000, 60_000, 0)
    assert place([], own, offset_ms=TRUE, now_ms=TRUE + 80_000, after_ms=0) == ([], TRUE)
    assert place([], None, offset_ms=TRUE, now_ms=TRUE, after_ms=0) == ([], TRUE)


def test_an_earlier_boot_had_the_same_wrong_clock() -> None:
    """The clock that was wrong by three hours at this start was so at the one before: what was
    measured then lies where it really was, a day ago."""
    wrong = 3 * 3_600_000
    earlier = stretch(20_000, 600_000, TRUE - DAY - wrong)
    own = stretch(30_000, 60_000, TRUE - wrong)
    offsets, mine = place(
        [earlier], own, offset_ms=TRUE - 30_000, now_ms=TRUE + 90_000, after_ms=TRUE - 2 * DAY
    )
    assert mine == TRUE - 30_000
    assert offsets == [TRUE - DAY - 20_000]


def test_a_clock_that_was_set_meanwhile_counts_as_set() -> None:
    """In the earlier boot somebody set the clock: then its later times count."""
    earlier = stretch(20_000, 600_000, 1_000_000, set_by=TRUE - DAY)
    own = stretch(30_000, 60_000, 7_000)
    offsets, _ = place([earlier], own, offset_ms=TRUE, now_ms=TRUE + 90_000, after_ms=0)
    assert offsets == [TRUE - DAY + 1_000_000 - 20_000]


def test_a_clock_that_starts_anew_each_time_gives_way_to_its_neighbours() -> None:
    """Without a battery each boot begins in 1970: what an earlier one measured lies between the
    newest confirmed batch and this boot, in order."""
    boots = [stretch(15_000, 600_000, 0), stretch(15_000, 300_000, 0)]
    own = stretch(15_000, 60_000, 0)
    after = TRUE - DAY
    offsets, mine = place(boots, own, offset_ms=TRUE, now_ms=TRUE + 90_000, after_ms=after)
    times = [
        after,
        *itertools.chain.from_iterable(
            (one.first.mono_ms + offset, one.last.mono_ms + offset)
            for one, offset in zip([*boots, own], [*offsets, mine], strict=True)
        ),
    ]
    assert times == sorted(times)
    assert mine == TRUE


def test_samples_of_the_future_push_all_others() -> None:
    """When the newest batch is from later than now, times rise from there on."""
    own = stretch(10_000, 60_000, 0)
    _, mine = place([], own, offset_ms=TRUE, now_ms=TRUE + 80_000, after_ms=TRUE + DAY)
    assert own.first.mono_ms + mine == TRUE + DAY + 1000


SECONDS = st.integers(0, 10**7).map(lambda s: s * 1000)
STRETCHES = st.builds(stretch, SECONDS, SECONDS, SECONDS, set_by=SECONDS | st.just(0))


@pytest.mark.parametrize("with_own", [True, False])
@given(boots=st.lists(STRETCHES, max_size=4), own=STRETCHES, offset=SECONDS, after=SECONDS)
def test_times_always_rise(
    with_own: bool, boots: list[Stretch], own: Stretch, offset: int, after: int
) -> None:
    """Whatever the clocks said: whole seconds, above everything before, boot by boot."""
    offsets, mine = place(
        boots,
        own if with_own else None,
        offset_ms=offset,
        now_ms=own.last.mono_ms + offset,
        after_ms=after,
    )
    for one, shift in zip([*boots, *([own] if with_own else [])], [*offsets, mine], strict=False):
        assert shift % 1000 == 0
        assert one.first.mono_ms + shift >= after + 1000
        after = one.last.mono_ms + shift
