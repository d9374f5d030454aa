"""Energy that a counter was refused and that a person accepted later: it is of when it was refused,
once, whatever window is looked at."""

from msgspec import structs

from collector.model.report_input import ReportInputs
from collector.model.said import Doubt
from reporting.measured import read
from tests.reporting.support import START_MS, asset, inputs, rollup_file, steady

MINUTE_MS = 60_000
ROWS = steady("load_power_w", 6000, range(60), "load_energy_kwh", 5)


def _with(refused_min: float, decided_min: float) -> ReportInputs:
    doubt = Doubt(
        asset="a", measurement="load_energy_kwh", at_ms=START_MS + round(refused_min * MINUTE_MS),
        amount=2.0, why="more than its rating allows", decided=True, accepted=2.0,
        decided_ms=START_MS + round(decided_min * MINUTE_MS), decided_by="ann",
    )  # fmt: skip
    return structs.replace(inputs([asset("a")]), doubts=(doubt,))


def _kwh(given: ReportInputs) -> float | None:
    return read(given, rollup_file({"a": ROWS})).energy.load_kwh


def test_accepted_after_the_window_is_added_where_it_was_refused():
    """6 kWh by the rows, 2 kWh accepted a day later: 8 kWh, and no peak of it."""
    given = _with(10.5, 1440)
    assert _kwh(given) == 8.0
    measured = read(given, rollup_file({"a": ROWS}))
    assert measured.flows["load_power_w"].mean_kw(10) == 6.0
    assert "accepted-energy" in {note.code for note in measured.notes}
    assert "refused-energy" not in {note.code for note in measured.notes}


def test_accepted_in_the_window_for_an_earlier_one_is_taken_out():
    """What the total rose when it was accepted belongs to the window before: 4 kWh are its own."""
    assert _kwh(_with(-30, 20.5)) == 4.0


def test_refused_and_accepted_in_one_window_is_there_once():
    """The rows have it already, from the decision on."""
    assert _kwh(_with(10.5, 20.5)) == 6.0


def test_left_out_for_good_changes_nothing():
    """Dismissed: the rows as they are."""
    given = _with(10.5, 20.5)
    (doubt,) = given.doubts
    assert _kwh(structs.replace(given, doubts=(structs.replace(doubt, accepted=None),))) == 6.0
