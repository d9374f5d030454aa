"""A load by balance counts at an event for what no other system takes over."""

import tempfile
from itertools import count
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.model.assets import Link
from collector.model.kinds import AssetKind, DeviceKind, LinkType
from collector.model.report import EventReport
from collector.model.report_input import AssetInput
from reporting.event import event_report, read_parts
from reporting.measured.model import MINUTE_MS
from tests.reporting.event.made import HOUR, Flow, by_minute, inputs_of, part
from tests.reporting.profile.made import START

IMPORT, MADE, CHARGED = "grid_import_kwh", "generator_energy_kwh", "battery_charged_kwh"
SUN = "pv_energy_kwh"
SAME = Link(asset="bess.grid", type=LinkType.SAME_AS, other="feed")


def reported(refs, folder: Path) -> EventReport:
    """As a job does it."""
    inputs = inputs_of(refs)
    read = read_parts(inputs, folder)
    assert not read.missing
    return event_report(inputs, read.parts, read.missing)


def codes(found: EventReport) -> set[str]:
    """What is said."""
    return {note.code for note in found.notes}


def feed(parts: Path, kw=60.0, **more):
    """A system that is a feed's meter only: its load by balance is its import."""
    return part(parts / "feed", "feed", [Flow(asset="feed", energy=IMPORT, kw=kw)],
                balance=kw, **more)  # fmt: skip


def bess(parts: Path, *, load=None, **more):
    """On that feed, 20 kW of sun, charging with 50 kW: 30 kW are left."""
    flows = [
        Flow(asset="bess.grid", energy=IMPORT, kw=60),
        Flow(asset="bess", energy=SUN, kw=20),
        Flow(asset="bess", energy=CHARGED, kw=50),
    ]
    if load is not None:
        flows.append(Flow(asset="bess", kw=load))
    balance = 30.0 if load is None else None
    links = more.pop("links", [SAME])
    return part(parts / "bess", "bess", flows, links=links, balance=balance, **more)


def test_a_feed_whose_flow_enters_a_metered_system_is_no_load(tmp_path: Path):
    """60 + 20 kWh come, 50 are charged, 28 are metered: the load is 28 kWh, 2 are lost."""
    parts = tmp_path / "parts"
    found = reported([feed(parts), bess(parts, load=28.0)], tmp_path)
    assert (found.energy.load_kwh, found.energy.grid_import_kwh) == (28.0, 60.0)
    assert found.load.average_kw == 28.0
    assert found.load.peak_1min is not None
    assert found.load.peak_1min.kw == 28.0
    (rest,) = found.energy.remainders
    assert (rest.parent, rest.children, rest.kwh) == ("n1/feed/by-balance", ("n1/bess",), 2.0)
    row = next(row for row in found.systems if row.system == "feed")
    assert (row.load_kwh, row.counted_kwh) == (60.0, None)
    assert "balance-together" in codes(found)


def test_without_a_metered_load_all_that_is_linked_has_one(tmp_path: Path):
    """60 + 20 − 50 kW, once, at the system that is fed, by minute and in kWh."""
    parts = tmp_path / "parts"
    found = reported([feed(parts), bess(parts)], tmp_path)
    assert found.energy.load_kwh == 30.0
    assert found.load.average_kw == 30.0
    assert found.load.peak_1min is not None
    assert found.load.peak_1min.kw == 30.0
    assert found.energy.uncertainty["load_kwh"] == 3.0
    rows = {row.system: row for row in found.systems}
    assert (rows["feed"].counted_kwh, rows["bess"].counted_kwh) == (None, 30.0)
    assert sum(day.load_kwh or 0.0 for day in found.days) == pytest.approx(30.0)


def test_two_systems_behind_one_feed(tmp_path: Path):
    """100 kW at the feed, 40 and 30 at two systems behind it: 100 kW are used, not 170."""
    parts = tmp_path / "parts"
    refs = [feed(parts, 100.0)]
    for name, kw in (("one", 40.0), ("two", 30.0)):
        link = Link(asset=name, type=LinkType.BEHIND, other="feed")
        flow = Flow(asset=name, energy=IMPORT, kw=kw)
        refs.append(part(parts / name, name, [flow], links=[link], balance=kw))
    found = reported(refs, tmp_path)
    assert (found.energy.load_kwh, found.energy.grid_import_kwh) == (100.0, 100.0)
    assert found.load.average_kw == 100.0


def test_a_system_that_nothing_is_linked_to_has_its_own(tmp_path: Path):
    """A kitchen on a grid of its own, beside a metered stage: 60 + 28 kWh, and it is said."""
    parts = tmp_path / "parts"
    found = reported([feed(parts), bess(parts, load=28.0, links=[])], tmp_path)
    assert found.energy.load_kwh == 88.0
    (note,) = [note for note in found.notes if note.code == "balance-alone"]
    assert "n1/feed" in note.text


def test_two_that_hang_on_a_third_that_is_not_there_are_not_one(tmp_path: Path):
    """A kitchen and a stage on a feed that takes no part."""
    parts = tmp_path / "parts"
    refs = []
    for name, flows, balance in (
        ("kitchen", [Flow(asset="kitchen", energy=IMPORT, kw=9)], 9.0),
        ("stage", [Flow(asset="stage", kw=40)], None),
    ):
        link = Link(asset=name, type=LinkType.BEHIND, other="elsewhere")
        refs.append(part(parts / name, name, flows, links=[link], balance=balance))
    assert reported(refs, tmp_path).energy.load_kwh == 49.0


def test_it_counts_by_itself_while_the_other_is_away(tmp_path: Path):
    """The battery system comes for the second half hour: 60 kW × ½ h + 28 kW × ½ h."""
    parts = tmp_path / "parts"
    found = reported([feed(parts), bess(parts, load=28.0, from_ms=START + HOUR // 2)], tmp_path)
    assert found.energy.load_kwh == 44.0
    assert found.load.average_kw == 44.0


def test_so_it_does_when_they_are_taken_together(tmp_path: Path):
    """60 kW × ½ h by itself, (60 + 20 − 50) kW × ½ h together."""
    parts = tmp_path / "parts"
    found = reported([feed(parts), bess(parts, from_ms=START + HOUR // 2)], tmp_path)
    assert found.energy.load_kwh == 45.0
    assert found.load.average_kw == 45.0


def test_what_nobody_can_tell_is_not_counted(tmp_path: Path):
    """The sun of the linked system is not known: neither is what of the 60 kWh is load."""
    parts = tmp_path / "parts"
    inputs = inputs_of([feed(parts), bess(parts)])
    read = read_parts(inputs, tmp_path)
    changed = []
    for one in read.parts:
        flows = tuple(
            msgspec.structs.replace(flow, kwh=None if flow.flow == SUN else flow.kwh)
            for flow in one.report.energy.flows
        )
        energy = msgspec.structs.replace(one.report.energy, flows=flows)
        report = msgspec.structs.replace(one.report, energy=energy)
        changed.append(msgspec.structs.replace(one, report=report))
    found = event_report(inputs, changed)
    assert found.energy.load_kwh is None
    untold = [note for note in found.notes if note.code == "balance-untold"]
    assert [(note.about, note.level) for note in untold] == [
        ("n1/bess", "warning"), ("n1/feed", "warning"),
    ]  # fmt: skip


def test_what_is_behind_a_battery_system_is_the_load(tmp_path: Path):
    """100 kWh came from a generator, 60 were metered at the stage: in one system, too, the load
    would be 60 kWh and 40 unmetered and losses."""
    parts = tmp_path / "parts"
    link = Link(asset="stage", type=LinkType.BEHIND, other="gen")
    made = Flow(asset="gen", energy=MADE, kw=100)
    refs = [
        part(parts / "0", "gen", [made], links=[link], balance=100.0),
        part(parts / "1", "stage", [Flow(asset="stage", kw=60)]),
    ]
    found = reported(refs, tmp_path)
    assert found.energy.load_kwh == 60.0
    assert [one.kwh for one in found.energy.remainders] == [40.0]


def test_a_hybrid_in_a_group_takes_its_charging_off_once(tmp_path: Path):
    """A feed gives 10 kWh beside a hybrid: 6 kW of sun, of which 2.4 charge: 3.6 kWh delivered."""
    parts = tmp_path / "parts"
    link = Link(asset="pv", type=LinkType.BEHIND, other="feed")
    kinds = {"pv": AssetKind.PV, "pv.battery": AssetKind.BESS}
    assets = [
        AssetInput(id=name, device="pv", device_kind=DeviceKind.FRONIUS, kind=kind, system="pv")
        for name, kind in kinds.items()
    ]
    flows = [
        Flow(asset="pv", energy=SUN, kw=6.0, kwh=3.6),
        Flow(asset="pv.battery", energy=CHARGED, kw=2.4),
    ]
    refs = [feed(parts, 10.0), part(parts / "pv", "pv", flows, links=[link], assets=assets)]
    found = reported(refs, tmp_path)
    assert found.energy.load_kwh == pytest.approx(13.6)
    assert found.load.average_kw == pytest.approx(13.6)


# -- splitting ----------------------------------------------------------------------------------

KW = st.integers(0, 200).map(float)


@settings(max_examples=40)
@given(
    grid=KW, view=KW, made=KW, sun=KW, charged=KW, load=st.none() | KW,
    where=st.tuples(*[st.integers(0, 3)] * 4),
)  # fmt: skip
def test_splitting_into_systems_changes_no_total(grid, view, made, sun, charged, load, where):
    """A feed with a check inside the battery system, a generator, sun, perhaps a stage: whoever
    belongs to which of up to four systems, all linked, the totals are those of one system."""
    flows = {
        "feed": [Flow(asset="feed", energy=IMPORT, kw=grid)],
        "gen": [Flow(asset="gen", energy=MADE, kw=made)],
        "pv": [Flow(asset="pv", energy=SUN, kw=sun)],
        "bess": [
            Flow(asset="bess.grid", energy=IMPORT, kw=view),
            Flow(asset="bess", energy=CHARGED, kw=charged),
        ],
    }
    if load is not None:
        flows["stage"] = [Flow(asset="stage", kw=load)]
    links = [
        SAME,
        Link(asset="bess", type=LinkType.BEHIND, other="bess.grid", quantities=frozenset()),
        Link(asset="pv", type=LinkType.BEHIND, other="bess", quantities=frozenset({"x"})),
        Link(asset="bess", type=LinkType.BEHIND, other="gen", quantities=frozenset({"x"})),
        Link(asset="stage", type=LinkType.BEHIND, other="bess", quantities=frozenset({"x"})),
    ]
    places = dict(zip(("feed", "gen", "pv", "bess"), where, strict=True)) | {"stage": 4}
    split: dict[int, list[str]] = {}
    for name in flows:
        split.setdefault(places[name], []).append(name)
    with tempfile.TemporaryDirectory() as made_at:
        folder = Path(made_at)
        refs, number = [], count()
        for names in split.values():
            own = [flow for name in names for flow in flows[name]]
            balance = _own_balance(own)
            where_to = folder / "parts" / str(next(number))
            refs.append(part(where_to, "+".join(names), own, links=links, balance=balance))
        found = reported(refs, folder).energy
    expected = grid + made + sun - charged if load is None else load
    assert found.load_kwh == pytest.approx(expected)
    assert (found.grid_import_kwh, found.generator_kwh) == (grid, made)
    assert (found.pv_kwh, found.charged_kwh) == (sun, charged)


def _own_balance(flows: list[Flow]) -> float | None:
    """What a system's own report would say of a load that nobody meters."""
    signs = {IMPORT: 1, MADE: 1, SUN: 1, CHARGED: -1}
    if any(flow.energy not in signs for flow in flows):
        return None
    if not any(flow.energy in (IMPORT, MADE) for flow in flows):
        return None
    feed = any(flow.asset == "feed" for flow in flows)
    known = [flow for flow in flows if not (feed and flow.asset == "bess.grid")]
    return sum(
        signs[flow.energy] * by_minute(flow, START, START + MINUTE_MS).greatest[0] / 10_000
        for flow in known
    )
