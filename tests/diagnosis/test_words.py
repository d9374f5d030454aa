"""How a test of a connection words what a device measures."""

import pytest

from collector.diagnosis.plausible import in_words


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("generator_power_w", 44_943.2, ("generator power", "44 943 W")),
        ("voltage_v.L1", 231.25, ("voltage L1", "231.25 V")),
        ("battery_soc_pct", 100.4, ("battery SOC", "100.4 %")),
        ("power_factor", 1.04, ("power factor", "1.04")),
    ],
)
def test_values_are_for_people(key: str, value: float, shown: tuple[str, str]) -> None:
    """The measurement by its name, the value with its unit and as many digits as are read."""
    assert in_words(key, value) == shown
