"""The event's report as a whole: the same bytes wherever its parts lie, what is missing named."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from collector.model.assets import Link
from collector.model.kinds import LinkType
from collector.model.report import EventReport
from collector.model.report_input import EventInputs, PartRef
from collector.model.report_meta import PROFILE_FILE, REPORT_FILE
from reporting.event import event_report, read_parts
from reporting.measured.model import MINUTE_MS
from tests.reporting.event.made import HOUR, Flow, event, inputs_of, part
from tests.reporting.profile.made import START
from tests.reporting.render.made import evidence

BEHIND = Link(asset="b", type=LinkType.BEHIND, other="a")


def reported(inputs: EventInputs, folder: Path) -> EventReport:
    """As a job does it."""
    read = read_parts(inputs, folder)
    return event_report(inputs, read.parts, read.missing)


def three(folder: Path, order: Sequence[int] = (0, 1, 2)) -> list[PartRef]:
    """Three systems, one of them behind another, in folders named by `order`."""
    names = {place: str(order.index(place)) for place in range(3)}
    refs = [
        part(folder / names[0], "a", [Flow(asset="a", kw=100)], links=[BEHIND]),
        part(folder / names[1], "b", [Flow(asset="b", kw=60)], from_ms=START + 12_345),
        part(folder / names[2], "c", [Flow(asset="c", kw=7)], node="n2", to_ms=START + 99_999),
    ]
    return [refs[place] for place in order]


@given(order=st.permutations([0, 1, 2]))
@settings(max_examples=6)
def test_the_order_of_folders_makes_no_difference(order: list[int]):
    """Not to a single byte of report.json."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first = reported(inputs_of(three(Path(one) / "parts")), Path(one))
        second = reported(inputs_of(three(Path(other) / "parts", order)), Path(other))
    assert msgspec.json.encode(first) == msgspec.json.encode(second)


def test_another_process_gives_the_same_bytes(tmp_path: Path):
    """With other hashes of strings, in another time zone and language, from a copy elsewhere."""
    inputs = inputs_of(three(tmp_path / "parts"))
    here = msgspec.json.encode(reported(inputs, tmp_path))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "parts").rename(elsewhere / "parts")
    (elsewhere / "inputs.json").write_bytes(msgspec.json.encode(inputs))
    code = (
        "import sys, msgspec; from pathlib import Path;"
        "from collector.model.report_input import EventInputs;"
        "from reporting.event import event_report, read_parts;"
        "folder = Path(sys.argv[1]);"
        "inputs = msgspec.json.decode((folder / 'inputs.json').read_bytes(), type=EventInputs);"
        "read = read_parts(inputs, folder);"
        "sys.stdout.buffer.write(msgspec.json.encode("
        "event_report(inputs, read.parts, read.missing)))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(elsewhere)],
        check=True,
        capture_output=True,
        env=environment,
        timeout=60,
    )
    assert done.stdout == here


def test_a_meter_of_no_known_class_marks_the_totals_that_it_counts_in(tmp_path: Path):
    """Each of three systems has one meter of the load; that of b counts nowhere, it is behind a."""
    inputs = inputs_of(three(tmp_path / "parts"))
    (sample, *_) = evidence()
    found = []
    for unknown in ("a", "b", "c"):
        parts = [
            structs.replace(
                one,
                report=structs.replace(
                    one.report,
                    evidence=tuple(
                        structs.replace(
                            sample,
                            asset=flow.asset,
                            flow=flow.flow,
                            accuracy_class="" if flow.asset == unknown else "0.5S",
                        )
                        for flow in one.report.energy.flows
                    ),
                ),
            )
            for one in read_parts(inputs, tmp_path).parts
        ]
        found.append(event_report(inputs, parts, ()).energy.class_unknown)
    assert found == [("load_kwh",), (), ("load_kwh",)]


moments = st.lists(st.integers(1, HOUR - 1), max_size=4, unique=True)


@given(cuts=moments, b_cuts=moments, kw=st.lists(st.integers(0, 400), min_size=61, max_size=61))
@settings(max_examples=25)
def test_participations_that_adjoin_lose_nothing(cuts: list[int], b_cuts: list[int], kw: list[int]):
    """A system that leaves and joins again at once, at any milliseconds, gives the totals, peaks
    and days that it gives in one participation; also behind another that does so too."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        whole = reported(inputs_of(split(Path(one) / "parts", [], [], kw)), Path(one))
        parts = reported(inputs_of(split(Path(other) / "parts", cuts, b_cuts, kw)), Path(other))
    tolerance = 0.0005 * (len(cuts) + len(b_cuts) + 2)
    assert parts.energy.load_kwh == pytest.approx(whole.energy.load_kwh, abs=tolerance)
    assert parts.load.p50_kw == pytest.approx(whole.load.p50_kw, abs=0.001)
    assert parts.coverage_pct == whole.coverage_pct == 100.0
    if whole.coincidence.coincident is not None:
        assert parts.coincidence.coincident is not None
        assert parts.coincidence.coincident.kw == pytest.approx(
            whole.coincidence.coincident.kw, abs=0.001
        )
    assert parts.coincidence.summed_kw == pytest.approx(whole.coincidence.summed_kw, abs=0.001)
    for ours, theirs in zip(parts.days, whole.days, strict=True):
        assert ours.load_kwh == pytest.approx(theirs.load_kwh, abs=tolerance)


def split(folder: Path, cuts: list[int], b_cuts: list[int], kw: list[int]) -> list[PartRef]:
    """System a (kw by minute) and what is behind it (half of that), cut at these moments."""
    found = []
    for system, at, factor in (("a", cuts, 1.0), ("b", b_cuts, 0.5)):
        for number, (begin, end) in enumerate(pairwise([0, *sorted(at), HOUR])):
            first, last = begin // MINUTE_MS, -(-end // MINUTE_MS)
            found.append(
                part(
                    folder / f"{system}{number}",
                    system,
                    [Flow(asset=system, kw=[one * factor for one in kw[first:last]])],
                    from_ms=START + begin,
                    to_ms=START + end,
                    links=[BEHIND],
                )
            )
    return found


@given(
    loads=st.lists(st.lists(st.integers(0, 500), min_size=60, max_size=60), min_size=1, max_size=4)
)
@settings(max_examples=25)
def test_summed_peaks_are_never_below_the_coincident_one(loads: list[list[int]]):
    """Diversity ≥ 1, and the rows' loads at the coincident minute add up to it."""
    with tempfile.TemporaryDirectory() as folder:
        refs = [
            part(Path(folder) / "parts" / str(i), f"s{i}", [Flow(asset=f"m{i}", kw=kw)])
            for i, kw in enumerate(loads)
        ]
        found = reported(inputs_of(refs), Path(folder))
    peak = found.coincidence.coincident
    assert peak is not None
    assert found.coincidence.summed_kw is not None
    assert peak.kw == max(map(sum, zip(*loads, strict=True)))
    assert found.coincidence.summed_kw == sum(map(max, loads))
    at = [row.at_coincident_kw for row in found.systems]
    assert sum(one for one in at if one is not None) == pytest.approx(peak.kw, abs=0.002)


def test_what_is_missing_or_damaged_is_named_and_the_rest_counts(tmp_path: Path):
    """No folder; a profile with one byte more; a report of another event; a report in pieces."""
    folder = tmp_path / "parts"
    other = event(id="event-2", job="J-2")
    refs = [
        *three(folder),
        part(folder / "gone", "gone", [Flow(asset="g", kw=1)]),
        part(folder / "bent", "bent", [Flow(asset="h", kw=1)]),
        part(folder / "other", "other", [Flow(asset="i", kw=1)], of=other),
        part(folder / "torn", "torn", [Flow(asset="j", kw=1)]),
    ]
    (folder / "gone" / REPORT_FILE).unlink()
    with (folder / "bent" / PROFILE_FILE).open("ab") as file:
        file.write(b"\r\n")
    torn = folder / "torn" / REPORT_FILE
    torn.write_bytes(torn.read_bytes()[:-40])
    found = reported(inputs_of(refs), tmp_path)
    assert {one.system: one.why for one in found.missing} == {
        "gone": "it has no report.json",
        "bent": "its files are not those that were named (profile_sha256)",
        "other": "it is of another event (J-2)",
        "torn": next(one.why for one in found.missing if one.system == "torn"),
    }
    assert "report.json cannot be read" in next(
        one.why for one in found.missing if one.system == "torn"
    )
    assert len(found.systems) == 3
    notes = [note for note in found.notes if note.code == "part-missing"]
    assert len(notes) == 4
    assert found.energy.load_kwh == 100.194  # 100 + 7 kW × 99.999 s


def test_a_provisional_part_makes_the_whole_provisional(tmp_path: Path):
    """And keeps it from being released."""
    refs = [part(tmp_path / "parts" / "0", "a", [Flow(asset="a", kw=1)], stage="provisional")]
    found = reported(inputs_of(refs), tmp_path)
    assert found.head.stage == "provisional"
    assert [n.code for n in found.notes if n.level == "blocks"] == ["part-provisional"]


def test_only_the_newest_revision_of_a_report_counts(tmp_path: Path):
    """The older one is named."""
    folder = tmp_path / "parts"
    refs = [
        part(folder / "0", "a", [Flow(asset="a", kw=10)], report="p", revision=2),
        part(folder / "1", "a", [Flow(asset="a", kw=30)], report="p", revision=1),
    ]
    found = reported(inputs_of(refs), tmp_path)
    assert found.energy.load_kwh == 10.0
    assert [one.why for one in found.missing] == ["revision 1 is not the newest"]


def test_two_reports_of_one_system_and_time_never_both_count(tmp_path: Path):
    """Participations do not overlap; from files of two nodes' backups they might."""
    folder = tmp_path / "parts"
    refs = [
        part(folder / "0", "a", [Flow(asset="a", kw=10)], report="p"),
        part(folder / "1", "a", [Flow(asset="a", kw=10)], report="q", from_ms=START + MINUTE_MS),
    ]
    found = reported(inputs_of(refs), tmp_path)
    assert found.energy.load_kwh == 10.0
    assert "overlaps" in found.missing[0].why


def test_an_event_without_parts_claims_nothing(tmp_path: Path):
    """No system, no figure; also over no time at all."""
    for to_ms in (START, START + HOUR):
        found = reported(inputs_of([], to_ms=to_ms), tmp_path)
        assert found.energy.load_kwh is None
        assert found.coverage_pct is None
        assert found.coincidence.coincident is None
        assert not found.saving.valid


def test_stored_energy_chains_over_absences(tmp_path: Path):
    """A battery comes with 50 kWh, goes with 40; comes back with 90 (charged elsewhere), goes with
    85: it ends 15 kWh lower than it began."""
    folder = tmp_path / "parts"
    flow = [Flow(asset="a", energy="battery_discharged_kwh", kw=10)]
    refs = [
        part(folder / "0", "a", flow, to_ms=START + HOUR // 4, stored=(50.0, 40.0)),
        part(folder / "1", "a", flow, from_ms=START + HOUR // 2, stored=(90.0, 85.0)),
    ]
    found = reported(inputs_of(refs), tmp_path)
    assert (found.energy.stored_start_kwh, found.energy.stored_end_kwh) == (50.0, 35.0)
    assert found.energy.discharged_kwh == 7.5
