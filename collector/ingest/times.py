"""The time of a row: UTC seconds, ISO 8601, or a local time of the node's zone. Pure."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

EARLIEST_MS = 946_684_800_000
"""2000-01-01: what is earlier is a clock that was never set."""
LATEST_MS = 4_102_444_800_000
"""2100-01-01."""
_DIGITS = re.compile(r"\d{9,13}(\.\d{1,6})?\Z", re.ASCII)

NO_TIME = "no time"
LOCAL_TWICE = "local time that is not one moment"


def row_time(told: object, zone: ZoneInfo) -> int | str:
    """UTC milliseconds, or why it is no time that counts."""
    if isinstance(told, bool) or told is None:
        return NO_TIME
    if isinstance(told, int | float):
        return _number(float(told)) if abs(told) < 1e15 else NO_TIME
    text = str(told).strip()
    if _DIGITS.match(text):
        return _number(float(text))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return NO_TIME
    if found.tzinfo is None:
        if not _is_one_moment(found, zone):
            return LOCAL_TWICE
        found = found.replace(tzinfo=zone)
    try:
        return _plausible((found - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
    except OverflowError:
        return NO_TIME


def _is_one_moment(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the zone has this local time, and once: not skipped in spring, not twice in
    autumn."""
    try:
        offsets = {local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
    except OverflowError:
        return False
    return len(offsets) == 1


def _number(told: float) -> int | str:
    return _plausible(told if told >= 1e11 else told * 1000)


def _plausible(at_ms: float) -> int | str:
    return round(at_ms) if EARLIEST_MS <= at_ms <= LATEST_MS else NO_TIME
