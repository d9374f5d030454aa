"""plotext 6 behind one call: a series as lines of a terminal.

plotext keeps one global figure and is not thread-safe, so there is one renderer and it is called
in one worker thread only. A figure of its own comes from the private `plot_class`, as plotext has
no public way; `pyproject.toml` pins the version that this was read from.
"""

import math
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from msgspec import Struct
from textual.strip import Strip

from ovr_tui.console.format import local, number
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.palette import Palette
from ovr_tui.console.text import Line, Piece, Tone

LEAST_WIDTH, LEAST_HEIGHT = 24, 5


class Series(Struct, frozen=True, kw_only=True):
    """What is drawn: values already in `unit`, times UTC ms rising, None where there is a gap.
    A pause of more than `gap_ms` between two times is a gap too."""

    times: tuple[int, ...]
    values: tuple[float | None, ...]
    unit: str
    decimals: int
    timezone: str
    start_ms: int
    end_ms: int
    gap_ms: int = 10_000


Point = tuple[float, float]


def pieces(series: Series, columns: int) -> list[list[Point]]:
    """The unbroken pieces of a series, at most two points (lowest, highest) for each of `columns`
    columns; x is the column."""
    width_ms = max(1, series.end_ms - series.start_ms) / columns
    runs: list[list[Point]] = []
    run: list[Point] = []
    last = None
    for at_ms, value in zip(series.times, series.values, strict=False):
        if value is None or not math.isfinite(value):
            last = None
            continue
        if not series.start_ms <= at_ms <= series.end_ms:
            continue
        if last is None or at_ms - last > series.gap_ms:
            run = []
            runs.append(run)
        last = at_ms
        run.append(((at_ms - series.start_ms) / width_ms, value))
    return [_thin(run) for run in runs]


def _thin(run: list[Point]) -> list[Point]:
    out: list[Point] = []
    column: list[Point] = []
    for point in run:
        if column and int(point[0]) != int(column[0][0]):
            out.extend(_ends(column))
            column = []
        column.append(point)
    out.extend(_ends(column))
    return out


def _ends(column: list[Point]) -> list[Point]:
    low, high = min(column, key=lambda p: p[1]), max(column, key=lambda p: p[1])
    return sorted({low, high})


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


class ChartRenderer:
    """Renders charts; call it in one thread only."""

    def __init__(self, palette: Palette) -> None:
        self._palette = palette
        self._figure_class: Any = None

    def render(self, series: Series, width: int, height: int, glyphs: Glyphs) -> list[Strip]:
        """`height` strips of `width` cells; a sentence instead of a chart where nothing can be
        drawn."""
        runs = pieces(series, max(2, width))
        values = [y for run in runs for _, y in run]
        if width < LEAST_WIDTH or height < LEAST_HEIGHT:
            return self._sentence("too small for a chart", width, height)
        if not values:
            return self._sentence("no values in the last 15 minutes", width, height)
        text = self._build(series, runs, values, width, height, glyphs)
        lines = [self._tones(line, glyphs) for line in text.splitlines()]
        lines += [()] * (height - len(lines))
        return [self._palette.strip(line, width) for line in lines[:height]]

    def _sentence(self, text: str, width: int, height: int) -> list[Strip]:
        lines: list[Line] = [()] * height
        if height:
            lines[height // 2] = ((text.center(width), "dim"),)
        return [self._palette.strip(line, width) for line in lines]

    def _build(
        self,
        series: Series,
        runs: list[list[Point]],
        values: list[float],
        width: int,
        height: int,
        glyphs: Glyphs,
    ) -> str:
        figure = self._figure(width, height)
        figure.theme("colorless")
        figure.canvas("default")
        figure.axes(False, axis="x", side="upper")
        figure.axes(False, axis="y", side="right")
        low, high = limits(values)
        ticks = steps(low, high, max(2, height // 3))
        decimals = _decimals(ticks)
        figure.ruler("y", "left").lim(low, high)
        figure.ruler("y", "left").ticks(ticks, [number(tick, decimals) for tick in ticks])
        where, labels = _times(series, width)
        figure.ruler("x", "lower").lim(0, max(2, width))
        figure.ruler("x", "lower").ticks(where, labels)
        for run in runs:
            xs, ys = [x for x, _ in run], [y for _, y in run]
            figure.draw(figure.signal(xs, ys, marker=glyphs.chart).lines(len(run) > 1))
        text: str = figure.build().string(colorless=True)
        return text

    def _figure(self, width: int, height: int) -> Any:
        if self._figure_class is None:
            from plotext._kernel.terminal import terminal  # a quarter of a second, in this thread

            self._figure_class = terminal
        holder = self._figure_class()
        holder.limit(False, False)
        figure = holder._master  # noqa: SLF001  plotext has no public way to a figure of one's own
        figure._set_size(width, height)  # noqa: SLF001
        return figure

    def _tones(self, line: str, glyphs: Glyphs) -> Line:
        out: list[Piece] = []
        for ch in line:
            inked = "\u2801" <= ch <= "\u28ff" or (glyphs.chart == ch)
            tone: Tone = "accent" if inked else "dim"
            if out and out[-1][1] == tone:
                out[-1] = (out[-1][0] + ch, tone)
            else:
                out.append((ch, tone))
        return tuple(out)


def _decimals(ticks: list[float]) -> int:
    """As few decimals as tell every tick exactly, at most three."""
    near = min((b - a for a, b in pairwise(ticks)), default=1.0) / 100
    return next((d for d in range(3) if all(abs(t - round(t, d)) < near for t in ticks)), 3)


def _times(series: Series, width: int) -> tuple[list[float], list[str]]:
    """Whole minutes of local time that leave room for their labels."""
    span_s = max(60, (series.end_ms - series.start_ms) // 1000)
    room = max(1, width // 12)
    step = next((s for s in (60, 120, 300, 600, 900, 1800) if span_s / s <= room), 3600)
    at = local(series.start_ms, series.timezone)
    seconds = at.hour * 3600 + at.minute * 60 + at.second
    at += timedelta(seconds=-seconds % step)
    first_ms = series.start_ms + (-seconds % step) * 1000
    where, labels = [], []
    for ms in range(first_ms, series.end_ms + 1, step * 1000):
        where.append((ms - series.start_ms) / (series.end_ms - series.start_ms) * width)
        labels.append(local(ms, series.timezone).strftime("%H:%M"))
    return where, labels
