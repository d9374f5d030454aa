"""A box of a sheet with a scale in each direction: data in it, marks and names around it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from reporting.render.charts.sheet import INCH, Align, Box, Floats, Rise, Sheet, width
from reporting.render.charts.theme import GRID, INK, MUTED, SIZE, Pen

_BELOW_IN = 0.34
_EDGE = Pen(MUTED, 0.6)
_LINES = Pen(GRID, 0.6)
_STEPS = (1, 2, 2.5, 5, 10)

Pair = tuple[float, float]


class Key(NamedTuple):
    """A line of the legend: what looks so, and how it is called; `line` or a filled patch."""

    name: str
    pen: Pen
    line: bool = False


class Plot:
    """Margins are in inches. `across` and `up` are the values at the ends of the scales."""

    def __init__(
        self,
        sheet: Sheet,
        across: Pair,
        up: Pair,
        *,
        left: float = 0.5,
        right: float = 0.5,
        top: float = 0.32,
    ) -> None:
        self.sheet = sheet
        self.box = Box(
            left * INCH, _BELOW_IN * INCH, sheet.width - right * INCH, sheet.height - top * INCH
        )
        self.across, self.up = across, up

    def with_scale(self, up: Pair) -> "Plot":
        """The same box with another scale upwards."""
        other = Plot(self.sheet, self.across, up)
        other.box = self.box
        return other

    def x(self, value: float) -> float:
        """Where a value of the scale across stands on the sheet."""
        low, high = self.across
        return self.box.left + (value - low) * (self.box.right - self.box.left) / (high - low)

    def y(self, value: float) -> float:
        """Where a value of the scale upwards stands on the sheet."""
        low, high = self.up
        return self.box.bottom + (value - low) * (self.box.top - self.box.bottom) / (high - low)

    def levels(self, unit: str) -> None:
        """Light lines at round values, these at the left, the unit above them."""
        values = round_values(self.up, int((self.box.top - self.box.bottom) / (2 * SIZE)))
        for value, name in zip(values, written(values), strict=True):
            self.named(name, value)
        self.across_lines(values)
        self.above(unit, 0.0, "right", dx=-2)

    def across_lines(self, values: Sequence[float]) -> None:
        """Light lines from left to right."""
        left, right = self.box.left, self.box.right
        self.sheet.strokes([(left, self.y(v), right, self.y(v)) for v in values], _LINES)

    def up_lines(self, values: Sequence[float]) -> None:
        """Light lines from bottom to top."""
        bottom, top = self.box.bottom, self.box.top
        self.sheet.strokes([(self.x(v), bottom, self.x(v), top) for v in values], _LINES)

    def named(self, name: str, value: float, colour: str = INK) -> None:
        """What a height is called, at the left."""
        self.sheet.words(name, self.box.left - 2, self.y(value), "right", "middle", colour=colour)

    def marked(self, values: Sequence[float], long: float = 3.0) -> None:
        """Short strokes below the base."""
        base = self.box.bottom
        pen = Pen(MUTED, 0.2 * long)
        self.sheet.strokes([(self.x(v), base, self.x(v), base - long) for v in values], pen)

    def below(self, name: str, value: float, align: Align = "center", gap: float = 6.0) -> None:
        """What a place of the scale across is called."""
        self.sheet.words(name, self.x(value), self.box.bottom - gap, align, "top")

    def above(
        self,
        text: str,
        x: float,
        align: Align,
        *,
        dx: float = 0,
        dy: float = 6,
        colour: str = MUTED,
    ) -> None:
        """A word above the box, at `x` of its width, `dx` points aside."""
        at = self.box.left + x * (self.box.right - self.box.left) + dx
        self.sheet.words(text, at, self.box.top + dy, align, colour=colour)

    def base(self) -> None:
        """The line that all stands on; the last thing to draw."""
        self.sheet.strokes(
            [(self.box.left, self.box.bottom, self.box.right, self.box.bottom)], _EDGE
        )

    def note(
        self,
        text: str,
        at: Pair,
        align: Align,
        rise: Rise,
        shift: Pair,
        *,
        colour: str = INK,
        size: float = SIZE,
        paper: float | None = None,
    ) -> None:
        """Words beside a point of the data, `shift` points away."""
        x, y = self.x(at[0]) + shift[0], self.y(at[1]) + shift[1]
        self.sheet.words(text, x, y, align, rise, colour=colour, size=size, paper=paper)

    def line(self, xs: Sequence[float], ys: Sequence[float], pen: Pen) -> None:
        """A line from point to point; NaN interrupts it."""
        self.sheet.line(self._xs(xs), self._ys(ys), pen, self.box)

    def steps(self, edges: Sequence[float], values: Sequence[float], pen: Pen) -> None:
        """A line that holds each value for its bucket; `edges` are one more than the values."""
        xs, ys = self._xs(edges), self._ys(values)
        turns = np.flatnonzero(np.append(True, ys[1:] != ys[:-1]))
        ends = np.append(xs[turns], xs[-1:])
        self.sheet.line(np.repeat(ends, 2)[1:-1], np.repeat(ys[turns], 2), pen, self.box)

    def level(self, value: float, pen: Pen) -> None:
        """A line at one height."""
        self.line(self.across, (value, value), pen)

    def area(
        self, edges: Sequence[float], low: Sequence[float], high: Sequence[float], pen: Pen
    ) -> None:
        """From `low` to `high` for each bucket; nothing where these are the same or NaN."""
        xs, lows, highs = self._xs(edges), self._ys(low), self._ys(high)
        shapes = []
        for first, last in runs(highs - lows != 0, np.isfinite(highs - lows)):
            sides = np.repeat(xs[first : last + 1], 2)[1:-1]
            lower, upper = np.repeat(lows[first:last], 2), np.repeat(highs[first:last], 2)
            there = np.column_stack((sides, upper))
            shapes.append(np.vstack((there, np.column_stack((sides, lower))[::-1])))
        self.sheet.shapes(shapes, pen, self.box)

    def filled(self, xs: Sequence[float], ys: Sequence[float], pen: Pen) -> None:
        """From nought to a line from point to point."""
        base, corners = self.y(0.0), np.column_stack((self._xs(xs), self._ys(ys)))
        shapes = []
        for first, last in runs(np.isfinite(corners[:, 1])):
            ends = ((corners[last - 1][0], base), (corners[first][0], base))
            shapes.append(np.vstack((corners[first:last], ends)))
        self.sheet.shapes(shapes, pen, self.box)

    def bars(self, bars: Sequence[tuple[float, float, float, float]], pen: Pen) -> None:
        """Rectangles of one look, each from left to right and from one height to another."""
        self.sheet.shapes([self._corners(*bar) for bar in bars], pen)

    def legend(self, keys: Sequence[Key], x: float = 0.03, *, long: float = 13.0) -> None:
        """What looks how, in one line above the box from `x` of its width; keys are `long`."""
        left = self.box.left + x * (self.box.right - self.box.left) + 5.0
        base = self.box.top + 6.5
        for key in keys:
            if key.line:
                ends = np.array((left, left + long))
                self.sheet.line(ends, np.full(2, base + 2.8), key.pen)
            else:
                box = ((left, base - 0.6), (left + long, base - 0.6))
                top = ((left + long, base + 6.0), (left, base + 6.0))
                self.sheet.shapes([np.array(box + top)], key.pen)
            self.sheet.words(key.name, left + long + 4, base - 1.9)
            left += long + 4 + width(key.name) + 11.2

    def _corners(self, left: float, right: float, low: float, high: float) -> Floats:
        x0, x1, y0, y1 = self.x(left), self.x(right), self.y(low), self.y(high)
        return np.array(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))

    def _xs(self, values: Sequence[float]) -> Floats:
        low, high = self.across
        wide = self.box.right - self.box.left
        return self.box.left + (np.array(values, dtype=np.float64) - low) * (wide / (high - low))

    def _ys(self, values: Sequence[float]) -> Floats:
        low, high = self.up
        tall = self.box.top - self.box.bottom
        return self.box.bottom + (np.array(values, dtype=np.float64) - low) * (tall / (high - low))


def round_values(ends: Pair, room: int) -> list[float]:
    """Round values between two ends, at most nine and no more than there is room for."""
    low, high = ends
    found = MaxNLocator(max(1, min(room, 9)), steps=_STEPS).tick_values(low, high)
    slack = (high - low) * 1e-9
    return [float(value) for value in found if low - slack <= value <= high + slack]


def written(values: Sequence[float]) -> list[str]:
    """Values at equal distances with as many decimals as they need, with a true minus sign."""
    slack = 1e-4 * (values[1] - values[0] if len(values) > 1 else 1.0)
    needed = (d for d in range(10) if all(abs(round(v, d) - v) <= slack for v in values))
    decimals = next(needed, 10)
    texts = (f"{round(value, decimals) + 0.0:.{decimals}f}" for value in values)
    return [text.replace("-", "\N{MINUS SIGN}") for text in texts]


def runs(*masks: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """From where to where (exclusive) all masks hold."""
    held = np.logical_and.reduce(masks)
    turns = np.flatnonzero(np.diff(np.concatenate(([False], held, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(turns[::2], turns[1::2], strict=True)]
