"""Real Modbus servers for whoever names them, and tests that do not wait for nothing."""

import pytest

from tests.support.modbus import modbus, rogue

__all__ = ["modbus", "rogue"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what tests hints listens as long as they take."""
    monkeypatch.setattr("collector.diagnosis.trial.HOLD_S", 0.5)
    monkeypatch.setattr("collector.diagnosis.trial.HINT_POLLS", 1)


@pytest.fixture
def patient(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as in the field; a slow machine gets more."""
    monkeypatch.setattr("collector.diagnosis.trial.HINT_POLLS", 20)
