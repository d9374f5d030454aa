"""Numbers, ages and times for people."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.catalogue import CATALOGUE
from collector.model.kinds import AssetStatus, Quality
from collector.model.reading import Reading
from ovr_tui.console.format import (
    ABSENT,
    Figure,
    Trust,
    age,
    cell,
    clock,
    figure,
    inline,
    label,
    number,
    scale,
    scaled,
    size,
    span,
    state_word,
)
from tests.support.snapshots import START_MS


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (48.24, 1, "48.2"),
        (3214.4, 0, "3 214"),
        (-828.0, 0, "-828"),
        (-0.04, 1, "0.0"),
        (1234567.89, 1, "1 234 567.9"),
        (0.0, 2, "0.00"),
    ],
)
def test_number(value: float, decimals: int, text: str) -> None:
    """Decimals are fixed, thousands are apart, and nothing is ever minus zero."""
    assert number(value, decimals) == text


@given(st.floats(-1e9, 1e9), st.sampled_from(list(Trust)), st.integers(5, 14), st.integers(0, 3))
def test_cell_is_as_wide_as_asked(value: float, trust: Trust, cells: int, decimals: int) -> None:
    """Whatever the number, a cell keeps its width: columns never jump."""
    shown = Figure(value if trust in (Trust.GOOD, Trust.STALE) else None, trust)
    assert len(cell(shown, decimals, cells)[0]) == cells


def test_cells_line_up_on_the_decimal() -> None:
    """Good and stale numbers stand under each other, the brackets outside."""
    good, stale = Figure(48.2, Trust.GOOD), Figure(88.1, Trust.STALE)
    assert cell(good, 1, 8) == ("   48.2 ", "text")
    assert cell(stale, 1, 8) == ("  (88.1)", "dim")


def test_a_number_is_never_cut() -> None:
    """A number without room loses its decimals, then becomes #, but no digit of it is lost."""
    assert cell(Figure(1234.56, Trust.GOOD), 2, 8)[0] == "  1 235 "
    assert cell(Figure(1234567.0, Trust.GOOD), 0, 6)[0] == " #### "


def test_invalid_is_not_absent() -> None:
    """No valid value is `--`, no such quantity is a dash, and neither is a zero."""
    invalid = Figure(None, Trust.INVALID)
    assert cell(invalid, 1, 6)[0].strip() == "--"
    assert cell(ABSENT, 1, 6)[0].strip() == "—"
    assert inline(invalid, 1, "kW") == ("--", "dim")
    assert inline(ABSENT, 1, "kW", "-") == ("-", "dim")
    assert inline(Figure(88.1, Trust.STALE), 1, "kW") == ("(88.1) kW", "dim")


@pytest.mark.parametrize(
    ("reading", "status", "trust"),
    [
        (None, AssetStatus.LIVE, Trust.ABSENT),
        (Reading(None, Quality.GOOD, 0), AssetStatus.LIVE, Trust.INVALID),
        (Reading(1.0, Quality.BAD, 0), AssetStatus.LIVE, Trust.INVALID),
        (Reading(math.nan, Quality.GOOD, 0), AssetStatus.LIVE, Trust.INVALID),
        (Reading(math.inf, Quality.GOOD, 0), AssetStatus.LIVE, Trust.INVALID),
        (Reading(1.0, Quality.GOOD, 0), AssetStatus.LIVE, Trust.GOOD),
        (Reading(1.0, Quality.STALE, 0), AssetStatus.LIVE, Trust.STALE),
        *(
            (Reading(1.0, Quality.GOOD, 0), status, Trust.STALE)
            for status in AssetStatus
            if status is not AssetStatus.LIVE
        ),
    ],
)
def test_trust(reading: Reading | None, status: AssetStatus, trust: Trust) -> None:
    """Only a good, finite value of a live asset is shown as good."""
    assert figure(reading, status).trust is trust


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_measurement_has_a_name_and_a_scale(name: str) -> None:
    """People see no underscore and no raw W, VA or var, for anything in the catalogue."""
    assert "_" not in label(name)
    assert label(name)
    assert scale(name).unit not in ("W", "VA", "var")


def test_scale() -> None:
    """Power is read in kW with one decimal, running time in hours, the rest as in the catalogue."""
    assert scaled(Figure(48_240.0, Trust.GOOD), scale("load_power_w.L1").by).value == 48.24
    assert scale("load_power_w")[1:] == ("kW", 1)
    assert scale("generator_run_s")[:2] == (3600, "h")
    assert scale("cell_voltage_min_v")[1:] == ("V", 3)
    assert label("battery_soc_pct") == "battery SOC"
    assert label("voltage_v.L1") == "voltage"


def test_unknown_state_keeps_its_number() -> None:
    """A state that the catalogue does not know is shown by its number, not hidden."""
    assert state_word(CATALOGUE["inverter_state"], 9.0) == "inverting"
    assert state_word(CATALOGUE["inverter_state"], 77.0) == "state 77"


@pytest.mark.parametrize(
    ("seconds", "short", "long"),
    [
        (None, "—", ""),
        (-1, "0", "0 s"),
        (43, "43", "43 s"),
        (722, "12m", "12 min"),
        (11_400, "3h", "3 h 10"),
        (200_000, "2d", "2 d 7 h"),
        (1e9, ">2y", "11574 d 1 h"),
    ],
)
def test_age_and_span(seconds: float | None, short: str, long: str) -> None:
    """Ages take four cells at most; durations are words."""
    assert age(seconds) == short
    assert len(age(seconds)) <= 4
    if seconds is not None:
        assert span(seconds) == long


def test_size() -> None:
    """Bytes in the unit that gives few digits."""
    assert [size(n) for n in (999, 1500, 90e6, 4.2e9, 7e13)] == [
        "999 B", "1.5 kB", "90 MB", "4.2 GB", "70.0 TB",
    ]  # fmt: skip


def test_clock_names_its_zone() -> None:
    """Time is local with its zone; a zone unknown to this machine gives UTC, and says so."""
    assert clock(START_MS, "America/Los_Angeles") == "14:32:07 PDT"
    assert clock(START_MS, "Nowhere/At all") == "21:32:07 UTC"
    assert clock(START_MS, "../../etc/passwd") == "21:32:07 UTC"
    assert clock(10**18, "UTC") == "00:00:00 UTC"
