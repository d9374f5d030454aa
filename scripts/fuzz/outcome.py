"""What a run found, and whether that is good."""

import time

from msgspec import Struct, field

GROWTH = 1.10
SLACK_MB = 12.0
"""What a process may grow by after its first quarter, and still be flat: allocators breathe."""


class Outcome(Struct, kw_only=True):
    """One part of a run. `rss_mb`: at the start of the hostilities, and after each quarter."""

    name: str
    counted: int = 0
    what: str = ""
    seconds: float = 0.0
    kinds: dict[str, int] = field(default_factory=dict)
    drops: dict[str, int] = field(default_factory=dict)
    rss_mb: list[float] = field(default_factory=list)
    right_s: float | None = None
    """After the hostilities ended: when the right values were live (None: they never were)."""
    facts: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def fault(self, text: str) -> None:
        """Something is wrong; each thing is said once."""
        if text not in self.faults and len(self.faults) < 50:
            self.faults.append(text)

    @property
    def flat(self) -> bool:
        """Whether memory stood still from the first quarter on."""
        return len(self.rss_mb) < 3 or self.rss_mb[-1] <= self.rss_mb[1] * GROWTH + SLACK_MB

    @property
    def good(self) -> bool:
        """Whether everything held."""
        return not self.faults and self.flat and self.right_s is not None

    def lines(self) -> list[str]:
        """For people."""
        rss = " → ".join(f"{mb:.1f}" for mb in self.rss_mb)
        right = "NEVER" if self.right_s is None else f"after {self.right_s:.1f} s"
        found = [
            f"{self.name}: {self.counted:,} {self.what} in {self.seconds:.0f} s",
            f"  memory at the start and after each quarter: {rss} MB"
            f" ({'flat' if self.flat else 'IT GREW'})",
            f"  right values once it speaks properly: {right}",
        ]
        for word, counts in (("sent", self.kinds), ("left out and counted", self.drops)):
            if counts:
                told = sorted(counts.items(), key=lambda pair: -pair[1])
                found.append(f"  {word}: " + ", ".join(f"{name} {n:,}" for name, n in told))
        found += [f"  {fact}" for fact in self.facts]
        found += [f"  FAULT: {fault}" for fault in self.faults]
        return found


class Quarters:
    """Notes the memory each time another quarter of `count` is through."""

    def __init__(self, outcome: Outcome, count: int) -> None:
        self._outcome = outcome
        self._count = count
        self._began = time.monotonic()

    def pass_by(self, done: int, rss_mb: float) -> bool:
        """`done` of the count are through; True when a quarter is."""
        outcome = self._outcome
        outcome.counted = done
        outcome.seconds = time.monotonic() - self._began
        due = len(outcome.rss_mb) * self._count / 4
        if done < due or len(outcome.rss_mb) > 4:
            return False
        outcome.rss_mb.append(rss_mb)
        return True
