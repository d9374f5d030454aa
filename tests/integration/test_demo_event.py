"""`ovr demo --event`: the scripted show, in a short edition; its dates; what it refuses."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import structlog
from msgspec import structs

from collector.config.paths import find_home
from collector.model.event import SystemUse
from collector.model.report_state import ReportState
from collector.simulator import show
from collector.simulator.event import play, weekend
from collector.simulator.event.crew import Crew
from collector.simulator.event.script import Script, Step, clocks_back
from collector.simulator.event.terms import ZONE, draft
from collector.simulator.virtual.loop import run
from ovr_tui.cli import main

pytestmark = pytest.mark.timeout(240)

MINUTE = 60_000
BEGIN = 1_782_396_000_000


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.configure(**before)


def test_the_clocks_go_back_within_the_show() -> None:
    """The newest first Sunday of November before today; the show spans the night before it, and
    its steps are in order but for those that wait for something."""
    assert clocks_back(date(2026, 11, 27)) == date(2026, 11, 1)
    assert clocks_back(date(2026, 11, 1)) == date(2025, 11, 2)
    assert clocks_back(date(2024, 3, 1)) == date(2023, 11, 5)
    script = weekend(date(2026, 11, 1))
    zone = ZoneInfo(ZONE)
    first, last = (
        datetime.fromtimestamp(script.steps[k].at_ms / 1000, UTC).astimezone(zone) for k in (0, -1)
    )
    assert (first.tzname(), last.tzname()) == ("PDT", "PST")
    times = [step.at_ms for step in script.steps]
    assert times == sorted(times)


def test_a_short_show_has_its_reports(tmp_path: Path) -> None:
    """An hour's show of one meter: what happens is told with its time, the report is provisional
    first and a draft within two scripted minutes, and the event's report follows."""
    told: list[tuple[int, str]] = []

    def at(minutes: float) -> int:
        return BEGIN + round(minutes * MINUTE)

    planned = structs.replace(draft(at(6), at(40)), systems=(SystemUse(system="load-1"),))
    script = Script(
        begin_ms=BEGIN,
        hour=12.0,
        steps=(
            Step(at_ms=at(4), act=Crew.commission),
            Step(at_ms=at(5), act=lambda crew: crew.create(planned)),
            Step(at_ms=at(6), act=Crew.start),
            Step(at_ms=at(6.5), act=lambda crew: crew.join("load-1")),
            Step(at_ms=at(20), act=lambda crew: crew.leave("load-1")),
            Step(at_ms=at(25), act=Crew.end),
        ),
    )
    home = find_home(str(tmp_path), {})
    played = run(
        lambda loop: play(
            loop, script, home, lambda ms, text: told.append((ms, text)), blocks=(show.STAND,)
        )
    )
    assert played.failed == {}
    assert [one.kind for one in played.entries] == ["system", "event"]
    assert all(one.state is ReportState.DRAFT for one in played.entries)
    system, event = played.entries
    assert (system.from_ms, system.to_ms) == (at(6.5), at(20))
    assert system.headline.load_kwh is not None
    assert system.headline.load_kwh > 0
    seen = played.appeared[system.id, 1]
    assert seen.draft_scripted_s is not None
    assert seen.draft_scripted_s <= 120
    assert seen.provisional_s is not None or seen.draft_scripted_s <= 6  # within one tick
    assert [text for ms, text in told if ms == at(20)] == ["load-1 leaves"]
    for one in (system, event):
        report = json.loads((home.state / one.folder / "report.json").read_bytes())
        assert report["head"]["job"] == "OES-2026-117"
        assert (home.state / one.folder / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_a_home_in_use_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scripted event never writes into a node's data, and plays no other script."""
    home = find_home(str(tmp_path), {})
    home.ensure()
    home.registry_toml.write_text("version = 1\n")
    assert main(["--home", str(tmp_path), "demo", "--event"]) == 1
    assert "empty --home" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(tmp_path / "other"), "demo", "--event", "--for", "5"])
    assert ended.value.code == 2
