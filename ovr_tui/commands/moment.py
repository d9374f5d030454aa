"""Times as people write them for an event: in the event's zone, whatever this machine's is."""

import argparse
import time
from zoneinfo import ZoneInfo

from collector.errors import OvrError
from collector.model.local_time import read_ms
from ovr_tui.commands.ask import span_s

EXAMPLE = '14:00, "2026-11-26 14:00" or "2h ago"'


class Moment:
    """A moment that was written down; `ms` says which one that is in a zone."""

    def __init__(self, text: str) -> None:
        """Raises ValueError for what is no time."""
        self.text = text.strip()
        self.ms("UTC", 0)

    def ms(self, zone: str, now_ms: int | None = None, *, ahead: bool = False) -> int:
        """UTC ms. A bare time of day is the last one, with `ahead` the next one. Times with an
        offset are what they say. Raises ValueError."""
        present_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
        if self.text.endswith(" ago"):
            try:
                return present_ms - span_s(self.text.removesuffix(" ago")) * 1000
            except argparse.ArgumentTypeError as error:
                raise ValueError(str(error)) from None
        return read_ms(self.text, present_ms, ZoneInfo(zone), ahead=ahead)


def moment(text: str) -> Moment:
    """For argparse."""
    try:
        return Moment(text)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no time: write {EXAMPLE}") from None


def at(one: Moment | None, zone: str, *, ahead: bool = False) -> int | None:
    """UTC ms of a moment in a zone; None stays None. Raises OvrError."""
    if one is None:
        return None
    try:
        return one.ms(zone, ahead=ahead)
    except (ValueError, OverflowError) as error:
        raise OvrError(f"{one.text}: {error}") from None
