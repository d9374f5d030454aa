"""Short editions of `scripts.event_truth`: the whole chain from simulated devices over sources,
counters, rollups, events and the report runner to report.json, beside what the plant truly did."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from scripts.truth import cases
from scripts.truth.run import Outcome, happen

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("truth")]

SECONDS = 7200
OVERLAP_SECONDS = 1200


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    """What a virtual node logs is nobody's business here."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Two hours of four systems to which everything happens."""
    return happen(cases.systems(SECONDS, seed=3), tmp_path_factory.mktemp("systems"))


def test_reports_say_what_is_true(outcome: Outcome) -> None:
    """Energies, peaks and hours; a turned CT that was corrected; two participations that adjoin; a
    battery that came full and left empty; 5 % of the time not seen."""
    assert outcome.failed == {}
    lines = list(cases.judge_systems(outcome))
    assert len(lines) > 20
    assert [line.row() for line in lines if not line.good] == []


def test_a_corrected_ct_is_printed_with_the_figure_before(outcome: Outcome) -> None:
    """The correction stands in the report with the energy without it, far below, and with it."""
    report = outcome.system(outcome.of("load-1")[0])
    effects = [one for one in report.effects if one.figure == "load_energy_kwh"]
    assert effects
    before, after = effects[0].before, effects[0].after
    assert before is not None
    assert after is not None
    assert before < 0.6 * after


def test_what_was_not_seen_is_listed(outcome: Outcome) -> None:
    """Each cut is a gap of its own."""
    report = outcome.system(outcome.of("bess-3")[0])
    long = [gap for gap in report.quality.gaps if gap.to_ms - gap.from_ms > 45_000]
    assert len({gap.from_ms for gap in long if gap.asset == "bess-3"}) >= cases.CUTS


def test_a_site_that_measures_everything_twice_counts_it_once(tmp_path: Path) -> None:
    """The event's totals are the plant's."""
    found = happen(cases.overlaps(OVERLAP_SECONDS, seed=1), tmp_path)
    assert found.failed == {}
    lines = list(cases.judge_overlaps(found))
    assert {line.figure for line in lines} >= {"load_kwh", "generator_kwh", "pv_kwh"}
    assert [line.row() for line in lines if not line.good] == []


def test_the_same_inputs_give_the_same_bytes_anywhere(outcome: Outcome, tmp_path: Path) -> None:
    """The event's report, computed again in other surroundings: another hash seed, time zone,
    language and folder. (It reads the systems' reports; these were made by the collector.)"""
    job = _event_job(outcome, tmp_path)
    digests = set()
    surroundings = (
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Chatham", "LANG": "de_DE.UTF-8"},
        {"PYTHONHASHSEED": "4242", "TZ": "America/Caracas", "LC_ALL": "C"},
    )
    for number, words in enumerate(surroundings):
        cwd = tmp_path / f"cwd-{number}"
        cwd.mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "reporting", str(job)],
            capture_output=True,
            text=True,
            timeout=300,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(Path.cwd()), **words},
        )
        assert done.returncode == 0, done.stderr
        digests.add(hashlib.sha256((job / "out" / "report.json").read_bytes()).hexdigest())
    stored = (outcome.folder(outcome.event) / "report.json").read_bytes()
    assert digests == {hashlib.sha256(stored).hexdigest()}


def _event_job(outcome: Outcome, below: Path) -> Path:
    """The job of the event's report, from what lies on the disk."""
    job = below / "job"
    folder = outcome.folder(outcome.event)
    (job / "parts").mkdir(parents=True)
    (job / "inputs.json").write_bytes((folder / "inputs.json").read_bytes())
    for part in outcome.whole().parts:
        (job / "parts" / part.folder).symlink_to(outcome.folder(part.report))
    return job
