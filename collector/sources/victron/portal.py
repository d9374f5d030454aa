"""Finding out which GX answers: its portal id, before anything else of it is used."""

import asyncio
import re
from collections.abc import Callable

from collector.errors import BadDevice, NotConnected, WrongDevice
from collector.sources.victron.client import Connection
from collector.sources.victron.topics import portal_of

SERIAL_FILTER = "N/+/system/0/Serial"
SERIAL_S = 2.0
PINNED_SERIAL_S = 1.0
LISTEN_S = 6.0
SETTLE_S = 0.3
"""How long more ids are waited for after a first one: a broker may serve several GX."""
MAX_IDS = 32


def as_told(portal: str) -> str:
    """A portal id that a person wrote, as the GX itself writes it: a MAC in lower case."""
    return portal.lower() if re.fullmatch("[0-9A-Fa-f]{12}", portal) else portal


class Ids:
    """The portal ids seen on a connection; `take` is its receiver meanwhile."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._news = asyncio.Event()

    def take(self, topic: str | None, payload: bytes, retained: bool) -> None:
        """Note whose message this is."""
        portal = portal_of(topic or "")
        if portal and payload and len(self.seen) < MAX_IDS:
            self.seen.add(portal)
            self._news.set()

    async def wait(self, enough: Callable[[set[str]], bool], limit_s: float) -> set[str]:
        """The ids seen until `enough` of them say so, or the limit passes; a little later when
        there is any, so that no second one is overlooked."""
        try:
            async with asyncio.timeout(limit_s):
                while not enough(self.seen):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pass
        return self.seen


async def find_portal(client: Connection, ids: Ids, pinned: str, place: str) -> tuple[str, bool]:
    """The portal id, and whether the GX itself has told it on this connection.

    The serial is retained, so it comes at once; some versions do not send it to a client that
    connects again (html5-app#432), so a pinned id is gone by even without it, as long as nobody
    else answers. Raises WrongDevice, BadDevice (several GX, none pinned), NotConnected (none).
    """
    await client.listen([SERIAL_FILTER])
    if pinned:
        seen = await ids.wait(lambda found: pinned in found, PINNED_SERIAL_S)
        if pinned in seen:
            return pinned, True
        if seen:
            raise wrong(pinned, seen, place)
        return pinned, False
    seen = await ids.wait(bool, SERIAL_S)
    if not seen:
        await client.listen(["N/#"])
        seen = await ids.wait(bool, LISTEN_S)
        await client.ignore(["N/#"])
    await asyncio.sleep(SETTLE_S)
    if not seen:
        raise NotConnected(
            f"{place} is an MQTT broker but no GX tells its portal id there: enter portal_id "
            f"(GX: Settings → VRM portal), or is it another broker?"
        )
    if len(seen) > 1:
        raise BadDevice(
            f"several GX answer at {place} ({', '.join(sorted(seen)[:5])}): set portal_id"
        )
    return next(iter(seen)), True


def wrong(pinned: str, seen: set[str], place: str) -> WrongDevice:
    """Another GX answers at the address."""
    return WrongDevice(
        f"the GX {', '.join(sorted(seen)[:5])} answers at {place}, expected {pinned}: look where "
        f"that one is now (addresses exchanged?); if it was swapped on purpose, ovr asset swap"
    )
