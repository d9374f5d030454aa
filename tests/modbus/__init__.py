"""Modbus sources against real servers."""
