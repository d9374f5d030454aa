"""Notices that the console itself stood still: stopped, starved, or asleep with its machine."""

import time

from ovr_tui.console.now import SILENT_S

SETTLE_S = 0.5
"""What arrives within this after standing still had been waiting meanwhile."""
TOLD_S = 20.0
"""So long it is said on the screen."""


def steady_s() -> float:
    """A clock that nobody sets, and that also runs while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Awake:
    """Fed with the time by whatever happens, at least once a second."""

    def __init__(self, at: float) -> None:
        self._beat_at = at
        self._since = float("-inf")
        self._stood_s = 0.0

    def beat(self, at: float) -> None:
        """Something happens now."""
        if at - self._beat_at > SILENT_S:
            self._since, self._stood_s = at, at - self._beat_at
        self._beat_at = at

    def settled(self, at: float) -> bool:
        """Whether what arrives at `at` can be taken for new."""
        return at - self._since >= SETTLE_S

    def stood(self, at: float) -> tuple[float, float] | None:
        """For how long it stood still, and how long ago that ended, while it is to be told."""
        ago = at - self._since
        return (self._stood_s, ago) if ago <= TOLD_S else None
