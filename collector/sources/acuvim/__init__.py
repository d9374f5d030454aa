"""AccuEnergy ACUVIM II and L power meters over Modbus TCP."""

from collector.sources.acuvim.source import AcuvimSource

__all__ = ["AcuvimSource"]
