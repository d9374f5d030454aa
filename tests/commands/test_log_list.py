"""What `ovr log list` shows of an entry."""

import pytest

from collector.model.said import LogEntry, LogKind
from ovr_tui.commands.log import HEAD, _row
from tests.support.snapshots import START_MS


@pytest.mark.parametrize(
    ("kind", "value", "unit", "measurement", "text"),
    [
        (LogKind.READING, 1234567.85, "", "load_energy_kwh", "1,234,567.85 kWh"),
        (LogKind.READING, 36000.0, "", "generator_run_s", "36,000 s"),
        (LogKind.HOURS, 12345.67, "h", "", "12,345.67 h"),
        (LogKind.DIP, 62.0, "pct", "", "62 %"),
        (LogKind.FUEL, 400.0, "l", "hvo", "400 l"),
        (LogKind.NOTE, None, "", "", "—"),
    ],
)
def test_a_value_has_all_its_digits_and_its_unit(
    kind: LogKind, value: float | None, unit: str, measurement: str, text: str
) -> None:
    """A reading has the unit of its counter."""
    entry = LogEntry(
        id="0199", kind=kind, at_ms=START_MS, made_ms=START_MS, value=value, unit=unit,
        measurement=measurement,
    )  # fmt: skip
    assert _row(entry, "UTC")[HEAD.index("VALUE")] == text
