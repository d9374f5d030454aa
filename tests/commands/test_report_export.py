"""`ovr report export`, without a collector: from the node's folders, or from any folder."""

import argparse
import csv
import json
from pathlib import Path

import pytest

from collector.config.paths import Home
from collector.errors import OvrError
from ovr_tui.commands import report_export
from tests.commands.test_report_show import whole
from tests.reporting.event.made import Flow, event, part


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A node with reports of two events, one with two revisions of a system."""
    reports = tmp_path / "state" / "reports"
    hostile = event(name="=1+1", job="J-1")
    for number, (system, revision, kw) in enumerate([("a", 1, 99), ("a", 2, 10), ("b", 1, 5)]):
        folder = reports / "event-1" / "systems" / system / str(number)
        ref = part(
            folder, system, [Flow(asset=system, kw=kw)], report=f"p-{system}", revision=revision,
            of=hostile,
        )  # fmt: skip
        whole(folder, ref.report, revision)
    other = reports / "event-2" / "systems" / "c" / "0"
    part(other, "c", [Flow(asset="c", kw=1)], of=event(id="event-2", job="J-2"))
    whole(other, "c-1")
    return Home(config=tmp_path, state=tmp_path / "state", run=tmp_path / "run")


def exported(home: Home, *args: str) -> int:
    """As the command line runs it."""
    parser = argparse.ArgumentParser()
    report_export.add(parser.add_subparsers(dest="action"))
    return report_export.run(parser.parse_args(["export", *args]), home)


def test_the_newest_revisions_of_one_event_are_exported(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """By its job code; of two revisions the newer; and it says that rows of assets are missing, as
    no collector runs."""
    to = tmp_path / "x"
    assert exported(home, "J-1", "--to", str(to), "--json") == 0
    done = json.loads(capsys.readouterr().out)
    assert [(one["system"], one["revision"]) for one in done["parts"]] == [("a", 2), ("b", 1)]
    assert done["missing"][0]["why"] == "revision 1 is not the newest"
    assert len(done["without"]) == 2
    assert "no collector runs" in done["without"][0]
    with (to / "minutes.csv").open(newline="") as file:
        loads = {one["system"]: one["load_kw"] for one in csv.DictReader(file)}
    assert loads == {"a": "10", "b": "5"}


def test_a_folder_from_elsewhere_is_exported_too(home: Home, tmp_path: Path):
    """And one that holds two events is not guessed between."""
    below = home.state / "reports"
    assert exported(home, str(below / "event-2"), "--to", str(tmp_path / "y"), "--no-assets") == 0
    assert not (tmp_path / "y" / "assets.parquet").exists()
    with pytest.raises(OvrError, match="several events: J-1, J-2"):
        exported(home, str(below), "--to", str(tmp_path / "z"))


def test_nothing_is_written_over(home: Home, tmp_path: Path):
    """A folder with something in it is refused."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.csv").write_text("1")
    with pytest.raises(OvrError, match="not empty"):
        exported(home, "J-1", "--to", str(tmp_path / "full"))
    with pytest.raises(OvrError, match="no report of a system of J-9"):
        exported(home, "J-9", "--to", str(tmp_path / "w"))
