"""Real Modbus servers for whoever names them, asked without pauses."""

import pytest

from tests.support.modbus import modbus, rogue

__all__ = ["modbus", "rogue"]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers on loopback need no rest between two questions."""
    monkeypatch.setattr("collector.discovery.modbus.SPACING_S", 0.0)
