"""Streams: the newest wins, and a reader that reads nothing costs nobody anything."""

import asyncio
import socket
from contextlib import AsyncExitStack

import pytest

from collector import wire
from collector.serve import stream as stream_module
from collector.serve.access import Role, Transport
from collector.serve.stream import Streams
from tests.serve.support import TOKENS, raw, served, small_buffers, until
from tests.support.snapshots import HandFeed, site, snapshot

OVR, TCP, TLS = Transport.OPERATOR_SOCKET, Transport.TCP, Transport.TLS
STREAM = b"GET /v1/stream HTTP/1.1\r\nHost: ovr\r\n\r\n"


def seqs(data: bytes) -> list[int]:
    """The numbers of the snapshots in a piece of a stream."""
    return [int(line[4:]) for line in data.split(b"\n") if line.startswith(b"id: ")]


async def stopped_reader(path) -> socket.socket:
    """A reader that has asked for the stream and reads nothing."""
    sock = socket.socket(socket.AF_UNIX)
    small_buffers(sock)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, str(path))
    await loop.sock_sendall(sock, STREAM)
    return sock


async def test_a_reader_that_reads_nothing_holds_one_snapshot(tmp_path):
    """While snapshots of a megabyte are made, what waits for a stopped reader stays one of them:
    neither the collector's memory nor anybody else's stream feels it; when it reads again it gets
    what was under way and then the newest, nothing in between."""
    feed = HandFeed(site(150, 1))
    async with served(tmp_path, feed, (OVR,)) as api:
        sock = await stopped_reader(tmp_path / OVR.value)
        await until(lambda: feed.readers == 1)
        reader, writer = await raw(tmp_path / OVR.value, STREAM)
        seen: list[int] = []
        for seq in range(2, 60):
            await feed.push(site(150, seq))
            while not seen or seen[-1] != seq:
                seen += seqs(await reader.read(1 << 20))
        held = [p.transport.get_write_buffer_size() for p in api.api.listeners[0]._open]
        size = max(held)
        assert 0 < size < 1_500_000, held
        late = await read_until(sock, 59)
        assert len(late) <= 3
        assert late[-1] == 59
        sock.close()
        writer.close()


async def read_until(sock: socket.socket, last: int) -> list[int]:
    """What a reader finds that reads again, up to a snapshot's number."""
    loop = asyncio.get_running_loop()
    data = b""
    async with asyncio.timeout(10):
        while b"id: %d\n" % last not in data:
            data += await loop.sock_recv(sock, 1 << 20)
    return seqs(data)


@pytest.mark.parametrize("transport", [OVR, TCP, TLS])
async def test_a_stopped_reader_is_let_go(tmp_path, monkeypatch, transport):
    """Who takes nothing for too long loses the stream, and its place is free, on any transport."""
    monkeypatch.setattr(stream_module, "STOPPED_S", 0.3)
    feed = HandFeed(site(150, 1))
    async with (
        served(tmp_path, feed, (transport,)) as api,
        api.client(transport, None if transport is OVR else TOKENS["kiosk"]) as client,
    ):
        async with client.stream("GET", "/v1/stream"):
            await until(lambda: feed.readers == 1)
            for seq in range(2, 40):  # until what the kernel holds is full too
                await feed.push(site(150, seq))
                await asyncio.sleep(0.02)
            await until(lambda: feed.readers == 0)
        assert api.api.streams.let_go == 1
        await until(lambda: api.api.listeners[0].connections == 0)


async def test_a_comment_when_there_is_no_news(tmp_path, monkeypatch):
    """While no snapshot comes, comments do: a peer that is gone is noticed."""
    monkeypatch.setattr(stream_module, "HEARTBEAT_S", 0.05)
    feed = HandFeed(snapshot())
    async with served(tmp_path, feed, (OVR,)), asyncio.timeout(10):
        reader, writer = await raw(tmp_path / OVR.value, STREAM)
        await reader.readuntil(b": no news\n\n")
        await feed.push(snapshot(seq=2))
        await reader.readuntil(b"id: 2\n")
        writer.close()
        await until(lambda: feed.readers == 0)


async def test_the_end_does_not_wait_for_stopped_readers(tmp_path):
    """With readers that read nothing on every transport, the API ends within its grace, and its
    sockets are gone."""
    feed = HandFeed(site(150, 1))
    view = Transport.VIEWER_SOCKET
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        async with served(tmp_path, feed) as api:
            for transport in (TCP, TLS):
                client = await stack.enter_async_context(api.client(transport, TOKENS["kiosk"]))
                await stack.enter_async_context(client.stream("GET", "/v1/stream"))
            socks = [await stopped_reader(tmp_path / one.value) for one in (OVR, view)]
            await until(lambda: feed.readers == 4)
            for seq in range(2, 30):
                await feed.push(site(150, seq))
                await asyncio.sleep(0.01)
            await feed.end()
            began = loop.time()
        assert loop.time() - began < 5
    assert feed.readers == 0
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".sock"]
    for sock in socks:
        sock.close()


async def test_a_snapshot_is_encoded_once_for_each_role(tmp_path, monkeypatch):
    """Twenty readers cost one encoding of a snapshot, viewers together a second one."""
    made = []
    real = wire.encode

    def encode(what):
        made.append(what)
        return real(what)

    monkeypatch.setattr(wire, "encode", encode)
    feed = HandFeed(site(3, 1))
    view = Transport.VIEWER_SOCKET
    async with served(tmp_path, feed, (OVR, view)):
        peers = [
            await raw(tmp_path / transport.value, STREAM) for transport in [OVR] * 20 + [view] * 5
        ]
        for reader, _ in peers:
            await reader.readuntil(b"id: 1\n")
        await feed.push(site(3, 2))
        for reader, _ in peers:
            await reader.readuntil(b"id: 2\n")
        assert len(made) == 4
        for _, writer in peers:
            writer.close()


def test_places_are_counted_by_role():
    """A place is the reader's until it leaves, and the feed knows how many there are."""
    feed = HandFeed(snapshot())
    streams = Streams(feed)
    streams.take(Role.VIEWER)
    streams.take(Role.OPERATOR)
    assert (streams.open, feed.readers) == (2, 2)
    streams.leave(Role.VIEWER)
    assert (streams.open, feed.readers) == (1, 1)
