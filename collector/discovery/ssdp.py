"""A GX answers to SSDP (UPnP's way of asking who is there), and its description names its portal.

One question goes to all in each network that is searched, from a socket of its own; for each that
answers one small file is fetched from the very address that answered.
"""

import asyncio
import html
import re
import socket
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from collector.model.discovery import Found
from collector.model.kinds import AssetKind, DeviceKind
from collector.model.text import clean
from collector.net.http import Http, Unreachable
from collector.sources.victron.session import MAKER

GROUP, PORT = "239.255.255.250", 1900
TYPE = "urn:schemas-upnp-org:device:Basic:1"
"""What a GX announces itself as (venus-influx-loader, src/server/upnp.ts)."""
WAIT_S = 3.0
AGAIN_S = 0.7
"""A datagram may get lost: the question is put twice."""
FETCH_S = 4.0
MAX_ANSWERS = 64
MAX_BYTES = 65_536

_TAG = r"<(?:[\w-]+:)?{name}(?:\s[^>]*)?>([^<]*)</(?:[\w-]+:)?{name}\s*>"


class Shout(NamedTuple):
    """From where and to where a question goes."""

    source: str
    """An own IPv4 address; "" for whichever the kernel takes."""
    host: str = GROUP
    port: int = PORT


class Told(NamedTuple):
    """An answer: who sent it, and where he says that his description is."""

    host: str
    location: str


async def listen(shouts: Sequence[Shout], *, wait_s: float = WAIT_S) -> list[Told]:
    """Put the question and gather the answers, one for each sender. Never raises."""
    loop = asyncio.get_running_loop()
    answers: dict[str, Told] = {}
    doors = []
    for shout in shouts:
        try:
            door, _ = await loop.create_datagram_endpoint(
                lambda: _Answers(answers), sock=_socket(shout)
            )
        except OSError:
            continue  # the interface has just gone; the others are asked
        doors.append((door, shout))
    try:
        for pause in (min(AGAIN_S, wait_s / 2), wait_s - min(AGAIN_S, wait_s / 2)):
            for door, shout in doors:
                door.sendto(question(shout.host, shout.port), (shout.host, shout.port))
            await asyncio.sleep(pause)
    finally:
        for door, _ in doors:
            door.close()
    return list(answers.values())


def question(host: str, port: int) -> bytes:
    """The M-SEARCH (UPnP Device Architecture 1.1 §1.3.2)."""
    return (
        f"M-SEARCH * HTTP/1.1\r\nHOST: {host}:{port}\r\n"
        f'MAN: "ssdp:discover"\r\nMX: 2\r\nST: {TYPE}\r\n\r\n'
    ).encode()


def told(datagram: bytes, sender: str) -> Told | None:
    """What an answer says; None for anything that is no answer with a description that lies on
    the machine that answered."""
    lines = datagram[:2048].decode("utf-8", "replace").split("\r\n")
    if not lines[0].upper().startswith("HTTP/1.1 200"):
        return None
    parts = (line.partition(":") for line in lines)
    heads = {key.strip().upper(): value.strip() for key, _, value in parts}
    location = heads.get("LOCATION", "")
    try:
        url = urlsplit(location)
        sound = url.scheme == "http" and url.hostname == sender and url.port != 0
    except ValueError:
        return None
    return Told(sender, location) if sound and location.isprintable() else None


async def describe(answer: Told, *, limit_s: float = FETCH_S) -> Found | None:
    """The GX that answered, from its description; None when it is no GX or says nothing."""
    try:
        async with asyncio.timeout(limit_s), Http() as http:
            page = await http.get(answer.location, {})
    except (Unreachable, TimeoutError):
        return None
    return read_description(page.body, answer.host) if page.status == 200 else None


def read_description(body: bytes, host: str) -> Found | None:
    """The GX that a description (UPnP's XML) is of; None when it names no VRM portal.

    Read with patterns, not as XML: nothing in it can be expanded, included or fetched.
    """
    text = body[:MAX_BYTES].decode("utf-8", "replace")
    portal = _text(text, "X_VrmPortalId")
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,64}", portal):
        return None
    hints = () if _text(text, "X_MqttOnLan") != "0" else (OFF_HINT,)
    return Found(
        kind=DeviceKind.GX,
        host=host,
        port=0,
        maker=_text(text, "manufacturer") or MAKER,
        model=_text(text, "modelName"),
        serial=portal,
        title=_text(text, "friendlyName"),
        asset_kind=AssetKind.BESS,
        ways=("ssdp",),
        hints=hints,
    )


OFF_HINT = "MQTT on LAN is off at it: switch it on (Settings → Services → MQTT on LAN)"


def _text(xml: str, name: str) -> str:
    found = re.search(_TAG.format(name=name), xml)
    return clean(html.unescape(found[1])) if found else ""


class _Answers(asyncio.DatagramProtocol):
    def __init__(self, answers: dict[str, Told]) -> None:
        self._answers = answers

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = told(data, addr[0])
        if answer is not None and len(self._answers) < MAX_ANSWERS:
            self._answers.setdefault(answer.host, answer)

    def error_received(self, exc: Exception) -> None:
        """Somebody's port is closed; others may answer."""


def _socket(shout: Shout) -> socket.socket:
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        own.setblocking(False)
        own.bind((shout.source, 0))
        if shout.source:
            door = socket.inet_aton(shout.source)
            own.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, door)
        own.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 2)
    except OSError:
        own.close()
        raise
    return own
