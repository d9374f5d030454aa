"""Fronius' Solar API (HTTP and JSON, version 1): the way to a device whose Modbus is off."""
