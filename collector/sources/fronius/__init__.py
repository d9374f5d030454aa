"""Fronius inverters and their smart meters: SunSpec over Modbus TCP, else the Solar API."""

from collector.sources.fronius.solar.host import SolarHosts
from collector.sources.fronius.source import FroniusSource
from collector.sources.fronius.sun import Place, Where, nowhere

__all__ = ["FroniusSource", "Place", "SolarHosts", "Where", "nowhere"]
