"""The load's figures, against calculations by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.kinds import AssetKind
from reporting.figures import load_figures
from tests.reporting.figures.making import HOUR, MINUTE, T0, measured, minutes, row, track

W = "load_power_w"


def test_average_peaks_and_load_factor_of_two_hours():
    """90 minutes at 10 kW and 30 at 50 kW, the last of them with one second of 62 kW.

    Energy 15 + 25 = 40 kWh in 2 h: average 20 kW. The quarters of the last half hour have 50 kW:
    load factor 20 ÷ 50 = 0.4. P, Q, S of the second: 62 ÷ 65 = 0.954.
    """
    rows = minutes(119, lambda i: {W: 10_000 if i < 90 else 50_000})
    last = T0 + 119 * MINUTE
    rows.append(
        row(last, {W: (50_000, 49_000, 62_000)}, peak=(last + 7000, 62_000, 19_500, 65_000))
    )
    found = load_figures(measured(track(rows)))
    load = found.load
    assert load.kwh == 40.0
    assert load.average_kw == 20.0
    assert load.peak_1s is not None
    assert (load.peak_1s.kw, load.peak_1s.at_ms) == (62.0, last + 7000)
    assert (load.peak_1s.kva, load.peak_1s.power_factor) == (65.0, 0.954)
    assert load.peak_1min is not None
    assert (load.peak_1min.kw, load.peak_1min.at_ms) == (50.0, T0 + 90 * MINUTE)
    assert load.peak_window is not None
    assert (load.peak_window.kw, load.peak_window.at_ms) == (50.0, T0 + 90 * MINUTE)
    assert load.load_factor == 0.4


def test_percentiles_are_weighted_by_good_time():
    """100 minutes of 1 … 100 kW: P5 = 5, P50 = 50, P95 = 95, P99 = 99, P99.5 = 100 kW. If the
    minutes up to 50 kW were good for 30 s only, all is 25 + 50 = 75 minutes: P50 is at 37.5, the
    75 − 25 = 12.5 minutes above 50 kW, hence 63 kW."""
    whole = load_figures(measured(track(minutes(100, lambda i: {W: 1000.0 * (i + 1)})))).load
    assert (whole.p5_kw, whole.p50_kw, whole.p95_kw) == (5.0, 50.0, 95.0)
    assert (whole.p99_kw, whole.p995_kw) == (99.0, 100.0)
    rows = [
        row(T0 + i * MINUTE, {W: 1000.0 * (i + 1)}, good_ms=30_000 if i < 50 else MINUTE)
        for i in range(100)
    ]
    assert load_figures(measured(track(rows))).load.p50_kw == 63.0


def test_a_window_needs_80_percent_of_good_time():
    """A quarter with 12 of 15 minutes good counts (80 %), one with 11 does not."""
    first = minutes(12, lambda _: {W: 30_000})
    second = minutes(11, lambda _: {W: 90_000}, T0 + 15 * MINUTE)
    third = minutes(45, lambda _: {W: 10_000}, T0 + 30 * MINUTE)
    load = load_figures(measured(track([*first, *second, *third]))).load
    assert load.peak_window is not None
    assert load.peak_window.kw == 30.0
    assert load.peak_1min is not None
    assert load.peak_1min.kw == 90.0


def test_a_window_that_the_participation_cuts_is_no_peak():
    """Joined at 00:01: the quarter of 00:00 is cut, though 14 of 15 minutes are good."""
    begin = T0 + MINUTE
    rows = minutes(44, lambda i: {W: 80_000 if i < 14 else 20_000 if i < 29 else 60_000}, begin)
    load = load_figures(measured(track(rows))).load
    assert load.peak_window is not None
    assert (load.peak_window.kw, load.peak_window.at_ms) == (60.0, T0 + 30 * MINUTE)


def test_no_peak_lies_below_the_average():
    """Two minutes from 00:00:30 on: 30 s at 60 kW, a minute at 20 kW, 30 s at 40 kW. The average is
    35 kW, the only whole minute has 20 kW: it is no peak. 38 minutes of which the 23 at the ends
    have 80 kW and the whole quarter 20 kW: nor is that, and there is no load factor above 1."""
    cut = [
        row(T0 + 30_000, {W: 60_000}, to_ms=T0 + MINUTE),
        row(T0 + MINUTE, {W: 20_000}),
        row(T0 + 2 * MINUTE, {W: 40_000}, to_ms=T0 + 2 * MINUTE + 30_000),
    ]
    short = load_figures(measured(track(cut)))
    assert short.load.average_kw == 35.0
    assert short.load.peak_1min is None
    assert [one.about for one in short.notes if one.code == "peak-cut"] == ["load.peak_1min"]
    rows = minutes(38, lambda i: {W: 20_000 if 10 <= i < 25 else 80_000}, T0 + 5 * MINUTE)
    longer = load_figures(measured(track(rows)))
    assert longer.load.peak_1min is not None
    assert longer.load.peak_1min.kw == 80.0
    assert (longer.load.peak_window, longer.load.load_factor) == (None, None)
    assert [one.about for one in longer.notes if one.code == "peak-cut"] == ["load.peak_window"]


@given(
    start=st.integers(0, 59_999),
    powers=st.lists(st.integers(0, 90_000), min_size=1, max_size=40),
    length=st.integers(1, 60_000),
)
def test_peaks_of_any_short_window(start: int, powers: list[int], length: int):
    """However a window cuts the minutes at its ends, each peak that is given is no less than the
    average."""
    edges = [T0 + start, *(T0 + (i + 1) * MINUTE for i in range(len(powers) - 1))]
    last = edges[-1] + 1 + (length - 1) % (MINUTE - edges[-1] % MINUTE)
    rows = [
        row(begin, {W: power}, to_ms=end)
        for begin, end, power in zip(edges, [*edges[1:], last], powers, strict=True)
    ]
    load = load_figures(measured(track(rows))).load
    assert load.average_kw is not None
    for peak in (load.peak_1s, load.peak_1min, load.peak_window):
        assert peak is None or peak.kw >= load.average_kw


def test_a_participation_of_ten_minutes_has_no_demand_and_says_so():
    """No quarter of the clock lies in it."""
    found = load_figures(measured(track(minutes(10, lambda _: {W: 5000}))))
    assert found.load.peak_window is None
    assert found.load.load_factor is None
    assert "no-demand-window" in {one.code for one in found.notes}


def test_windows_of_an_hour_are_aligned_in_a_zone_of_5_h_45():
    """Kathmandu: whole hours begin at :15 UTC. 60 kW from 00:15 to 01:15 UTC are one window."""
    rows = minutes(150, lambda i: {W: 60_000 if 15 <= i < 75 else 0})
    load = load_figures(measured(track(rows), zone="Asia/Kathmandu", window_min=60)).load
    assert load.peak_window is not None
    assert (load.peak_window.kw, load.peak_window.at_ms) == (60.0, T0 + 15 * MINUTE)


def test_how_the_minutes_were_cut_changes_nothing():
    """A minute cut at 20 s is the same minute: 20 s at 10 kW and 40 s at 40 kW are 30 kW."""
    cut = [
        row(T0, {W: 10_000}, to_ms=T0 + 20_000),
        row(T0 + 20_000, {W: 40_000}, to_ms=T0 + MINUTE),
    ]
    load = load_figures(measured(track(cut))).load
    assert load.peak_1min is not None
    assert load.peak_1min.kw == 30.0
    assert load.p50_kw == 30.0
    assert load.kwh == 0.5


def test_two_meters_of_the_load_have_no_common_second():
    """Their greatest minute is one of the sum: 20 kW."""
    rows = minutes(30, lambda _: {W: (10_000, 9000, 12_000)})
    found = load_figures(measured(track(rows, asset="a"), track(rows, asset="b")))
    assert found.load.peak_1s is None
    assert "no-second-peak" in {one.code for one in found.notes}
    assert found.load.peak_1min is not None
    assert found.load.peak_1min.kw == 20.0


def test_apparent_power_from_p_and_q_where_the_meter_gives_no_s():
    """S = √(30² + 40²) = 50 kVA, PF = 30 ÷ 50 = 0.6."""
    rows = [row(T0, {W: 30_000}, peak=(T0, 30_000, 40_000, None))]
    peak = load_figures(measured(track(rows))).load.peak_1s
    assert peak is not None
    assert (peak.kva, peak.power_factor) == (50.0, 0.6)


def test_an_apparent_power_below_the_power_is_not_of_this_load():
    """PV that feeds in at the inverter's output: of 30 kW of load its own output has 18 kVA."""
    rows = [row(T0, {W: 30_000}, peak=(T0, 30_000, None, 18_000))]
    peak = load_figures(measured(track(rows))).load.peak_1s
    assert peak is not None
    assert (peak.kw, peak.kva, peak.power_factor) == (30.0, None, None)


def test_counters_only_give_energy_and_no_power():
    """And the note says which figures are missing for it."""
    rows = [row(T0 + i * MINUTE, {}, counters={"load_energy_kwh": (i, i + 1)}) for i in range(60)]
    found = load_figures(measured(track(rows), energies={"load_kwh": 60.0}))
    assert found.load.kwh == 60.0
    assert found.load.average_kw is None
    assert found.load.peak_1s is None
    assert found.load.p50_kw is None
    assert {one.code for one in found.notes} == {"no-load-power"}


def test_no_data_at_all_gives_none_and_the_reason():
    """An hour in which nothing was read."""
    found = load_figures(measured(from_ms=T0, to_ms=T0 + HOUR))
    assert found.load.kwh is None
    assert found.load.peak_1min is None
    assert {one.code for one in found.notes} == {"no-load"}


def test_phase_balance_of_three_currents():
    """100, 80 and 60 A for half an hour: mean 80, greatest distance 20: 25 %. Then 84, 80, 76 A:
    4 ÷ 80 = 5 %. Mean 15 %, 30 minutes over 10 and over 20 %."""

    def amps(i: int) -> dict[str, float]:
        three = (100, 80, 60) if i < 30 else (84, 80, 76)
        return {W: 50_000, **{f"current_a.L{n + 1}": a for n, a in enumerate(three)}}

    balance = load_figures(measured(track(minutes(60, amps)))).load.phases
    assert balance is not None
    assert balance.mean_a == (92.0, 80.0, 68.0)
    assert balance.max_a == (100.0, 80.0, 76.0)
    assert balance.unbalance_mean_pct == 15.0
    assert balance.unbalance_max_pct == 25.0
    assert (balance.over_10_min, balance.over_20_min) == (30.0, 30.0)
    assert balance.neutral_max_a is None


def test_the_unbalance_of_a_load_that_is_off_is_not_judged():
    """0.5 A, 0 A and 0 A would be 200 %."""

    def amps(i: int) -> dict[str, float]:
        three = (0.5, 0, 0) if i < 50 else (10, 10, 10)
        return {W: 100, **{f"current_a.L{n + 1}": a for n, a in enumerate(three)}}

    balance = load_figures(measured(track(minutes(60, amps)))).load.phases
    assert balance is not None
    assert balance.unbalance_max_pct == 0.0


def test_one_phase_has_no_unbalance_and_says_so():
    """Its own current is there."""
    found = load_figures(measured(track(minutes(20, lambda _: {W: 2000, "current_a.L1": 9.0}))))
    assert found.load.phases is not None
    assert found.load.phases.mean_a == (9.0, None, None)
    assert found.load.phases.unbalance_mean_pct is None
    assert [one.text for one in found.notes if one.code == "no-unbalance"] == [
        "Only L1 was read: there is no unbalance of three phases."
    ]


def test_the_grid_s_demand_peak_stands_beside_the_load_s():
    """Of import: the quarter of export is none."""
    grid = track(minutes(30, lambda i: {"grid_power_w": 7000 if i < 15 else -3000}), AssetKind.GRID)
    load = load_figures(measured(grid, track(minutes(30, lambda _: {W: 9000})))).load
    assert load.grid_peak_window is not None
    assert load.grid_peak_window.kw == pytest.approx(7.0)


def test_a_phase_that_looks_turned_round_is_said():
    """L2 at −3.3 kW beside 3.6 and 2.8 kW; not so when all feed back, or when one idles."""

    def codes(a: float, b: float, c: float) -> set[str]:
        three = {f"{W}.L1": a, f"{W}.L2": b, f"{W}.L3": c, W: a + b + c}
        return {
            one.code for one in load_figures(measured(track(minutes(20, lambda _: three)))).notes
        }

    assert "phase-reversed" in codes(3600.0, -3300.0, 2800.0)
    assert "phase-reversed" not in codes(-3600.0, -3300.0, -2800.0)
    assert "phase-reversed" not in codes(3600.0, -20.0, 2800.0)
