"""One flow counts once, across systems, for as long as both are there."""

from pathlib import Path

import pytest

from collector.model.assets import Link
from collector.model.assignment import Fact, Held
from collector.model.kinds import LinkType
from collector.model.report import EventReport
from collector.model.report_input import EventInputs
from reporting.event import event_report, read_parts
from reporting.measured.model import MINUTE_MS
from tests.reporting.event.made import HOUR, Flow, inputs_of, part
from tests.reporting.profile.made import START

BEHIND = Link(asset="stage-a", type=LinkType.BEHIND, other="bess-1")


def reported(inputs: EventInputs, folder: Path) -> EventReport:
    """As a job does it."""
    read = read_parts(inputs, folder)
    return event_report(inputs, read.parts, read.missing)


def test_a_stage_behind_a_battery_system_counts_once(tmp_path: Path):
    """100 kW for an hour, of which 60 kW at the stage: 100 kWh in all, 40 unmetered and lost; the
    peak is 100 kW, not 160."""
    parts = tmp_path / "parts"
    refs = [
        part(parts / "0", "bess-1", [Flow(asset="bess-1", kw=100)], links=[BEHIND]),
        part(parts / "1", "stage-a", [Flow(asset="stage-a", kw=60)], links=[BEHIND]),
    ]
    found = reported(inputs_of(refs), tmp_path)
    assert found.energy.load_kwh == 100.0
    assert found.load.peak_1min is not None
    assert found.load.peak_1min.kw == 100.0
    assert found.coincidence.summed_kw == 100.0
    assert found.coincidence.diversity == 1.0
    (rest,) = found.energy.remainders
    assert (rest.parent, rest.children, rest.kwh) == ("n1/bess-1", ("n1/stage-a",), 40.0)
    stage = next(row for row in found.systems if row.system == "stage-a")
    assert (stage.load_kwh, stage.counted_kwh, stage.at_coincident_kw) == (60.0, None, None)
    flow = next(one for one in found.flows if one.asset == "stage-a")
    assert (flow.kwh, flow.counted_kwh, flow.behind) == (60.0, 0.0, "n1/bess-1")


def test_it_counts_by_itself_while_the_other_is_away(tmp_path: Path):
    """The battery system is there for the last half hour only: 60 kW × ½ h + 100 kW × ½ h."""
    parts = tmp_path / "parts"
    refs = [
        part(
            parts / "0", "bess-1", [Flow(asset="bess-1", kw=100)],
            from_ms=START + HOUR // 2, links=[BEHIND],
        ),
        part(parts / "1", "stage-a", [Flow(asset="stage-a", kw=60)]),
    ]  # fmt: skip
    found = reported(inputs_of(refs), tmp_path)
    assert found.energy.load_kwh == 80.0
    assert found.load.average_kw == 80.0
    assert found.coincidence.coincident is not None
    assert found.coincidence.coincident.kw == 100.0
    assert found.coincidence.summed_kw == 160.0


def test_registers_count_where_their_power_was_seen(tmp_path: Path):
    """The stage's register says 66 kWh where its power comes to 60; 6 kWh of it came in a gap of
    the first half. Its 33 minutes before the battery system came hold 33 + 6 kWh."""
    from collector.model.report.quality import Gap

    parts = tmp_path / "parts"
    gap = Gap(
        asset="stage-a", flow="load_energy_kwh", from_ms=START + 10 * MINUTE_MS,
        to_ms=START + 20 * MINUTE_MS, gap_kwh=6.0,
    )  # fmt: skip
    kw = [60.0] * 10 + [None] * 10 + [72.0] * 40
    refs = [
        part(
            parts / "0", "bess-1", [Flow(asset="bess-1", kw=100)],
            from_ms=START + 30 * MINUTE_MS, links=[BEHIND],
        ),
        part(parts / "1", "stage-a", [Flow(asset="stage-a", kw=kw, kwh=64.0)], gaps=[gap]),
    ]  # fmt: skip
    found = reported(inputs_of(refs), tmp_path)
    assert found.energy.load_kwh == pytest.approx(50 + 6 + 10 + 12)
    assert found.coverage_pct == pytest.approx(100 * 50 / 60, abs=0.01)
    assert found.coincidence.unseen_min == 10


def test_twins_of_two_systems_count_once(tmp_path: Path):
    """The generator's own meter and the battery system's view of it: the meter counts."""
    parts = tmp_path / "parts"
    same = Link(
        asset="bess-1",
        type=LinkType.SAME_AS,
        other="gen-1",
        quantities=frozenset({"generator_power_w", "generator_energy_kwh"}),
    )
    flows = [
        Flow(asset="bess-1", kw=40),
        Flow(asset="bess-1", energy="generator_energy_kwh", kw=49),
    ]
    refs = [
        part(parts / "0", "bess-1", flows, links=[same], shares={"generator": 40.0}),
        part(parts / "1", "gen-1", [Flow(asset="gen-1", energy="generator_energy_kwh", kw=50)]),
    ]
    found = reported(inputs_of(refs), tmp_path)
    assert found.energy.generator_kwh == 50.0
    assert found.energy.load_kwh == 40.0
    assert [(one.source, one.kwh) for one in found.sources.delivered] == [("generator", 40.0)]


def test_what_a_person_says_of_a_pair_goes_before_what_devices_tell(tmp_path: Path):
    """A device says that the stage is fed by bess-1; a person says from the middle on that it is
    fed by another that is not there: 100 kW for half an hour, 100 + 60 kW then."""
    parts = tmp_path / "parts"
    said = Held(
        asset="stage-a", what=Fact.LINK, key="bess-9", value="behind",
        from_ms=START + HOUR // 2, to_ms=None, id="s", person="me",
    )  # fmt: skip
    refs = [
        part(
            parts / "0", "bess-1", [Flow(asset="bess-1", kw=100)],
            links=[BEHIND], assignments=[said],
        ),
        part(parts / "1", "stage-a", [Flow(asset="stage-a", kw=60)]),
    ]  # fmt: skip
    assert reported(inputs_of(refs), tmp_path).energy.load_kwh == 130.0


def test_one_system_id_on_two_nodes_is_two_systems(tmp_path: Path):
    """Both count, whatever their assets are called; a link holds on its own node only."""
    parts = tmp_path / "parts"
    refs = [
        part(parts / "0", "bess-1", [Flow(asset="bess-1", kw=100)], links=[BEHIND]),
        part(parts / "1", "stage-a", [Flow(asset="stage-a", kw=60)], node="n2"),
        part(parts / "2", "bess-1", [Flow(asset="bess-1", kw=10)], node="n2"),
    ]
    found = reported(inputs_of(refs), tmp_path)
    assert found.energy.load_kwh == 170.0
    assert [(row.node, row.system) for row in found.systems] == [
        ("n1", "bess-1"), ("n2", "bess-1"), ("n2", "stage-a"),
    ]  # fmt: skip
    assert found.ranking[0].systems == ("n1/bess-1", "n2/stage-a", "n2/bess-1")


def test_one_unit_that_two_nodes_watch_counts_once(tmp_path: Path):
    """Equal serials of one kind are one flow."""
    parts = tmp_path / "parts"
    refs = [
        part(parts / "0", "a", [Flow(asset="m", kw=10)], serials={"m": "SN-0001"}),
        part(parts / "1", "b", [Flow(asset="k", kw=11)], node="n2", serials={"k": "SN-0001"}),
    ]
    found = reported(inputs_of(refs), tmp_path)
    assert found.energy.load_kwh == 10.0
    assert "twins" in {note.code for note in found.notes}


def test_an_asset_that_changed_its_system_counts_in_each_for_its_time(tmp_path: Path):
    """The stage's meter moves from system A to B after half an hour: 30 + 30 kWh."""
    parts = tmp_path / "parts"
    half = START + HOUR // 2
    held = [
        Held(
            asset="m", what=Fact.SYSTEM, key="", value=system, from_ms=from_ms, to_ms=to_ms,
            id=system, person="me",
        )
        for system, from_ms, to_ms in (("a", 0, half), ("b", half, None))
    ]  # fmt: skip
    refs = [
        part(parts / "0", "a", [Flow(asset="m", kw=[60.0] * 30 + [None] * 30)], assignments=held),
        part(parts / "1", "b", [Flow(asset="m", kw=[None] * 30 + [60.0] * 30)], assignments=held),
    ]
    found = reported(inputs_of(refs), tmp_path)
    assert found.energy.load_kwh == 60.0
    assert found.coverage_pct == 100.0
    assert found.load.average_kw == 60.0
