"""How fast a search may open connections."""

from collector.sources.modbus.clock import SYSTEM, Clock


class Pace:
    """Lets one connection begin each `1 / rate` seconds, however many want to."""

    def __init__(self, rate: float, clock: Clock = SYSTEM) -> None:
        self._every_s = 1.0 / rate
        self._clock = clock
        self._next_s = clock.mono()

    async def turn(self) -> None:
        """Wait until it is one's turn."""
        now = self._clock.mono()
        mine = max(now, self._next_s)
        self._next_s = mine + self._every_s
        if mine > now:
            await self._clock.sleep(mine - now)
