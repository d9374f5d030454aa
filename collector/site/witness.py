"""What a device's clock says about the node's: pure; times in ms."""

from datetime import UTC, datetime

from msgspec import Struct

NOT_BEFORE_MS = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1000)
"""A clock that says less was reset: this program did not exist then."""
AGREES_MS = 5_000
"""A heartbeat tells whole seconds, and may take a moment over the network."""
READINGS = 3
SPAN_MS = 5_000
HEARD_MS = 60_000
"""After so much silence a device says nothing about the clock any more."""


class Witness(Struct, frozen=True):
    """One device's clock beside the node's: it is `ahead_ms` of it, as heard at the steady time
    `heard_ms`; since `since_ms` all of `readings` in a row agreed with the node's clock."""

    ahead_ms: int
    heard_ms: int
    since_ms: int
    readings: int

    def agrees(self, now_ms: int) -> bool:
        """Whether it has seen long enough, and lately, that the node's clock is right.

        `now_ms` is steady time.
        """
        return (
            self.readings >= READINGS
            and self.heard_ms - self.since_ms >= SPAN_MS
            and now_ms - self.heard_ms <= HEARD_MS
        )

    def differs(self, now_ms: int) -> bool:
        """Whether it says, lately, that the node's clock is wrong."""
        return abs(self.ahead_ms) > AGREES_MS and now_ms - self.heard_ms <= HEARD_MS


def heard(before: Witness | None, device_ms: int, wall_ms: int, steady_ms: int) -> Witness:
    """The witness after one more reading: the device said `device_ms` when the node's clock said
    `wall_ms`."""
    ahead_ms = device_ms - wall_ms
    if abs(ahead_ms) > AGREES_MS or min(device_ms, wall_ms) < NOT_BEFORE_MS:
        return Witness(ahead_ms, steady_ms, steady_ms, 0)
    if before is None or before.readings == 0 or steady_ms - before.heard_ms > HEARD_MS:
        return Witness(ahead_ms, steady_ms, steady_ms, 1)
    return Witness(ahead_ms, steady_ms, before.since_ms, before.readings + 1)
