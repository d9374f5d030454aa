"""How long to leave the cloud, or one kind of records, alone after a failure."""

from collections.abc import Callable


class Pause:
    """A back-off that begins with a failure and ends with a success.

    `clock` is monotonic seconds, `back_off(n)` the wait after the n-th failure in a row. `cause` is
    the last failure while it lasts.
    """

    def __init__(self, clock: Callable[[], float], back_off: Callable[[int], float]) -> None:
        self._clock = clock
        self._back_off = back_off
        self._until_s = 0.0
        self.tries = 0
        self.cause = ""

    @property
    def left_s(self) -> float:
        """Seconds until the next try; 0 when one is due."""
        return max(0.0, self._until_s - self._clock())

    def failed(self, cause: str) -> None:
        """A try failed; the next one is due after the back-off."""
        self.tries += 1
        self.cause = cause
        self.extend(self._back_off(self.tries))

    def extend(self, seconds: float) -> None:
        """No try before so many seconds from now, nor before what was said earlier."""
        self._until_s = max(self._until_s, self._clock() + seconds)

    def works(self) -> bool:
        """A try succeeded; whether that ends a failure."""
        recovered = self.tries > 0
        self.tries = 0
        self.cause = ""
        return recovered
