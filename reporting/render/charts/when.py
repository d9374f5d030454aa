"""The time axis: hours since the beginning, marked at local days and hours of the event's zone."""

from collections.abc import Sequence
from datetime import UTC, timedelta

from matplotlib.axes import Axes

from reporting.render.charts.theme import GRID
from reporting.render.locale import Reader

HOUR_MS = 3_600_000
_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)


def hours(ms: float, from_ms: int) -> float:
    """The place of a time on the axis."""
    return (ms - from_ms) / HOUR_MS


def time_axis(drawn: Axes, reader: Reader, from_ms: int, to_ms: int) -> None:
    """Ticks at local midnights, named by the day; within short windows at round times of the clock.

    A day that the clocks make 23 or 25 hours long is as long on the axis.
    """
    drawn.set_xlim(0, max(hours(to_ms, from_ms), 1 / 60))
    span = hours(to_ms, from_ms)
    if span <= 36:
        step = next((s for s in _STEPS_MIN if span * 60 / s <= 9), 720)
        marks = _local(reader, from_ms, to_ms, step)
        _ticks(drawn, from_ms, marks, [_short(reader, ms, marks) for ms in marks])
        return
    days = _local(reader, from_ms, to_ms, 1440)
    stride = max(1, -(-len(days) // 9))
    shown = days[::stride]
    for ms in shown:
        drawn.axvline(hours(ms, from_ms), color=GRID, linewidth=0.6, zorder=0.5)
    if stride == 1 and shown and hours(shown[0], from_ms) > span * 0.13:
        shown = [from_ms, *shown]
    if to_ms - shown[-1] < span * 0.1 * HOUR_MS:
        shown = shown[:-1]
    _ticks(drawn, from_ms, shown, [_dated(reader, ms, len(days)) for ms in shown])
    for label in drawn.get_xticklabels():
        label.set_horizontalalignment("left")
    if span <= 24 * 8:
        minor = _local(reader, from_ms, to_ms, 360)
        drawn.set_xticks([hours(ms, from_ms) for ms in minor if ms not in shown], minor=True)


def _dated(reader: Reader, ms: int, days: int) -> str:
    text = reader.day(ms)
    return text if days < 8 else text.partition(", ")[2] or text


def _ticks(drawn: Axes, from_ms: int, marks: Sequence[int], names: Sequence[str]) -> None:
    drawn.set_xticks([hours(ms, from_ms) for ms in marks], names)


def _short(reader: Reader, ms: int, marks: Sequence[int]) -> str:
    local = reader.local(ms)
    text = reader.clock(ms)
    if local.hour == 0 and local.minute == 0 and len(marks) > 1:
        return f"{text}\n{reader.day(ms)}"
    return text


def _local(reader: Reader, from_ms: int, to_ms: int, step_min: int) -> list[int]:
    """The times in [from, to] at which a clock in the zone shows a whole multiple of `step_min`."""
    first, last = reader.local(from_ms), reader.local(to_ms)
    hour = first.hour if step_min <= 60 else 0
    at = first.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    found: list[int] = []
    while at <= last + timedelta(hours=1):
        ms = round(at.astimezone(UTC).timestamp() * 1000)
        if from_ms <= ms <= to_ms and ms not in found[-1:]:
            found.append(ms)
        at += timedelta(minutes=step_min)
    return found
