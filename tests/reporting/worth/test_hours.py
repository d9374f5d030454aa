"""Times of day in a zone: over midnight, by weekday, on the days on which clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.terms import PriceBand
from reporting.worth.hours import Bands, Span, daily, days, minutes_of

BERLIN = ZoneInfo("Europe/Berlin")
HOUR_MS = 3_600_000


def utc(text):
    """UTC ms."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def band(name, start, end, price=1.0, days=("mon", "tue", "wed", "thu", "fri", "sat", "sun")):
    """A band of a tariff."""
    return PriceBand(name=name, start=start, end=end, energy_per_kwh=price, days=days)


def test_a_time_over_midnight_belongs_to_the_day_on_which_it_begins():
    """Friday 22:00 to 06:00 in Berlin in June: only the night from Friday 5 to Saturday 6."""
    window = Span(utc("2026-06-01 00:00"), utc("2026-06-08 00:00"))
    got = daily(BERLIN, window, ("22:00", "06:00"), ("fri",))
    assert got == [Span(utc("2026-06-05 20:00"), utc("2026-06-06 04:00"))]


def test_a_night_that_began_before_the_window_counts_from_its_beginning():
    """The window begins at 02:00 local on Saturday: Friday's night still runs."""
    window = Span(utc("2026-06-06 00:00"), utc("2026-06-07 00:00"))
    got = daily(BERLIN, window, ("22:00", "06:00"), ("fri",))
    assert got == [Span(utc("2026-06-06 00:00"), utc("2026-06-06 04:00"))]


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-06-06", 8)]
)
def test_a_night_in_which_clocks_change_has_its_true_length(day, hours):
    """22:00 to 06:00 by the wall clock: 7 hours when they go forward, 9 when they go back."""
    start = utc(f"{day} 12:00")
    got = daily(BERLIN, Span(start, start + 24 * HOUR_MS), ("22:00", "06:00"))
    assert [one.to_ms - one.from_ms for one in got] == [hours * HOUR_MS]


def test_local_days_have_23_24_or_25_hours():
    """From noon before to noon after each change."""
    spring = list(days(BERLIN, utc("2026-03-28 12:00"), utc("2026-03-30 12:00")))
    assert [(one.to_ms - one.from_ms) // HOUR_MS for one in spring] == [24, 23, 24]
    autumn = list(days(BERLIN, utc("2026-10-24 12:00"), utc("2026-10-26 12:00")))
    assert [(one.to_ms - one.from_ms) // HOUR_MS for one in autumn] == [24, 25, 24]


def test_of_bands_that_overlap_the_first_counts():
    """Peak within day; outside both none."""
    window = Span(utc("2026-06-01 00:00"), utc("2026-06-02 00:00"))
    bands = Bands(
        ZoneInfo("UTC"), (band("peak", "17:00", "20:00"), band("day", "06:00", "22:00")), window
    )
    at = {hour: bands.at(window.from_ms + hour * HOUR_MS) for hour in (3, 7, 18, 21, 23)}
    assert at == {3: None, 7: 1, 18: 0, 21: 1, 23: None}


@given(
    st.integers(0, 10 * 24 * 3600),
    st.integers(0, 5 * 24 * 3600),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.lists(st.tuples(st.integers(0, 1439), st.integers(0, 1440)), min_size=0, max_size=4),
)
def test_any_stretch_is_split_into_bands_without_rest(begin_s, length_s, zone, clocks):
    """Across both changes of the clock: the parts sum to the stretch, and each is of one band."""
    start = utc("2026-10-20 00:00") + begin_s * 1000
    window = Span(start, start + length_s * 1000)
    text = [(f"{a // 60:02}:{a % 60:02}", f"{b // 60:02}:{b % 60:02}") for a, b in clocks]
    bands = Bands(ZoneInfo(zone), [band(str(n), *c) for n, c in enumerate(text)], window)
    at = window.from_ms
    for number, ms in bands.split(*window):
        assert ms > 0
        assert bands.at(at) == bands.at(at + ms - 1) == number
        at += ms
    assert at == window.to_ms


def test_what_is_no_time_of_day_is_refused():
    """24:00 is one; 24:01 is none."""
    assert minutes_of("24:00") == 1440
    for text in ("24:01", "7", "aa:bb", "12:60"):
        with pytest.raises(ValueError):
            minutes_of(text)
