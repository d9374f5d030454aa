"""Modbus devices: what their registers hold. No I/O."""
