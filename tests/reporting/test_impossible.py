"""Inputs that tell next to nothing, through the reporting process: each gives a whole set of files
that says what is known and what is not, and makes no figure up."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from collector.model.assets import Ratings
from collector.model.event import UseCase
from collector.model.kinds import AssetKind
from collector.model.report import SystemReport
from collector.model.report_input import (
    INPUTS_FILE,
    OUT_FOLDER,
    ROLLUPS_FILE,
    AssetInput,
    ReportInputs,
    RollupFile,
)
from collector.model.report_meta import ReportMeta
from collector.model.rollup import Rollup, Running
from tests.reporting.support import (
    MINUTE,
    START_MS,
    asset,
    counter,
    gauge,
    inputs,
    rollup_file,
    row,
    steady,
)

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("reporting")]

LOAD, KWH = "load_power_w", "load_energy_kwh"
GENERATOR, RUN_S = "generator_power_w", "generator_run_s"
DAY = 1440
FILES = {
    "inputs.json",
    "internal.html",
    "internal.pdf",
    "profile.csv",
    "report.html",
    "report.json",
    "report.pdf",
}


class Case(Struct, frozen=True, kw_only=True):
    """One job: its inputs and rows."""

    assets: Sequence[AssetInput]
    rows: Mapping[str, Sequence[Rollup]] = {}
    kinds: Mapping[str, AssetKind] = {}
    minutes: float = 60
    use_case: UseCase = UseCase.METERING

    def inputs(self) -> ReportInputs:
        """As the collector writes them."""
        return inputs(self.assets, self.minutes, use_case=self.use_case)

    def rollups(self) -> RollupFile:
        """Likewise."""
        return rollup_file(self.rows, self.kinds)


def _stretched() -> list[Rollup]:
    """A clock that stepped back by six seconds (ticks were stretched: 66 s in a minute), and later
    ahead by twenty minutes (a hole that nobody measured, over which the register rose)."""
    before = steady(LOAD, 6000, range(10), KWH)
    slow = [
        row(10, {LOAD: gauge(LOAD, 6000, 66_000)}, {KWH: counter(1.0, 1.11)}),
        *steady(LOAD, 6000, range(11, 20)),
    ]
    return [*before, *slow, *steady(LOAD, 6000, range(40, 60), KWH)]


def _one_phase(minute: int) -> Rollup:
    """A single-phase meter."""
    return row(
        minute,
        {
            LOAD: 2300,
            f"{LOAD}.L1": 2300,
            "voltage_v.L1": 230,
            "current_a.L1": 10,
            "frequency_hz": 50,
        },
    )


def _set(minute: int) -> Rollup:
    """A generator that runs for the first half of the hour."""
    runs = minute < 30
    watts = 20_000.0 if runs else 0.0
    power = gauge(GENERATOR, watts)
    return row(
        minute,
        {GENERATOR: power},
        {},
        running=Running(MINUTE, MINUTE, power.pos) if runs else None,
    )


def _nothing_good(minute: int) -> Rollup:
    """A minute in which only a state was seen."""
    return row(minute, states={"inverter_state": 9})


CASES = {
    "no assets": Case(assets=()),
    "no data": Case(
        assets=(asset("meter"), asset("bess", AssetKind.BESS)), use_case=UseCase.HYBRIDIZATION
    ),
    "no length": Case(
        assets=(asset("meter"),), rows={"meter": steady(LOAD, 6000, range(2))}, minutes=0
    ),
    "states only": Case(
        assets=(asset("bess", AssetKind.BESS),),
        rows={"bess": [_nothing_good(minute) for minute in range(60)]},
        kinds={"bess": AssetKind.BESS},
        use_case=UseCase.PEAK_SHAVING,
    ),
    "counters only": Case(
        assets=(asset("meter"),),
        rows={"meter": [row(m, {}, {KWH: counter(m / 10, (m + 1) / 10)}) for m in range(60)]},
    ),
    "power only": Case(assets=(asset("meter"),), rows={"meter": steady(LOAD, 6000, range(60))}),
    "one phase": Case(
        assets=(asset("meter"),), rows={"meter": [_one_phase(minute) for minute in range(60)]}
    ),
    "generator only": Case(
        assets=(asset("set", AssetKind.GENERATOR, ratings=Ratings(rated_kw=40.0)),),
        rows={"set": [_set(minute) for minute in range(60)]},
        kinds={"set": AssetKind.GENERATOR},
        use_case=UseCase.HYBRIDIZATION,
    ),
    "clock step": Case(assets=(asset("meter"),), rows={"meter": _stretched()}),
    "400 days": Case(
        assets=(asset("meter"),),
        rows={
            "meter": [
                *steady(LOAD, 6000, range(DAY), KWH),
                *steady(LOAD, 6000, range(399 * DAY, 400 * DAY), KWH),
            ]
        },
        minutes=400 * DAY,
    ),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The folders of all cases' reports, made by one process."""
    below = tmp_path_factory.mktemp("impossible")
    folders = {name: below / name.replace(" ", "-") for name in CASES}
    for name, case in CASES.items():
        folders[name].mkdir()
        (folders[name] / INPUTS_FILE).write_bytes(msgspec.json.encode(case.inputs()))
        (folders[name] / ROLLUPS_FILE).write_bytes(msgspec.msgpack.encode(case.rollups()))
    words = [sys.executable, "-m", "reporting", *map(str, folders.values())]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=280, env={**os.environ, "TMPDIR": str(below)}
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(CASES)
    return {name: folder / OUT_FOLDER for name, folder in folders.items()}


def report(made: Mapping[str, Path], name: str) -> SystemReport:
    """The report of a case."""
    return msgspec.json.decode((made[name] / "report.json").read_bytes(), type=SystemReport)


@pytest.mark.parametrize("name", CASES)
def test_the_files_are_whole_and_hold_no_number_that_is_none(
    made: Mapping[str, Path], name: str
) -> None:
    """Every file is there as its meta file says, and JSON has neither NaN nor infinity."""
    meta = msgspec.json.decode((made[name] / "report.meta.json").read_bytes(), type=ReportMeta)
    assert {one.name for one in meta.files} == FILES
    assert {one.name: (made[name] / one.name).stat().st_size for one in meta.files} == {
        one.name: one.size for one in meta.files
    }
    assert (made[name] / "report.pdf").read_bytes().startswith(b"%PDF-")
    page = (made[name] / "report.html").read_text()
    assert page.rstrip().endswith("</html>")
    text = (made[name] / "report.json").read_text()
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{name}: {word}"))
    assert not {"nan", "inf"} & set(page.lower().replace("<", " ").replace(">", " ").split())


@pytest.mark.parametrize("name", ["no assets", "no data", "no length", "states only"])
def test_where_nothing_was_seen_nothing_is_said(made: Mapping[str, Path], name: str) -> None:
    """Energies, peaks and savings are unknown, not nought, and notes say why."""
    one = report(made, name)
    assert one.energy.load_kwh is None
    assert (one.load.kwh, one.load.average_kw, one.load.peak_1min) == (None, None, None)
    assert one.load.load_factor is None
    assert one.saving.saved_l is None
    assert not one.saving.valid
    assert not one.quality.enough
    assert one.notes
    assert one.quality.coverage_pct in (None, 0.0)


def test_a_register_alone_gives_energy_and_no_peak(made: Mapping[str, Path]) -> None:
    """6 kWh by the counter; of powers nothing is known, hence no peak and no percentile."""
    one = report(made, "counters only")
    assert one.energy.load_kwh == 6.0
    assert (one.load.peak_1s, one.load.peak_1min, one.load.p95_kw) == (None, None, None)
    (line,) = one.evidence
    assert line.method == "register"
    assert line.integral_kwh in (None, 0.0)


def test_a_power_alone_gives_energy_by_its_integral(made: Mapping[str, Path]) -> None:
    """6 kW for an hour."""
    one = report(made, "power only")
    assert one.energy.load_kwh == 6.0
    (line,) = one.evidence
    assert (line.method, line.register_kwh) == ("integral", None)
    assert one.load.peak_1min is not None
    assert one.load.peak_1min.kw == 6.0
    assert one.quality.coverage_pct == 100.0


def test_one_phase_is_no_balance_of_three(made: Mapping[str, Path]) -> None:
    """Of the phases that a meter does not have nothing is said, nor of unbalance."""
    one = report(made, "one phase")
    assert one.energy.load_kwh == 2.3
    phases = one.load.phases
    if phases is not None:
        assert phases.mean_a[0] == 10.0
        assert phases.mean_a[1:] == (None, None)
        assert phases.unbalance_mean_pct is None


def test_a_generator_alone_serves_what_nobody_measures(made: Mapping[str, Path]) -> None:
    """Half an hour at 20 kW of 40: 10 kWh, 0.5 h, 50 %; without a load there is nothing to compare
    with, and no saving."""
    one = report(made, "generator only")
    (line,) = one.generators
    assert (line.hours, line.kwh, line.average_load_pct) == (0.5, 10.0, 50.0)
    assert one.energy.generator_kwh == 10.0
    assert not one.saving.valid or one.saving.saved_l is not None


def test_a_clock_that_stepped_costs_no_energy_and_makes_no_peak(made: Mapping[str, Path]) -> None:
    """6 kW all the time: the register says 6 kWh over the hour, the hole is listed, and 66 seconds
    within one minute make no 6.6 kW."""
    one = report(made, "clock step")
    assert one.energy.load_kwh == pytest.approx(6.0, abs=0.02)
    assert one.load.peak_1min is not None
    assert one.load.peak_1min.kw == 6.0
    assert max(gap.to_ms - gap.from_ms for gap in one.quality.gaps) == 20 * MINUTE
    assert one.quality.coverage_pct is not None
    assert one.quality.coverage_pct <= 100.0


def test_four_hundred_days_with_two_of_data(made: Mapping[str, Path]) -> None:
    """The register saw all of it, so the energy stands; of 398 days nothing else is known, which is
    said, and no saving could be claimed."""
    one = report(made, "400 days")
    assert one.energy.load_kwh == pytest.approx(6.0 * 24 * 400, rel=1e-6)
    assert one.quality.coverage_pct == 0.5
    assert not one.quality.enough
    (gap,) = one.quality.gaps
    assert gap.from_ms == START_MS + DAY * MINUTE
    assert gap.to_ms - gap.from_ms == 398 * DAY * MINUTE
    assert gap.gap_kwh == pytest.approx(6.0 * 24 * 398, rel=1e-6)
    assert len(one.days) >= 400
    with (made["400 days"] / "profile.csv").open() as lines:
        assert sum(1 for _ in lines) == 400 * DAY + 1
