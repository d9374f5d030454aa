"""Hand-calculated: what rows come to."""

from collector.model.kinds import AssetKind
from reporting.measured import read
from tests.reporting.support import START_MS, asset, inputs, rollup_file, row, steady


def test_an_hour_with_a_gap_has_its_gap_energy_in_the_energy_and_in_no_minute():
    """6 kW for an hour, 5 minutes of it unseen: 6 kWh by the register, 5.5 by the power.
    The register shows 0.1 kWh."""
    rows = steady("load_power_w", 6000, [*range(20), *range(25, 60)], "load_energy_kwh", 5)
    measured = read(inputs([asset("a")]), rollup_file({"a": rows}))
    (one,) = measured.evidence
    assert (one.method, one.kwh, one.register_kwh, one.integral_kwh) == ("register", 6.0, 6.0, 5.5)
    assert (one.raw_opening, one.raw_closing) == (1005.0, 1011.0)
    assert (one.deviation_pct, one.flagged, one.uncertainty_kwh) == (0.0, False, 0.1)
    assert measured.energy.load_kwh == 6.0
    assert measured.energy.flows[0].gap_kwh == 0.5
    assert measured.quality.coverage_pct == 91.67
    (gap,) = measured.quality.gaps
    assert (gap.from_ms, gap.to_ms) == (START_MS + 20 * 60_000, START_MS + 25 * 60_000)
    load = measured.flows["load_power_w"]
    assert [load.mean_kw(i) for i in (19, 20, 24, 25)] == [6.0, None, None, 6.0]


def test_nothing_at_all_is_said_and_no_figure_is_made_up():
    """No rows: no energy, no coverage, a note that blocks."""
    measured = read(inputs([asset("a")]), rollup_file({}))
    assert measured.energy.load_kwh is None
    assert measured.quality.coverage_pct is None
    assert measured.flows == {}
    assert "no-data" in {note.code for note in measured.notes if note.level == "blocks"}


def test_a_generator_alone_is_its_own_load():
    """What it delivers is the load, and it is said that nobody metered that."""
    rows = steady("generator_power_w", 12_000, range(60))
    inp = inputs([asset("g", AssetKind.GENERATOR)])
    measured = read(inp, rollup_file({"g": rows}, {"g": AssetKind.GENERATOR}))
    assert (measured.energy.generator_kwh, measured.energy.load_kwh) == (12.0, 12.0)
    assert measured.flows["load_power_w"].mean_kw(0) == 12.0
    assert "load-by-balance" in {note.code for note in measured.notes}


def test_a_minute_in_which_one_of_two_meters_was_not_seen_is_not_good_for_the_sum():
    """Two loads of 1 and 2 kW; in minute 1 the second is away, in minute 2 it is seen for 30 s."""
    one = steady("load_power_w", 1000, range(3))
    two = [row(0, {"load_power_w": 2000}), row(2.5, {"load_power_w": 2000}, ms=30_000)]
    measured = read(inputs([asset("a"), asset("b")], 3), rollup_file({"a": one, "b": two}))
    load = measured.flows["load_power_w"]
    assert list(load.good_ms) == [60_000, 0, 30_000]
    assert [load.mean_kw(i) for i in range(3)] == [3.0, None, 3.0]
    assert measured.energy.load_kwh == 0.1  # 3 × 1 + 1.5 × 2 kW·min
