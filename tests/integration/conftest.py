"""Servers of these tests."""

from tests.support.modbus import modbus

__all__ = ["modbus"]
