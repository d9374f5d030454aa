"""`ovr kiosk`: a display that is only looked at. Sees the collector through its viewers' socket."""

from ovr_tui.console.kiosk.app import NOT_FOR_A_DISPLAY, KioskApp, run_kiosk, who
from ovr_tui.console.kiosk.wish import Wish

__all__ = ["NOT_FOR_A_DISPLAY", "KioskApp", "Wish", "run_kiosk", "who"]
