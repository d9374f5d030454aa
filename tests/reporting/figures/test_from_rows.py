"""From packed rows and inputs to figures, through `reporting.measured`."""

from collector.model.assets import Link, Ratings
from collector.model.kinds import AssetKind, LinkType
from collector.model.rollup import Peak, Running
from collector.model.said import Correction, CorrectionKind
from reporting.figures import figures
from reporting.measured import read
from tests.reporting.support import MINUTE, START_MS, asset, counter, inputs, rollup_file, row

LOAD, GEN, BATT, SOC = "load_power_w", "generator_power_w", "battery_power_w", "battery_soc_pct"
BESS, GENERATOR = AssetKind.BESS, AssetKind.GENERATOR
WATTS = 30_000 * 10
"""30 kW in quanta."""


def test_a_battery_system_with_the_set_that_feeds_it():
    """Two hours: in the first the set gives 30 kW, 20 to the load, 10 into the battery of 100 kWh;
    in the second it stands and the battery gives 20.

    Load 40 kWh, average and demand 20 kW. The set: 1 h, 30 kWh, 30 of 60 kW. The battery: 10 kWh
    in, 20 out: 0.2 cycles. By origin: the pool held 50 kWh brought in and then 10 of the set's, so
    1/6 of the 20 kWh are the set's: 3.33 kWh.
    """
    bess, genset = [], []
    for i in range(120):
        on = i < 60
        soc = 50 + i / 6 if on else 60 - (i - 60) / 3
        at = START_MS + i * MINUTE
        bess.append(
            row(
                i,
                {
                    LOAD: 20_000,
                    GEN: 30_000 if on else 0,
                    BATT: 10_000 if on else -20_000,
                    SOC: soc,
                },
                peak=Peak(at, 200_000, None, 220_000),
            )
        )
        genset.append(
            row(
                i,
                {GEN: 30_000 if on else 0},
                {"generator_energy_kwh": counter(min(i, 60) / 2, min(i + 1, 60) / 2)},
                running=Running(MINUTE, MINUTE, WATTS * MINUTE) if on else None,
            )
        )
    assets = [
        asset("b1", BESS, ratings=Ratings(battery_kwh=100.0, inverter_kva=50.0)),
        asset("g1", GENERATOR, unit_no="G7", ratings=Ratings(rated_kw=60.0)),
    ]
    link = Link(
        asset="b1",
        other="g1",
        type=LinkType.SAME_AS,
        quantities=frozenset((GEN, "generator_energy_kwh")),
    )
    found = figures(
        read(
            inputs(assets, minutes=120, links=(link,)),
            rollup_file({"b1": bess, "g1": genset}, {"b1": BESS, "g1": GENERATOR}),
        )
    )
    load = found.load
    assert (load.kwh, load.average_kw, load.load_factor) == (40.0, 20.0, 1.0)
    assert load.peak_1s is not None
    assert (load.peak_1s.kw, load.peak_1s.kva, load.peak_1s.power_factor) == (20.0, 22.0, 0.909)
    (one,) = found.generators
    assert (one.asset, one.unit, one.hours, one.kwh) == ("g1", "G7", 1.0, 30.0)
    assert (one.average_load_pct, one.fuel_method, one.fuel_l) == (50.0, "curve", 10.98)
    (battery,) = found.batteries
    assert (battery.charged_kwh, battery.discharged_kwh) == (10.0, 20.0)
    assert battery.cycles == 0.2
    origin = {share.source: share.kwh for share in found.sources.origin}
    assert origin["generator"] is not None
    assert abs(origin["generator"] - (20 + 20 / 6)) < 0.05
    delivered = {share.source: share.kwh for share in found.sources.delivered}
    assert delivered == {"generator": 20.0, "battery": 20.0}
    assert sum(day.load_kwh or 0 for day in found.days) == 40.0
    assert sum(day.fuel_l or 0 for day in found.days) == 10.98
    assert found.power_quality == ()


def test_a_set_that_only_the_battery_system_sees_has_no_plate():
    """The battery system's own rating of 50 kW is not the generator's."""
    rows = [
        row(i, {GEN: 30_000}, running=Running(MINUTE, MINUTE, WATTS * MINUTE)) for i in range(60)
    ]
    found = figures(
        read(
            inputs([asset("b1", BESS, ratings=Ratings(rated_kw=50.0))]),
            rollup_file({"b1": rows}, {"b1": BESS}),
        )
    )
    (one,) = found.generators
    assert (one.hours, one.kwh, one.rated_kw, one.average_load_pct) == (1.0, 30.0, None, None)
    assert (one.fuel_l, one.fuel_method) == (None, "none")


def test_a_load_behind_another_is_no_second_meter_of_it():
    """The stage is a part of what the battery system feeds: one meter, one peak, its phases."""
    whole = [row(i, {LOAD: 20_000, "current_a.L1": 30, "current_a.L2": 30}) for i in range(60)]
    part = [row(i, {LOAD: 12_000, "current_a.L1": 99}) for i in range(60)]
    link = Link(asset="stage", other="b1", type=LinkType.BEHIND)
    found = figures(
        read(
            inputs([asset("b1", BESS), asset("stage")], links=(link,)),
            rollup_file({"b1": whole, "stage": part}, {"b1": BESS}),
        )
    )
    assert found.load.kwh == 20.0
    assert found.load.peak_1s is not None
    assert found.load.peak_1s.kw == 20.0
    assert found.load.phases is not None
    assert found.load.phases.mean_a == (30.0, 30.0, None)


def test_a_load_by_balance_has_minutes_and_no_second():
    """A set alone feeds what nobody meters."""
    rows = [
        row(i, {GEN: 30_000}, running=Running(MINUTE, MINUTE, WATTS * MINUTE)) for i in range(60)
    ]
    found = figures(
        read(inputs([asset("g1", GENERATOR)]), rollup_file({"g1": rows}, {"g1": GENERATOR}))
    )
    assert found.load.kwh == 30.0
    assert found.load.peak_1min is not None
    assert found.load.peak_1min.kw == 30.0
    assert found.load.peak_1s is None


def test_a_reversed_ct_corrected_gives_the_load_s_figures():
    """−10 kW read for an hour, corrected: 10 kWh, 10 kW at the peak."""
    rows = [row(i, {LOAD: -10_000}) for i in range(60)]
    turned = Correction(
        id="c1",
        asset="stage",
        kind=CorrectionKind.SIGN,
        from_ms=START_MS,
        reason="CT reversed",
        person="ann",
        made_ms=START_MS,
    )
    wrong = figures(read(inputs([asset("stage")]), rollup_file({"stage": rows})))
    assert wrong.load.average_kw == -10.0
    right = figures(
        read(inputs([asset("stage")], corrections=(turned,)), rollup_file({"stage": rows}))
    )
    assert (right.load.kwh, right.load.average_kw) == (10.0, 10.0)
    assert right.load.peak_1min is not None
    assert right.load.peak_1min.kw == 10.0


def test_no_rows_at_all():
    """A truthful report of nothing."""
    found = figures(
        read(inputs([asset("b1", BESS), asset("g1", GENERATOR), asset("stage")]), rollup_file({}))
    )
    assert found.load.kwh is None
    assert [one.hours for one in found.generators] == [None]
    assert found.series.profile is None
    assert found.days[0].coverage_pct in (None, 0.0)
