"""Hybridization: a generator alone against what ran, and what a battery brought along."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.event import UseCase
from collector.model.terms import Baseline, BaselineSet, CarbonTerms, FuelKind, FuelTerms, Terms
from reporting.fuel import default_curve, fuel_l_per_h
from tests.reporting.worth.site import (
    HOUR,
    delivery,
    energy,
    facts,
    gap,
    generator,
    saving,
)

LINE = ((0.0, 4.0), (100.0, 29.0))
"""4 L/h at no load and 0.25 L a kWh."""
ALL_DAY = Baseline(sets=(BaselineSet(name="G1", rated_kw=100, fuel_curve=LINE),))
PRICED = Terms(
    fuel=FuelTerms(price_per_l=2.0),
    carbon=CarbonTerms(scope1_kg_per_l=2.7, well_to_tank_kg_per_l=0.6, year=2025, source="X"),
)


def test_a_night_on_the_battery_by_hand():
    """10 h at 4 kW and 10 h at 40 kW: alone 10 × 5 + 10 × 14 = 190 L and 20 h. With us the set ran
    8 h and burnt 130 L; the battery holds what it held: 60 L, 12 h, 120 of money, 162 kg scope 1
    and 36 kg well-to-tank are saved."""
    got = saving(
        facts(
            {"load": [4.0] * 10 * HOUR + [40.0] * 10 * HOUR},
            terms=PRICED,
            baseline=ALL_DAY,
            energies=energy(generator_kwh=450.0, stored_start_kwh=50.0, stored_end_kwh=50.0),
            generators=[generator(fuel_l=130.0, hours=8.0)],
            has_battery=True,
        )
    ).saving
    assert got.valid
    assert (got.without_us.fuel_l, got.without_us.generator_h) == (190.0, 20.0)
    assert (got.saved_l, got.saved_h, got.stored_l, got.saved_money) == (60.0, 12.0, 0.0, 120.0)
    assert (got.saved.scope1_kg, got.saved.well_to_tank_kg) == (162.0, 36.0)
    assert got.saved.biogenic_kg is None
    assert (got.used.scope1_kg, got.used.well_to_tank_kg) == (351.0, 78.0)
    assert (got.factor_source, got.factor_year) == ("X", 2025)
    assert not got.baseline_default
    assert got.baseline == "G1: 100 kW, all hours, its own curve"


def test_what_the_battery_brought_along_is_taken_off():
    """The same night, but the battery ends 88 kWh lower. That is a fifth of the 440 kWh of load: a
    fifth of the baseline's 190 L (38 L) and 20 h (4 h) are taken off."""
    got = saving(
        facts(
            {"load": [4.0] * 10 * HOUR + [40.0] * 10 * HOUR},
            baseline=ALL_DAY,
            energies=energy(generator_kwh=360.0, stored_start_kwh=100.0, stored_end_kwh=12.0),
            generators=[generator(fuel_l=120.0, hours=8.0)],
            has_battery=True,
        )
    )
    assert (got.saving.stored_kwh, got.saving.stored_l) == (88.0, 38.0)
    assert (got.saving.saved_l, got.saving.saved_h) == (32.0, 8.0)
    assert "stored-less" in {note.code for note in got.notes}


def test_a_battery_that_ends_fuller_is_credited_with_care():
    """It ends 60 kWh higher. The set made 500 kWh of 150 L (0.3 L a kWh), the baseline 440 kWh of
    190 L: the lower rate counts, 18 L. Hours are not credited."""
    got = saving(
        facts(
            {"load": [4.0] * 10 * HOUR + [40.0] * 10 * HOUR},
            baseline=ALL_DAY,
            energies=energy(generator_kwh=500.0, stored_start_kwh=20.0, stored_end_kwh=80.0),
            generators=[generator(fuel_l=150.0, hours=9.0)],
            has_battery=True,
        )
    ).saving
    assert (got.stored_l, got.saved_l, got.saved_h) == (-18.0, 58.0, 11.0)


LOADS = st.lists(st.floats(min_value=0, max_value=300), min_size=1, max_size=200)
SETS = st.lists(
    st.builds(
        BaselineSet,
        name=st.just("G"),
        rated_kw=st.floats(min_value=5, max_value=500),
        count=st.integers(1, 3),
        start=st.sampled_from(["00:00", "01:00", "22:00"]),
        end=st.sampled_from(["24:00", "02:00", "00:30"]),
    ),
    max_size=3,
)


@given(LOADS, SETS, st.floats(min_value=1, max_value=1.3), st.booleans())
def test_a_battery_that_arrives_full_and_leaves_empty_saves_nothing(load, sets, losses, by_soc):
    """All of the load comes out of what was in the battery, and no engine ran: no litre, no hour,
    no money and no kg are saved, whatever the load and the baseline, and whether the content is
    known by state of charge (with any loss) or only by what came out."""
    kwh = sum(load) / 60
    stored = {"stored_start_kwh": kwh * losses + 1, "stored_end_kwh": 1.0} if by_soc else {}
    got = saving(
        facts(
            {"load": load, "battery": [-kw for kw in load]},
            terms=PRICED,
            baseline=Baseline(sets=tuple(sets)),
            energies=energy(charged_kwh=0.0, discharged_kwh=kwh + 1e-3, **stored),
            has_battery=True,
        )
    ).saving
    if got.without_us is None:
        assert got.saved_l is None
        return
    assert got.saved_l <= 0
    assert got.saved_h <= 0
    assert got.saved_money <= 0
    assert got.saved.scope1_kg <= 0


@given(
    LOADS,
    st.floats(min_value=0, max_value=500),
    st.floats(min_value=0, max_value=500),
    st.floats(min_value=0, max_value=500),
)
def test_what_is_brought_along_never_adds_to_a_saving(load, used, less, more):
    """Of two batteries that end alike, the one that held more at the beginning saves no more."""

    def saved(drawn):
        return saving(
            facts(
                {"load": load},
                baseline=ALL_DAY,
                energies=energy(
                    generator_kwh=50.0, stored_start_kwh=100 + drawn, stored_end_kwh=100.0
                ),
                generators=[generator(fuel_l=used, hours=1.0)],
                has_battery=True,
            )
        ).saving.saved_l

    low, high = sorted((less - 100, more - 100))
    if (found := saved(low)) is not None:
        assert saved(high) <= found + 0.011


def test_without_a_baseline_one_set_by_the_rule_of_the_trade_stands_in_and_says_so():
    """Peak minute 60 kW: 1.25 × 60 = 75 kW, all hours, by the curve of that size."""
    got = saving(facts({"load": [10.0] * HOUR + [60.0] * HOUR}))
    curve = default_curve(75.0)
    alone = fuel_l_per_h(curve, 10) + fuel_l_per_h(curve, 60)
    assert got.saving.baseline_default
    assert "75 kW" in got.saving.baseline
    assert got.saving.without_us.fuel_l == pytest.approx(alone, abs=0.005)
    assert got.saving.without_us.generator_h == 2.0
    assert "baseline-default" in {note.code for note in got.notes}


def test_sets_share_by_rating_and_what_exceeds_them_is_unserved():
    """Two sets of 50 and 100 kW at 90 kW: 30 and 60 kW, by the line 0.04 × rated + 0.25 × kW
    2 + 7.5 and 4 + 15: 28.5 L/h. At 180 kW both are full, 43.5 L/h, and 30 kWh stay unserved."""
    small, large = ((0.0, 2.0), (50.0, 14.5)), LINE
    sets = (
        BaselineSet(name="A", rated_kw=50, fuel_curve=small),
        BaselineSet(name="B", rated_kw=100, fuel_curve=large),
    )
    got = saving(facts({"load": [90.0] * HOUR + [180.0] * HOUR}, baseline=Baseline(sets=sets)))
    assert got.saving.without_us.fuel_l == 72.0
    assert got.saving.without_us.generator_h == 4.0
    assert got.saving.without_us.unserved_kwh == 30.0
    assert got.saving.served_kwh == 240.0
    assert "baseline-unserved" in {note.code for note in got.notes}


def test_hours_of_a_baseline_are_those_of_the_events_zone():
    """00:00 UTC is 02:00 in Berlin in June: a set from 22:00 to 04:00 runs for the first two of
    three hours, at 20 kW 9 L/h; the third hour's 20 kWh are unserved."""
    sets = (BaselineSet(name="G", rated_kw=100, fuel_curve=LINE, start="22:00", end="04:00"),)
    got = saving(
        facts({"load": [20.0] * 3 * HOUR}, zone="Europe/Berlin", baseline=Baseline(sets=sets))
    ).saving
    assert (got.without_us.fuel_l, got.without_us.generator_h) == (18.0, 2.0)
    assert got.without_us.unserved_kwh == 20.0


def test_gaps_are_served_at_the_mean_of_what_the_counters_rose():
    """An hour at 20 kW (9 L), and an hour nobody saw in which the counter rose 40 kWh: 14 L."""
    got = saving(
        facts(
            {"load": [20.0] * HOUR + [None] * HOUR},
            baseline=ALL_DAY,
            energies=_with_gap(40.0),
            coverage_pct=50.0,
        )
    )
    assert got.saving.without_us.fuel_l == 23.0
    assert "baseline-gaps" in {note.code for note in got.notes}
    assert not got.saving.valid
    assert "50.0 %" in got.saving.why


def test_hours_of_which_nothing_is_known_add_nothing_to_the_baseline():
    """An hour at 20 kW and one nobody knows of: 9 L and one hour, said so."""
    got = saving(
        facts({"load": [20.0] * HOUR + [None] * HOUR}, baseline=ALL_DAY, coverage_pct=90.0)
    )
    assert (got.saving.without_us.fuel_l, got.saving.without_us.generator_h) == (9.0, 1.0)
    assert got.saving.compared_h == 1.0
    assert "baseline-unseen" in {note.code for note in got.notes}


def test_two_kinds_of_fuel_stay_apart():
    """100 L, of which 3 in 4 delivered were HVO (0.036 scope 1, 2.43 biogenic): 25 L of diesel
    67.5 kg and 75 L of HVO 2.7 kg make 70.2 kg scope 1, and 182.25 kg biogenic on its own line."""
    terms = Terms(
        fuel=FuelTerms(price_per_l=2.0),
        carbon=CarbonTerms(scope1_kg_per_l=2.7, biogenic_kg_per_l=0.0),
        fuels=(FuelKind(kind="hvo", scope1_kg_per_l=0.036, biogenic_kg_per_l=2.43, source="D"),),
    )
    got = saving(
        facts(
            {"load": [40.0] * 10 * HOUR},
            terms=terms,
            baseline=ALL_DAY,
            generators=[generator(fuel_l=100.0, hours=7.0)],
            log=[delivery(50), delivery(150, "hvo")],
        )
    )
    used = got.saving.used
    assert (used.scope1_kg, used.biogenic_kg, used.well_to_tank_kg) == (70.2, 182.25, None)
    assert [(one.kind, one.litres) for one in got.saving.fuels] == [("diesel", 25.0), ("hvo", 75.0)]
    assert got.saving.saved.scope1_kg == pytest.approx(140 * 2.7 - 70.2)
    assert got.saving.saved.biogenic_kg == -182.25
    assert got.saving.saved_money is None
    assert "no-price" in {note.code for note in got.notes}


def test_grid_energy_emits_only_by_a_factor_that_was_given():
    """100 kWh from the grid: None without a factor; at 0.4 kg/kWh 40 kg, off what is saved."""
    powers = {"load": [10.0] * 10 * HOUR, "grid": [10.0] * 10 * HOUR}
    energies = energy(grid_import_kwh=100.0)
    plain = saving(facts(powers, baseline=ALL_DAY, energies=energies))
    assert plain.saving.used.grid_kg is None
    assert "grid-in-saving" in {note.code for note in plain.notes}
    terms = Terms(carbon=CarbonTerms(grid_kg_per_kwh=0.4))
    with_factor = saving(facts(powers, terms=terms, baseline=ALL_DAY, energies=energies)).saving
    assert (with_factor.used.grid_kg, with_factor.saved.grid_kg) == (40.0, -40.0)


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"generators": [generator(hours=3.0)]}, "fuel that was used is not known"),
        ({"has_battery": True}, "battery held"),
    ],
)
def test_what_is_not_known_makes_no_saving(known, why):
    """Fuel of a set that ran, or the content of a battery: None and the reason, never a figure."""
    got = saving(facts({"load": [20.0] * HOUR}, baseline=ALL_DAY, **known)).saving
    assert (got.saved_l, got.valid) == (None, False)
    assert why in got.why


def test_a_source_that_nobody_measured_is_no_saving():
    """200 kWh of load, of which a generator gave 100 and the battery 20 more than it took: 80 came
    from somewhere. The figures stand, nothing is claimed; at 8 kWh (4 %) it is."""
    for made, valid in ((100.0, False), (172.0, True)):
        got = saving(
            facts(
                {"load": [20.0] * 10 * HOUR},
                baseline=ALL_DAY,
                energies=energy(
                    load_kwh=200.0,
                    generator_kwh=made,
                    charged_kwh=30.0,
                    discharged_kwh=50.0,
                    stored_start_kwh=60.0,
                    stored_end_kwh=40.0,
                ),
                generators=[generator(fuel_l=40.0, hours=5.0)],
                has_battery=True,
            )
        )
        assert got.saving.valid is valid
        assert ("40.0 % of the load" in got.saving.why) is not valid
        assert got.saving.saved_l == 90.0 - 40.0 - 9.0


def test_nothing_measured_at_all_makes_no_baseline():
    """Neither a load that was never seen nor one of nought can size a set."""
    for load in ([None] * 5, [0.0] * 5):
        got = saving(facts({"load": load}, coverage_pct=None)).saving
        assert (got.valid, got.saved_l, got.without_us) == (False, None, None)
        assert got.why


def test_sets_that_cannot_be_are_left_out_and_named():
    """A set of 0 kW is no baseline; a curve that falls is replaced by that of the set's size."""
    sets = (
        BaselineSet(name="Z", rated_kw=0),
        BaselineSet(name="G", rated_kw=100, fuel_curve=((0, 30), (100, 20))),
    )
    got = saving(facts({"load": [50.0] * HOUR}, baseline=Baseline(sets=sets)))
    assert got.saving.without_us.fuel_l == pytest.approx(15.52, abs=0.005)
    assert [note.code for note in got.notes].count("baseline-fault") == 2


def test_a_system_that_was_there_to_measure_claims_nothing():
    """Its fuel is emitted all the same."""
    got = saving(
        facts(
            {"load": [50.0] * HOUR},
            use_case=UseCase.METERING,
            generators=[generator(fuel_l=10.0, hours=1.0)],
        )
    )
    assert not got.saving.valid
    assert got.saving.used.scope1_kg == 27.06
    assert got.notes == ()


def _with_gap(kwh):
    return energy(flows=(gap(kwh),))
