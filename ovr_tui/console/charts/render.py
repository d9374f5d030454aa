"""plotext 6 behind one call: up to four series as lines of a terminal.

plotext keeps one global figure and is not thread-safe, so there is one renderer and it is called
in one worker thread only. A figure of its own comes from the private `plot_class`, as plotext has
no public way; `pyproject.toml` pins the version that this was read from.
"""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from textual.strip import Strip

from ovr_tui.console.charts.axes import decimals, limits, steps, times
from ovr_tui.console.charts.series import Point, Series, Window, band, pieces
from ovr_tui.console.format import number
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.palette import Palette
from ovr_tui.console.text import Line, Piece, Tone

LEAST_WIDTH, LEAST_HEIGHT = 24, 5
MOST = 4
"""So many series are told apart."""
TONES: tuple[Tone, ...] = ("one", "two", "three", "four")
"""Of the series, in their order; each has a letter too."""
_BAND, _CURSOR = MOST + 1, MOST + 2
_COLOURS = ("red", "green", "orange", "blue", "magenta", "cyan")
"""What plotext is told, to find in its answer what belongs to what: the series, band, cursor."""
_CODE = re.compile(r"\x1b\[([0-9;]*)m")
_TOLD: dict[str, Tone] = dict(
    zip((f"38;5;{n}" for n in (1, 2, 3, 4, 5, 6)), (*TONES, "bar", "text"), strict=True)
)
DOTS = 6
"""Changes of less than this part of a line are not drawn."""
LABELS = (0.12, 0.45, 0.78)
"""Where on a line its letter stands, when there are several."""


class Picture(Struct, frozen=True, kw_only=True):
    """What is drawn. Those in the first one's unit go by the left axis, the others by the right;
    `empty` is said where there is nothing."""

    series: tuple[Series, ...]
    window: Window
    timezone: str
    cursor_ms: int | None = None
    empty: str = "no values in this time"


class ChartRenderer:
    """Renders charts; call it in one thread only."""

    def __init__(self, palette: Palette) -> None:
        self._palette = palette
        self._plotext: Any = None

    def render(self, picture: Picture, width: int, height: int, glyphs: Glyphs) -> list[Strip]:
        """`height` strips of `width` cells; a sentence instead of a chart where nothing can be
        drawn."""
        if width < LEAST_WIDTH or height < LEAST_HEIGHT:
            return self._sentence("too small for a chart", width, height)
        columns = max(2, width)
        runs = [pieces(one.track, picture.window, columns) for one in picture.series[:MOST]]
        if not any(runs):
            return self._sentence(picture.empty, width, height)
        text = _Drawing(self._load(), picture, runs, glyphs, (width, height)).text()
        lines = [_tones(line) for line in text.splitlines()]
        lines += [()] * (height - len(lines))
        return [self._palette.strip(line, width) for line in lines[:height]]

    def _sentence(self, text: str, width: int, height: int) -> list[Strip]:
        lines: list[Line] = [()] * height
        if height:
            lines[height // 2] = ((text[:width].center(width), "dim"),)
        return [self._palette.strip(line, width) for line in lines]

    def _load(self) -> Any:
        if self._plotext is None:
            import plotext  # a quarter of a second, in this thread
            from plotext._kernel.terminal import terminal

            self._plotext = plotext.marker, terminal
        return self._plotext


class _Drawing:
    """One chart while it is drawn."""

    def __init__(
        self,
        plotext: Any,
        picture: Picture,
        runs: list[list[list[Point]]],
        glyphs: Glyphs,
        size: tuple[int, int],
    ) -> None:
        self._marker, terminal = plotext
        holder = terminal()
        holder.limit(False, False)
        self._figure = holder._master  # noqa: SLF001  plotext has no public way to a figure of one's own
        self._figure._set_size(*size)  # noqa: SLF001
        self._picture = picture
        self._runs = runs
        self._glyphs = glyphs
        self._columns, self._height = max(2, size[0]), size[1]
        first = picture.series[0].unit
        self._sides = ["left" if one.unit == first else "right" for one in picture.series[:MOST]]
        drawn = [side for side, run in zip(self._sides, runs, strict=True) if run]
        self._main = "left" if "left" in drawn else "right"
        """The side that cursor and band go by."""

    def text(self) -> str:
        """The chart with plotext's codes for colours."""
        figure = self._figure
        figure.theme("colorless")
        figure.canvas("default")
        figure.axes(False, axis="x", side="upper")
        figure.axes(False, axis="y", side="right")
        bands = self._bands()
        ranges = {side: self._ruler(side, bands) for side in dict.fromkeys(self._sides)}
        where, labels = times(self._picture.window, self._picture.timezone, self._columns)
        figure.ruler("x", "lower").lim(0, self._columns)
        figure.ruler("x", "lower").ticks(where, labels)
        self._draw_band(bands, ranges)
        self._draw_cursor(ranges)
        for number_, run in enumerate(self._runs):
            low, high = ranges[self._sides[number_]]
            least = (high - low) / (self._height * DOTS)
            self._draw_line(number_, [_slim(each, least) for each in run])
        text: str = figure.build().string()
        return text

    def _bands(self) -> dict[int, tuple[float, float]]:
        """The band is drawn where one series stands alone: several would hide each other."""
        if len(self._runs) != 1:
            return {}
        return band(self._picture.series[0].track, self._picture.window, self._columns)

    def _ruler(self, side: str, bands: dict[int, tuple[float, float]]) -> tuple[float, float]:
        values = [
            y
            for own, runs in zip(self._sides, self._runs, strict=True)
            for run in runs
            for _, y in run
            if own == side
        ]
        if side == "left":
            values += [y for pair in bands.values() for y in pair]
        if not values:
            return 0.0, 1.0
        low, high = limits(values)
        ticks = steps(low, high, max(2, self._height // 3))
        places = decimals(ticks)
        ruler = self._figure.ruler("y", side)
        ruler.lim(low, high)
        ruler.ticks(ticks, [number(tick, places) for tick in ticks])
        return low, high

    def _draw(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        sign: str,
        colour: int,
        side: str,
        *,
        line: bool,
    ) -> None:
        marker = self._marker(sign, _COLOURS[colour - 1])
        signal = self._figure.signal(xs, ys, marker=marker, yside=side)
        self._figure.draw(signal.lines(line and len(xs) > 1))

    def _draw_band(
        self, bands: dict[int, tuple[float, float]], ranges: dict[str, tuple[float, float]]
    ) -> None:
        if not bands:
            return
        low, high = ranges["left"]
        cell = (high - low) / max(1, self._height - 3)
        xs: list[float] = []
        ys: list[float] = []
        for column, (least, greatest) in bands.items():
            for number_ in range(int((greatest - least) / cell) + 1):
                xs.append(column)
                ys.append(least + number_ * cell)
            xs.append(column)
            ys.append(greatest)
        self._draw(xs, ys, self._glyphs.empty, _BAND, "left", line=False)

    def _draw_cursor(self, ranges: dict[str, tuple[float, float]]) -> None:
        window, at_ms = self._picture.window, self._picture.cursor_ms
        if at_ms is None or self._main not in ranges:
            return
        x = (at_ms - window.start_ms) / max(1, window.span_ms) * self._columns
        self._draw([x, x], ranges[self._main], self._glyphs.bar, _CURSOR, self._main, line=True)

    def _draw_line(self, place: int, runs: list[list[Point]]) -> None:
        """One series: by dots where the font has them, else in its letter when it is not alone."""
        alone, sign = len(self._runs) == 1, self._glyphs.chart
        letter = self._picture.series[place].letter
        if not alone and len(sign) == 1:
            sign = letter
        side = self._sides[place]
        for run in runs:
            self._draw([x for x, _ in run], [y for _, y in run], sign, place + 1, side, line=True)
        if alone or len(sign) == 1:
            return
        points = [point for run in runs for point in run]
        for share in LABELS:
            wanted = (share + place * 0.06) * self._columns
            best = min(points, key=lambda point: abs(point[0] - wanted), default=None)
            if best is not None:
                self._draw([best[0]], [best[1]], letter, place + 1, side, line=False)


def _slim(run: list[Point], least: float) -> list[Point]:
    """Without the second point of a column that nobody could tell from the first: each costs."""
    kept = run[:1]
    for point in run[1:]:
        before = kept[-1]
        if int(point[0]) != int(before[0]) or abs(point[1] - before[1]) >= least:
            kept.append(point)
    return kept


def _tones(line: str) -> Line:
    """plotext's colours as the tones that they stand for; what has none belongs to the axes."""
    out: list[Piece] = []
    tone: Tone = "dim"
    at = 0
    for code in _CODE.finditer(line):
        if code.start() > at:
            out.append((line[at : code.start()], tone))
        tone, at = _TOLD.get(code[1], "dim"), code.end()
    if at < len(line):
        out.append((line[at:], tone))
    return tuple(out)
