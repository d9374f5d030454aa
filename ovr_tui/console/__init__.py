"""The console: live view of a node. Sees the collector only through its local API."""

import os

# A key is painted with the next frame. Textual reads this once, as it is imported; nothing is
# painted more often for it, as frames are made only when something has changed.
os.environ.setdefault("TEXTUAL_FPS", "120")

from ovr_tui.console.app import ConsoleApp, run_console
from ovr_tui.console.leaving import Leave

__all__ = ["ConsoleApp", "Leave", "run_console"]
