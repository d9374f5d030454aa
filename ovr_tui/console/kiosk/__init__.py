"""`ovr kiosk`: a display that is only looked at. Sees the collector through its viewers' socket."""

from ovr_tui.console.kiosk.app import KioskApp, run_kiosk, who
from ovr_tui.console.kiosk.wish import Wish

__all__ = ["KioskApp", "Wish", "run_kiosk", "who"]
