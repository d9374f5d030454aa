"""Real Modbus servers for whoever names them."""

from tests.support.modbus import modbus, rogue

__all__ = ["modbus", "rogue"]
