"""Signs of life of a GX: a heartbeat every 3 s, which must advance.

A frozen program can leave TCP, MQTT and old values standing, so only the heartbeat counts, once
one was ever heard. A GX too old to send any is alive while it says anything at all.
"""

BEAT_LIMIT_S = 10.0
NO_BEAT_AFTER_S = 12.0
TALK_LIMIT_S = 75.0
GIVE_UP_S = 60.0
GIVE_UP_TALK_S = 150.0


class Life:
    """What was heard of one GX; outlives its connections. Times are steady seconds."""

    def __init__(self) -> None:
        self.beats = False
        """It has sent a heartbeat at least once."""
        self._value: float | None = None
        self._started = 0.0
        self._sign: float | None = None
        self._beat_at: float | None = None

    def start(self, now: float) -> None:
        """A connection begins."""
        self._started = now
        self._sign = None
        self._beat_at = None

    def beat(self, value: float, now: float) -> bool:
        """A heartbeat came; True when it has advanced, hence proves life."""
        self.beats = True
        self._beat_at = now
        if value == self._value:
            return False
        self._value = value
        self._sign = now
        return True

    def talk(self, now: float) -> bool:
        """Any other message came; True when that proves life (no heartbeat is known)."""
        if self.beats:
            return False
        self._sign = now
        return True

    def limit_s(self, now: float) -> float:
        """After how much silence it is stale."""
        mute = not self.beats and now - self._started > NO_BEAT_AFTER_S
        return TALK_LIMIT_S if mute else BEAT_LIMIT_S

    def alive(self, now: float) -> bool:
        """Whether it has shown life within the limit."""
        return self._sign is not None and now - self._sign <= self.limit_s(now)

    def lost(self, now: float) -> str:
        """Why the connection is no longer worth keeping; empty while it is."""
        since = now - max(self._started, self._sign or 0.0)
        mute = self._sign is not None and self.limit_s(now) == TALK_LIMIT_S
        patience = GIVE_UP_TALK_S if mute else GIVE_UP_S
        if since < patience:
            return ""
        if self._beat_at is not None and now - self._beat_at < BEAT_LIMIT_S:
            return f"its heartbeat stands still for {since:.0f} s although it is connected"
        if self._sign is None:
            return f"nothing heard for {since:.0f} s although it is connected"
        if not self.beats:
            return f"it has said nothing more for {since:.0f} s"
        return f"its heartbeat has stopped for {since:.0f} s although it is connected"
