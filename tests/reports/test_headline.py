"""What a list says of a report, by its report.json."""

import msgspec

from collector.reports.headline import headline_of


def _reasons(**report: object) -> tuple[str, ...]:
    return headline_of("system", msgspec.json.encode(report)).blocked_by


EVIDENCE = {"asset": "d1.a", "name": "Stage A", "flow": "grid_import_kwh", "deviation_pct": -9.09}
NOTE = {
    "code": "register-contradicts", "level": "blocks", "about": "d1.a",
    "text": "grid_import_kwh: the register rose by 6.600 kWh while the power came to 6.000 kWh",
}  # fmt: skip


def test_a_contradiction_is_told_once_with_the_meter_s_name() -> None:
    """The evidence flags it and a note explains it: one reason, without any key."""
    assert _reasons(evidence=[{**EVIDENCE, "flagged": True}], notes=[NOTE]) == (
        "Stage A: grid import energy by its register and by its power differ by 9.1 %",
    )


def test_two_meters_and_two_directions_are_told_apart() -> None:
    """Each flagged line is a reason of its own."""
    other = {**EVIDENCE, "flow": "grid_export_kwh", "flagged": True, "deviation_pct": None}
    assert _reasons(evidence=[{**EVIDENCE, "flagged": True}, other], notes=[NOTE, NOTE]) == (
        "Stage A: grid import energy by its register and by its power differ by 9.1 %",
        "Stage A: grid export energy by its register and by its power differ",
    )


def test_a_deviation_is_rounded_as_all_figures() -> None:
    """Half goes up."""
    (said,) = _reasons(evidence=[{**EVIDENCE, "flagged": True, "deviation_pct": -2.25}])
    assert said.endswith("differ by 2.3 %")


def test_other_notes_that_block_are_told_with_the_name_of_their_meter() -> None:
    """A note without a flagged line is kept; what does not block is no reason."""
    failed = {"code": "correction-not-applied", "level": "blocks", "about": "d1.a", "text": "No."}
    nothing = {"code": "no-data", "level": "blocks", "text": "Nothing was measured in this time."}
    info = {"code": "gaps", "level": "warning", "about": "d1.a", "text": "Gaps."}
    assert _reasons(evidence=[EVIDENCE], notes=[failed, nothing, info, NOTE]) == (
        "Stage A: No.",
        "Nothing was measured in this time.",
        f"Stage A: {NOTE['text']}",
    )


def test_the_peak_of_a_list_is_a_minute_of_both() -> None:
    """Of a system and of a whole event it is the highest minute, not the highest demand window."""
    peaks = {"peak_1min": {"kw": 41.5}, "peak_window": {"kw": 38.0}}
    for kind in ("system", "event"):
        content = msgspec.json.encode({"load": peaks})
        assert headline_of(kind, content).peak_kw == 41.5
