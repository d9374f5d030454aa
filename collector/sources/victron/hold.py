"""A volatile override that is kept up: written again before it lapses, until its time is over.

It lives in memory and on one connection only: after a restart, or a lost link, nobody goes on.
"""

from collections.abc import Callable

from collector.model.control import ControlValue
from collector.sources.victron.control_spots import Spot
from collector.sources.victron.derive.common import num

NEAR_W = 1.0


class Hold:
    """One override. Times are steady seconds; `message` is topic and payload of each write.

    `still` says why it must not go on, "" while it may; `ended` is told why it ended.
    """

    def __init__(
        self,
        *,
        role: str,
        value: ControlValue,
        spot: Spot,
        message: tuple[str, str],
        until_s: float,
        next_s: float,
        still: Callable[[], str],
        ended: Callable[[str], None],
    ) -> None:
        self.role = role
        self.spot = spot
        self.message = message
        self.ended = ended
        self.ours = True
        """Nobody else has set it since."""
        self._value = float(value)
        self._until_s = until_s
        self._next_s = next_s
        self._still = still

    def words(self, now: float) -> str:
        """What it is, for people."""
        left = max(0, round(self._until_s - now))
        return f"grid setpoint {self._value:g} W, kept up for {left // 60} min {left % 60} s"

    def over(self, now: float) -> str:
        """Why it is over, in words; "" while it is not."""
        said = num(self.spot.service.values, self.spot.path)
        if not self.spot.service.usable:
            return "the GX offers no setpoint any more"
        if said is None or abs(said - self._value) > NEAR_W:
            self.ours = False
            other = "released it" if said is None else f"set {said:g} W"
            return f"somebody else {other}"
        if now >= self._until_s:
            return "its time is over"
        return self._still()

    def due(self, now: float) -> bool:
        """Whether it must be written again."""
        return now >= self._next_s

    def sent(self, next_s: float) -> None:
        """It is written; the next time is at `next_s`."""
        self._next_s = next_s
