"""Direct PV offset: marginal fuel, and only where a generator would have run."""

from collector.model.event import UseCase
from collector.model.terms import Baseline, BaselineSet, CarbonTerms, FuelTerms, Terms
from reporting.worth.facts import RunningSet
from tests.reporting.worth.site import HOUR, START, facts, generator, minutes, saving

CURVE = ((0.0, 4.0), (40.0, 12.0), (100.0, 30.0))
"""0.2 L a kWh below 40 kW, 0.3 from there on."""
TERMS = Terms(fuel=FuelTerms(price_per_l=2.0), carbon=CarbonTerms(scope1_kg_per_l=2.7))
DAY = Baseline(sets=(BaselineSet(name="G", rated_kw=100, fuel_curve=CURVE),))


def running(kw, curve=CURVE):
    """A set that stood there all the time."""
    return RunningSet(asset="g", curve=curve, power=minutes(kw), from_ms=START, to_ms=START + 10**9)


def pv(powers, **known):
    """What PV saved."""
    return saving(
        facts(powers, use_case=UseCase.PV_OFFSET, terms=TERMS, **{"baseline": DAY} | known)
    )


def test_beside_a_running_set_each_kwh_counts_at_the_slope_where_it_runs():
    """An hour of 10 kW PV beside a set at 20 kW (0.2 L/kWh: 2 L), one beside it at 50 kW (0.3:
    3 L): 5 L, 10 of money, 13.5 kg. Not an hour of running is saved."""
    set_kw = [20.0] * HOUR + [50.0] * HOUR
    got = pv(
        {"load": [60.0] * 2 * HOUR, "pv": [10.0] * 2 * HOUR, "generator": set_kw},
        sets=[running(set_kw)],
        generators=[generator(fuel_l=23.0, hours=2.0)],
    ).saving
    assert (got.saved_l, got.saved_money, got.saved_h) == (5.0, 10.0, 0.0)
    assert got.saved.scope1_kg == 13.5
    assert (got.with_us.fuel_l, got.without_us.fuel_l) == (23.0, 28.0)
    assert got.pv_offset_kwh == 20.0


def test_two_sets_count_by_what_each_gave():
    """30 kW of one at 0.2 and 10 kW of another at 0.4 L/kWh: (0.2 × 3 + 0.4 × 1) / 4 = 0.25; an
    hour of 8 kW saves 2 L."""
    got = pv(
        {"load": [50.0] * HOUR, "pv": [8.0] * HOUR, "generator": [40.0] * HOUR},
        sets=[
            running([30.0] * HOUR),
            running([10.0] * HOUR, ((0.0, 1.0), (20.0, 9.0))),
        ],
        generators=[generator(fuel_l=10.0, hours=1.0)],
    ).saving
    assert got.saved_l == 2.0


def test_where_none_ran_the_baselines_would_have():
    """No generator ran. First hour: load 60, PV 10: the baseline at 50 kW, 0.3 × 10 = 3 L. Second:
    load 20, PV 30 carries it alone: 20 kWh at no load's 0.2 = 4 L and an hour; 10 kWh go into the
    battery and count for nothing here."""
    got = pv(
        {"load": [60.0] * HOUR + [20.0] * HOUR, "pv": [10.0] * HOUR + [30.0] * HOUR},
    )
    assert (got.saving.saved_l, got.saving.saved_h) == (7.0, 1.0)
    assert (got.saving.pv_kwh, got.saving.pv_offset_kwh) == (40.0, 30.0)
    assert "pv-not-offset" in {note.code for note in got.notes}


def test_outside_the_baselines_hours_and_beside_a_grid_no_fuel_is_saved():
    """The baseline's set runs in the second hour only; in the third a grid is there."""
    night = Baseline(
        sets=(BaselineSet(name="G", rated_kw=100, fuel_curve=CURVE, start="01:00", end="24:00"),)
    )
    got = pv(
        {
            "load": [60.0] * 3 * HOUR,
            "pv": [10.0] * 3 * HOUR,
            "grid": [0.0] * 2 * HOUR + [50.0] * HOUR,
        },
        baseline=night,
    ).saving
    assert (got.saved_l, got.pv_offset_kwh) == (3.0, 10.0)


def test_what_is_sent_back_to_the_grid_is_left_out():
    """10 kW of PV beside a set at 20 kW, 4 of them sent back: 6 kWh × 0.2 = 1.2 L."""
    got = pv(
        {
            "load": [26.0] * HOUR,
            "pv": [10.0] * HOUR,
            "generator": [20.0] * HOUR,
            "grid": [-4.0] * HOUR,
        },
        sets=[running([20.0] * HOUR)],
        generators=[generator(fuel_l=8.0, hours=1.0)],
    ).saving
    assert got.saved_l == 1.2


def test_hours_in_which_nobody_knows_what_ran_save_nothing():
    """The generator was not seen, or its curve is not known: said, with the hours."""
    powers = {"load": [60.0] * HOUR, "pv": [10.0] * HOUR}
    blind = pv(powers | {"generator": [None] * HOUR})
    bare = pv(powers | {"generator": [50.0] * HOUR}, sets=[running([50.0] * HOUR, ())])
    for got in (blind, bare):
        assert got.saving.saved_l == 0.0
        assert "pv-unseen" in {note.code for note in got.notes}


def test_without_pv_there_is_no_offset():
    """None, and why."""
    got = pv({"load": [60.0] * HOUR}).saving
    assert (got.valid, got.saved_l, got.pv_kwh) == (False, None, None)
    assert "No PV" in got.why
