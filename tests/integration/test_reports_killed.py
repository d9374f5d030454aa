"""A collector killed between *leave* and *report ready*, again and again: each participation has
exactly one whole report afterwards."""

import json
import random
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from collector.reports import table
from collector.reports.check import read_meta, whole
from tests.integration.test_lifecycle import simulated
from tests.support.nodes import make_home
from tests.support.processes import OVR, environment, finish, start, status, until

KILLS = 10
LATEST_S = 2.5
SEED = 20261126


def _ovr(home: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [*OVR, "--home", str(home), *words, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert done.returncode == 0, (words, done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def _collector(home: Path) -> Iterator["subprocess.Popen[str]"]:
    """A running collector, killed at the end if it is not yet."""
    process = start("collect", home=home, log=home / "said.log")
    try:
        until(lambda: _live(home), "the assets live", 60)
        yield process
    finally:
        process.kill()
        process.wait()


def _live(home: Path) -> bool:
    seen = status(home)
    return bool(seen and seen["assets"] and all(a["quality"] == "good" for a in seen["assets"]))


def _made(home: Path, count: int) -> list[dict[str, Any]] | None:
    """The newest entries of systems' reports once there are so many, and none is being made."""
    found = _ovr(home, "report", "list")
    reports = [one for one in found["reports"] if one["kind"] == "system"]
    busy = [job for job in found["jobs"] if job["state"] == "running"]
    return reports if len(reports) == count and not busy else None


@pytest.mark.timeout(420)
def test_one_whole_report_of_each(tmp_path: Path) -> None:
    """Ten rounds of join, leave and kill -9 at a random moment after it; the collector that runs
    at last makes what is missing, and nothing twice."""
    draw = random.Random(SEED)
    with simulated("--assets", "3") as site:
        home = make_home(tmp_path, site["devices"], site["assets"])
        for number in range(KILLS):
            with _collector(tmp_path) as process:
                if number == 0:
                    _ovr(tmp_path, "event", "create", "--name", "Fair", "--client", "C")
                    _ovr(tmp_path, "event", "start", "Fair")
                system = status(tmp_path)["assets"][0]["system"]  # type: ignore[index]
                _ovr(tmp_path, "event", "join", "Fair", system)
                _ovr(tmp_path, "event", "leave", "Fair", system)
                time.sleep(draw.uniform(0, LATEST_S))
                process.kill()
        with _collector(tmp_path) as process:
            entries = until(lambda: _made(tmp_path, KILLS), "all reports", 120)
            finish(process)
    _each_once(home.state, entries)


def _each_once(state: Path, entries: list[dict[str, Any]]) -> None:
    """Every folder is one row's, whole, and says what the row says; nothing else is there."""
    assert len({one["id"] for one in entries}) == KILLS
    there = {path.parent for path in (state / "reports").rglob("report.meta.json")}
    assert {str(path.relative_to(state)) for path in there} == {one["folder"] for one in entries}
    with closing(sqlite3.connect(state / "node.db")) as db:
        stored = table.listed(db, None, -1)
        parts = db.execute("SELECT count(*) FROM participation").fetchone()
    assert parts == (KILLS,)
    assert len(stored) == KILLS
    for one in stored:
        folder = state / one.entry.folder
        assert whole(folder, one.meta.files)
        assert read_meta(folder) == one.meta
        assert (folder / "report.pdf").stat().st_size > 10_000
