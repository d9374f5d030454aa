"""Snapshot → rows."""

import msgspec

from collector.model.kinds import AssetKind, AssetStatus, Quality
from collector.model.reading import Reading
from ovr_tui.console.format import Trust
from ovr_tui.console.rows import count_by_status, make_row, make_rows
from tests.support.snapshots import START_MS, asset, site, snapshot


def test_main_figures_of_each_kind() -> None:
    """Each kind shows its own main power; a tank has none, and its level is the fuel."""
    for kind, key in (
        (AssetKind.BESS, "load_power_w"),
        (AssetKind.GENERATOR, "generator_power_w"),
        (AssetKind.GRID, "grid_power_w"),
        (AssetKind.LOAD, "load_power_w"),
        (AssetKind.PV, "pv_power_w"),
    ):
        assert make_row(asset("a", kind, readings={key: 7.0})).power.value == 7.0
    tank = make_row(asset("t", AssetKind.TANK, readings={"fuel_level_pct": 40.0}))
    assert tank.power.trust is Trust.ABSENT
    assert tank.soc.value == 40.0


def test_lowest_voltage_and_highest_current() -> None:
    """Of three phases the table shows the worst: lowest voltage, highest current."""
    row = make_row(
        asset(
            readings={
                "voltage_v.L1": 231.0, "voltage_v.L2": 218.5, "voltage_v.L3": None,
                "voltage_v.L12": 100.0, "current_a.L1": 10.0, "current_a.L2": 74.0,
                "current_a.N": 99.0,
            }
        )
    )  # fmt: skip
    assert (row.volts.value, row.amps.value) == (218.5, 74.0)
    only_invalid = make_row(asset(readings={"voltage_v.L1": None}))
    assert only_invalid.volts.trust is Trust.INVALID


def test_not_live_is_never_good() -> None:
    """Of an asset that is not live no figure is good, whatever its readings say of themselves."""
    for status in AssetStatus:
        view = asset(status=AssetStatus.LIVE, readings={"load_power_w": 1.0, "current_a.L1": 2.0})
        row = make_row(msgspec.structs.replace(view, status=status))
        expected = Trust.GOOD if status is AssetStatus.LIVE else Trust.STALE
        assert row.power.trust is row.amps.trust is expected


def test_silence_makes_everything_stale() -> None:
    """In a picture that is not the present nothing is live, and ages have grown by its age."""
    shot = site(60)
    calm, silent = make_rows(shot), make_rows(shot, 12.0)
    assert AssetStatus.LIVE in count_by_status(calm)
    assert AssetStatus.LIVE not in count_by_status(silent)
    assert all(row.power.trust is not Trust.GOOD for row in silent)
    aged = [(a.age_s, b.age_s) for a, b in zip(calm, silent, strict=True)]
    assert all(b == a + 12.0 for a, b in aged if a is not None and b is not None)


def test_a_lost_asset_keeps_its_reason() -> None:
    """Silence does not overwrite why an asset was lost before."""
    shot = snapshot(asset(status=AssetStatus.LOST, reason="no route to host"))
    row = make_rows(shot, 60.0)[0]
    assert (row.status, row.reason) == (AssetStatus.LOST, "no route to host")


def test_state_in_words() -> None:
    """The state of the asset's own kind is told in the catalogue's words."""
    assert make_row(asset(readings={"inverter_state": 9.0})).state == "inverting"
    gen = asset("g", AssetKind.GENERATOR, readings={"generator_state": 3.0})
    assert make_row(gen).state == "running"


def test_a_state_that_may_not_hold_is_in_brackets() -> None:
    """A live asset whose state was not heard lately, or that is stale itself, does not say that it
    does it now; a state without a valid value says nothing."""
    old = Reading(3.0, Quality.STALE, START_MS)
    gen = asset("g", AssetKind.GENERATOR)
    gen = msgspec.structs.replace(gen, readings={"generator_state": old})
    assert make_row(gen).state == "(running)"
    good = asset("g", AssetKind.GENERATOR, readings={"generator_state": 3.0})
    assert make_row(good, 5.0).state == "(running)"
    bad = Reading(3.0, Quality.BAD, START_MS)
    assert make_row(msgspec.structs.replace(gen, readings={"generator_state": bad})).state == ""
