"""The heat map of a load that was read with the wrong sign, of none, and of nothing."""

import pytest

from collector.model.report.series import HeatMap
from reporting.render.charts.load import heat
from reporting.render.locale import Reader


@pytest.mark.parametrize("value", [-14.0, 0.0, 14.0, None])
def test_any_load_is_drawn(value):
    """What is below zero has the lightest shade: that the CT is reversed is said elsewhere."""
    drawn = heat(HeatMap(days=("2026-11-27",), hours=((value,) * 24,)), Reader("en-US", "UTC"), "x")
    assert drawn.startswith("<svg")
    assert ("14.0" in drawn) == (value is not None and value != 0)
