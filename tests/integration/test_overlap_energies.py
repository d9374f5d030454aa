"""A site with every overlap in virtual time: powers and energies are the plant's own.

The small edition of `python -m scripts.overlaps`, which lets an hour pass.
"""

from collector.simulator.compose import lay_out
from scripts.overlaps import SITE, compare


def test_totals_are_the_truth_with_every_overlap() -> None:
    """Powers to half a per cent, energies to that and the registers' last digits; what is a check
    or a part of another is not counted."""
    lines = {line.quantity: line for line in compare(90, 1)}
    wrong = {name: (line.told, line.true) for name, line in lines.items() if not line.good}
    assert not wrong
    assert lines["load_energy_kwh"].true > 1

    counted = {name: set(line.counted) for name, line in lines.items()}
    tables = lay_out(SITE, 1, lambda: 0.0).assets
    checks = {table["id"] for table in tables if "same_as" in table}
    parts = {table["id"] for table in tables if "behind" in table}
    assert len(checks) >= 4
    assert len(parts) >= 4
    assert not (checks | parts) & set().union(*counted.values())
    assert counted["generator_power_w"] == counted["generator_energy_kwh"] == {"dse-1", "gen-2"}
