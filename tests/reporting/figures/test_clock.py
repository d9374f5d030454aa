"""Local cells of the clock: offsets of 30 and 45 minutes, changes of the clock, days."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.figures.clock import DAY_MS, HOUR_MS, MINUTE_MS, LocalClock

ZONES = (
    "UTC",
    "America/Los_Angeles",
    "Europe/London",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "America/Havana",
    "Africa/Cairo",
    "Pacific/Chatham",
)


def ms(zone: str, year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """A local time as UTC ms."""
    at = datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone))
    return int(at.timestamp() * 1000)


def test_quarter_hours_of_a_zone_of_5_h_45():
    """08:07 in Kathmandu lies in the window of 08:00, which begins at 02:15 UTC."""
    at = ms("Asia/Kathmandu", 2026, 6, 5, 8, 7)
    first = next(iter(LocalClock("Asia/Kathmandu", at, at + HOUR_MS).cells(15 * MINUTE_MS)))
    assert datetime.fromtimestamp(first.from_ms / 1000, UTC).strftime("%H:%M") == "02:15"
    assert first.whole


def test_whole_hours_of_a_zone_of_5_h_45_begin_at_a_quarter_past():
    """Of UTC."""
    at = ms("Asia/Kathmandu", 2026, 6, 5, 8, 0)
    cells = list(LocalClock("Asia/Kathmandu", at, at + 3 * HOUR_MS).cells(HOUR_MS))
    assert [cell.hour for cell in cells] == [8, 9, 10]
    assert {cell.from_ms % HOUR_MS for cell in cells} == {15 * MINUTE_MS}


def test_the_day_on_which_the_clock_goes_back_has_25_hours_and_one_again():
    """Los Angeles, 2026-11-01: 01:00 comes twice."""
    begin, end = ms("America/Los_Angeles", 2026, 11, 1), ms("America/Los_Angeles", 2026, 11, 2)
    clock = LocalClock("America/Los_Angeles", begin, end)
    (day,) = clock.days()
    assert day.to_ms - day.from_ms == 25 * HOUR_MS
    cells = list(clock.cells(HOUR_MS))
    assert [cell.hour for cell in cells] == [0, 1, 1, *range(2, 24)]
    assert [cell.again for cell in cells].index(True) == 2
    assert sum(cell.again for cell in cells) == 1


def test_the_day_on_which_the_clock_goes_forward_has_23_hours():
    """Los Angeles, 2026-03-08: there is no 02:00."""
    begin, end = ms("America/Los_Angeles", 2026, 3, 8), ms("America/Los_Angeles", 2026, 3, 9)
    cells = list(LocalClock("America/Los_Angeles", begin, end).cells(HOUR_MS))
    assert [cell.hour for cell in cells] == [0, 1, *range(3, 24)]
    assert all(cell.whole for cell in cells)


def test_a_change_by_half_an_hour_cuts_the_hour_that_comes_again():
    """Lord Howe, 2026-04-05: at 02:00 the clock goes back to 01:30, so the second hour of 01 is a
    half one, and no window of an hour."""
    begin = ms("Australia/Lord_Howe", 2026, 4, 5)
    cells = list(LocalClock("Australia/Lord_Howe", begin, begin + 4 * HOUR_MS).cells(HOUR_MS))
    assert [(cell.hour, cell.whole) for cell in cells] == [
        (0, True),
        (1, True),
        (1, False),
        (2, True),
        (3, True),
    ]
    assert cells[2].to_ms - cells[2].from_ms == 30 * MINUTE_MS


def test_a_stretch_without_length_has_no_day():
    """It ends where it begins."""
    assert LocalClock("UTC", 5, 5).days() == []


@pytest.mark.parametrize("length", [15 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS])
@given(
    zone=st.sampled_from(ZONES),
    at=st.integers(1_767_000_000, 1_800_000_000),
    hours=st.integers(1, 900),
)
def test_cells_and_days_cover_every_stretch_without_overlap(length, zone, at, hours):
    """Each ms is in exactly one cell and one day, and a cell's clock time is what the zone says."""
    begin = at * 1000
    clock = LocalClock(zone, begin, begin + hours * HOUR_MS)
    cells = list(clock.cells(length))
    assert cells[0].from_ms <= begin < cells[0].to_ms
    assert cells[-1].from_ms < clock.to_ms <= cells[-1].to_ms
    assert all(a.to_ms == b.from_ms for a, b in pairwise(cells))
    for cell in (cells[0], cells[len(cells) // 2], cells[-1]):
        shown = datetime.fromtimestamp(max(cell.from_ms, begin) / 1000, ZoneInfo(zone))
        assert (shown.date(), shown.hour) == (cell.day, cell.hour)
    days = clock.days()
    assert sum(day.to_ms - day.from_ms for day in days) == hours * HOUR_MS
    assert all(day.to_ms - day.from_ms <= DAY_MS + HOUR_MS for day in days)
