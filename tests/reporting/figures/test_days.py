"""The table of days, and that days sum to the whole."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.model.kinds import AssetKind
from collector.model.report.quality import Gap
from reporting.figures import day_figures, generator_figures
from tests.reporting.figures.making import HOUR, MINUTE, T0, measured, minutes, row, track

W, GEN = "load_power_w", "generator_power_w"


def local(zone: str, day: int, month: int, hour: int = 0) -> int:
    """A local time of 2026 as UTC ms."""
    return int(datetime(2026, month, day, hour, tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def test_a_window_over_midnight_is_two_days():
    """From 22:00 to 03:00: 2 h at 10 kW and 3 h at 20 kW."""
    begin = T0 - 2 * HOUR
    rows = minutes(300, lambda i: {W: 10_000 if i < 120 else 20_000}, begin)
    first, second = day_figures(measured(track(rows)))
    assert (first.day, first.load_kwh, first.peak_kw) == ("2026-06-04", 20.0, 10.0)
    assert (second.day, second.load_kwh, second.peak_kw) == ("2026-06-05", 60.0, 20.0)
    assert (first.from_ms, first.to_ms, second.to_ms) == (begin, T0, T0 + 3 * HOUR)
    assert (first.coverage_pct, second.peak_ms) == (100.0, T0)
    assert first.grid_kwh is None


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 8, 23), (11, 1, 25)])
def test_a_day_on_which_the_clock_changes_has_its_hours(month, day, hours):
    """Los Angeles: 1 kW all day is as many kWh as the day has hours."""
    zone = "America/Los_Angeles"
    begin = local(zone, day, month)
    data = measured(track(minutes(hours * 60, lambda _: {W: 1000}, begin)), zone=zone)
    (one,) = day_figures(data)
    assert one.load_kwh == hours
    assert one.coverage_pct == 100.0


def test_energy_of_a_gap_is_of_the_days_that_it_spans():
    """10 kW from 20:00 to 22:00 and from 02:00 to 04:00; in the gap of 4 h between, half of it on
    each day, the counter rose by 40 kWh: 40 kWh on each day."""
    first = minutes(120, lambda _: {W: 10_000}, T0 - 4 * HOUR)
    second = minutes(120, lambda _: {W: 10_000}, T0 + 2 * HOUR)
    gap = Gap(
        asset="load-1",
        flow="load_power_w",
        from_ms=T0 - 2 * HOUR,
        to_ms=T0 + 2 * HOUR,
        gap_kwh=40.0,
    )
    data = measured(track([*first, *second]), energies={"load_kwh": 80.0}, gaps=[gap])
    days = day_figures(data)
    assert [day.load_kwh for day in days] == [40.0, 40.0]
    assert [day.coverage_pct for day in days] == [50.0, 50.0]


def test_the_register_s_energy_is_spread_as_the_integral_is():
    """The integral says 20 and 60 kWh, the register of record 81: 20.25 and 60.75."""
    rows = minutes(300, lambda i: {W: 10_000 if i < 120 else 20_000}, T0 - 2 * HOUR)
    days = day_figures(measured(track(rows), energies={"load_kwh": 81.0}))
    assert [day.load_kwh for day in days] == [20.25, 60.75]


def test_counters_alone_tell_the_days():
    """1 kWh a minute; 120 minutes before midnight, 60 after, in which 5 kWh came over the gap."""
    rows = [
        row(
            T0 + (i - 120) * MINUTE,
            {},
            counters={
                "load_energy_kwh": (i + (5 if i >= 130 else 0), i + 1 + (5 if i >= 130 else 0))
            },
        )
        for i in range(180)
    ]
    days = day_figures(measured(track(rows), energies={"load_kwh": 185.0}))
    assert [day.load_kwh for day in days] == [120.0, 65.0]
    assert days[0].peak_kw is None


def test_hours_and_litres_of_a_generator_by_day():
    """2 h at half load before midnight, 1 h at no load after: by the curve 28 and 2 L."""
    rows = minutes(180, lambda i: {GEN: 50_000 if i < 120 else 0}, T0 - 2 * HOUR, run_ms=MINUTE)
    data = measured(
        track(rows, AssetKind.GENERATOR, rated_kw=100, curve=((0, 2), (50, 14), (100, 30)))
    )
    days = day_figures(data)
    assert [(day.generator_h, day.fuel_l) for day in days] == [(2.0, 28.0), (1.0, 2.0)]
    assert [day.generator_kwh for day in days] == [100.0, 0.0]


def test_the_lowest_state_of_charge_of_each_day():
    """15 % before midnight, 40 % after."""
    rows = minutes(120, lambda i: {"battery_soc_pct": 15 if i < 60 else 40}, T0 - HOUR)
    days = day_figures(measured(track(rows, AssetKind.BESS)))
    assert [day.soc_min_pct for day in days] == [15.0, 40.0]


def test_a_window_without_length_has_no_day():
    """Joined and left at once."""
    assert day_figures(measured(from_ms=T0, to_ms=T0)) == ()


@settings(max_examples=40)
@given(
    zone=st.sampled_from(("UTC", "America/Los_Angeles", "Asia/Kathmandu", "Australia/Lord_Howe")),
    begin=st.integers(0, 400 * 24 * 60),
    powers=st.lists(st.integers(0, 90), min_size=1, max_size=40),
    seen=st.integers(0, 2**40),
)
def test_days_sum_to_the_whole(zone, begin, powers, seen):
    """Energies, hours and litres, whatever was seen (in pieces of 83 minutes) and when."""
    at = T0 + begin * MINUTE
    rows = []
    for i in range(len(powers) * 83):
        if seen >> (i // 83 % 40) & 1 or i == 0:
            power = powers[i // 83] * 1000.0
            values = {W: 1000.0 * (i % 7), GEN: power}
            rows.append(row(at + i * MINUTE, values, run_ms=MINUTE if power else 0))
    data = measured(track(rows, AssetKind.BESS, rated_kw=100), zone=zone)
    days = day_figures(data)
    assert sum(d.load_kwh or 0 for d in days) == pytest.approx(data.energy.load_kwh, abs=0.01)
    assert sum(d.generator_kwh or 0 for d in days) == pytest.approx(
        data.energy.generator_kwh, abs=0.01
    )
    sets = generator_figures(data).generators
    assert sum(d.generator_h or 0 for d in days) == pytest.approx(
        sum(g.hours or 0 for g in sets), abs=0.01
    )
    assert sum(d.fuel_l or 0 for d in days) == pytest.approx(
        sum(g.fuel_l or 0 for g in sets), abs=0.05
    )
