"""What served the load, against calculations by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.kinds import AssetKind
from collector.model.report.load import SourceShare
from reporting.figures import source_figures
from tests.reporting.figures.making import HOUR, MINUTE, T0, measured, minutes, row, track

LOAD, GEN, PV, GRID = "load_power_w", "generator_power_w", "pv_power_w", "grid_power_w"
BATT, SOC = "battery_power_w", "battery_soc_pct"
BESS, GENERATOR = AssetKind.BESS, AssetKind.GENERATOR


def by_name(shares: tuple[SourceShare, ...]) -> dict[str, tuple[float | None, float | None]]:
    """kWh and per cent by source."""
    return {one.source: (one.kwh, one.share_pct) for one in shares}


def test_the_generator_charges_the_battery_and_that_serves_the_load():
    """An hour: the generator gives 60 kW, the load takes 20, the battery 40. An hour: the battery
    gives 20 kW. It is 100 kWh large and was at 10 %: 10 kWh brought in.

    After the charge it holds 50 kWh, 40 of the generator's: the mix is 80 : 20. So of the second
    hour's 20 kWh 16 are the generator's and 4 brought in. As delivered: 20 generator, 20 battery.
    By origin: 36 generator, 4 brought in.
    """

    def values(i: int) -> dict[str, float]:
        if i < 60:
            return {LOAD: 20_000, GEN: 60_000, BATT: 40_000, SOC: 10 + 40 * i / 60}
        return {LOAD: 20_000, GEN: 0, BATT: -20_000, SOC: 50 - 20 * (i - 60) / 60}

    found = source_figures(measured(track(minutes(120, values), BESS, battery_kwh=100)))
    assert by_name(found.sources.delivered) == {
        "generator": (20.0, 50.0),
        "battery": (20.0, 50.0),
    }
    origin = by_name(found.sources.origin)
    assert origin["generator"][0] == pytest.approx(36, abs=0.03)
    assert origin["brought in"][0] == pytest.approx(4, abs=0.03)
    assert found.sources.renewable_pct == 0.0
    assert found.notes == ()


def test_solar_shares_by_proportion_in_each_minute():
    """An hour of 30 kW PV and 10 kW generator, of which 16 kW charge and 24 kW serve the load. Each
    has its proportion of both: 3 : 1, so PV gives 18 and the generator 6 kWh of the load."""
    rows = minutes(60, lambda _: {LOAD: 24_000, GEN: 10_000, PV: 30_000, BATT: 16_000, SOC: 50})
    sources = source_figures(measured(track(rows, BESS, battery_kwh=100))).sources
    assert by_name(sources.delivered) == {
        "generator": (6.0, 25.0),
        "pv": (18.0, 75.0),
        "battery": (0.0, 0.0),
    }
    assert sources.renewable_pct == 75.0


def test_what_the_grid_takes_is_not_served_to_the_load():
    """PV 30 kW, of which 20 go to the grid: the load's 10 are all PV."""
    rows = minutes(60, lambda _: {LOAD: 10_000, PV: 30_000, GRID: -20_000})
    sources = source_figures(measured(track(rows, BESS))).sources
    assert by_name(sources.delivered) == {"grid": (0.0, 0.0), "pv": (10.0, 100.0)}


def test_a_source_that_nobody_measures_is_unknown_and_not_the_sun_s():
    """PV 2 kW of a load of 10: 8 kW came from something without a meter."""
    found = source_figures(measured(track(minutes(60, lambda _: {LOAD: 10_000, PV: 2000}), BESS)))
    assert by_name(found.sources.origin) == {"pv": (2.0, 20.0), "unknown": (8.0, 80.0)}
    assert found.sources.renewable_pct == 20.0
    assert [(one.code, one.level) for one in found.notes] == [("unknown-source", "warning")]


def test_a_shortfall_of_meters_is_no_source():
    """Supply 4 % short of the load is within what meters and losses do."""
    found = source_figures(measured(track(minutes(60, lambda _: {LOAD: 10_000, GEN: 9600}), BESS)))
    assert by_name(found.sources.origin) == {"generator": (10.0, 100.0)}


def test_without_a_capacity_the_least_that_explains_the_discharge_was_brought_in():
    """An hour of 10 kW from the battery, then an hour in which the sun gives 20 kW, 10 of them into
    the battery, then an hour from the battery: 10 kWh brought in, 20 of the sun: in the first
    hour all brought in; after that the pool was empty and holds the sun's alone."""

    def values(i: int) -> dict[str, float]:
        if i < 60:
            return {LOAD: 10_000, PV: 0, BATT: -10_000}
        if i < 120:
            return {LOAD: 10_000, PV: 20_000, BATT: 10_000}
        return {LOAD: 10_000, PV: 0, BATT: -10_000}

    found = source_figures(measured(track(minutes(180, values), BESS)))
    origin = by_name(found.sources.origin)
    assert origin["brought in"] == (10.0, 33.33)
    assert origin["pv"] == (20.0, 66.67)
    assert {one.code for one in found.notes} == {"battery-content-unknown"}


def test_a_bess_that_arrives_full_and_leaves_empty_brought_it_all_in():
    """Nothing of what it gave was made here."""
    rows = minutes(60, lambda i: {LOAD: 50_000, BATT: -50_000, SOC: 100 - i / 60 * 50})
    found = source_figures(measured(track(rows, BESS, battery_kwh=100)))
    assert by_name(found.sources.origin) == {"brought in": (50.0, 100.0)}
    assert found.sources.renewable_pct == 0.0


def test_a_minute_in_which_the_generator_was_not_seen_is_unknown():
    """One of ten minutes: 10 % of the load."""
    rows = [row(T0 + i * MINUTE, {LOAD: 10_000, **({GEN: 10_000} if i else {})}) for i in range(10)]
    found = source_figures(measured(track(rows, BESS)))
    assert by_name(found.sources.origin)["unknown"][1] == 10.0


def test_without_a_load_there_are_no_shares():
    """A generator alone."""
    found = source_figures(measured(track(minutes(10, lambda _: {GEN: 5000}), GENERATOR)))
    assert found.sources.origin == ()
    assert found.sources.renewable_pct is None
    assert {one.code for one in found.notes} == {"no-sources"}


def test_a_load_without_any_source_beside_it_has_no_shares():
    """A stage that is only metered: nobody asked what served it, so it is no warning."""
    found = source_figures(measured(track(minutes(10, lambda _: {LOAD: 5000}))))
    assert found.sources.origin == ()
    assert [(one.code, one.level) for one in found.notes] == [("no-sources", "info")]


def test_no_data_at_all():
    """An hour in which nothing was read."""
    assert source_figures(measured(from_ms=T0, to_ms=T0 + HOUR)).sources.origin == ()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 50_000),
            st.integers(-50_000, 50_000),
            st.integers(0, 50_000),
            st.integers(0, 50_000),
            st.integers(-50_000, 50_000),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_both_tables_always_sum_to_the_load(powers):
    """Whatever the meters say; and no share is negative."""
    keys = (LOAD, GRID, GEN, PV, BATT)
    rows = minutes(len(powers), lambda i: dict(zip(keys, map(float, powers[i]), strict=True)))
    data = measured(track(rows, BESS))
    sources = source_figures(data).sources
    if not data.energy.load_kwh:
        assert sources.origin == ()
        return
    for table in (sources.delivered, sources.origin):
        assert sum(one.kwh or 0.0 for one in table) == pytest.approx(
            data.energy.load_kwh, abs=0.003
        )
        assert all((one.kwh or 0.0) >= 0 for one in table)
