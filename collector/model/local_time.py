"""Which moments the local times are that people write: in autumn a zone has an hour twice. Pure."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta, tzinfo


def twice(at: datetime) -> bool:
    """Whether the zone of `at`, a moment in local time, has that local time twice."""
    return at.utcoffset() != at.replace(fold=1 - at.fold).utcoffset()


def clock_ms(clock: time, now_ms: int, zone: tzinfo | None, *, ahead: bool = False) -> int:
    """UTC ms of the last time until now that clocks showed `clock`, with `ahead` of the next one
    from now on; in `zone`, None is this machine's. Raises ValueError, OverflowError."""
    today = datetime.fromtimestamp(now_ms / 1000, zone).date()
    days = [datetime.combine(today + timedelta(days), clock) for days in range(-2, 3)]
    found = [at_ms for day in days for at_ms in _moments(day, zone)]
    if ahead:
        return min(at_ms for at_ms in found if at_ms >= now_ms)
    return max(at_ms for at_ms in found if at_ms <= now_ms)


def written_ms(text: str, zone: tzinfo | None) -> int:
    """UTC ms of an ISO time. One without an offset is in `zone`, None is this machine's; of two
    such times it is the first. Raises ValueError, OverflowError."""
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
