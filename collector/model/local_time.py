"""Which moments the local times are that people write: in autumn a zone has an hour twice. Pure."""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta, tzinfo

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)


def twice(at: datetime) -> bool:
    """Whether the zone of `at`, a moment in local time, has that local time twice."""
    return at.utcoffset() != at.replace(fold=1 - at.fold).utcoffset()


def read_ms(text: str, now_ms: int, zone: tzinfo | None, *, ahead: bool = False) -> int:
    """UTC ms of a time that a person wrote, in `zone`; None is this machine's.

    `14:00` or `9:30:15` is the last time until now that clocks showed it, with `ahead` the next
    one from now on. An ISO time without an offset is the first of two. Raises ValueError,
    OverflowError.
    """
    if found := _CLOCK.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in found.groups())
        return _clock_ms(time(hour, minute, second), now_ms, zone, ahead=ahead)
    return _written_ms(text, zone)


def _clock_ms(clock: time, now_ms: int, zone: tzinfo | None, *, ahead: bool = False) -> int:
    today = datetime.fromtimestamp(now_ms / 1000, zone).date()
    days = [datetime.combine(today + timedelta(days), clock) for days in range(-2, 3)]
    found = [at_ms for day in days for at_ms in _moments(day, zone)]
    if ahead:
        return min(at_ms for at_ms in found if at_ms >= now_ms)
    return max(at_ms for at_ms in found if at_ms <= now_ms)


def _written_ms(text: str, zone: tzinfo | None) -> int:
    found = datetime.fromisoformat(text)
    return _ms(found if found.tzinfo is not None else found.replace(tzinfo=zone))


def _moments(there: datetime, zone: tzinfo | None) -> Iterator[int]:
    """One or two; a time that is skipped in spring is as if clocks had not been put forward."""
    first, second = (_ms(there.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    yield first
    if second > first:
        yield second


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
