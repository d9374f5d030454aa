"""`python -m reporting` on job folders."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import msgspec

from collector.model.report import SystemReport
from collector.model.report_input import INPUTS_FILE, ROLLUPS_FILE, STANDING_FILE
from collector.model.report_meta import META_FILE, ReportMeta
from collector.model.report_state import ReportState, Standing
from reporting.schema import schema
from tests.reporting.render import job

ROOT = Path(__file__).parent.parent.parent.parent
FILES = {
    "inputs.json", "internal.html", "internal.pdf", "profile.csv", "report.html", "report.json",
    "report.meta.json", "report.pdf",
}  # fmt: skip


def run(*folders: Path) -> subprocess.CompletedProcess[str]:
    """The process as the collector starts it."""
    command = [sys.executable, "-m", "reporting", *map(str, folders)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_a_job_that_fails_takes_no_other_along(tmp_path: Path):
    """Of three jobs the middle one has other rollups than its inputs: its reason is said, the
    others are whole, and their files are as report.meta.json has them."""
    content = msgspec.msgpack.encode(job.packed(90))
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder in folders:
        job.write(folder, 90, content)
    (folders[1] / ROLLUPS_FILE).write_bytes(content[:-1])
    done = run(*folders)
    assert done.returncode == 1
    assert "rollups.msgpack is not the file that inputs.json" in done.stderr.splitlines()[-1]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["made"] for one in told] == [True, False, True]
    assert not (folders[1] / "out" / META_FILE).exists()
    for folder in (folders[0], folders[2]):
        out = folder / "out"
        assert {path.name for path in out.iterdir()} == FILES
        meta = msgspec.json.decode((out / META_FILE).read_bytes(), type=ReportMeta)
        assert {file.name for file in meta.files} == FILES - {META_FILE}
        for file in meta.files:
            found = (out / file.name).read_bytes()
            assert (hashlib.sha256(found).hexdigest(), len(found)) == (file.sha256, file.size)
        assert {"ovr-tele", "matplotlib", "typst", "jinja2"} <= meta.versions.keys()
        assert all(meta.versions.values())
        assert meta.inputs_sha256 == hashlib.sha256((folder / INPUTS_FILE).read_bytes()).hexdigest()
    one, other = ((folder / "out" / "report.json").read_bytes() for folder in folders[::2])
    assert one == other
    jsonschema_rs.validator_for(schema()).validate(json.loads(one))
    report = msgspec.json.decode(one, type=SystemReport)
    assert report.energy.load_kwh is not None


def test_its_pages_are_set_anew_and_nothing_else(tmp_path: Path):
    """With its report.json beside it a report is not computed: HTML and PDF say where it stands,
    the other files are the same to the byte."""
    first, again = tmp_path / "first", tmp_path / "again"
    job.write(first, 90, msgspec.msgpack.encode(job.packed(90)))
    assert run(first).returncode == 0
    again.mkdir()
    kept = ("inputs.json", "report.json", "profile.csv")
    for name in kept:
        (again / name).write_bytes((first / "out" / name).read_bytes())
    standing = Standing(ReportState.RELEASED, 1_788_000_000_000, "kim")
    (again / STANDING_FILE).write_bytes(msgspec.json.encode(standing))
    done = run(again)
    assert done.returncode == 0, done.stderr
    out = again / "out"
    assert {path.name for path in out.iterdir()} == FILES
    assert all((out / name).read_bytes() == (again / name).read_bytes() for name in kept)
    for name in ("report.html", "internal.html"):
        assert b"<b>DRAFT</b>" in (first / "out" / name).read_bytes()
        assert b"<b>RELEASED</b>" in (out / name).read_bytes()
    (again / "report.json").write_text("{")
    assert "report.json cannot be read" in run(again).stderr


def test_it_says_what_is_wrong_with_a_folder(tmp_path: Path):
    """No inputs, no JSON, another format, no folder at all: one line each that names the file."""
    reasons = {
        "missing": ("", "inputs.json is missing"),
        "broken": ("{", "inputs.json cannot be read"),
        "newer": ('{"kind":"system","schema":99}', "inputs.json has format 99"),
    }
    for name, (text, reason) in reasons.items():
        folder = tmp_path / name
        folder.mkdir()
        if text:
            (folder / INPUTS_FILE).write_text(text)
        done = run(folder)
        assert done.returncode == 1
        assert reason in done.stderr.splitlines()[-1]
    assert run().returncode == 64
