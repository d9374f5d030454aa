"""When to ask a GX for what. A GX publishes only while somebody has asked within 60 s.

A full publish (with an echo, Venus ≥ 3.50) on connect and every few minutes, which says everything
again; between them `suppress-republish`, which only keeps it talking. A GX refuses more than three
full publishes a second without a word, so one whose echo does not come is asked again. Very old
ones (dbus-mqtt ≤ 2.94) know only the read of `system/0/Serial`.
"""

from typing import NamedTuple

from collector.sources.victron.payload import ECHO_KEY

PLAIN_S = 30.0
FULL_S = 240.0
RETRY_S = 5.0
MAX_TRIES = 4
LEGACY_AFTER_S = 10.0
LEGACY_S = 20.0

SUPPRESS = '{"keepalive-options":["suppress-republish"]}'


class Request(NamedTuple):
    """A message to publish: never retained."""

    topic: str
    payload: str
    full: bool = False
    """It asks for a full publish."""


class Keepalive:
    """The schedule of one connection. Times are steady seconds, told by the caller."""

    def __init__(self, portal: str, client_id: str, now: float) -> None:
        self._topic = f"R/{portal}/keepalive"
        self._serial = f"R/{portal}/system/0/Serial"
        self._client_id = client_id
        self._started = now
        self._rounds = 0
        self._tries = 0
        self._full_at = now
        self._asked_at: float | None = None
        self._plain_at = now + PLAIN_S
        self._legacy_at: float | None = now + LEGACY_AFTER_S
        self.legacy = False
        """Nothing came: the old form is sent as well."""
        self._completes = True
        """It has not yet let a whole round pass without saying when a full publish ends, as old
        ones do (dbus-mqtt): those are asked once in a round."""

    def due(self, now: float) -> list[Request]:
        """What to publish now; call it often."""
        found = []
        if self._asked_at is not None and now - self._asked_at >= RETRY_S * self._tries:
            if self._tries < (MAX_TRIES if self._completes else 1):
                self._full_at = now
            else:
                self._completes = False
                self._settle(now)
        if now >= self._full_at:
            found.append(self._full(now))
        elif now >= self._plain_at:
            found.append(Request(self._topic, SUPPRESS))
            self._plain_at = now + PLAIN_S
        if self._legacy_at is not None and now >= self._legacy_at:
            self.legacy = True
            self._legacy_at = now + LEGACY_S
            found.append(Request(self._serial, ""))
        return found

    def _full(self, now: float) -> Request:
        if self._asked_at is None:
            self._tries = 0
        self._tries += 1
        self._rounds += 1
        self._asked_at = now
        self._full_at = now + FULL_S
        self._plain_at = now + PLAIN_S
        echo = f"{self._client_id}-{self._rounds}"
        payload = f'{{"keepalive-options":[{{"{ECHO_KEY}":"{echo}"}}]}}'
        return Request(self._topic, payload, full=True)

    def _settle(self, now: float) -> None:
        self._asked_at = None
        self._full_at = now + FULL_S

    def completed(self, echo: str | None, now: float) -> bool:
        """A full publish has ended. False when it was another client's (its echo says so)."""
        if echo is not None and not echo.startswith(f"{self._client_id}-"):
            return False
        self._settle(now)
        self._completes = True
        self.alive()
        return True

    def is_newest(self, echo: str | None) -> bool:
        """Whether it is the echo of the full publish that was asked for last."""
        return echo == f"{self._client_id}-{self._rounds}"

    def alive(self) -> None:
        """The GX answers the present form of keepalive: the old one is not needed."""
        self._legacy_at = None
        self.legacy = False

    def restarted(self, now: float) -> None:
        """The GX's broker has begun anew: ask for everything again."""
        self._full_at = now
        self._asked_at = None
