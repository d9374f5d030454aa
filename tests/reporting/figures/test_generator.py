"""A generating set's figures, against calculations by hand."""

import random

import pytest
from msgspec import structs

from collector.model.kinds import AssetKind
from collector.model.report.evidence import Evidence
from collector.model.report.quality import Gap
from collector.model.rollup import Rollup
from collector.model.said import LogKind
from collector.model.terms import FuelTerms
from reporting.figures import generator_figures
from reporting.figures.fuel import filled
from reporting.measured.model import Track
from tests.reporting.figures.making import HOUR, MINUTE, T0, entry, measured, minutes, row, track

GEN, LITRES, LEVEL = "generator_power_w", "fuel_remaining_l", "fuel_level_pct"
KIND = AssetKind.GENERATOR
CURVE = ((0.0, 2.0), (50.0, 14.0), (100.0, 30.0))
"""2 L/h at no load, 0.24 L/kWh up to half load, 0.32 beyond."""


def ran(count: int, watts: float, from_ms: int = T0, run_ms: int = MINUTE) -> list[Rollup]:
    """Minutes of running at one power."""
    return minutes(count, lambda _: {GEN: watts}, from_ms, run_ms)


def stood(count: int, from_ms: int) -> list[Rollup]:
    """Minutes of standing."""
    return minutes(count, lambda _: {GEN: 0.0}, from_ms)


def test_hours_starts_bands_and_litres_of_a_day_s_work():
    """100 kW: an hour at 20 kW, an hour off, two at 70 kW, half an hour at 90 kW.

    3.5 h, one start seen (it ran at the beginning), 20 + 140 + 45 = 205 kWh, average 205 ÷ 3.5 =
    58.57 kW. Litres by the curve: 6.8 L/h at 20, 20.4 at 70, 26.8 at 90: 6.8 + 40.8 + 13.4 = 61.
    Of these 6.8 below 25 %. 205 ÷ 61 = 3.361 kWh/L, 61 ÷ 3.5 = 17.429 L/h.
    """
    rows = [
        *ran(60, 20_000),
        *stood(60, T0 + HOUR),
        *ran(120, 70_000, T0 + 2 * HOUR),
        *ran(30, 90_000, T0 + 4 * HOUR),
    ]
    found = generator_figures(measured(track(rows, KIND, rated_kw=100, curve=CURVE)))
    (one,) = found.generators
    assert (one.hours, one.starts, one.kwh) == (3.5, 1, 205.0)
    assert one.average_load_pct == 58.57
    assert [(band.from_pct, band.hours) for band in one.bands] == [
        (0, 1.0),
        (25, 0.0),
        (60, 2.0),
        (80, 0.5),
    ]
    assert (one.peak_kw, one.peak_pct, one.peak_ms) == (90.0, 90.0, T0 + 4 * HOUR)
    assert (one.fuel_l, one.fuel_method, one.fuel_curve_l) == (61.0, "curve", 61.0)
    assert (one.kwh_per_l, one.l_per_h, one.idle_l) == (3.361, 17.429, 6.8)
    assert one.cross_check_pct is None
    assert {note.code for note in found.notes} == {"fuel-by-curve"}


def test_a_minute_in_which_it_started_counts_its_running_only():
    """20 s of a minute at 60 kW: 1/180 h, load 60 %, not 20 %; its minute mean is 20 kW."""
    half = row(T0 + MINUTE, {GEN: 60_000}, run_ms=20_000)
    rows = [*stood(1, T0), half, *stood(1, T0 + 2 * MINUTE)]
    (one,) = generator_figures(measured(track(rows, KIND, rated_kw=100))).generators
    assert one.hours == 0.0056
    assert one.starts == 1


def test_80_percent_is_in_the_band_below_it():
    """And 25 and 60 % in the band above."""
    rows = [*ran(60, 25_000), *ran(60, 60_000, T0 + HOUR), *ran(60, 80_000, T0 + 2 * HOUR)]
    (one,) = generator_figures(measured(track(rows, KIND, rated_kw=100))).generators
    assert [band.hours for band in one.bands] == [0.0, 1.0, 2.0, 0.0]


def test_the_log_goes_before_the_sensor_and_the_sensor_before_the_curve():
    """Dips 180 and 60 L with 300 L delivered between: 420 L. The tank's sensor fell to 120, rose
    to 420 and ended at 65: 180 − 65 + 300 = 415 L, (415 − 420) ÷ 420 = −1.19 %."""

    def level(i: int) -> float:
        if i < 120:
            return 180 - 0.6 * min(max(i - 10, 0), 100)
        return 420 - 3.55 * min(max(i - 130, 0), 100)

    rows = minutes(300, lambda i: {GEN: 50_000, LITRES: level(i)}, run_ms=MINUTE)
    log = [
        entry(LogKind.DIP, T0 - MINUTE, 180, "generator-1"),
        entry(LogKind.FUEL, T0 + 120 * MINUTE, 300, "generator-1"),
        entry(LogKind.DIP, T0 + 301 * MINUTE, 60, "generator-1"),
    ]
    data = measured(track(rows, KIND, rated_kw=100, curve=CURVE), log=log)
    (one,) = generator_figures(data).generators
    assert (one.fuel_l, one.fuel_method) == (420.0, "log")
    assert one.delivered_l == 300.0
    assert one.fuel_metered_l == 415.0
    assert one.fuel_curve_l == 70.0
    assert one.cross_check_pct == -1.19
    without = measured(track(rows, KIND, rated_kw=100, curve=CURVE))
    (metered,) = generator_figures(without).generators
    assert (metered.fuel_l, metered.fuel_method) == (415.0, "metered")


def test_a_dip_in_percent_needs_the_tank_s_size():
    """The sensor says 200 L at 50 %: a tank of 400 L. From 75 % (300 L) to 25 % (100 L): 200 L."""
    log = [
        entry(LogKind.DIP, T0, 75, "generator-1", "pct"),
        entry(LogKind.DIP, T0 + HOUR, 25, "generator-1", "pct"),
    ]
    with_size = minutes(60, lambda _: {GEN: 50_000, LITRES: 200, LEVEL: 50}, run_ms=MINUTE)
    (one,) = generator_figures(measured(track(with_size, KIND), log=log)).generators
    assert (one.fuel_l, one.fuel_method) == (200.0, "log")
    found = generator_figures(measured(track(ran(60, 50_000), KIND), log=log))
    assert found.generators[0].fuel_method == "none"
    assert "no-log-fuel" in {note.code for note in found.notes}


def test_dips_that_leave_running_out_do_not_stand_for_it():
    """Two of ten hours lie before the first dip."""
    log = [
        entry(LogKind.DIP, T0 + 2 * HOUR, 300, "generator-1"),
        entry(LogKind.DIP, T0 + 10 * HOUR, 100, "generator-1"),
    ]
    rows = ran(600, 50_000)
    found = generator_figures(measured(track(rows, KIND, rated_kw=100, curve=CURVE), log=log))
    assert found.generators[0].fuel_method == "curve"
    assert found.generators[0].fuel_log_l is None
    (said,) = [note.text for note in found.notes if note.code == "no-log-fuel"]
    assert "2.0 h of running lie outside the two dips" in said


def test_what_is_written_of_the_system_is_of_its_only_set_and_of_the_event_of_none():
    """100 L delivered to the system count, 500 L to the event do not: 200 + 100 − 250 = 50 L."""
    log = [
        entry(LogKind.DIP, T0, 200),
        entry(LogKind.FUEL, T0 + 10 * MINUTE, 100),
        entry(LogKind.FUEL, T0 + 20 * MINUTE, 500, system=""),
        entry(LogKind.DIP, T0 + 100 * MINUTE, 250),
    ]
    data = measured(track(ran(60, 50_000), KIND, "g1", rated_kw=100, curve=CURVE), log=log)
    (one,) = generator_figures(data).generators
    assert (one.fuel_l, one.fuel_method, one.delivered_l) == (50.0, "log", 100.0)
    second = track(ran(60, 50_000), KIND, "g2", rated_kw=100, curve=CURVE)
    both = measured(track(ran(60, 50_000), KIND, "g1", rated_kw=100, curve=CURVE), second, log=log)
    assert [g.fuel_method for g in generator_figures(both).generators] == ["curve", "curve"]


def test_a_withdrawn_dip_was_never_said():
    """So one dip is left, and no litres by the log."""
    wrong = entry(LogKind.DIP, T0, 300, "generator-1")
    log = [
        type(wrong)(
            id="w",
            kind=wrong.kind,
            at_ms=wrong.at_ms,
            asset=wrong.asset,
            value=300,
            made_ms=T0,
            withdrawn_ms=T0 + 1,
        ),
        entry(LogKind.DIP, T0 + HOUR, 100, "generator-1"),
    ]
    data = measured(track(ran(60, 50_000), KIND, rated_kw=100, curve=CURVE), log=log)
    assert generator_figures(data).generators[0].fuel_log_l is None


def test_a_set_that_was_swapped_is_two_lines_with_their_own_ratings_and_fuel():
    """100 kW for an hour, then 60 kW: each has its own run time, litres and dips."""
    first = track(ran(60, 50_000), KIND, unit="G1", rated_kw=100, curve=CURVE)
    rows = ran(60, 50_000, T0 + HOUR)
    second = track(rows, KIND, unit="G2", rated_kw=60, curve=((0, 1), (60, 16)))
    log = [
        entry(LogKind.DIP, T0 + HOUR, 200, "generator-1"),
        entry(LogKind.DIP, T0 + 2 * HOUR, 186, "generator-1"),
    ]
    lines = generator_figures(measured(first, second, log=log)).generators
    assert [(g.unit, g.hours, g.average_load_pct) for g in lines] == [
        ("G1", 1.0, 50.0),
        ("G2", 1.0, 83.33),
    ]
    assert [(g.fuel_l, g.fuel_method) for g in lines] == [(14.0, "curve"), (14.0, "log")]
    assert lines[1].fuel_curve_l == 13.5


def test_without_a_curve_that_of_its_size_and_the_event_s_line_when_somebody_entered_one():
    """60 kW at half load by the chart: 2.9 US gallons = 10.98 L/h. By F0 0.05 and F1 0.25:
    3 + 7.5 = 10.5 L/h."""
    rows = ran(60, 30_000)
    (usual,) = generator_figures(measured(track(rows, KIND, rated_kw=60))).generators
    assert usual.fuel_l == 10.98
    terms = FuelTerms(idle_l_per_h_per_kw=0.05, slope_l_per_kwh=0.25)
    data = measured(track(rows, KIND, rated_kw=60), fuel=terms)
    assert generator_figures(data).generators[0].fuel_l == 10.5


def test_a_curve_that_does_not_rise_is_refused_and_said():
    """The typo of a reprinted chart: 162.1 L/h at quarter load."""
    data = measured(track(ran(60, 30_000), KIND, rated_kw=60, curve=((15, 162.1), (30, 11))))
    found = generator_figures(data)
    assert found.generators[0].fuel_l == 10.98
    (said,) = [note.text for note in found.notes if note.code == "fuel-by-curve"]
    assert "does not rise" in said


def test_no_rating_no_load_in_percent_and_no_litres():
    """Hours and kWh are known all the same."""
    found = generator_figures(measured(track(ran(60, 30_000), KIND)))
    (one,) = found.generators
    assert (one.hours, one.kwh, one.peak_kw) == (1.0, 30.0, 30.0)
    assert one.average_load_pct is None
    assert one.bands == ()
    assert (one.fuel_l, one.fuel_method) == (None, "none")
    assert {note.code for note in found.notes} == {"no-rating", "no-fuel"}


def test_a_rating_in_kva_is_0_8_of_it_in_kw():
    """125 kVA are 100 kW, and it is said."""
    found = generator_figures(measured(track(ran(60, 50_000), KIND, rated_kva=125)))
    assert found.generators[0].average_load_pct == 50.0
    assert "rating-from-kva" in {note.code for note in found.notes}


def test_an_hour_meter_counts_warming_up_and_cooling_down_too():
    """Ten minutes under load between one of warming up and one of cooling down: 12 min by the
    meter, 0.2 h. A meter that counts tenths of an hour tells less than what was seen: 0.1667 h.
    By the curve 10 min at 14 L/h are 2.33 L, and two at no load 0.07 L."""
    plain = [row(T0, {GEN: 0.0}), *ran(10, 50_000, T0 + MINUTE), row(T0 + 11 * MINUTE, {GEN: 0.0})]

    def metered(rises: list[float]) -> tuple[float | None, float | None]:
        rows, total = [], 1000.0
        for one, rise in zip(plain, rises, strict=True):
            counters = {"generator_run_s": (total, total + rise)}
            counted = row(one.from_ms, {}, counters=counters, registers=True)
            rows.append(structs.replace(one, counters=counted.counters))
            total += rise
        data = measured(track(rows, KIND, rated_kw=100, curve=CURVE))
        (found,) = generator_figures(data).generators
        return found.hours, found.fuel_l

    assert metered([60.0] * 12) == (0.2, 2.4)
    assert metered([0.0] * 5 + [360.0] + [0.0] * 6) == (0.1667, 2.33)
    assert metered([0.0] * 12) == (0.1667, 2.33)


def around_a_gap(*, registers: bool) -> list[Rollup]:
    """30 minutes seen, a gap of 20 over which the hour counter rose by 10, 30 minutes seen."""
    found = []
    for i in (*range(30), *range(50, 80)):
        run_s = 60.0 * (i if i < 30 else i - 10)
        found.append(
            row(
                T0 + i * MINUTE,
                {GEN: 50_000},
                run_ms=MINUTE,
                counters={"generator_run_s": (run_s, run_s + 60)},
                registers=registers,
            )
        )
    return found


def test_hours_over_a_gap_are_those_of_the_device_s_counter():
    """70 minutes. The ten are burnt at the mean of the rest: 14 L/h at 50 kW, 16.33 L."""
    rows = around_a_gap(registers=True)
    found = generator_figures(measured(track(rows, KIND, rated_kw=100, curve=CURVE)))
    (one,) = found.generators
    assert one.hours == 1.1667
    assert one.fuel_l == 16.33
    assert "hours-in-gaps" in {note.code for note in found.notes}


def test_without_one_they_are_those_in_which_its_energy_came():
    """The energy register rose by 12.5 kWh in the gap, at 50 kW a quarter of an hour: 1.25 h."""
    rows = around_a_gap(registers=False)
    gap = Gap(
        asset="generator-1",
        flow="generator_energy_kwh",
        from_ms=T0 + 30 * MINUTE,
        to_ms=T0 + 50 * MINUTE,
        gap_kwh=12.5,
    )
    data = measured(track(rows, KIND, rated_kw=100, curve=CURVE), gaps=[gap])
    (one,) = generator_figures(data).generators
    assert (one.hours, one.fuel_l) == (1.25, 17.5)


def test_without_either_nobody_knows_and_it_is_said():
    """Our own count of its hours stands still in a gap and proves nothing."""
    rows = around_a_gap(registers=False)
    found = generator_figures(measured(track(rows, KIND, rated_kw=100, curve=CURVE)))
    assert found.generators[0].hours == 1.0
    (said,) = [note.text for note in found.notes if note.code == "hours-unknown"]
    assert said.startswith("For 0.33 h nothing told")


def test_a_sloshing_tank_tells_what_was_burnt_or_that_it_cannot():
    """600 L that slosh by 0.4 % (2.4 L), seen for 8 h. 120 L burnt are told within 3 L, and no
    sloshing is taken for a filling; 12 L are not told at all."""
    rolling = random.Random(7)
    slosh = [rolling.gauss(0, 2.4) for _ in range(480)]

    def metered(burnt: float) -> float | None:
        levels = [400 - burnt * i / 479 + one for i, one in enumerate(slosh)]
        rows = minutes(480, lambda i: {GEN: 50_000, LITRES: levels[i]}, run_ms=MINUTE)
        return generator_figures(measured(track(rows, KIND))).generators[0].fuel_metered_l

    assert metered(120) == pytest.approx(120, abs=3)
    assert metered(12) is None


def test_a_tank_of_unknown_size_tells_no_litres():
    """Its sensor says per cent only."""
    rows = minutes(60, lambda i: {GEN: 50_000, LEVEL: 50 - i / 6}, run_ms=MINUTE)
    found = generator_figures(measured(track(rows, KIND, rated_kw=100, curve=CURVE)))
    assert found.generators[0].fuel_metered_l is None
    assert "no-metered-fuel" in {note.code for note in found.notes}


def test_a_tank_in_percent_whose_size_the_registry_knows():
    """80 % to 30 % of 400 L in steps of one per cent: 200 L; one step more or less tells nothing.
    A dip in per cent is of that size too."""

    def set_of(least: float) -> Track:
        rows = minutes(
            300,
            lambda i: {GEN: 50_000, LEVEL: float(max(least, 80 - max(i - 5, 0) // 5))},
            run_ms=MINUTE,
        )
        return track(rows, KIND, rated_kw=100, curve=CURVE, tank_l=400)

    (one,) = generator_figures(measured(set_of(30))).generators
    assert (one.fuel_l, one.fuel_method) == (200.0, "metered")
    (few,) = generator_figures(measured(set_of(79))).generators
    assert (few.fuel_metered_l, few.fuel_method) == (None, "curve")
    log = [
        entry(LogKind.DIP, T0, 80, "generator-1", "pct"),
        entry(LogKind.DIP, T0 + 300 * MINUTE, 27.5, "generator-1", "pct"),
    ]
    (dipped,) = generator_figures(measured(set_of(30), log=log)).generators
    assert (dipped.fuel_l, dipped.fuel_method) == (210.0, "log")


def test_starts_by_its_counter_and_by_its_state():
    """The counter rose by 3; without it *running* was entered twice."""
    by_counter = [
        row(T0 + i * MINUTE, {GEN: 0}, counters={"generator_starts": (i, i + 1)}) for i in range(3)
    ]
    assert generator_figures(measured(track(by_counter, KIND))).generators[0].starts == 3
    by_state = [row(T0, {GEN: 0}, states={"generator_state": {0: (20_000, 1), 3: (40_000, 2)}})]
    assert generator_figures(measured(track(by_state, KIND))).generators[0].starts == 2


def test_the_hour_meter_as_read_stands_beside_it():
    """1204.3 − 1200.0 = 4.3 h, but the data say one hour: a warning."""
    log = [
        entry(LogKind.HOURS, T0, 1200.0, "generator-1", "h"),
        entry(LogKind.HOURS, T0 + HOUR, 1204.3, "generator-1", "h"),
    ]
    found = generator_figures(measured(track(ran(60, 50_000), KIND, rated_kw=100), log=log))
    assert found.generators[0].log_hours == 4.3
    assert "hours-differ" in {note.code for note in found.notes}


def test_a_set_and_the_gx_that_sees_it_are_one_line():
    """The GX's view is a check of the meter that counts; the controller tells litres and starts."""
    meter = track(ran(60, 50_000), AssetKind.GENERATOR, "feed", rated_kw=100, curve=CURVE)
    engine = track(
        minutes(
            60,
            lambda i: {GEN: 49_500, LITRES: 300 - 0.375 * min(max(i - 10, 0), 40)},
            run_ms=MINUTE,
        ),
        AssetKind.GENERATOR,
        "genset",
    )
    (one,) = generator_figures(measured(meter, engine, checks={"genset": "feed"})).generators
    assert (one.asset, one.kwh) == ("feed", 50.0)
    assert (one.fuel_l, one.fuel_method, one.fuel_curve_l) == (15.0, "metered", 14.0)
    assert one.cross_check_pct == -6.67


def test_a_tank_of_its_own_is_that_of_the_only_set():
    """With two sets nobody knows whose litres these are."""
    tank = track(minutes(60, lambda i: {LITRES: 500 - min(max(i - 5, 0), 50)}), AssetKind.TANK)
    first = track(ran(60, 50_000), KIND, "g1", rated_kw=100, curve=CURVE)
    (one,) = generator_figures(measured(first, tank)).generators
    assert (one.fuel_l, one.fuel_method) == (50.0, "metered")
    second = track(ran(60, 50_000), KIND, "g2", rated_kw=100, curve=CURVE)
    lines = generator_figures(measured(first, second, tank)).generators
    assert [line.fuel_method for line in lines] == ["curve", "curve"]
    percent = track(
        minutes(60, lambda i: {LEVEL: 90 - min(max(i - 5, 0), 50)}), AssetKind.TANK, tank_l=100
    )
    (one,) = generator_figures(measured(first, percent)).generators
    assert (one.fuel_l, one.fuel_method) == (50.0, "metered")


def test_the_energy_of_record_goes_before_the_integral():
    """The register says 51 kWh, the integral 50."""
    register = Evidence(
        asset="generator-1",
        name="",
        flow="generator_energy_kwh",
        unit="",
        make="",
        model="",
        serial="",
        accuracy_class="",
        wiring="",
        certified=False,
        from_ms=T0,
        to_ms=T0 + HOUR,
        raw_opening=None,
        raw_closing=None,
        own_opening_kwh=None,
        own_closing_kwh=None,
        register_kwh=51.0,
        integral_kwh=50.0,
        deviation_pct=-1.96,
        method="register",
        flagged=False,
        kwh=51.0,
        uncertainty_kwh=None,
    )
    data = measured(track(ran(60, 50_000), KIND), evidence=[register])
    assert generator_figures(data).generators[0].kwh == 51.0


def test_a_set_that_never_ran_burnt_nothing():
    """That is a measured nought."""
    (one,) = generator_figures(measured(track(stood(60, T0), KIND, rated_kw=60))).generators
    assert (one.hours, one.starts, one.kwh, one.fuel_l) == (0.0, 0, 0.0, 0.0)
    assert one.average_load_pct is None
    assert one.l_per_h is None


def test_a_set_of_which_nothing_was_read_is_a_line_of_unknowns():
    """It stood there."""
    found = generator_figures(measured(track([], KIND, from_ms=T0, to_ms=T0 + HOUR, rated_kw=60)))
    (one,) = found.generators
    assert (one.hours, one.starts, one.kwh, one.fuel_l) == (None, None, None, None)
    assert "no-hours" in {note.code for note in found.notes}


@pytest.mark.parametrize(
    ("levels", "litres"),
    [
        ([100, 90, 80], 0),
        ([100, 101, 99, 102, 98], 0),
        ([100, 60, 200, 150], 140),
        ([100, 60, 130, 129, 200, 150], 140),
        ([50, 150, 40, 140], 200),
    ],
)
def test_what_was_filled_in(levels, litres):
    """Rises of 10 L and more between turning points; smaller ones are sloshing."""
    assert filled(levels, 10) == litres
