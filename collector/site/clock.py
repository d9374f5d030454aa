"""Tick times: whole UTC seconds that only ever rise, whatever the wall clock does."""

from msgspec import Struct

SECOND = 1000
STRETCH_S = 1.1
MAX_STEP_MS = 3_600_000


class TickPlan(Struct, frozen=True):
    """The next tick's time (UTC ms, a whole second) and how long to wait for it.

    `stepped_ms` is how far the wall clock stands from where it should be when that is over an
    hour: then ticks follow the monotonic clock until a person has looked; else it is 0, and the
    plan follows the wall clock.
    """

    at_ms: int
    wait_s: float
    stepped_ms: int = 0


def plan_tick(
    last_ms: int | None, since_last_s: float, wall_ms: int, *, followed: bool = True
) -> TickPlan:
    """When the next tick comes.

    `last_ms` is the last tick's time (None: none yet), `since_last_s` the monotonic seconds since
    it was taken. Normally the next whole second of the wall clock. After a step back ticks stretch
    to 1.1 s until the clocks meet; a small step forward is followed at once; a step of over an
    hour either way is not followed.

    `followed` says whether ticks have followed the wall clock since the start. Before, `last_ms`
    is an earlier run's: then time that has passed is no step, however much it is.
    """
    upcoming = (wall_ms // SECOND + 1) * SECOND
    if last_ms is None:
        return TickPlan(upcoming, (upcoming - wall_ms) / SECOND)
    stepped = wall_ms - (last_ms + int(since_last_s * SECOND))
    if abs(stepped) > MAX_STEP_MS and (followed or stepped < 0):
        return TickPlan(last_ms + SECOND, max(0.0, 1.0 - since_last_s), stepped)
    if wall_ms < last_ms:
        return TickPlan(last_ms + SECOND, max(0.0, STRETCH_S - since_last_s))
    due = max(upcoming, last_ms + SECOND)
    return TickPlan(due, (due - wall_ms) / SECOND)
