"""Limits with hysteresis, and readings that may be unknown: the small words of the rules."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from collector.model.alarm import Severity
from collector.model.kinds import Quality
from collector.model.reading import Reading


class Found(NamedTuple):
    """A rule found something. Not `firm`: it is only not yet far enough back."""

    text: str
    severity: Severity = Severity.ALARM
    firm: bool = True
    delay_s: float | None = None
    """How long it has to last; None: as long as the settings say."""


class Unknown:
    """What was asked cannot be told now."""


UNKNOWN: Final = Unknown()
Outcome = Found | Unknown | None


def good(readings: Mapping[str, Reading], key: str) -> float | None:
    """The value, if there is a good one now."""
    reading = readings.get(key)
    return None if reading is None or reading.quality is not Quality.GOOD else reading.value


def has(readings: Mapping[str, Reading], key: str) -> bool:
    """Whether the asset tells of this at all."""
    return key in readings


def below(value: float, limit: float, hysteresis_pct: float) -> bool | None:
    """True: below the limit. False: back, but not yet by the hysteresis. None: all is well."""
    if value < limit:
        return True
    return False if value < limit + abs(limit) * hysteresis_pct / 100 else None


def above(value: float, limit: float, hysteresis_pct: float) -> bool | None:
    """True: above the limit. False: back, but not yet by the hysteresis. None: all is well."""
    if value > limit:
        return True
    return False if value > limit - abs(limit) * hysteresis_pct / 100 else None
