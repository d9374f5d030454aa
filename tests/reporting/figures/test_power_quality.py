"""Voltage, frequency, unbalance and overload, against calculations by hand."""

from collector.model.kinds import AssetKind
from collector.model.report_input import Limits
from collector.model.said import Alert
from reporting.figures import power_quality_figures
from tests.reporting.figures.making import MINUTE, T0, measured, minutes, row, track

V, HZ, W = "voltage_v.L1", "frequency_hz", "load_power_w"


def test_percentiles_and_minutes_outside_the_limits():
    """100 minutes of 181 … 280 V beside a nominal 230 V ± 10 %: 207 to 253 V. Below are 181 … 206
    (26), above 254 … 280 (27): 53 minutes. P1 181, P5 185, P50 230, P95 275, P99 279."""
    rows = minutes(100, lambda i: {V: 181.0 + i, W: 1000})
    (found,) = power_quality_figures(measured(track(rows, nominal_v=230))).assets
    (band,) = found.voltages
    assert (band.key, band.nominal, band.lower, band.upper) == (V, 230.0, 207.0, 253.0)
    assert (band.least, band.p1, band.p5, band.p50) == (181.0, 181.0, 185.0, 230.0)
    assert (band.p95, band.p99, band.greatest) == (275.0, 279.0, 280.0)
    assert band.outside_min == 53.0


def test_400_said_of_a_meter_that_reads_phases_to_neutral_is_231():
    """400 ÷ √3 = 230.94."""
    rows = minutes(10, lambda _: {V: 231.0})
    (found,) = power_quality_figures(measured(track(rows, nominal_v=400))).assets
    assert found.voltages[0].nominal == 230.94


def test_a_nominal_voltage_that_nobody_said_is_the_usual_one():
    """117 V is near 120, 480 V between phases is 480; 160 V is near none, and it is said."""
    rows = minutes(10, lambda _: {V: 117.0, "voltage_v.L12": 478.0, HZ: 59.9})
    (found,) = power_quality_figures(measured(track(rows))).assets
    assert [band.nominal for band in found.voltages] == [120.0, 480.0]
    assert found.frequency is not None
    assert (found.frequency.nominal, found.frequency.outside_min) == (60.0, 0.0)
    strange = power_quality_figures(measured(track(minutes(10, lambda _: {V: 160.0}))))
    assert strange.assets[0].voltages[0].outside_min is None
    assert {one.code for one in strange.notes} == {"no-nominal"}


def test_minutes_without_voltage_are_counted_apart():
    """5 of 65 minutes at 3 V: no voltage. P1 is that of the other 60."""
    rows = minutes(65, lambda i: {V: 3.0 if i < 5 else 230.0, HZ: 0 if i < 5 else 50})
    (found,) = power_quality_figures(measured(track(rows))).assets
    assert found.off_min == 5.0
    assert found.voltages[0].p1 == 230.0
    assert found.frequency is not None
    assert found.frequency.least == 50.0


def test_a_generator_is_judged_while_it_runs():
    """It stood for 30 minutes and started in one: 30 of running are judged."""
    rows = [
        *minutes(30, lambda _: {V: 2.0, "generator_power_w": 0}),
        row(T0 + 30 * MINUTE, {V: 90.0, "generator_power_w": 900}, run_ms=20_000),
        *minutes(30, lambda _: {V: 231.0, "generator_power_w": 5000}, T0 + 31 * MINUTE, MINUTE),
    ]
    (found,) = power_quality_figures(measured(track(rows, AssetKind.GENERATOR))).assets
    assert found.voltages[0].least == 231.0
    assert (found.voltages[0].outside_min, found.off_min) == (0.0, 0.0)


def test_frequency_limits_of_the_inputs():
    """50 Hz ± 2 % is 49 to 51 Hz; six minutes are at 48.9."""
    rows = minutes(60, lambda i: {HZ: 48.9 if i < 6 else 50.0})
    limits = Limits(frequency_deviation_pct=2.0, nominal_hz=50.0)
    (found,) = power_quality_figures(measured(track(rows), limits=limits)).assets
    assert found.frequency is not None
    assert (found.frequency.lower, found.frequency.upper) == (49.0, 51.0)
    assert found.frequency.outside_min == 6.0


def test_unbalance_of_voltages_from_their_phases():
    """240, 230 and 220 V: 10 ÷ 230 = 4.35 %, over the limit of 3 %."""
    rows = minutes(
        10, lambda _: {"voltage_v.L1": 240.0, "voltage_v.L2": 230.0, "voltage_v.L3": 220.0}
    )
    (found,) = power_quality_figures(measured(track(rows))).assets
    assert found.voltage_unbalance_max_pct == 4.35
    assert found.voltage_unbalance_over_min == 10.0


def test_thd_neutral_overload_and_alarms():
    """THD by phase: the worst of each minute, 9 % in 3 minutes with 11 % at the most; limit 8 %.
    26 kVA of 25 kVA for 4 minutes. One of two alarms is of this asset."""

    def values(i: int) -> dict[str, float | tuple[float, float, float]]:
        return {
            W: 20_000,
            "apparent_power_va": 26_000 if i < 4 else 22_000,
            "voltage_thd_pct.L1": (9, 7, 11) if i < 3 else 2,
            "voltage_thd_pct.L2": 3,
            "current_a.N": (4, 2, 17.5) if i == 5 else 4,
        }

    alerts = [
        Alert(asset=a, rule="overload", severity="alarm", text="", raised_ms=T0)
        for a in ("load-1", "other")
    ]
    data = measured(track(minutes(10, values), rated_kva=25), alerts=alerts)
    (found,) = power_quality_figures(data).assets
    assert (found.voltage_thd_max_pct, found.voltage_thd_over_min) == (11.0, 3.0)
    assert found.neutral_max_a == 17.5
    assert found.overload_min == 4.0
    assert found.alarms == 1


def test_an_inverter_bears_what_its_sources_do_not():
    """A load of 40 kW: with 30 kW of a generator the inverter of 15 kVA bears 10, alone 40."""
    rows = minutes(10, lambda i: {HZ: 50, W: 40_000, "generator_power_w": 30_000 if i < 7 else 0})
    (found,) = power_quality_figures(measured(track(rows, AssetKind.BESS, inverter_kva=15))).assets
    assert found.overload_min == 3.0


def test_without_a_rating_an_overload_is_not_known():
    """None, not 0."""
    (found,) = power_quality_figures(measured(track(minutes(5, lambda _: {HZ: 50, W: 9})))).assets
    assert found.overload_min is None


def test_an_asset_that_reads_only_power_has_no_table():
    """There is nothing to say of its quality."""
    assert power_quality_figures(measured(track(minutes(5, lambda _: {W: 1000})))) == ((), ())
