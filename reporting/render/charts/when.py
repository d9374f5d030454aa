"""The time axis: hours since the beginning, marked at local days and hours of the event's zone."""

from collections.abc import Sequence
from datetime import UTC, timedelta

from reporting.render.charts.plot import Plot
from reporting.render.locale import Reader

HOUR_MS = 3_600_000
_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)


def hours(ms: float, from_ms: int) -> float:
    """The place of a time on the axis."""
    return (ms - from_ms) / HOUR_MS


def across(from_ms: int, to_ms: int) -> tuple[float, float]:
    """The ends of the axis."""
    return 0.0, max(hours(to_ms, from_ms), 1 / 60)


def time_axis(drawn: Plot, reader: Reader, from_ms: int, to_ms: int) -> None:
    """Marks at local midnights, named by the day; within short windows at round times of the clock.

    A day that the clocks make 23 or 25 hours long is as long on the axis.
    """
    span = hours(to_ms, from_ms)
    if span <= 36:
        step = next((s for s in _STEPS_MIN if span * 60 / s <= 9), 720)
        marks = _local(reader, from_ms, to_ms, step)
        drawn.marked([hours(ms, from_ms) for ms in marks])
        for ms in marks:
            drawn.below(_short(reader, ms, marks), hours(ms, from_ms))
        return
    days = _local(reader, from_ms, to_ms, 1440)
    stride = max(1, -(-len(days) // 9))
    shown = days[::stride]
    drawn.up_lines([hours(ms, from_ms) for ms in shown])
    if stride == 1 and shown and hours(shown[0], from_ms) > span * 0.13:
        shown = [from_ms, *shown]
    if to_ms - shown[-1] < span * 0.1 * HOUR_MS:
        shown = shown[:-1]
    drawn.marked([hours(ms, from_ms) for ms in shown])
    for ms in shown:
        drawn.below(_dated(reader, ms, len(days)), hours(ms, from_ms), "left")
    if span <= 24 * 8:
        minor = _local(reader, from_ms, to_ms, 360)
        drawn.marked([hours(ms, from_ms) for ms in minor if ms not in shown], 2.0)


def _dated(reader: Reader, ms: int, days: int) -> str:
    text = reader.day(ms)
    return text if days < 8 else text.partition(", ")[2] or text


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
