"""The console: live view of a node. Sees the collector only through its local API."""

from ovr_tui.console.app import ConsoleApp, run_console
from ovr_tui.console.leaving import Leave

__all__ = ["ConsoleApp", "Leave", "run_console"]
