"""SSDP: a responder on loopback, and what hostile answers cannot do."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.discovery.ssdp import GROUP, Shout, describe, listen, read_description, told
from collector.model.text import clean
from tests.support.http_answers import Reply, answering

PORTAL = "b827eb000001"
XML = f"""<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><device>
<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>
<friendlyName>Venus GX &amp; Stage &lt;1&gt;</friendlyName>
<manufacturer>Victron Energy</manufacturer><modelName>Cerbo GX</modelName>
<ve:X_VrmPortalId xmlns:ve="http://www.victronenergy.com">{PORTAL}</ve:X_VrmPortalId>
<ve:X_MqttOnLan>1</ve:X_MqttOnLan>
</device></root>"""


class Responder(asyncio.DatagramProtocol):
    """A GX's SSDP: answers each question with where its description is."""

    def __init__(self, location: str) -> None:
        self.location = location
        self.asked: list[bytes] = []
        self.port = 0

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr) -> None:
        self.asked.append(data)
        answer = (
            "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\n"
            f"Location: {self.location}\r\nST: urn:schemas-upnp-org:device:Basic:1\r\n"
            f"USN: uuid:com.victronenergy.ccgx.{PORTAL}::upnp:rootdevice\r\n\r\n"
        )
        self.transport.sendto(answer.encode(), addr)


@asynccontextmanager
async def responding(
    location: str, host: str = "127.0.0.1", port: int = 0, *, group: bool = False
) -> AsyncIterator[Responder]:
    """A responder on loopback; in the multicast group if that is asked."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind(("", 0) if group else (host, port))
    if group:
        member = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(host))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    loop = asyncio.get_running_loop()
    transport, responder = await loop.create_datagram_endpoint(
        lambda: Responder(location), sock=sock
    )
    responder.port = sock.getsockname()[1]
    try:
        yield responder
    finally:
        transport.close()


@pytest.mark.parametrize("group", [False, True])
async def test_a_gx_is_found(group: bool) -> None:
    """Asked by multicast or alone, its description names portal, model and name; the question is
    put twice, for datagrams get lost."""
    async with answering(lambda _: Reply(200, XML.encode())) as web:
        location = f"http://127.0.0.1:{web.port}/gx.xml"
        async with responding(location, group=group) as gx:
            target = (
                Shout("127.0.0.1", GROUP, gx.port) if group else Shout("", "127.0.0.1", gx.port)
            )
            answers = await listen([target], wait_s=0.4)
            assert [answer.location for answer in answers] == [location]
            assert len(gx.asked) == 2
            assert gx.asked[0].startswith(b"M-SEARCH * HTTP/1.1\r\n")
        found = await describe(answers[0])
    assert found is not None
    assert (found.serial, found.model) == (PORTAL, "Cerbo GX")
    assert found.title == "Venus GX & Stage <1>"
    assert (found.host, found.ways, found.hints) == ("127.0.0.1", ("ssdp",), ())


def test_a_description_must_lie_where_the_answer_came_from() -> None:
    """An answer cannot send us to another machine, another scheme or a broken address."""
    head = "HTTP/1.1 200 OK\r\nLOCATION: {}\r\n\r\n"
    good = told(head.format("http://10.0.0.9:80/d.xml").encode(), "10.0.0.9")
    assert good is not None
    for location in (
        "http://10.0.0.10/d.xml", "https://10.0.0.9/d.xml", "file:///etc/passwd", "",
        "http://10.0.0.9:0/", "http://[", "http://10.0.0.9/\x00", "http://10.0.0.9@evil/",
    ):  # fmt: skip
        assert told(head.format(location).encode(), "10.0.0.9") is None, location
    assert told(b"NOTIFY * HTTP/1.1\r\nLOCATION: http://10.0.0.9/\r\n\r\n", "10.0.0.9") is None
    assert told(b"\xff\xfe\x00", "10.0.0.9") is None


def test_what_is_no_gx() -> None:
    """A printer, rubbish, and a portal id that is none."""
    assert (
        read_description(b"<root><device><modelName>LaserJet</modelName></device></root>", "h")
        is None
    )
    assert read_description(b"\x00\xff" * 100, "h") is None
    assert read_description(b"<X_VrmPortalId>../../etc</X_VrmPortalId>", "h") is None


def test_hostile_xml_is_only_text() -> None:
    """Entities are not expanded, control characters leave a mark, the end is cut."""
    bomb = (
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        b"<X_VrmPortalId>b827eb000002</X_VrmPortalId><modelName>&b;\x1b[31m</modelName>"
        + b"<friendlyName>" + b"x" * 5000 + b"</friendlyName><X_MqttOnLan>0</X_MqttOnLan>"
    )  # fmt: skip
    found = read_description(bomb, "10.0.0.9")
    assert found is not None
    assert found.model == "&b;·[31m"
    assert len(found.title) <= 120
    assert "MQTT on LAN is off" in found.hints[0]


async def test_a_description_that_never_ends_is_given_up() -> None:
    """One that hangs, and one that is answered with an error, say nothing."""
    async with answering(lambda _: Reply(hang=True)) as web:
        answer = told(
            f"HTTP/1.1 200 OK\r\nLOCATION: http://127.0.0.1:{web.port}/\r\n\r\n".encode(),
            "127.0.0.1",
        )
        assert answer is not None
        assert await describe(answer, limit_s=0.2) is None
    async with answering(lambda _: Reply(404, XML.encode())) as web:
        assert await describe(answer._replace(location=f"http://127.0.0.1:{web.port}/")) is None


@given(st.binary(max_size=3000), st.sampled_from(["10.0.0.9", "127.0.0.1"]))
def test_whatever_comes_is_read(noise: bytes, sender: str) -> None:
    """No datagram and no description, of a GX or of anybody, raises; what is told stays on the
    sender's machine and is clean."""
    head = b"HTTP/1.1 200 OK\r\nLOCATION: http://" + sender.encode()
    for datagram in (noise, head + noise + b"\r\n\r\n"):
        answer = told(datagram, sender)
        if answer is not None:
            assert urlsplit(answer.location).hostname == sender
    for page in (noise, XML.encode()[:200] + noise + XML.encode()[200:]):
        found = read_description(page, sender)
        if found is not None:
            assert clean(found.model) == found.model
            assert found.host == sender
