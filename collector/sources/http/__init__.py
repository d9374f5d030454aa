"""Devices that answer HTTP with JSON, read by profile."""

from collector.sources.http.source import HttpSource

__all__ = ["HttpSource"]
