"""Peak shaving and time-shifting: the grid with the battery and without it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.event import UseCase
from collector.model.terms import CarbonTerms, PriceBand, TariffTerms, Terms
from tests.reporting.worth.site import HOUR, energy, facts, saving

TARIFF = TariffTerms(
    currency="EUR",
    energy_per_kwh=0.20,
    demand_per_kw=5.0,
    bands=(
        PriceBand(name="night", start="22:00", end="06:00", energy_per_kwh=0.10),
        PriceBand(name="peak", start="17:00", end="20:00", energy_per_kwh=0.50),
    ),
)
TERMS = Terms(tariff=TARIFF, carbon=CarbonTerms(grid_kg_per_kwh=0.5))


def peaks(powers, **known):
    """What peak shaving saved."""
    return saving(facts(powers, use_case=UseCase.PEAK_SHAVING, terms=TERMS, **known))


def shifts(powers, **known):
    """What time-shifting saved."""
    return saving(
        facts(
            powers,
            use_case=UseCase.TIME_SHIFTING,
            terms=known.pop("terms", TERMS),
            has_battery=True,
            **known,
        )
    )


def test_the_highest_quarter_of_an_hour_with_and_without():
    """A quarter at 90 kW of load, the battery gives 40: 50 kW on the grid. The rest at 30 kW, of
    which one quarter charges with 25: 55 kW. 90 − 55 = 35 kW at 5 a kW: 175."""
    load = [30.0] * 15 + [90.0] * 15 + [30.0] * 30
    grid = [30.0] * 15 + [50.0] * 15 + [55.0] * 15 + [30.0] * 15
    got = peaks({"load": load, "grid": grid}).saving
    assert (got.with_us.demand_kw, got.without_us.demand_kw) == (55.0, 90.0)
    assert (got.saved_demand_kw, got.saved_money, got.currency) == (35.0, 175.0, "EUR")
    assert got.without_us.demand_ms - got.with_us.demand_ms == -15 * 60_000


def test_without_a_meter_of_the_load_the_batterys_own_power_stands_in():
    """Grid 50 kW while the battery gives 40 (−40): 90 kW without it."""
    got = peaks({"grid": [50.0] * 15, "battery": [-40.0] * 15}).saving
    assert got.without_us.demand_kw == 90.0
    assert "battery" in got.baseline


def test_a_window_that_was_seen_too_little_is_no_peak_on_either_side():
    """The load is unknown for 4 of the 15 minutes of the high quarter: 73 % is no window."""
    load = [30.0] * 15 + [None] * 4 + [90.0] * 11
    got = peaks({"load": load, "grid": [30.0] * 15 + [80.0] * 15}).saving
    assert (got.with_us.demand_kw, got.without_us.demand_kw) == (30.0, 30.0)


def test_a_battery_that_charges_at_the_peak_is_told_so():
    """50 kW of load, 60 kW from the grid: −10 kW."""
    got = peaks({"load": [50.0] * 15, "grid": [60.0] * 15})
    assert got.saving.saved_demand_kw == -10.0
    assert "peak-raised" in {note.code for note in got.notes}


@pytest.mark.parametrize("powers", [{"load": [5.0] * 15}, {"grid": [5.0] * 15}])
def test_what_cannot_be_compared_is_none(powers):
    """No grid, or nothing but the grid."""
    for case in (UseCase.PEAK_SHAVING, UseCase.TIME_SHIFTING):
        got = saving(facts(powers, use_case=case, terms=TERMS, has_battery=True)).saving
        assert (got.valid, got.saved_money, got.saved_demand_kw) == (False, None, None)
        assert got.why


def test_night_energy_used_at_the_peak_by_hand():
    """One day from 00:00 UTC at 10 kW. Charged 00–04 with 12 kW (48 kWh at 0.10), given 17–20 with
    10 kW of what was not lost (30 kWh at 0.50), and 4 kWh more are in it at the end.

    Without: 240 kWh: 8 h of night 8.00, 3 h of peak 15.00, 13 h at 0.20 26.00 = 49.00. With: night
    128 kWh 12.80, peak 0, 26.00 = 38.80. The 4 kWh are credited at 0.10: 49 − 38.80 + 0.40 = 10.60.
    Moved out of the peak: 30 kWh. The grid gave 258 − 240 − 4 = 14 kWh more, 7 kg."""
    hours = [22.0] * 4 + [10.0] * 13 + [0.0] * 3 + [10.0] * 4
    hours[:4] = [22.0] * 4
    grid = [kw for kw in hours for _ in range(HOUR)]
    got = shifts(
        {"load": [10.0] * 24 * HOUR, "grid": grid},
        energies=energy(stored_start_kwh=10.0, stored_end_kwh=14.0),
    ).saving
    assert (got.with_us.cost, got.without_us.cost) == (38.8, 49.0)
    assert (got.stored_cost, got.saved_money, got.moved_kwh) == (-0.4, 10.6, 30.0)
    assert got.saved.grid_kg == -7.0
    assert [(b.band, b.with_kwh, b.without_kwh) for b in got.bands] == [
        ("night", 128.0, 80.0),
        ("peak", 0.0, 30.0),
        ("", 130.0, 130.0),
    ]


@given(
    st.lists(st.floats(min_value=0, max_value=100), min_size=30, max_size=300),
    st.floats(min_value=0, max_value=1),
    st.floats(min_value=1, max_value=1.3),
)
def test_what_a_battery_brought_along_is_not_shifted(load, part, losses):
    """It gives a part of the load all day, charges nothing, and holds that much less at the end
    (with any loss): no money is saved and nothing was moved."""
    grid = [kw * (1 - part) for kw in load]
    given_kwh = sum(a - b for a, b in zip(load, grid, strict=True)) / 60
    got = shifts(
        {"load": load, "grid": grid},
        energies=energy(stored_start_kwh=5 + given_kwh * losses + 0.01, stored_end_kwh=5.0),
    ).saving
    assert got.saved_money <= 0.005
    assert got.moved_kwh == 0.0


def test_without_prices_energy_is_moved_but_not_paid():
    """No tariff at all: costs None with a note; what was moved stands."""
    got = shifts(
        {"load": [10.0] * HOUR, "grid": [5.0] * HOUR},
        terms=Terms(),
        energies=energy(stored_start_kwh=1.0, stored_end_kwh=1.0),
    )
    assert (got.saving.saved_money, got.saving.moved_kwh) == (None, 5.0)
    assert got.saving.saved is None
    assert "no-price" in {note.code for note in got.notes}
