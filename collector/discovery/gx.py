"""Is it a GX? Its broker tells its portal id without being asked; three read requests tell model,
firmware and name."""

import asyncio
import re
from collections.abc import Callable

import aiomqtt

from collector.errors import NotConnected, SourceError, Unauthorized
from collector.model.assets import Device
from collector.model.discovery import Found
from collector.model.kinds import AssetKind, DeviceKind
from collector.model.text import clean
from collector.pinning import Pin
from collector.sources.victron.client import GxClient, connected
from collector.sources.victron.payload import MAX_BYTES, read_value
from collector.sources.victron.portal import SERIAL_FILTER, SETTLE_S, Ids
from collector.sources.victron.session import MAKER

PORTAL = re.compile(r"[0-9A-Za-z_-]{1,64}")
SERIAL_S = 2.0
ANSWER_S = 2.0
LIMIT_S = 10.0
"""For all of it: what accepts a connection and says nothing is no broker."""
MODEL = "platform/0/Device/Model"
FIRMWARE = "platform/0/Firmware/Installed/Version"
NAME = "settings/0/Settings/SystemSetup/SystemName"
ASKED = (MODEL, FIRMWARE, NAME)

REFUSED_HINT = (
    "its MQTT wants a password: that of its security profile (Settings → General), not of VRM"
)


async def ask_gx(host: str, port: int, *, tls: bool) -> list[Found]:
    """The GX behind an MQTT broker, without a login. An empty list: it is none. A broker that wants
    a login may be one: then `sure` is False."""
    device = Device(id="search", kind=DeviceKind.GX, host=host, port=port, tls=tls)
    ids, facts = Ids(), Facts()
    try:
        async with asyncio.timeout(LIMIT_S), connected(device, Pin(""), ids.take) as client:
            await client.listen([SERIAL_FILTER])
            seen = sorted(await ids.wait(bool, SERIAL_S))
            if not seen:
                return []
            await asyncio.sleep(SETTLE_S)
            seen = sorted(filter(PORTAL.fullmatch, ids.seen))
            client.receive = facts.take
            for portal in seen:
                await _ask(client, facts, portal)
    except Unauthorized:
        return [
            Found(
                kind=DeviceKind.GX,
                host=host,
                port=port,
                tls=tls,
                sure=False,
                needs_password=True,
                asset_kind=AssetKind.BESS,
                ways=("mqtt",),
                hints=(REFUSED_HINT,),
            )
        ]
    except (SourceError, aiomqtt.MqttError, TimeoutError) as error:
        if isinstance(error, NotConnected) or not ids.seen:
            return []
        seen = sorted(filter(PORTAL.fullmatch, ids.seen))
    return [_found(host, port, tls, portal, facts) for portal in seen]


async def _ask(client: GxClient, facts: "Facts", portal: str) -> None:
    await client.listen([f"N/{portal}/{tail}" for tail in ASKED])
    for tail in ASKED:
        await client.say(f"R/{portal}/{tail}", "")
    await facts.wait(lambda known: all((portal, tail) in known for tail in ASKED), ANSWER_S)


def _found(host: str, port: int, tls: bool, portal: str, facts: "Facts") -> Found:
    told = {tail: facts.known.get((portal, tail), "") for tail in ASKED}
    return Found(
        kind=DeviceKind.GX,
        host=host,
        port=port,
        tls=tls,
        maker=MAKER,
        model=told[MODEL],
        serial=portal,
        firmware=told[FIRMWARE],
        title=told[NAME],
        asset_kind=AssetKind.BESS,
        ways=("mqtt",),
    )


class Facts:
    """Texts that GX have told, by portal id and path; `take` is a connection's receiver."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], str] = {}
        self._news = asyncio.Event()

    def take(self, topic: str | None, payload: bytes, retained: bool) -> None:
        """Note one message; what is no text says nothing."""
        root, _, rest = (topic or "").partition("/")
        portal, _, tail = rest.partition("/")
        if root != "N" or tail not in ASKED or not payload or len(payload) > MAX_BYTES:
            return
        value = read_value(payload)
        self.known[portal, tail] = clean(value) if isinstance(value, str) else ""
        self._news.set()

    async def wait(
        self, enough: Callable[[dict[tuple[str, str], str]], bool], limit_s: float
    ) -> None:
        """Until `enough` is known, or the limit has passed."""
        try:
            async with asyncio.timeout(limit_s):
                while not enough(self.known):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pass  # an old one does not have them all
