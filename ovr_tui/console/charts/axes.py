"""Axes of a chart: calm ranges, round numbers, whole times. Pure."""

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from ovr_tui.console.charts.series import Window
from ovr_tui.console.format import local

_STEPS = (
    5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
)  # fmt: skip
"""Seconds between two times on the axis."""
LABEL_CELLS = 12
HOUR_S = 3600
DAY_S = 86_400


def limits(values: Sequence[float]) -> tuple[float, float]:
    """A calm range for the y axis: zero is in it unless the values lie far from zero."""
    low, high = min(values), max(values)
    if low == high == 0:
        return 0.0, 1.0
    if low > 0 and high - low > low * 0.5:
        low = 0.0
    if high < 0 and high - low > -high * 0.5:
        high = 0.0
    room = max((high - low) * 0.05, abs(high) * 1e-6, 1e-6)
    if low == high:
        room = max(abs(high) * 0.05, 1e-3)
    return (low if low == 0 else low - room), (high if high == 0 else high + room)


def steps(low: float, high: float, most: int) -> list[float]:
    """Round numbers between `low` and `high`: about `most` of them, and two at least, as one alone
    gives no scale."""
    power = 10.0 ** math.floor(math.log10((high - low) / max(1, most)))
    found: list[float] = []
    for factor in (10, 5, 2.5, 2, 1, 0.5, 0.25, 0.2, 0.1):
        step = power * factor
        ticks = [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
        if len(ticks) > most + 1 and len(found) >= 2:
            break
        found = ticks
    return found


def decimals(ticks: Sequence[float]) -> int:
    """As few decimals as tell every tick exactly, at most three."""
    near = min((b - a for a, b in pairwise(ticks)), default=1.0) / 100
    return next((d for d in range(3) if all(abs(t - round(t, d)) < near for t in ticks)), 3)


def times(window: Window, timezone: str, width: int) -> tuple[list[float], list[str]]:
    """Where in `width` columns whole local times stand that leave room for their labels, and the
    labels: with seconds for a short window, with the day where a day begins."""
    span_s = max(1.0, (window.end_ms - window.start_ms) / 1000)
    room = max(1, width // LABEL_CELLS)
    step = next((s for s in _STEPS if span_s / s <= room), DAY_S * math.ceil(span_s / room / DAY_S))
    where, labels = [], []
    for ms in _moments(window, timezone, step):
        if ms < window.start_ms:
            continue
        where.append((ms - window.start_ms) / (window.end_ms - window.start_ms) * width)
        labels.append(_label(ms, timezone, step))
    return where, labels


def _moments(window: Window, timezone: str, step_s: int) -> Iterator[int]:
    """UTC ms a step apart; steps of more than an hour are those of local clocks, so that a day
    begins at midnight whether it has 23 hours or 25."""
    at = local(window.start_ms, timezone)
    seconds = at.hour * 3600 + at.minute * 60 + at.second
    ahead_s = -seconds % min(step_s, DAY_S)
    if step_s <= HOUR_S:
        first_ms = window.start_ms - at.microsecond // 1000 + ahead_s * 1000
        yield from range(first_ms, window.end_ms + 1, step_s * 1000)
        return
    clock = at.replace(microsecond=0) + timedelta(seconds=ahead_s)
    while (ms := round(clock.timestamp() * 1000)) <= window.end_ms:
        yield ms
        clock += timedelta(seconds=step_s)


def _label(at_ms: int, timezone: str, step_s: int) -> str:
    at = local(at_ms, timezone)
    midnight = at.hour == at.minute == at.second == 0
    if step_s >= DAY_S or (midnight and step_s >= HOUR_S):
        return at.strftime("%a %d")
    return at.strftime("%H:%M:%S" if step_s < 60 else "%H:%M")
