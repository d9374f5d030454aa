"""`ovr report list`: figures as they are called and rounded everywhere else."""

from collector.model.report_state import Headline
from ovr_tui.commands.report import HEAD, _row
from ovr_tui.console.reports.rows import COLUMNS, FIGURES
from tests.console.report_scene import entry


def test_the_highest_minute_is_no_peak_of_a_tariff() -> None:
    """A report's own peak demand is of a quarter of an hour: the lists say that theirs is of a
    minute."""
    row = _row(entry("r-1", "bess-1", headline=Headline(peak_kw=66.24)), "UTC")
    assert row[HEAD.index("1-MIN PEAK")] == "66.2 kW"
    assert any(column.title == "1m PEAK kW" for column in COLUMNS)
    assert not {"PEAK", "PEAK kW"} & {*HEAD, *(column.title for column in COLUMNS)}


def test_coverage_is_rounded_as_in_the_report() -> None:
    """To a hundredth: 99.96 % is not all."""
    row = _row(entry("r-1", "bess-1", headline=Headline(coverage_pct=99.961)), "UTC")
    coverage = next(figure for figure in FIGURES if figure.name == "coverage")
    assert row[HEAD.index("COVERAGE")] == f"{coverage.text(99.961, '')} %" == "99.96 %"
