"""Limits: connections, sizes and times; whatever goes beyond is told and harms nobody else."""

import asyncio
import contextlib
import json
import socket
from pathlib import Path

import pytest

from collector.serve import listener as listener_module
from collector.serve import protocol as protocol_module
from collector.serve.access import Transport
from collector.serve.api import make_app
from collector.serve.bodies import MAX_DEPTH, too_deep
from collector.serve.listener import Listener, listening
from collector.serve.protocol import HEAD_BYTES
from collector.serve.server import bind
from collector.serve.stream import MAX_STREAMS, VIEWER_STREAMS
from tests.serve.support import raw, served, until
from tests.support.snapshots import HandFeed, site

OVR, VIEW, TCP = Transport.OPERATOR_SOCKET, Transport.VIEWER_SOCKET, Transport.TCP
STREAM = b"GET /v1/stream HTTP/1.1\r\nHost: ovr\r\n\r\n"
HEALTH = b"GET /v1/health HTTP/1.1\r\nHost: ovr\r\n\r\n"


async def answer(reader):
    """The status and the body of one answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    body = await reader.readexactly(int(lines[b"content-length"]))
    return int(head.split()[1]), json.loads(body)


async def test_streams_are_counted_over_all_sockets(tmp_path):
    """Readers of both sockets share 32 places; each further one is told 503 and never gets an
    empty stream, also when many come at the same instant; a place that was left is free again."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR, VIEW)) as api:
        sockets = [tmp_path / (VIEW if n < 20 else OVR).value for n in range(MAX_STREAMS + 8)]
        peers = await asyncio.gather(*(raw(path, STREAM) for path in sockets))
        lines = await asyncio.gather(*(reader.readline() for reader, _ in peers))
        statuses = sorted(line.split()[1] for line in lines)
        assert statuses == [b"200"] * MAX_STREAMS + [b"503"] * 8
        assert feed.readers == MAX_STREAMS
        for (_, writer), line in zip(peers, lines, strict=True):
            if b"200" in line:
                writer.close()
                break
        await until(lambda: feed.readers == MAX_STREAMS - 1)
        reader, writer = await raw(tmp_path / OVR.value, STREAM)
        assert b"200" in await reader.readline()
        for _, other in (*peers, (reader, writer)):
            other.close()
        await until(lambda: feed.readers == 0)
        assert api.api.streams.open == 0


async def test_viewers_leave_places_to_operators(tmp_path):
    """Viewers alone cannot take all places: an operator's console still gets its stream."""
    async with served(tmp_path, transports=(OVR, VIEW)):
        peers = [await raw(tmp_path / VIEW.value, STREAM) for _ in range(VIEWER_STREAMS + 3)]
        lines = [await reader.readline() for reader, _ in peers]
        assert [line.split()[1] for line in lines].count(b"503") == 3
        reader, writer = await raw(tmp_path / OVR.value, STREAM)
        assert b"200" in await reader.readline()
        for _, other in (*peers, (reader, writer)):
            other.close()


async def test_connections_are_bounded(tmp_path):
    """One connection too many is told so and closed; one that ends makes room; the other socket
    is not concerned."""
    api = make_app(HandFeed(site(1)))
    sock = bind(tmp_path / "x.sock", 0o600)
    async with listening(_few(api, sock)) as _, served(tmp_path, transports=(OVR,)) as other:
        first = [await raw(tmp_path / "x.sock", b"") for _ in range(3)]
        await until(lambda: api.listeners[0].connections == 3)
        reader, writer = await raw(tmp_path / "x.sock", HEALTH)
        status, body = await answer(reader)
        assert (status, body["error"]["code"]) == (503, "too_many_connections")
        assert await reader.read() == b""
        writer.close()
        async with other.client(OVR) as client:
            assert (await client.get("/v1/health")).status_code == 200
        first[0][1].close()
        await until(lambda: api.listeners[0].connections == 2)
        reader, writer = await raw(tmp_path / "x.sock", HEALTH)
        assert (await answer(reader))[0] == 200
        assert api.listeners[0].turned_away == 1
        for _, one in (*first, (reader, writer)):
            one.close()


@pytest.mark.parametrize("turns", range(6))
async def test_who_comes_as_it_closes_is_let_go(tmp_path, turns):
    """A peer whose connection stands in any stage of being taken when the listener closes sees
    the end of it; the collector keeps no socket of it."""
    listener = Listener(make_app(HandFeed(site(1))), bind(tmp_path / "x.sock", 0o600), OVR)
    descriptors = _descriptors()
    with socket.socket(socket.AF_UNIX) as peer:
        async with listening(listener):
            await asyncio.sleep(0.01)
            peer.connect(str(tmp_path / "x.sock"))
            for _ in range(turns):
                await asyncio.sleep(0)
        assert listener.connections == 0
        assert _descriptors() == descriptors
        peer.settimeout(1)
        with contextlib.suppress(ConnectionResetError):
            assert peer.recv(1) == b""


def _descriptors():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _few(api, sock):
    """A listener with room for three."""
    listener = Listener(api, sock, OVR, limit=3)
    api.listeners.append(listener)
    return listener


async def test_one_address_cannot_take_all_places(tmp_path, monkeypatch):
    """The connections of one IP address are bounded apart from those of all."""
    monkeypatch.setattr("collector.serve.tcp.PER_ADDRESS", 2)
    async with served(tmp_path, transports=(TCP,)) as api:
        peers = [await raw(api.ports[TCP], b"") for _ in range(2)]
        await until(lambda: api.api.listeners[0].connections == 2)
        reader, writer = await raw(api.ports[TCP], HEALTH)
        assert (await answer(reader))[0] == 503
        for _, one in (*peers, (reader, writer)):
            one.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /v1/hea",
        b"GET /v1/health HTTP/1.1\r\nHost: o\r\nX: ",
        b"POST /v1/stop HTTP/1.1\r\nHost: o\r\nContent-Length: 100\r\n\r\nabc",
    ],
)
async def test_whoever_never_finishes_is_let_go(tmp_path, monkeypatch, sent):
    """A connection whose request does not become whole in time ends; nobody holds a place so."""
    monkeypatch.setattr(protocol_module, "HEAD_S", 0.2)
    monkeypatch.setattr(protocol_module, "BODY_S", 0.2)
    async with served(tmp_path, transports=(OVR,)) as api, asyncio.timeout(10):
        reader, writer = await raw(tmp_path / OVR.value, sent)
        await reader.read()
        await until(lambda: api.api.listeners[0].connections == 0)
        writer.close()


async def test_a_slow_head_is_told(tmp_path, monkeypatch):
    """Dripping a head byte by byte does not help: the time counts from its first byte."""
    monkeypatch.setattr(protocol_module, "HEAD_S", 0.8)
    async with served(tmp_path, transports=(OVR,)) as api, asyncio.timeout(10):
        reader, writer = await raw(tmp_path / OVR.value, b"G")
        await until(lambda: api.api.listeners[0].connections == 1)
        (peer,) = api.api.listeners[0]._open
        await until(lambda: peer._timer)
        timers = set()
        for _ in range(8):
            timers.add(peer._timer)
            writer.write(b"G")
            await asyncio.sleep(0.02)
        assert len(timers) == 1
        status, body = await answer(reader)
        assert (status, body["error"]["code"]) == (408, "too_slow")
        assert await reader.read() == b""
        writer.close()


async def test_several_requests_on_one_connection(tmp_path, monkeypatch):
    """A connection may be used again, also after a pause and with requests sent at once."""
    monkeypatch.setattr(protocol_module, "HEAD_S", 0.3)
    async with served(tmp_path, transports=(OVR,)), asyncio.timeout(10):
        reader, writer = await raw(tmp_path / OVR.value, HEALTH)
        assert (await answer(reader))[0] == 200
        await asyncio.sleep(0.5)  # longer than a head may take: idling is no head
        writer.write(HEALTH * 3)
        assert [(await answer(reader))[0] for _ in range(3)] == [200, 200, 200]
        writer.close()


@pytest.mark.parametrize("closing", [True, False])
async def test_an_answer_that_nobody_takes_is_cut_off(tmp_path, monkeypatch, closing):
    """Who asks for a snapshot and reads nothing of it does not keep his place, nor the memory that
    the answer takes; whether the connection was to end with it or to stay."""
    monkeypatch.setattr(protocol_module, "STALLED_S", 0.3)
    monkeypatch.setattr(protocol_module, "LAST_S", 0.3)
    feed = HandFeed(site(150))
    last = b"Connection: close\r\n" if closing else b""
    async with served(tmp_path, feed, (OVR,)) as api, asyncio.timeout(20):
        sock = socket.socket(socket.AF_UNIX)
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, str(tmp_path / OVR.value))
        ask = b"GET /v1/snapshot HTTP/1.1\r\nHost: o\r\n" + last + b"\r\n"
        await loop.sock_sendall(sock, ask)
        await until(lambda: api.api.listeners[0].connections == 1)
        await until(lambda: api.api.listeners[0].connections == 0)
        sock.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /v1/health HTTP/1.1\r\n" + b"X: y\r\n" * HEAD_BYTES + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls to a plain port \r\n\r\n",
        b"\x00" * 64 + b"\r\n\r\n",
        b"GET /v1/health HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET /v1/health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
    ],
    ids=["headers", "tls", "zeros", "two lengths", "coding"],
)
async def test_what_is_no_request_is_refused(tmp_path, sent):
    """Heads that are too large and bytes that are no HTTP get a 400 in our form, and the end."""
    async with served(tmp_path, transports=(OVR,)), asyncio.timeout(10):
        reader, writer = await raw(tmp_path / OVR.value, sent)
        status, body = await answer(reader)
        assert (status, body["error"]["code"], body["schema"]) == (400, "bad_request", 1)
        assert await reader.read() == b""
        writer.close()


async def test_a_head_that_comes_at_once_has_the_same_limit(tmp_path):
    """A long path in a single piece is refused like one that comes slowly."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        response = await client.get("/" + "a" * HEAD_BYTES)
        assert (response.status_code, response.json()["error"]["code"]) == (431, "head_too_large")


@pytest.mark.parametrize("kind", ["list", "object", "mixed"])
@pytest.mark.parametrize("depth", [1, 2, MAX_DEPTH, MAX_DEPTH + 1, 100])
def test_depth_is_counted(depth, kind):
    """Lists and objects within each other are counted whatever stands between them, in strings
    too; breadth is no depth."""
    left, right = "", ""
    for level in range(depth):
        if kind == "list" or (kind == "mixed" and level % 2):
            left, right = left + '["[[{{\\"", 1, ', "]" + right
        else:
            left, right = left + '{"a\\"[": 1, "b": ', "}" + right
    body = f"{left}0{right}".encode()
    json.loads(body)
    assert too_deep(body) is (depth > MAX_DEPTH)


def test_breadth_is_no_depth():
    """A long flat list is as deep as a short one, and a megabyte is looked through at once."""
    assert not too_deep(b"[" + b"[],{}," * 100_000 + b"0]")
    assert not too_deep(b'"' * 500_001)


def test_limits_that_the_documents_name():
    """The numbers of the contract."""
    assert MAX_STREAMS == 32
    assert listener_module.CONNECTIONS >= 2 * MAX_STREAMS
