"""How long a unit may keep the others behind its gateway waiting."""

PATIENCE_S = (0.25, 1.0)
"""Least time for a failing unit while others wait; the time of one that has never answered."""
PATIENCE_FACTOR = 4.0


class Patience:
    """What is known of how a unit answers."""

    def __init__(self) -> None:
        self.slowest_s: float | None = None
        self.failures = 0
        """Since its last answer."""

    def answered(self, took_s: float) -> None:
        """A clean answer came."""
        self.failures = 0
        self.slowest_s = max(took_s, (self.slowest_s or 0.0) * 0.98)

    def patience_s(self, limit_s: float) -> float:
        """How long it may keep others waiting, after `failures` in a row."""
        least, unknown = PATIENCE_S
        known = unknown if self.slowest_s is None else PATIENCE_FACTOR * self.slowest_s
        longer = min(least * 2.0 ** min(self.failures - 1, 10), limit_s / 2)
        return max(known, least, longer)
