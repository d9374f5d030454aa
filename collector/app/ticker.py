"""Calls the site once a second, at whole UTC seconds."""

import asyncio
import time
from collections.abc import Callable

import structlog

from collector.site.clock import TickPlan, plan_tick

log = structlog.get_logger("ticker")

COARSE_S = 0.05


def _steady() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Ticker:
    """Runs `on_tick(at_ms, late_ms)` for each tick; ticks that were missed are not made up for.

    `last_ms` is the newest tick that was ever journaled: times go on rising from there. While the
    clock is not `confirmed`, ticks follow it wherever it goes: their times are provisional. `mono`
    goes on while the machine sleeps, so that waking up is no step of the clock.
    """

    def __init__(
        self,
        on_tick: Callable[[int, float], None],
        *,
        last_ms: int | None = None,
        confirmed: bool = True,
        wall: Callable[[], float] = time.time,
        mono: Callable[[], float] = _steady,
    ) -> None:
        self._on_tick = on_tick
        self._wall = wall
        self._mono = mono
        self._last_ms = last_ms
        self._last_s = mono()
        self._confirmed = confirmed
        self._stale_plan = False
        self._followed = False
        """Ticks have followed the wall clock since the start."""
        self.stepped_ms = 0
        """How far the wall clock has jumped, while ticks do not follow it."""

    def _wall_ms(self) -> int:
        return int(self._wall() * 1000)

    def confirm(self, last_ms: int) -> None:
        """From now on the clock is known to be right, and times rise from `last_ms` on."""
        self._confirmed = True
        self._last_ms = last_ms
        self._followed = False
        self._stale_plan = True

    async def run(self, stop: asyncio.Event) -> None:
        """Tick until `stop` is set."""
        while not stop.is_set():
            plan, due_s = self._plan()
            if await self._reach(plan, due_s, stop):
                self._tick(plan.at_ms, (self._mono() - due_s) * 1000)

    def _plan(self) -> tuple[TickPlan, float]:
        """The next tick, and when it comes on the steady clock."""
        self._stale_plan = False
        now_s = self._mono()
        wall_ms = self._wall_ms()
        if not self._confirmed:
            plan = plan_tick(None, 0.0, wall_ms)
        else:
            plan = plan_tick(self._last_ms, now_s - self._last_s, wall_ms, followed=self._followed)
            if not plan.stepped_ms and wall_ms >= (self._last_ms or 0):
                self._followed = True
            self._tell(plan.stepped_ms)
        return plan, now_s + plan.wait_s

    async def _reach(self, plan: TickPlan, due_s: float, stop: asyncio.Event) -> bool:
        """Sleep until the tick is due; False when it must be planned anew, or none follows."""
        while (left := due_s - self._mono()) > 0 and not stop.is_set():
            await _sleep_or(stop, min(left, 1.0))
            if self._stale_plan:
                return False
            if self._wall_ms() + COARSE_S * 1000 < plan.at_ms - left * 1000:
                return False  # the clock stepped back while we slept
        return not stop.is_set()

    def _tick(self, at_ms: int, late_ms: float) -> None:
        self._last_ms = at_ms
        self._last_s = self._mono()
        self._on_tick(at_ms, late_ms)

    def _tell(self, stepped_ms: int) -> None:
        if bool(stepped_ms) != bool(self.stepped_ms):
            if stepped_ms:
                log.error(jump_in_words(stepped_ms))
            else:
                log.info("The clock is where the ticks are again.")
        self.stepped_ms = stepped_ms


def jump_in_words(stepped_ms: int) -> str:
    """What it means that the wall clock stands so far from the ticks, and what to do."""
    if stepped_ms > 0:
        return (
            f"the clock jumped {stepped_ms // 1000} s ahead and is not followed: set it right, "
            "or restart the collector to accept it"
        )
    return (
        f"the clock is {-stepped_ms // 1000} s behind the newest samples and is not followed, "
        "for times must rise: set it right; if it is right, samples were stored with a wrong "
        "clock: stop the collector and move journal.db away"
    )


async def _sleep_or(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
