"""What is said of reports and of what corrections did to them: pure."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

from collector.model.report.evidence import Effect
from collector.model.report.series import Profile
from collector.model.report_state import JobState, ReportState
from collector.model.said import Correction, CorrectionKind
from ovr_tui.commands import correct
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.glyphs import ASCII, TTY, UNICODE, Glyphs
from ovr_tui.console.pages.correction import correction_form
from ovr_tui.console.reports import correcting
from ovr_tui.console.reports.compare import effects
from ovr_tui.console.reports.drawing import profile_chart
from ovr_tui.console.reports.export import folder_of
from ovr_tui.console.reports.listed import Listing, standing, window
from ovr_tui.console.reports.rows import title
from ovr_tui.console.text import plain
from tests.console.event_scene import ID
from tests.console.report_scene import entry, job
from tests.console.test_event_words import NOW
from tests.support.snapshots import START_MS

LATER = START_MS + 31_000


@pytest.mark.parametrize(
    ("state", "due_ms", "said"),
    [
        (ReportState.DRAFT, LATER, "◌ anew in 31 s"),
        (ReportState.RELEASED, LATER, "◌ anew in 31 s"),
        (ReportState.DRAFT, START_MS, "◌ anew soon"),
        (ReportState.PROVISIONAL, LATER, "○ provisional"),
    ],
)
def test_a_report_that_is_made_anew_says_when(state: ReportState, due_ms: int, said: str) -> None:
    """After a correction it waits for more that may come; a provisional one waits anyhow."""
    waits = job("r-1", "bess-1", JobState.WAITING, due_ms=due_ms)
    made = entry("r-1", "bess-1", state=state)
    assert standing(made, waits, START_MS, UNICODE)[0] == said
    assert "anew" not in standing(made, None, START_MS, UNICODE)[0]


def test_what_is_released_has_a_sign_of_its_own_on_a_linux_console() -> None:
    """A draft's is that of what is alive."""
    signs = {
        standing(entry("r-1", "", state=state), None, START_MS, TTY)[0][0] for state in ReportState
    }
    assert len(signs) == len(ReportState)


def test_an_interim_report_of_the_whole_event_is_called_so() -> None:
    """In its title, and in the name of its folder."""
    listing = Listing()
    own, chosen = entry(ID, "", kind="event"), entry("r-9", "", kind="event")
    assert "event: report of" in title(own, listing)
    assert "event: interim report of" in title(chosen, listing)
    assert folder_of(own, "DW-1").startswith("DW-1-event-")
    assert folder_of(chosen, "DW-1").startswith("DW-1-event-interim-")


def test_a_correction_is_named_once() -> None:
    """Then each figure that it changed."""
    one = Correction(
        id="c-1", asset="bess-1", kind=CorrectionKind.FACTOR, factor=1.25, reason="ratio",
        person="kim", made_ms=START_MS, from_ms=START_MS,
    )  # fmt: skip
    found = [
        Effect(correction=one, figure=figure, unit="kWh", before=1.0, after=1.25)
        for figure in ("load_energy_kwh", "grid_import_kwh")
    ]
    told = [plain(line) for line in effects(found, NOW, 100)]
    assert [line.strip() for line in told[2:]] == [
        "load energy  1.0 > 1.3 kWh",
        "grid import  1.0 > 1.3 kWh",
    ]
    assert "factor × 1.25, ratio (kim)" in told[1]


def test_a_register_that_was_read_has_its_unit() -> None:
    """In the console and in the shell alike."""
    read = Correction(id="1", asset="a", kind=CorrectionKind.READING, from_ms=0, made_ms=0,
                      measurement="load_energy_kwh", value=5120.4)  # fmt: skip
    assert correcting.what(read) == "manual reading load energy = 5120.4 kWh"
    assert correct.what(read) == "reading load_energy_kwh = 5120.4 kWh"


def test_a_correction_over_a_report_begins_with_it() -> None:
    """Also where the report begins in the hour that clocks show twice: at 01:30 PST."""
    at_ms = int(datetime(2026, 11, 1, 9, 30, tzinfo=UTC).timestamp() * 1000)
    made = entry("r-1", "load-4", from_ms=at_ms, to_ms=at_ms + 3_600_000)
    app = cast("ConsoleApp", SimpleNamespace(now=lambda: NOW))
    page = correction_form(app, "America/Los_Angeles", made)
    found = {field.name: field.value for field in page._make({})}
    assert (found["from"], found["to"]) == ("2026-11-01 01:30-08:00", "2026-11-01 02:30")


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-11-01 08:50", "2026-11-01 09:10", "01 Nov 01:50 PDT–01:10 PST"),
        ("2026-11-01 07:30", "2026-11-01 13:00", "01 Nov 00:30 PDT–05:00 PST"),
        ("2026-11-01 07:30", "2026-11-01 08:10", "Sun 01 Nov 00:30–01:10 PDT"),
        ("2026-11-01 09:10", "2026-11-01 13:00", "Sun 01 Nov 01:10 PST–05:00"),
        ("2026-10-31 19:00", "2026-11-01 09:10", "31 Oct 12:00–01 Nov 01:10 PST"),
        ("2026-10-31 19:00", "2026-11-02 19:00", "31 Oct 12:00–02 Nov 11:00"),
        ("2026-06-25 19:00", "2026-06-25 21:00", "Thu 25 Jun 12:00–14:00"),
    ],
)
def test_a_window_names_its_zones_where_clocks_were_changed(
    first: str, last: str, expected: str
) -> None:
    """On a day on which its ends differ in them, and at a time that comes twice; else it is as
    short as it can be."""
    from_ms, to_ms = (
        int(datetime.fromisoformat(f"{one}Z").timestamp() * 1000) for one in (first, last)
    )
    assert window(from_ms, to_ms, "America/Los_Angeles", "–") == expected


@pytest.mark.parametrize("glyphs", [UNICODE, TTY, ASCII], ids=["unicode", "tty", "ascii"])
def test_the_load_is_a_line_over_what_the_sources_give(glyphs: Glyphs) -> None:
    """30 kW of load while the grid gives 60, half of it to the battery: the line runs half way up,
    the legend says what it is; a load that is above the sources is drawn too."""
    count = 60
    profile = Profile(
        from_ms=START_MS, step_ms=60_000, load_kw=(30.0,) * count, load_min_kw=(),
        load_max_kw=(), grid_kw=(60.0,) * 30 + (20.0,) * 30, charge_kw=(30.0,) * 30 + (0.0,) * 30,
    )  # fmt: skip
    legend, *rows = map(plain, profile_chart(profile, lambda _: "", 69, glyphs))
    assert f"{glyphs.rule * 2} load" in legend
    drawn = [at for at, row in enumerate(rows) if glyphs.rule * count in row]
    assert len(drawn) == 1
    assert glyphs.full * 30 in rows[drawn[0] - 1]
    assert glyphs.full * count in rows[drawn[0] + 3]
    alone = msgspec.structs.replace(profile, grid_kw=())
    assert glyphs.rule not in plain(profile_chart(alone, lambda _: "", 69, glyphs)[0])
