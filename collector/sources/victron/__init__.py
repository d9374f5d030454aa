"""Victron GX devices (Venus OS) over MQTT."""

from collector.sources.victron.source import VictronSource

__all__ = ["VictronSource"]
