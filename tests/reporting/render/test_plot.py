"""Scales of charts: round values and how they are written, and what is drawn of gaps."""

import re
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from collector.model.report.series import Profile
from reporting.render.charts.plot import Plot, round_values, runs, written
from reporting.render.charts.profile import load_by_source
from reporting.render.charts.sheet import Sheet
from reporting.render.charts.theme import Pen
from reporting.render.locale import Reader

START = 1_790_000_000_000


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(4, 12))
def test_round_values_lie_between_the_ends_at_equal_distances(low: float, span: float, room: int):
    """As many as there is room for, each written so that it is read back."""
    values = round_values((low, low + span), room)
    assert len(values) <= min(room, 9) + 1
    assert all(low - span * 1e-6 <= value <= low + span * (1 + 1e-6) for value in values)
    steps = np.diff(values)
    assert np.allclose(steps, steps[:1] if len(steps) else 0.0)
    texts = written(values)
    assert len(set(texts)) == len(values)
    assert np.allclose([float(text.replace("−", "-")) for text in texts], values)


def test_values_are_written_with_as_many_decimals_as_all_need():
    """A true minus sign, and no minus before nought."""
    assert written([-2.5, -0.0, 2.5]) == ["−2.5", "0.0", "2.5"]
    assert written([0.1 + 0.2, 0.6]) == ["0.3", "0.6"]
    assert written([1000.0, 2000.0]) == ["1000", "2000"]
    assert written([]) == []


@given(st.lists(st.booleans()))
def test_runs_are_where_a_mask_holds(mask: list[bool]):
    """Each run is as long as it can be, and together they are the mask."""
    found = runs(np.array(mask, dtype=bool))
    again = [any(first <= at < last for first, last in found) for at in range(len(mask))]
    assert again == mask
    assert all(a[1] < b[0] for a, b in pairwise(found))


def _paths(svg: str) -> list[str]:
    return re.findall(r'<path d="([^"]*)"[^>]*clip-path', svg)


def test_a_gap_interrupts_a_line_and_an_area():
    """Of five buckets the third is unknown: two pieces of the line, two shapes of the area."""
    values = [1.0, 2.0, float("nan"), 3.0, 1.0]
    sheet = Sheet(2.0, "x")
    drawn = Plot(sheet, (0, 5), (0, 4))
    drawn.steps(range(6), values, Pen("#000000"))
    drawn.area(range(6), [0.0] * 5, values, Pen(fill="#0072b2"))
    line, area = _paths(sheet.svg())
    assert (line.count("M"), area.count("M"), area.count("z")) == (2, 2, 2)


def test_a_peak_of_one_bucket_is_drawn_at_its_height():
    """One bucket of 720 is eight times as high as the others: so is the load's line there."""
    load = tuple(80.0 if at == 345 else 10.0 for at in range(720))
    none = (None,) * len(load)
    profile = Profile(
        from_ms=START, step_ms=60_000, load_kw=load, load_min_kw=load, load_max_kw=load,
        grid_kw=none, generator_kw=none, pv_kw=none, battery_kw=none, charge_kw=none, soc_pct=none,
    )  # fmt: skip
    svg = load_by_source(profile, Reader("en-US", "UTC"), START + 60_000 * len(load), "p")
    heights = [float(y) for y in re.findall(r"[ML] [\d.]+ ([\d.]+)", _paths(svg)[0])]
    base = 2.3 * 72 - 0.34 * 72
    assert abs((base - min(heights)) / (base - max(heights)) - 8) < 0.01
