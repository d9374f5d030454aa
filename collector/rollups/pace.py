"""How long a tick's readings held: the monotonic clock's word, in whole seconds.

Ticks are whole UTC seconds; when exactly a tick ran within its second says nothing of the devices.
So between two ticks counts the difference of their times, and the monotonic clock corrects it by
whole seconds as soon as it disagrees by one in sum. All durations are whole seconds then, the sum
never differs from the monotonic clock by a second, and while the clock runs evenly the same ticks
read back from the journal give the very same durations.
"""

from typing import NamedTuple

TICK_MS = 1000
HOLD_MS = 10_000
"""Ticks further apart than this were a standstill of ours: what happened meanwhile is unknown."""


class Step(NamedTuple):
    """For how long the former tick's readings held, and whether they reached up to this tick."""

    ms: int
    whole: bool


class Pace:
    """The steps from tick to tick. `mono_s` is None where only the ticks' times are known."""

    def __init__(self) -> None:
        self._at_ms = 0
        self._mono_s: float | None = None
        self._rest_ms = 0

    def step(self, at_ms: int, mono_s: float | None, *, fresh: bool = False) -> Step:
        """The step to the tick at `at_ms`; `fresh` says that another run of the program began."""
        passed_ms = at_ms - self._at_ms
        ran_ms = passed_ms
        if mono_s is not None and self._mono_s is not None:
            ran_ms = round((mono_s - self._mono_s) * 1000)
        first = self._at_ms == 0
        self._at_ms, self._mono_s = at_ms, mono_s
        if first:
            return Step(0, whole=False)
        if fresh or max(passed_ms, ran_ms) > HOLD_MS:
            self._rest_ms = 0
            return Step(min(TICK_MS, passed_ms), whole=False)
        self._rest_ms += ran_ms - passed_ms
        correction = int(self._rest_ms / TICK_MS) * TICK_MS
        self._rest_ms -= correction
        return Step(max(0, passed_ms + correction), whole=True)
