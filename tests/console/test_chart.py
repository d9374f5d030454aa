"""Charts by plotext."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovr_tui.console.charts.axes import limits, steps
from ovr_tui.console.charts.render import ChartRenderer, Picture
from ovr_tui.console.charts.series import Series, Track, Window, pieces
from ovr_tui.console.glyphs import TTY, UNICODE, Glyphs
from ovr_tui.console.palette import Palette
from ovr_tui.console.profile import ThemeName
from tests.support.snapshots import START_MS

RENDERER = ChartRenderer(Palette(ThemeName.DARK))


WINDOW = Window(START_MS - 900_000, START_MS)


def track(values: list[float | None], step_ms: int = 1000) -> Track:
    """Values one step apart, at the end of the last 15 minutes."""
    first = START_MS - (len(values) - 1) * step_ms
    return Track(times=tuple(first + n * step_ms for n in range(len(values))), values=tuple(values))


def one(values: Track, letter: str = "A", unit: str = "kW") -> Series:
    """A series of a chart."""
    return Series(key="load_power_w", letter=letter, track=values, unit=unit, decimals=1)


def picture(*series: Series, window: Window = WINDOW, cursor_ms: int | None = None) -> Picture:
    """What is drawn of some series."""
    return Picture(
        series=series, window=window, timezone="America/Los_Angeles", cursor_ms=cursor_ms
    )


def text(
    values: list[float | None], glyphs: Glyphs = UNICODE, width: int = 80, height: int = 12
) -> str:
    """A chart as text."""
    strips = RENDERER.render(picture(one(track(values))), width, height, glyphs)
    assert [strip.cell_length for strip in strips] == [width] * height
    return "\n".join(strip.text for strip in strips)


@pytest.mark.parametrize("glyphs", [UNICODE, TTY])
@pytest.mark.parametrize("size", [(24, 5), (56, 9), (100, 16), (240, 30)])
def test_size_and_times(glyphs: Glyphs, size: tuple[int, int]) -> None:
    """A chart fills its place exactly and names local times."""
    shown = text([50 + 20 * math.sin(n / 90) for n in range(900)], glyphs, *size)
    assert "14:30" in shown


def test_tty_chart_uses_its_font() -> None:
    """On a console nothing but blocks and box lines is drawn."""
    shown = set(text([float(n % 60) for n in range(900)], TTY))
    assert all(ch < "\u0180" or ch in "█┤┬└─│┼" for ch in shown - {"\n"})


def test_a_gap_stays_a_gap() -> None:
    """Where nothing was live, no line is drawn: not over None, not over missing times."""
    middle = [50.0] * 300 + [None] * 300 + [50.0] * 300
    assert len(pieces(track(middle), WINDOW, 80)) == 2
    rows = [
        line for line in text(middle).splitlines() if any("\u2801" <= c <= "\u28ff" for c in line)
    ]
    assert all(set(row[35:50]) <= {" "} for row in rows)
    jump = track([1.0, 2.0], step_ms=60_000)
    assert len(pieces(jump, WINDOW, 80)) == 2


def test_spikes_survive_thinning() -> None:
    """A one-second peak among 900 values is drawn: each column keeps its lowest and highest."""
    values: list[float | None] = [10.0] * 900
    values[500] = 99.0
    kept = [y for run in pieces(track(values), WINDOW, 60) for _, y in run]
    assert max(kept) == 99.0
    assert len(kept) <= 2 * 62


@pytest.mark.parametrize("values", [[], [None] * 5, [math.nan], [math.inf]])
def test_nothing_to_draw_is_said(values: list[float | None]) -> None:
    """Without a value there is a sentence, not an empty box."""
    assert "no values in this time" in text(values)


def test_too_small_is_said() -> None:
    """Without room there is a sentence; without any height there is nothing."""
    strips = RENDERER.render(picture(one(track([1.0, 2.0]))), 22, 3, UNICODE)
    assert "too small" in strips[1].text
    assert RENDERER.render(picture(one(track([1.0]))), 0, 0, UNICODE) == []


@given(st.lists(st.floats(-1e7, 1e7), min_size=1, max_size=40))
@settings(max_examples=40)
def test_any_values_make_a_chart(values: list[float]) -> None:
    """Flat, tiny, huge, negative: any finite values are drawn in place."""
    assert "┤" in text(list(values), UNICODE, 60, 9)


def test_limits_and_steps() -> None:
    """Zero is in the picture unless the values lie far from it; ticks are round numbers."""
    assert limits([10.0, 60.0])[0] == 0
    assert limits([228.0, 233.0])[0] > 227
    assert limits([-60.0, -10.0])[1] == 0
    assert limits([0.0]) == (0.0, 1.0)
    low, high = limits([5.0, 5.0])
    assert low < 5.0 < high
    assert steps(0, 100, 5) == [0, 20, 40, 60, 80, 100]
    assert steps(227.7, 233.3, 4) == [228, 230, 232]
    assert steps(45.9, 46.6, 2) == [46.0, 46.25, 46.5]
    assert all(len(steps(low, low + 1.3, 2)) >= 2 for low in (0.0, 45.95, 16.1, -3.7))


def test_ticks_tell_their_number_exactly() -> None:
    """A quarter is written as a quarter, not rounded to a tenth."""
    shown = text([50.0 + 0.45 * math.sin(n / 90) for n in range(900)], height=9)
    ticks = [float(line.partition("┤")[0]) for line in shown.splitlines() if "┤" in line]
    assert len(ticks) >= 2
    gaps = {round(a - b, 6) for a, b in itertools.pairwise(ticks)}
    assert len(gaps) == 1
