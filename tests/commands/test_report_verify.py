"""`ovr report verify`: files by their hashes, figures by computing them again."""

import argparse
import json
import shutil
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config.paths import Home
from collector.model.kinds import AssetKind
from collector.model.report_input import (
    INPUTS_FILE,
    OUT_FOLDER,
    PARTS_FOLDER,
    ROLLUPS_FILE,
    EventInputs,
    PartRef,
)
from collector.model.report_meta import META_FILE, PROFILE_FILE, REPORT_FILE
from ovr_tui.commands import report_verify
from reporting.job import make
from reporting.verify import differences, sha256_of
from tests.reporting.support import START_MS, asset, inputs, rollup_file, steady

ENERGY = "load_energy_kwh"


def run_job(folder: Path) -> Path:
    """What the reporting process does with a job's folder; where the report lies."""
    make(folder, 0, lambda: 0)
    return folder / OUT_FOLDER


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job of a system that took 12 kW for an hour, its report in out/, and an event's of it."""
    job = tmp_path_factory.mktemp("job")
    rows = rollup_file({"m1": steady("load_power_w", 12_000, range(60), ENERGY)})
    packed = msgspec.msgpack.encode(rows)
    (job / ROLLUPS_FILE).write_bytes(packed)
    told = inputs([asset("m1", AssetKind.LOAD)])
    told = msgspec.structs.replace(told, rollups_sha256=sha256_of(job / ROLLUPS_FILE))
    (job / INPUTS_FILE).write_bytes(msgspec.json.encode(told))
    out = run_job(job)
    whole = job / "event"
    shutil.copytree(out, whole / PARTS_FOLDER / "0")
    ref = PartRef(
        node=told.node, system=told.system, report=told.report, revision=told.revision, folder="0",
        report_sha256=sha256_of(out / REPORT_FILE), profile_sha256=sha256_of(out / PROFILE_FILE),
        inputs_sha256=sha256_of(out / INPUTS_FILE),
    )  # fmt: skip
    event = EventInputs(
        report="event-1", node="n1", event=told.event, from_ms=told.from_ms, to_ms=told.to_ms,
        parts=(ref,),
    )  # fmt: skip
    (whole / INPUTS_FILE).write_bytes(msgspec.json.encode(event))
    run_job(whole)
    return job


@pytest.fixture
def job(made: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(made, tmp_path / "job"))


def verified(folder: Path, *more: str) -> int:
    """As the command line runs it, where no collector is."""
    nowhere = folder / "nowhere"
    parser = argparse.ArgumentParser()
    report_verify.add(parser.add_subparsers(dest="action"))
    args = parser.parse_args(["verify", str(folder), *more])
    return report_verify.run(args, Home(config=nowhere, state=nowhere, run=nowhere))


def test_what_was_computed_follows_again(job: Path, capsys: pytest.CaptureFixture[str]):
    """From a copy elsewhere, with the file of rollups alone."""
    assert verified(job / OUT_FOLDER, "--rollups", str(job / ROLLUPS_FILE)) == 0
    assert "every figure follows again" in capsys.readouterr().out


def test_a_figure_that_somebody_changed_is_found(job: Path, capsys: pytest.CaptureFixture[str]):
    """Where it stands, what it says, and what follows; and that the file is not the one written."""
    path = job / OUT_FOLDER / REPORT_FILE
    text = path.read_bytes()
    assert b'"load_kwh":12.0' in text
    path.write_bytes(text.replace(b'"load_kwh":12.0', b'"load_kwh":11.0', 1))
    assert verified(job / OUT_FOLDER, "--rollups", str(job / ROLLUPS_FILE), "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [one["path"] for one in found["files"]] == ["report.json"]
    assert found["figures"] == [{"path": "energy.load_kwh", "stored": "11.0", "recomputed": "12.0"}]


def test_rows_that_are_others_are_found(job: Path, capsys: pytest.CaptureFixture[str]):
    """The node has other rows now: 13 kW. Every figure that follows from them is listed."""
    rows = rollup_file({"m1": steady("load_power_w", 13_000, range(60), ENERGY)})
    other = job / "other.msgpack"
    other.write_bytes(msgspec.msgpack.encode(rows))
    assert verified(job / OUT_FOLDER, "--rollups", str(other), "--json") == 1
    found = json.loads(capsys.readouterr().out)
    told = {one["path"]: (one["stored"], one["recomputed"]) for one in found["figures"]}
    assert "rollups.msgpack" in told
    assert told["energy.load_kwh"] == ("12.0", "13.0")
    assert told["load.peak_1min.kw"] == ("12.0", "13.0")
    assert "profile.csv line 2" in told


def test_files_that_are_gone_or_added_are_found(job: Path, capsys: pytest.CaptureFixture[str]):
    """By name."""
    out = job / OUT_FOLDER
    (out / "report.pdf").unlink()
    (out / "extra.html").write_text("<p>")
    assert verified(out, "--rollups", str(job / ROLLUPS_FILE)) == 1
    text = capsys.readouterr().out
    assert "report.pdf" in text
    assert "extra.html" in text
    assert "(not there)" in text


def test_without_collector_and_rollups_nothing_is_claimed(
    job: Path, capsys: pytest.CaptureFixture[str]
):
    """The files are compared, and it says that the figures were not."""
    assert verified(job / OUT_FOLDER) == 1
    text = capsys.readouterr().out
    assert "were not computed again" in text
    assert "--rollups FILE" in text


def test_an_event_s_report_follows_from_its_parts(job: Path, capsys: pytest.CaptureFixture[str]):
    """Wherever they lie now: they are known by their hashes. A part that was changed is no part."""
    out = job / "event" / OUT_FOLDER
    parts = job / "event" / PARTS_FOLDER
    (parts / "0").rename(parts / "somewhere-else")
    assert verified(out, "--parts", str(parts)) == 0
    assert "every figure follows again" in capsys.readouterr().out
    with (parts / "somewhere-else" / REPORT_FILE).open("ab") as file:
        file.write(b" ")
    assert verified(out, "--parts", str(parts)) == 1
    assert "the reports of s1 are not there" in capsys.readouterr().out


def test_the_meta_file_is_no_figure(job: Path):
    """A release changes report.meta.json only."""
    path = job / OUT_FOLDER / META_FILE
    told = json.loads(path.read_bytes())
    path.write_text(json.dumps(told | {"state": "released", "released_by": "me"}))
    assert verified(job / OUT_FOLDER, "--rollups", str(job / ROLLUPS_FILE)) == 0


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(trees, trees)
def test_trees_differ_exactly_when_they_are_not_equal(one: object, other: object):
    """As JSON tells them apart: 1 is not 1.0, true is not 1."""
    same = msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")
    assert (not list(differences(one, other))) == same
    assert not list(differences(one, one))


def test_a_job_s_time_is_no_part_of_it(made: Path):
    """The window is the one that was asked for."""
    report = json.loads((made / OUT_FOLDER / REPORT_FILE).read_bytes())
    assert report["head"]["from_ms"] == START_MS
