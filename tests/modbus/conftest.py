"""Fixtures of the Modbus tests."""

from tests.support.modbus import modbus, rogue

__all__ = ["modbus", "rogue"]
