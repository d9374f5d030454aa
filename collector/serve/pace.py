"""How fast one peer may ask: nobody outside the crew can keep the collector's loop busy."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from msgspec import Struct

from collector.serve.answers import Refused

RATE = 50.0
"""Requests a second that a peer may go on with."""
BURST = 200.0
"""And so many at once after a pause."""
PAUSE_S = 1.0
"""The answer to one too many takes so long: a peer that does not wait is made to."""
PEERS = 1024


class _Bucket(Struct):
    left: float
    at_s: float


class Pace:
    """Counts requests by peer; at most PEERS are remembered, the longest quiet one goes first."""

    def __init__(
        self,
        *,
        mono: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._mono = mono
        self._sleep = sleep
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    async def take(self, peer: str) -> None:
        """One more request of this peer. Raises Refused, after a pause, when that is too many."""
        now = self._mono()
        bucket = self._buckets.pop(peer, None) or _Bucket(BURST, now)
        bucket.left = min(BURST, bucket.left + (now - bucket.at_s) * RATE)
        bucket.at_s = now
        self._buckets[peer] = bucket
        while len(self._buckets) > PEERS:
            self._buckets.popitem(last=False)
        if bucket.left < 1:
            await self._sleep(PAUSE_S)
            raise Refused(
                429,
                "too_fast",
                f"more than {RATE:.0f} requests a second come from here",
                "GET /v1/stream tells everything once a second",
                {"retry-after": "1"},
            )
        bucket.left -= 1
