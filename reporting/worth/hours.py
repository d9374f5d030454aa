"""Times of day of a time zone, as stretches of UTC: hours of a baseline, bands of a tariff, days.

All wall clocks: on the day on which clocks are put forward 01:00 to 05:00 lasts three hours. A time
that a day does not have (02:30 on that day) counts from the moment at which the clock passes it;
one that it has twice is the first of both.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from collector.model.terms import EVERY_DAY, PriceBand, Weekday

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)


class Span(NamedTuple):
    """From `from_ms` to `to_ms` (UTC ms, the end excluded)."""

    from_ms: int
    to_ms: int


class DaySpan(NamedTuple):
    """A whole local day."""

    day: date
    from_ms: int
    to_ms: int


def minutes_of(clock: str) -> int:
    """Minutes since midnight of "HH:MM" ("24:00" is 1440). Raises ValueError for anything else."""
    hours, _, minutes = clock.partition(":")
    found = int(hours) * 60 + int(minutes)
    if not (0 <= found <= 1440 and 0 <= int(minutes) < 60):
        raise ValueError(f"{clock} is no time of day")
    return found


def moment(zone: ZoneInfo, day: date, minutes: int) -> int:
    """UTC ms of a wall clock's time on a day; 1440 is the midnight at its end."""
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes)
    return (wall.astimezone(UTC) - EPOCH) // MS


def days(zone: ZoneInfo, from_ms: int, to_ms: int) -> Iterator[DaySpan]:
    """The local days that [from_ms, to_ms) touches, each whole (23, 24 or 25 hours)."""
    day = (EPOCH + from_ms * MS).astimezone(zone).date()
    while (start := moment(zone, day, 0)) < to_ms:
        yield DaySpan(day, start, moment(zone, day, 1440))
        day += timedelta(days=1)


def daily(
    zone: ZoneInfo,
    window: Span,
    clock: tuple[str, str],
    weekdays: Sequence[Weekday] = EVERY_DAY,
) -> list[Span]:
    """When it is between two times of day within a window, in order. The end before the start (or
    at it) spans midnight and belongs to the day on which it begins; 00:00 to 24:00 is all day."""
    start, end = minutes_of(clock[0]), minutes_of(clock[1])
    end += 1440 if end <= start else 0
    found: list[Span] = []
    for one in days(zone, window.from_ms - 86_400_000, window.to_ms):
        if EVERY_DAY[one.day.weekday()] not in weekdays:
            continue
        after = one.day + timedelta(days=end // 1440)
        until = moment(zone, after, end % 1440)
        from_ms = max(moment(zone, one.day, start), window.from_ms)
        to_ms = min(until, window.to_ms)
        if from_ms < to_ms:
            found.append(Span(from_ms, to_ms))
    return found


class Bands:
    """Which band of a tariff it is when. Where bands overlap, the first one of the tariff counts;
    where there is none, the number is None."""

    def __init__(self, zone: ZoneInfo, bands: Sequence[PriceBand], window: Span) -> None:
        marks: set[int] = {window.from_ms}
        spans = [daily(zone, window, (band.start, band.end), band.days) for band in bands]
        for some in spans:
            for one in some:
                marks |= {one.from_ms, one.to_ms}
        self.starts: Sequence[int] = sorted(marks)
        self.numbers: Sequence[int | None] = [_first(spans, at) for at in self.starts]

    def at(self, at_ms: int) -> int | None:
        """The number of the band at a moment of the window."""
        return self.numbers[max(0, bisect_right(self.starts, at_ms) - 1)]

    def split(self, from_ms: int, to_ms: int) -> Iterator[tuple[int | None, int]]:
        """A stretch in parts of one band each: the number of the band, and how many ms."""
        at = from_ms
        index = max(0, bisect_right(self.starts, from_ms) - 1)
        while at < to_ms:
            ahead = self.starts[index + 1] if index + 1 < len(self.starts) else to_ms
            until = min(ahead, to_ms)
            yield self.numbers[index], until - at
            at, index = until, index + 1


def _first(spans: Sequence[Iterable[Span]], at_ms: int) -> int | None:
    for number, some in enumerate(spans):
        if any(one.from_ms <= at_ms < one.to_ms for one in some):
            return number
    return None
