"""`ovr report show`: the report in 80 columns, with hostile text made harmless."""

import argparse
import hashlib
import json
import os
import pwd
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len

from collector.config.paths import Home
from collector.errors import OvrError
from collector.model.assets import Link
from collector.model.kinds import LinkType
from collector.model.report_input import Brand
from collector.model.report_meta import META_FILE, ReportFile, ReportMeta
from ovr_tui.commands import report_show
from ovr_tui.commands.report_find import find
from ovr_tui.console.glyphs import UNICODE
from ovr_tui.console.reports.drawing import HEIGHT, duration_chart
from ovr_tui.console.text import plain
from reporting.event import event_report, read_part, read_parts
from reporting.write import report_json
from tests.reporting.event.made import HOUR, Flow, event, inputs_of, part
from tests.reporting.profile.made import START

HOSTILE = "Main\x1b[31m [red]stage[/]\u202e <b>\r\n=1+1"


def whole(folder: Path, report: str, revision: int = 1) -> Path:
    """Give a folder its report.meta.json."""
    files = [
        ReportFile(
            name=path.name,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            size=path.stat().st_size,
        )
        for path in sorted(folder.iterdir())
    ]
    meta = ReportMeta(
        report=report, revision=revision, schema=1, method=1, built_ms=0,
        inputs_sha256=hashlib.sha256((folder / "inputs.json").read_bytes()).hexdigest(),
        files=tuple(files),
    )  # fmt: skip
    (folder / META_FILE).write_bytes(msgspec.json.encode(meta))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An event's report of two systems, one of them hostile."""
    behind = Link(asset="b", type=LinkType.BEHIND, other="a")
    parts = tmp_path / "parts"
    show = event(name=HOSTILE, client="=cmd|' /C calc'!A0")
    refs = [
        part(parts / "0", "a", [Flow(asset="a", kw=list(range(60)))], links=[behind], of=show),
        part(parts / "1", "b", [Flow(asset="b", kw=6)], to_ms=START + HOUR // 2, of=show),
    ]
    inputs = msgspec.structs.replace(inputs_of(refs), event=show)
    read = read_parts(inputs, tmp_path)
    out = tmp_path / "state" / "reports" / "event-1" / "event-r1"
    out.mkdir(parents=True)
    (out / "report.json").write_bytes(report_json(event_report(inputs, read.parts)))
    (out / "inputs.json").write_bytes(msgspec.json.encode(inputs))
    return whole(out, "event-1")


def home_of(tmp_path: Path) -> Home:
    """A node without a collector."""
    return Home(config=tmp_path / "config", state=tmp_path / "state", run=tmp_path / "run")


def shown(args: list[str], home: Home) -> int:
    """As the command line runs it."""
    parser = argparse.ArgumentParser()
    report_show.add(parser.add_subparsers(dest="action"))
    return report_show.run(parser.parse_args(["show", *args]), home)


def test_it_fits_a_terminal_and_shows_the_figures(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """80 columns; 0…59 kW for a minute each are 29.5 kWh; both charts are there."""
    assert shown(["event-1"], home_of(tmp_path)) == 0
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert any("29.5 kWh" in line for line in lines if "Energy delivered" in line)
    assert any("59.0 kW" in line for line in lines if "Peak of all together" in line)
    assert sum("█" in line and ("┤" in line or "│" in line) for line in lines) > 12
    assert "Load duration" in text


def test_hostile_text_neither_paints_nor_turns(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """No control characters, none that turn the direction of writing; brackets stay text."""
    assert shown([str(folder)], home_of(tmp_path)) == 0
    text = capsys.readouterr().out
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[red]stage" in text
    assert all(ch == "\n" or ch.isprintable() for ch in text)


def test_the_json_is_the_file(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """And no client's edition."""
    assert shown([str(folder), "--json"], home_of(tmp_path)) == 0
    out = json.loads(capsys.readouterr().out)
    assert out == json.loads((folder / "report.json").read_bytes())
    with pytest.raises(OvrError, match="internal"):
        shown([str(folder), "--json", "--edition", "client"], home_of(tmp_path))


def test_a_system_s_report_in_both_editions(tmp_path: Path):
    """A report with next to nothing in it is shown too."""
    part(tmp_path / "0", "a", [Flow(asset="a", kw=[None] * 60, kwh=0.0)])
    report = read_part(tmp_path / "0").report
    for edition in ("internal", "client"):
        lines = report_show.shown(report, Brand(), edition, None)
        assert max(map(cell_len, lines)) <= 80
        assert ("internal" in "\n".join(lines)) == (edition == "internal")


def test_it_is_found_by_the_end_of_its_id_and_by_revision(folder: Path, tmp_path: Path):
    """The newest is meant; two reports with one end are not guessed between."""
    home = home_of(tmp_path)
    below = folder.parent
    for name, report, revision in (("event-r2", "event-1", 2), ("x-r1", "other-1", 1)):
        copy = below / name
        copy.mkdir()
        for path in folder.iterdir():
            if path.name != META_FILE:
                (copy / path.name).write_bytes(path.read_bytes())
        whole(copy, report, revision)
    assert find("event-1", home).meta.revision == 2
    assert find("event-1", home, 1).meta.revision == 1
    with pytest.raises(OvrError, match="end of 2 ids"):
        find("-1", home)
    with pytest.raises(OvrError, match="ovr report list"):
        find("nothing", home)


def test_a_gap_breaks_the_line():
    """Nothing is drawn where nothing was seen."""
    values = tuple(None if 30 < i < 70 else 50.0 for i in range(101))
    lines = [plain(line) for line in duration_chart(values, 110, UNICODE)]
    assert lines[0][9:].strip("▁▂▃▄▅▆▇█ ") == ""
    for line in lines[1:HEIGHT]:
        assert line[9:] == "█" * 31 + " " * 39 + "█" * 31
    assert plain(duration_chart((None,) * 101, 78, UNICODE)[0]).strip() == "(nothing was measured)"


def test_a_folder_that_may_not_be_read_is_told_with_what_to_do(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It is not taken for one without reports: whose it is, and how one gets at it."""
    refused = tmp_path / "state"
    monkeypatch.setattr(os, "access", lambda path, _: path != refused)
    with pytest.raises(OvrError, match=r"may be read by the user .* only") as told:
        find(folder.name, home_of(tmp_path))
    owner = pwd.getpwuid(refused.stat().st_uid).pw_name
    assert f"sudo -u {owner} ovr report" in str(told.value)
    assert "usermod -aG" in str(told.value)
