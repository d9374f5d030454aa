"""A battery's figures, against calculations by hand."""

from collector.model.kinds import AssetKind
from reporting.figures import battery_figures
from tests.reporting.figures.making import MINUTE, T0, measured, minutes, row, track

BATT, SOC = "battery_power_w", "battery_soc_pct"
BESS = AssetKind.BESS


def test_cycles_stored_energy_and_efficiency_of_a_day_and_night():
    """100 kWh; 50 kW in for 60 minutes, 45 kW out for 58, from 30 to 36 %.

    Charged 50, discharged 43.5 kWh: 0.435 cycles. Content 30 → 36 kWh, so 6 of the 50 stayed:
    43.5 ÷ 44 = 98.86 %; the throughput is 7 times the change.
    """

    def values(i: int) -> dict[str, float]:
        if i < 60:
            return {BATT: 50_000, SOC: 30 + 50 * i / 60}
        return {BATT: -45_000, SOC: 80 - 44 * (i - 60) / 57}

    found = battery_figures(measured(track(minutes(118, values), BESS, battery_kwh=100)))
    (battery,) = found.batteries
    assert (battery.charged_kwh, battery.discharged_kwh) == (50.0, 43.5)
    assert (battery.throughput_kwh, battery.cycles) == (43.5, 0.435)
    assert (battery.soc_first_pct, battery.soc_last_pct) == (30.0, 36.0)
    assert (battery.stored_start_kwh, battery.stored_end_kwh) == (30.0, 36.0)
    assert battery.efficiency_pct == 98.86
    assert (battery.max_charge_kw, battery.max_discharge_kw) == (50.0, 45.0)
    assert found.notes == ()


def test_time_below_20_percent_and_the_lowest_state_of_charge():
    """30 minutes at 15 %, one of them down to 12 %, then 90 at 50 %: 0.5 h below 20 %."""
    rows = [
        row(T0 + i * MINUTE, {SOC: (15, 12 if i == 7 else 15, 15) if i < 30 else 50, BATT: 0})
        for i in range(120)
    ]
    (battery,) = battery_figures(measured(track(rows, BESS, battery_kwh=60))).batteries
    assert battery.below_20_h == 0.5
    assert (battery.soc_min_pct, battery.soc_min_ms) == (12.0, T0 + 7 * MINUTE)
    assert battery.soc_max_pct == 50.0


def test_no_efficiency_when_little_went_through():
    """From 90 to 40 % with 50 kWh out and 10 in: 50 kWh are no 2 × 50 kWh."""

    def values(i: int) -> dict[str, float]:
        return {BATT: 10_000 if i < 60 else -50_000, SOC: 90 - 50 * i / 119}

    found = battery_figures(measured(track(minutes(120, values), BESS, battery_kwh=100)))
    assert found.batteries[0].efficiency_pct is None
    assert {one.code for one in found.notes} == {"no-efficiency"}


def test_more_out_than_in_is_no_efficiency_but_a_contradiction():
    """Charged 10, discharged 20 kWh at one and the same state of charge."""

    def values(i: int) -> dict[str, float]:
        return {BATT: 10_000 if i < 60 else -20_000, SOC: 50}

    found = battery_figures(measured(track(minutes(120, values), BESS, battery_kwh=100)))
    assert found.batteries[0].efficiency_pct is None
    assert [(one.code, one.level) for one in found.notes] == [("efficiency-impossible", "warning")]


def test_what_is_not_known_is_none_and_said():
    """Neither a capacity nor a state of charge."""
    rows = minutes(60, lambda _: {BATT: -6000})
    found = battery_figures(measured(track(rows, BESS)))
    (battery,) = found.batteries
    assert battery.discharged_kwh == 6.0
    assert battery.cycles is None
    assert battery.soc_min_pct is None
    assert battery.below_20_h is None
    assert {one.code for one in found.notes} == {"no-soc"}


def test_a_battery_that_was_swapped_is_two_lines():
    """Each with its own capacity."""
    first = track(minutes(60, lambda _: {BATT: -6000, SOC: 50}), BESS, unit="B1", battery_kwh=60)
    later = minutes(60, lambda _: {BATT: -6000, SOC: 90}, T0 + 60 * MINUTE)
    second = track(later, BESS, unit="B2", battery_kwh=120)
    lines = battery_figures(measured(first, second)).batteries
    assert [(b.unit, b.cycles, b.stored_start_kwh) for b in lines] == [
        ("B1", 0.1, 30.0),
        ("B2", 0.05, 108.0),
    ]


def test_a_system_without_a_battery_has_no_line():
    """A stage's meter."""
    assert battery_figures(measured(track(minutes(5, lambda _: {"load_power_w": 1})))) == ((), ())
