"""What a person reads of a counter that was refused."""

from collector.model.refused import RefusedCount
from ovr_tui.console.called import names_of
from ovr_tui.console.pages.decide import refused_facts
from ovr_tui.console.text import plain
from tests.console.test_band import moment
from tests.support.snapshots import START_MS, asset, snapshot


def test_a_register_has_all_its_digits_and_its_unit() -> None:
    """Two numbers that differ by little are told apart, in the unit of the counter."""
    one = RefusedCount(
        id="r1", asset="bess-1", measurement="load_energy_kwh", unit="S1", path="p",
        at_ms=START_MS, raw_before=1234567.2, raw_after=1234570.1, amount=2.9, why="too much",
        alarms=True,
    )  # fmt: skip
    shot = snapshot(asset())
    text = "\n".join(map(plain, refused_facts(moment(shot), one, 80, "UTC", names_of(shot))))
    assert "1 234 567.2 kWh to 1 234 570.1 kWh" in text
    assert "2.9 kWh" in text
