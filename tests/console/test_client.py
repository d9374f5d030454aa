"""The client against the real local API."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from collector.client import SLICE, Client, decode, decode_gently
from collector.errors import ApiError
from collector.serve.api import make_app
from collector.serve.server import serve
from collector.wire import SnapshotAnswer, encode
from tests.serve.desks import desks
from tests.support.snapshots import START_MS, HandFeed, site, snapshot


async def test_snapshot_arrives_unchanged(feed: HandFeed, socket: Path) -> None:
    """What the feed holds is what the client gives, field by field."""
    async with Client(socket) as client:
        assert await client.snapshot() == feed.snapshot


@pytest.mark.parametrize("count", [0, 1, 150])
async def test_stream_gives_each_snapshot(socket: Path, count: int) -> None:
    """Snapshots of any size come as they are made, and the stream ends with the collector."""
    feed = HandFeed(site(count, 1))
    got = []
    async with serve(make_app(feed), socket), Client(socket) as client:
        async for shot in client.stream():
            got.append(shot)
            if shot.seq == 3:
                await feed.end()
            else:
                await feed.push(site(count, shot.seq + 1))
    assert [shot.seq for shot in got] == [1, 2, 3]
    assert got[2] == site(count, 3)


async def test_slow_reader_gets_the_newest(feed: HandFeed, socket: Path) -> None:
    """Who reads late misses snapshots instead of queueing them."""
    async with Client(socket) as client, aclosing(client.stream()) as stream:
        first = await anext(stream)
        for seq in range(2, 120):
            await feed.push(site(150, seq))
            await asyncio.sleep(0)
        await feed.push(site(150, 120))
        seen = [first.seq]
        while seen[-1] != 120:
            seen.append((await anext(stream)).seq)
        await feed.end()
    assert len(seen) < 20
    assert seen == sorted(seen)


async def test_history_asks_for_a_key_and_a_window(feed: HandFeed, socket: Path) -> None:
    """History comes for the asked reading, with gaps as None."""
    asset = feed.snapshot.assets[0]
    async with Client(socket) as client:
        answer = await client.history(asset.id, "load_power_w", START_MS - 900_000, START_MS, 1)
    assert answer.asset == asset.id
    assert len(answer.times) == len(answer.values) == 901
    assert None in answer.values


async def test_refusal_is_told_in_the_collectors_words(feed: HandFeed, socket: Path) -> None:
    """An error answer becomes an ApiError with its message and its hint."""
    async with Client(socket) as client:
        with pytest.raises(ApiError, match=r"no asset 'a\?b c'.*snapshot lists assets"):
            await client.history("a?b c", "load_power_w", 0, 1000)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"schema":2,"error":{"code":"x","message":"y"}}', "collector 2, this program 1"),
        (b'{"schema":2,"fault":"z"}', "collector 2, this program 1"),
        (b'{"schema":1,"error":{"code":"x","message":"y","details":["a:1: b","a:2: c"]}}',
         "refused: y\na:1: b\na:2: c"),
        (b"<html>", "status 422 and no reason"),
    ],
)  # fmt: skip
async def test_refusals_of_every_kind(socket: Path, body: bytes, said: str) -> None:
    """A refusal of another schema number is told as such, all problems of one are repeated."""
    head = b"HTTP/1.1 422 No\r\ncontent-length: %d\r\n\r\n" % len(body)
    async with answering(socket, head + body), Client(socket) as client:
        with pytest.raises(ApiError, match=said):
            await client.snapshot()


async def test_the_client_says_which_schema_it_speaks(socket: Path) -> None:
    """Each request carries the number, so that a collector of another one can refuse it."""
    asked = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set_result(await reader.readuntil(b"\r\n\r\n"))
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_unix_server(listen, socket), Client(socket) as client:
        with pytest.raises(ApiError):
            await client.snapshot()
        assert b"\r\novr-schema: 1\r\n" in await asked


async def test_ill_health_is_an_answer(feed: HandFeed, socket: Path) -> None:
    """A collector that is not well says so in a health answer, not in an error."""
    async with Client(socket) as client:
        assert (await client.health()).ok
        await feed.end()
        assert not (await client.health()).ok


async def test_stop_reaches_the_feed(feed: HandFeed, socket: Path) -> None:
    """Stopping asks the collector once."""
    async with desks(feed, socket.parent), Client(socket) as client:
        await client.stop()
    assert feed.stops == 1


async def test_nobody_listens(socket: Path) -> None:
    """Without a socket the error says that no collector runs."""
    async with Client(socket) as client:
        with pytest.raises(ApiError, match="no collector runs"):
            await client.snapshot()


async def test_dead_socket(socket: Path) -> None:
    """A socket file that a dead collector left behind reads as no collector too."""
    async with serve(make_app(HandFeed(snapshot())), socket):
        left = socket.with_name("left.sock")
        os.rename(socket, left)  # noqa: PTH104  one rename in a test
    async with Client(left) as client:
        with pytest.raises(ApiError, match="no collector runs"):
            await client.snapshot()


@asynccontextmanager
async def answering(socket: Path, answer: bytes) -> AsyncIterator[None]:
    """A server that sends `answer` and then says nothing more."""
    done = asyncio.Event()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        await done.wait()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_unix_server(speak, socket)
    try:
        yield
    finally:
        done.set()
        server.close()
        await server.wait_closed()


HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


async def test_silence_is_noticed(socket: Path) -> None:
    """A stream that stands still ends in an ApiError after the limit, not in a hang."""
    event = b"id: 1\ndata: %b\n\n" % encode(SnapshotAnswer(snapshot=snapshot()))
    async with answering(socket, HEAD + chunk(event)), Client(socket, answer_s=1.0) as client:
        stream = client.stream()
        assert (await anext(stream)).seq == 1
        with pytest.raises(ApiError, match="said nothing for"):
            await anext(stream)


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_events_cut_anywhere(socket: Path, size: int) -> None:
    """However the transport cuts the stream, an event is whole, and comments are passed over."""
    body = b": hello\n\nid: 1\ndata: %b\n\n" % encode(SnapshotAnswer(snapshot=snapshot()))
    cut = b"".join(chunk(body[at : at + size]) for at in range(0, len(body), size))
    async with answering(socket, HEAD + cut + b"0\r\n\r\n"), Client(socket) as client:
        assert [shot.seq async for shot in client.stream()] == [1]


async def test_broken_off_in_the_middle(socket: Path) -> None:
    """A collector that dies in the middle of an answer is an ApiError."""

    async def die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_unix_server(die, socket)
    async with Client(socket) as client:
        with pytest.raises(ApiError, match="broke the connection off: it was ended, or it crashed"):
            await client.snapshot()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"schema":1}', b"<html>", b'{"schema":"x"}', b"\xff\xfe"]
)
def test_nonsense_is_an_api_error(body: bytes) -> None:
    """Whatever comes instead of an answer, the error says that it cannot be read."""
    with pytest.raises(ApiError, match="cannot be read"):
        decode(body, SnapshotAnswer)


def test_other_schema_is_named() -> None:
    """Another schema number is told as such, whether the rest decodes or not."""
    same = msgspec.json.encode(SnapshotAnswer(schema=2, snapshot=snapshot()))
    for body in (same, b'{"schema": 2, "shot": []}'):
        with pytest.raises(ApiError, match="collector 2"):
            decode(body, SnapshotAnswer)


async def test_others_have_their_turn_while_a_large_snapshot_is_read() -> None:
    """A snapshot of 250 assets is decoded in slices, whole and unchanged: keys are answered
    meanwhile."""
    shot = site(250, 1)
    body = encode(SnapshotAnswer(snapshot=shot))
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(turn())
    assert await decode_gently(body) == shot
    task.cancel()
    assert turns >= 250 // SLICE


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"schema":2,"shot":[]}', "collector 2"),
        (
            msgspec.json.encode(SnapshotAnswer(schema=2, snapshot=snapshot())),
            "collector 2",
        ),
        (encode(SnapshotAnswer(snapshot=site(2))).replace(b'"live"', b'"alive"'), "cannot be read"),
        (b"{", "cannot be read"),
    ],
)
async def test_a_stream_that_cannot_be_understood(socket: Path, body: bytes, said: str) -> None:
    """A streamed snapshot of another schema, or with an asset that cannot be read, is told."""
    event = b"id: 1\ndata: %b\n\n" % body
    async with answering(socket, HEAD + chunk(event)), Client(socket) as client:
        with pytest.raises(ApiError, match=said):
            await anext(client.stream())
