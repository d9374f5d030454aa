"""Charts of a report for a terminal, drawn with plotext: no colour carries anything."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from collector.model.report.series import Profile, Values
from ovr_tui.console.charts.axes import limits, steps

WIDTH, HEIGHT = 78, 14
DAY_MS, HOUR_MS = 86_400_000, 3_600_000


def load_chart(profile: Profile, label: Callable[[int], str], width: int = WIDTH) -> str:
    """The load over time, kW; a gap is a gap. `label` says a time (UTC ms) in the event's zone."""
    span = len(profile.load_kw)
    every = max(1, math.ceil(span / 5))
    ticks = list(range(0, span, every))
    names = [label(profile.from_ms + index * profile.step_ms) for index in ticks]
    return _chart(profile.load_kw, [float(one) for one in ticks], names, width)


def duration_chart(values: Values, width: int = WIDTH) -> str:
    """The load that was reached for so many per cent of the time, kW."""
    ticks = [0.0, 25.0, 50.0, 75.0, 100.0]
    return _chart(values, ticks, [f"{tick:.0f} %" for tick in ticks], width)


def _chart(values: Values, ticks: list[float], names: list[str], width: int) -> str:
    runs = _runs(values)
    seen = [value for run in runs for _, value in run]
    if not seen:
        return "  (nothing was measured)"
    low, high = limits(seen)
    figure = _figure(width, HEIGHT)
    figure.theme("colorless")
    figure.canvas("default")
    figure.axes(False, axis="x", side="upper")
    figure.axes(False, axis="y", side="right")
    marks = steps(low, high, HEIGHT // 3)
    figure.ruler("y", "left").lim(low, high)
    figure.ruler("y", "left").ticks(marks, [f"{mark:g}" for mark in marks])
    figure.ruler("x", "lower").lim(0, max(1, len(values) - 1))
    figure.ruler("x", "lower").ticks(ticks, names)
    for run in runs:
        xs, ys = [x for x, _ in run], [y for _, y in run]
        figure.draw(figure.signal(xs, ys, marker="braille").lines(len(run) > 1))
    text: str = figure.build().string(colorless=True)
    return "\n".join(line.rstrip() for line in text.splitlines())


def _runs(values: Values) -> Sequence[list[tuple[float, float]]]:
    """The pieces without a gap: index and value."""
    runs: list[list[tuple[float, float]]] = []
    broken = True
    for index, value in enumerate(values):
        if value is None:
            broken = True
            continue
        if broken:
            runs.append([])
        broken = False
        runs[-1].append((float(index), value))
    return runs


def _figure(width: int, height: int) -> Any:
    """A figure of one's own (`ovr_tui.console.chart` says why this way)."""
    from plotext._kernel.terminal import terminal

    holder = terminal()
    holder.limit(False, False)
    figure = holder._master  # noqa: SLF001
    figure._set_size(width, height)  # noqa: SLF001
    return figure
