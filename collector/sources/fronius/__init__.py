"""Fronius inverters and their smart meters over SunSpec Modbus TCP."""

from collector.sources.fronius.source import FroniusSource

__all__ = ["FroniusSource"]
