"""Fronius inverters and their smart meters over SunSpec Modbus TCP."""

from collector.sources.fronius.source import FroniusSource
from collector.sources.fronius.sun import Place, Where, nowhere

__all__ = ["FroniusSource", "Place", "Where", "nowhere"]
