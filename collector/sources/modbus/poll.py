"""The polling loop: aligned to the interval, never piling up, forgiving a few misses."""

from collections.abc import Awaitable, Callable
from math import floor

from collector.errors import BadDevice, SourceError, Unauthorized, WrongDevice
from collector.sources.base import DeviceImage
from collector.sources.modbus.clock import SYSTEM, Clock

MISSES = 3
LEAD_S = 0.375
PERIODS = 2.5
LONGEST_SILENCE_S = 30.0
FATAL = (BadDevice, Unauthorized, WrongDevice)


def silence_limit_s(interval_s: float, timeout_s: float) -> float:
    """After how much silence a polled asset is stale: three missed polls and a half, or two that
    ran into their time limit."""
    return max(3.5 * interval_s, interval_s + 2 * timeout_s + 1.0)


class Pace:
    """Sets the silence limit of a device's image: `silence_limit_s`, and where its gateway is so
    slow or so busy that polls come less often, two and a half of their periods, at most 30 s."""

    def __init__(self, image: DeviceImage, interval_s: float, timeout_s: float) -> None:
        self._image = image
        self._least_s = silence_limit_s(interval_s, timeout_s)
        self._limit_s = 0.0
        self._slowest_s: dict[str, float] = {}
        self._set()

    def polled(self, role: str, period_s: float) -> None:
        """An asset was polled well twice in a row, `period_s` apart."""
        self._slowest_s[role] = max(period_s, 0.9 * self._slowest_s.get(role, 0.0))
        self._set()

    def _set(self) -> None:
        slowest_s = PERIODS * max(self._slowest_s.values(), default=0.0)
        limit_s = max(self._least_s, min(slowest_s, LONGEST_SILENCE_S))
        if limit_s != self._limit_s:
            self._limit_s = limit_s
            self._image.silence_limit(limit_s)


class Poller:
    """Polls for one asset of a device.

    Polls begin `LEAD_S` before whole multiples of the interval in UTC, so that the answers of most
    devices are in the image when it is frozen at the whole second. A poll that takes longer than
    the interval skips the next ones (counted as `late`), and a slow unit rests as long as it took,
    at most for an interval: other masters want their turn too.
    """

    def __init__(
        self,
        image: DeviceImage,
        role: str,
        *,
        interval_s: float,
        timeout_s: float,
        pace: Pace | None = None,
        misses: int = MISSES,
        clock: Clock = SYSTEM,
    ) -> None:
        self._image = image
        self._pace = pace or Pace(image, interval_s, timeout_s)
        self._role = role
        self._interval_s = interval_s
        self._pause_s = max(interval_s, timeout_s)
        self._misses = misses
        self._clock = clock
        self._slot = 0

    async def run(self, once: Callable[[], Awaitable[bool]], ready: Callable[[], None]) -> None:
        """Await `once` for ever. True: the asset lives; False: it answered, but not usably.

        A SourceError is counted under its reason; the last of `misses` in a row is raised, as
        are WrongDevice, BadDevice and Unauthorized at once.
        """
        missed = 0
        heard_s: float | None = None
        self._slot = floor((self._clock.wall() + LEAD_S) / self._interval_s)
        while True:
            began = self._clock.mono()
            try:
                good = await once()
            except FATAL:
                raise
            except SourceError as error:
                missed += 1
                heard_s = None
                self._image.drop(getattr(error, "reason", "not connected"), str(error))
                if missed >= self._misses:
                    raise
                await self._clock.sleep((missed - 1) * self._pause_s)
            else:
                missed = 0
                now = self._clock.mono()
                if good:
                    if heard_s is not None:
                        self._pace.polled(self._role, now - heard_s)
                    heard_s = now
                    self._image.alive(self._role)
                    self._image.timed()
                    ready()
                took = now - began
                self._image.count(latency_ms=took * 1000)
                await self._rest(took)
            await self._clock.sleep(self._until_next())

    async def _rest(self, took: float) -> None:
        if took > self._interval_s:
            self._image.drop("late", f"a poll took {took:.1f} s, its interval is shorter")
        if took > self._interval_s / 2:
            await self._clock.sleep(min(took, self._interval_s))

    def _until_next(self) -> float:
        now = self._clock.wall() + LEAD_S
        present = floor(now / self._interval_s)
        if present < self._slot - 1:  # the clock was set back
            self._slot = present
        self._slot = max(self._slot, present) + 1
        return max(0.0, self._slot * self._interval_s - now)
