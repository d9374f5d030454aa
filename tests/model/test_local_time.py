"""Local times where clocks are put forward and back. Los Angeles, 2026: 8 March, 1 November."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from collector.model.local_time import read_ms, twice

LA = ZoneInfo("America/Los_Angeles")


def utc_ms(text: str) -> int:
    """A moment of UTC."""
    return int(datetime.fromisoformat(f"{text}Z").timestamp() * 1000)


@pytest.mark.parametrize(
    ("now", "clock", "ahead", "found"),
    [
        ("2026-11-01 11:00", "01:30", False, "2026-11-01 09:30"),  # 03:00 PST: the last of both
        ("2026-11-01 09:10", "01:50", False, "2026-11-01 08:50"),  # 01:10 PST: 20 minutes ago
        ("2026-11-01 09:10", "01:05", False, "2026-11-01 09:05"),
        ("2026-11-01 08:40", "01:30", False, "2026-11-01 08:30"),  # 01:40 PDT: the first of both
        ("2026-11-01 08:10", "01:50", False, "2026-10-31 08:50"),  # 01:10 PDT: of the day before
        ("2026-11-01 08:40", "01:30", True, "2026-11-01 09:30"),  # 01:40 PDT: in 50 minutes
        ("2026-11-01 07:00", "01:30", True, "2026-11-01 08:30"),
        ("2026-11-01 09:40", "01:30", True, "2026-11-02 09:30"),
        ("2026-03-08 10:10", "02:30", False, "2026-03-07 10:30"),  # 03:10 PDT: 02:30 was skipped
        ("2026-03-08 09:00", "02:30", True, "2026-03-08 10:30"),
        ("2026-06-25 21:32", "14:32", False, "2026-06-25 21:32"),
        ("2026-06-25 21:32", "14:32", True, "2026-06-25 21:32"),
    ],
)
def test_a_bare_time_is_the_nearest_one(now: str, clock: str, ahead: bool, found: str) -> None:
    """Of all times that clocks show it, it is the last one until now, or the next one."""
    at_ms = read_ms(clock, utc_ms(now), LA, ahead=ahead)
    assert at_ms == utc_ms(found)


def test_a_written_time() -> None:
    """An offset says which of two it is; without one it is the first. An hour may have one digit,
    and what is no time is refused."""
    assert read_ms("9:05:07", utc_ms("2026-06-25 21:32"), LA) == utc_ms("2026-06-25 16:05:07")
    for wrong in ("25:00", "9:5", "noon", "", "٩:٠٠", "14:00 "):
        with pytest.raises(ValueError):
            read_ms(wrong, 0, LA)
    assert read_ms("2026-11-01 01:30", 0, LA) == utc_ms("2026-11-01 08:30")
    assert read_ms("2026-11-01 01:30-07:00", 0, LA) == utc_ms("2026-11-01 08:30")
    assert read_ms("2026-11-01 01:30-08:00", 0, LA) == utc_ms("2026-11-01 09:30")


@pytest.mark.parametrize(
    ("at", "expected"),
    [("07:59", False), ("08:00", True), ("08:59", True), ("09:59", True), ("10:00", False)],
)
def test_which_local_times_there_are_two_of(at: str, expected: bool) -> None:
    """Those of the hour that is put back, both times that it passes."""
    moment = datetime.fromtimestamp(utc_ms(f"2026-11-01 {at}") / 1000, UTC)
    assert twice(moment.astimezone(LA)) is expected
    assert not twice(moment)
