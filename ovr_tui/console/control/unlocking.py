"""Whether commands are taken from this console: the grant that the PIN gave.

The grant lives here and nowhere else: it is in no file, no log, no picture and no message.
"""

from collections.abc import Callable

from collector.errors import ApiError
from collector.wire import GrantAnswer, GrantRequest, LockedAnswer, UnlockRequest
from ovr_tui.console.link import Reader

RENEW_S = 30.0
"""At most so often a key has the grant count anew."""
LEAP_S = 30.0
"""The time of day is so far ahead of the steady clock: this machine slept."""
LEAVE_S = 0.5
"""How long the collector may take to hear that a console leaves."""

IDLE = "Control is locked: nobody pressed a key for ten minutes."
RESTARTED = "Control is locked: the collector was lost."
OVER = "Control is locked: the collector takes the PIN anew."
SLEPT = "Control is locked: this machine slept."
LOCKED = "Control is locked."


class Unlocking:
    """The lock of one console. `locked` is told why control is locked again.

    It is open until nobody pressed a key for as long as the collector said, by this console's own
    clock too; a lost or restarted collector, sleep and `lock` close it at once.
    """

    def __init__(
        self,
        reader: Callable[[], Reader],
        locked: Callable[[str], None],
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._reader = reader
        self._locked = locked
        self._clock = clock
        self._wall = wall
        self._grant = ""
        self._idle_s = 0.0
        self._until = 0.0
        self._renewed = 0.0
        self._ahead_s = 0.0

    @property
    def grant(self) -> str:
        """What commands carry; "" while it is locked."""
        return self._grant if self.left_s is not None else ""

    @property
    def left_s(self) -> float | None:
        """For how long it stays open without a key; None: it is locked."""
        left = self._until - self._clock()
        return left if self._grant and left > 0 else None

    async def unlock(self, pin: str) -> None:
        """Open it with the PIN. Raises ApiError, which says for how long no PIN is looked at."""
        asked = self._clock()
        done = await self._reader().post("/v1/unlock", GrantAnswer, UnlockRequest(pin=pin))
        self._grant = done.grant
        self._ahead_s = self._wall() - self._clock()
        self._counts(asked, float(done.idle_s))

    def _counts(self, asked: float, idle_s: float) -> None:
        self._renewed, self._idle_s = asked, idle_s
        self._until = asked + idle_s

    def used(self) -> None:
        """A command was taken: the collector counts from there."""
        if self._grant:
            self._counts(self._clock(), self._idle_s)

    def key(self) -> bool:
        """A key was pressed; whether the grant is to be renewed for it."""
        self.look()
        due = self.left_s is not None and self._clock() - self._renewed >= RENEW_S
        if due:
            self._renewed = self._clock()
        return due

    async def renew(self) -> None:
        """Have it count anew, if it is still open."""
        grant, asked = self.grant, self._clock()
        if not grant:
            return
        try:
            done = await self._reader().post("/v1/unlock", GrantAnswer, UnlockRequest(grant=grant))
        except ApiError as error:
            self.refused(error)
            return
        if self._grant == grant:
            self._counts(asked, float(done.idle_s))

    def refused(self, error: ApiError) -> None:
        """What the collector refused tells that the grant counts no more."""
        if error.code == "pin_needed":
            self.drop(OVER)

    def look(self) -> None:
        """Close it when its time is over, or when the machine slept."""
        if not self._grant:
            return
        if self.left_s is None:
            self.drop(IDLE)
        elif self._wall() - self._clock() - self._ahead_s > LEAP_S:
            self.drop(SLEPT)

    def drop(self, why: str) -> str:
        """Forget the grant at once; what it was, for telling the collector."""
        grant, self._grant = self._grant, ""
        if grant:
            self._locked(why)
        return grant

    async def lock(self, why: str = LOCKED) -> None:
        """Close it, here at once and at the collector as soon as it hears of it: without word of
        it, the grant ends there by itself."""
        grant = self.drop(why)
        if not grant:
            return
        try:
            await self._reader().post(
                "/v1/lock", LockedAnswer, GrantRequest(grant=grant), answer_s=LEAVE_S
            )
        except ApiError:
            return  # whoever cannot be told cannot be commanded either
