"""Chart series: buckets, the duration curve, the heat map, phases and voltages."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collector.model.kinds import AssetKind
from reporting.figures import power_quality_figures, series_figures
from reporting.figures.series import MOST_BUCKETS, buckets_of
from tests.reporting.figures.making import DAY, HOUR, MINUTE, T0, measured, minutes, track

W, GEN, BATT, SOC = "load_power_w", "generator_power_w", "battery_power_w", "battery_soc_pct"
BESS = AssetKind.BESS


def test_four_days_are_384_buckets_of_15_minutes():
    """5760 minutes ÷ 480 = 12, and the next nice length is 15."""
    buckets = buckets_of(measured(from_ms=T0, to_ms=T0 + 4 * DAY))
    assert (buckets.step_ms, buckets.number) == (15 * MINUTE, 384)


@given(
    st.integers(0, DAY),
    st.integers(1, 500 * DAY),
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/Los_Angeles"]),
)
def test_buckets_are_few_and_cover_the_window(offset, length, zone):
    """Never more than 481, whatever the length."""
    begin = T0 + offset
    buckets = buckets_of(measured(from_ms=begin, to_ms=begin + length, zone=zone))
    assert buckets.number <= MOST_BUCKETS + 1
    assert buckets.from_ms <= begin < buckets.from_ms + buckets.step_ms
    end = buckets.from_ms + buckets.number * buckets.step_ms
    assert end - buckets.step_ms < begin + length <= end


def test_sources_stack_up_to_load_and_charge_in_each_bucket():
    """Buckets of 2 minutes. Generator 30 = load 20 + charge 10; then the battery gives 20."""

    def values(i: int) -> dict[str, float | tuple[float, float, float]]:
        if i < 300:
            return {W: (20_000, 18_000, 25_000), GEN: 30_000, BATT: 10_000, SOC: 60}
        return {W: 20_000, GEN: 0, BATT: -20_000, SOC: 50}

    profile = series_figures(measured(track(minutes(600, values), BESS))).profile
    assert profile is not None
    assert (profile.step_ms, len(profile.load_kw)) == (2 * MINUTE, 300)
    assert profile.load_kw[0] == 20.0
    assert (profile.load_min_kw[0], profile.load_max_kw[0]) == (18.0, 25.0)
    for g, b, load, c in zip(
        profile.generator_kw, profile.battery_kw, profile.load_kw, profile.charge_kw, strict=True
    ):
        assert (g or 0) + (b or 0) == (load or 0) + (c or 0)
    assert (profile.soc_pct[0], profile.soc_pct[-1]) == (60.0, 50.0)
    assert profile.pv_kw == ()
    assert profile.export_kw == ()


def test_a_gap_is_none_in_the_buckets():
    """Nothing was read in the second hour of ten."""
    rows = [
        *minutes(60, lambda _: {W: 5000}),
        *minutes(480, lambda _: {W: 5000}, T0 + 2 * HOUR),
    ]
    profile = series_figures(measured(track(rows))).profile
    assert profile is not None
    assert set(profile.load_kw[30:60]) == {None}
    assert None not in (*profile.load_kw[:30], *profile.load_kw[60:])


def test_the_duration_curve_falls_from_the_peak_to_the_least():
    """100 minutes of 1 … 100 kW: exceeded 0 % of the time 100 kW, 50 % 50, 100 % 1 kW."""
    rows = minutes(100, lambda i: {W: 1000.0 * (i * 37 % 100 + 1)})
    curve = series_figures(measured(track(rows))).duration_kw
    assert len(curve) == 101
    assert (curve[0], curve[50], curve[100]) == (100.0, 50.0, 1.0)
    assert list(curve) == sorted(curve, key=lambda kw: -(kw or 0))


def test_the_heat_map_of_a_day_of_25_hours():
    """Los Angeles, 2026-11-01: 1 kW in the first hour of 01, 3 kW in the second: 2 kW at 01."""
    zone = ZoneInfo("America/Los_Angeles")
    begin = int(datetime(2026, 11, 1, tzinfo=zone).timestamp() * 1000)
    rows = minutes(25 * 60, lambda i: {W: {1: 1000, 2: 3000}.get(i // 60, 5000)}, begin)
    heat = series_figures(measured(track(rows), zone=zone.key)).heat
    assert heat is not None
    assert heat.days == ("2026-11-01",)
    assert heat.hours[0] == (5.0, 2.0, *[5.0] * 22)


def test_the_heat_map_of_a_day_of_23_hours_has_a_hole():
    """Los Angeles, 2026-03-08: there was no 02:00."""
    zone = ZoneInfo("America/Los_Angeles")
    begin = int(datetime(2026, 3, 8, tzinfo=zone).timestamp() * 1000)
    rows = minutes(23 * 60, lambda _: {W: 5000}, begin)
    heat = series_figures(measured(track(rows), zone=zone.key)).heat
    assert heat is not None
    assert heat.hours[0] == (5.0, 5.0, None, *[5.0] * 21)


def test_currents_of_the_phases_and_the_voltage_s_band_with_its_limits():
    """L1 10 A, L2 8 A, no L3, no neutral; 226 to 233 V in 230 V ± 10 %."""
    rows = minutes(
        60,
        lambda _: {
            W: 5000,
            "current_a.L1": 10.0,
            "current_a.L2": 8.0,
            "voltage_v.L1": (230, 228, 233),
            "voltage_v.L2": (228, 226, 231),
        },
    )
    data = measured(track(rows))
    found = series_figures(data, power_quality_figures(data).assets)
    assert found.phases is not None
    assert (found.phases.l1[0], found.phases.l2[0], found.phases.l3[0]) == (10.0, 8.0, None)
    assert found.phases.neutral == ()
    band = found.voltage
    assert band is not None
    assert (band.least[0], band.mean[0], band.greatest[0]) == (226.0, 229.0, 233.0)
    assert (band.lower, band.upper, band.asset) == (207.0, 253.0, "load-1")
