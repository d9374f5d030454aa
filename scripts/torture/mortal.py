"""The receiver that is killed: Debian's VictoriaMetrics, again and again on the same data."""

import time
from collections import deque

from scripts.bench.parts import Receiver
from scripts.torture.plan import Life

PAUSE_S = 1.0


class Mortal:
    """Kills and restarts `receiver` when it is time; call `step` often."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.kills = 0
        self._due: deque[tuple[float, float]] = deque()
        self._back_s = 0.0
        self._away = False

    def away(self, away: bool) -> None:
        """Killed until it is called back."""
        self._away = away
        if away:
            self.receiver.kill()

    def plan(self, life: Life) -> None:
        """A life begins now: these deaths come within it, or as soon after as is possible."""
        now_s = time.monotonic()
        self._due.extend((now_s + death.at_s, death.down_s) for death in life.deaths)

    def step(self) -> bool:
        """Do what is due; whether nothing is left to do."""
        now_s = time.monotonic()
        if self.receiver.pid is None:
            if now_s >= self._back_s and not self._away:
                self.receiver.start()
                self._back_s = now_s + PAUSE_S
        elif self._due and now_s >= max(self._due[0][0], self._back_s):
            _, down_s = self._due.popleft()
            self.receiver.kill()
            self.kills += 1
            self._back_s = time.monotonic() + down_s
        return not self._due and self.receiver.pid is not None
