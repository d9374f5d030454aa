"""The local API on a real Unix socket."""

import asyncio
import grp
import json
import os
import stat
from contextlib import asynccontextmanager

import httpx
import pytest
from msgspec import structs

from collector.serve.access import Transport
from collector.serve.api import make_app
from collector.serve.server import bind, serve
from collector.serve.stream import MAX_STREAMS
from collector.wire import HistoryAnswer
from tests.serve.desks import desks
from tests.support.snapshots import HandFeed, snapshot


class Collector(HandFeed):
    """A feed of snapshots without assets, well or not as the test wants it."""

    def __init__(self):
        super().__init__(snapshot())
        self.well = True

    async def publish(self, seq):
        """A newer snapshot."""
        await self.push(snapshot(seq=seq))

    async def history(self, asset, key, from_ms, to_ms, step_s):
        """Asset a has two points."""
        if asset != "a":
            return None
        return HistoryAnswer(
            asset=asset, measurement=key, times=(from_ms, to_ms), values=(1.0, None)
        )

    def health(self):
        """As the test wants it."""
        return structs.replace(super().health(), ok=self.well)

    def stop(self):
        """Begin to end."""
        self.ending = asyncio.create_task(self.end())


@asynccontextmanager
async def served(tmp_path, collector):
    """The API over a socket, and a client of it."""
    path = tmp_path / "ovr.sock"
    async with desks(collector, tmp_path), serve(make_app(collector), path):
        transport = httpx.AsyncHTTPTransport(uds=str(path))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://ovr", timeout=5
        ) as client:
            yield client


async def test_answers(tmp_path):
    """Snapshot, health and history carry the schema number."""
    async with served(tmp_path, Collector()) as client:
        for path in (
            "/v1/snapshot",
            "/v1/health",
            "/v1/assets/a/history?measurement=load_power_w&from=1000&to=2000",
        ):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["schema"]) == (200, 1)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/nothing", 404, "no_such_path"),
        ("/v1/assets/a/history?measurement=x", 400, "no_such_measurement"),
        ("/v1/assets/a/history", 400, "no_such_measurement"),
        ("/v1/assets/b/history?measurement=load_power_w", 404, "no_such_history"),
        ("/v1/assets/a/history?measurement=load_power_w&from=-5", 400, "bad_number"),
        ("/v1/assets/a/history?measurement=load_power_w&step=0", 400, "bad_number"),
        ("/v1/assets/a/history?measurement=load_power_w&from=%C2%B2", 400, "bad_number"),
        ("/v1/assets/a/history?measurement=load_power_w&from=9000&to=1", 400, "too_many_points"),
        (
            "/v1/assets/a/history?measurement=load_power_w&from=0&to=999999999",
            400,
            "too_many_points",
        ),
    ],
)
async def test_refusals(tmp_path, path, status, code):
    """What cannot be done is refused with a code and a message."""
    async with served(tmp_path, Collector()) as client:
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.json()["error"]["message"]


async def test_not_well(tmp_path):
    """A collector that is not well answers 503 with the same body."""
    collector = Collector()
    collector.well = False
    async with served(tmp_path, collector) as client:
        answer = await client.get("/v1/health")
        assert (answer.status_code, answer.json()["ok"]) == (503, False)


async def test_fault_of_ours(tmp_path):
    """A fault in a handler is an answer, not a broken connection."""

    class Faulty(Collector):
        """Its health cannot be told."""

        def health(self):
            raise KeyError("x")

    collector = Faulty()
    path = tmp_path / "ovr.sock"
    async with serve(make_app(collector), path):
        transport = httpx.AsyncHTTPTransport(uds=str(path))
        async with httpx.AsyncClient(transport=transport, base_url="http://ovr") as client:
            answer = await client.get("/v1/health")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "fault")


async def events(answer):
    """The snapshots' numbers of a stream."""
    async for line in answer.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line[6:])["snapshot"]["seq"]


async def test_stream_skips_to_the_newest(tmp_path):
    """A reader that was away gets the newest snapshot next, not the missed ones."""
    collector = Collector()
    async with served(tmp_path, collector) as client, client.stream("GET", "/v1/stream") as answer:
        numbers = events(answer)
        assert await anext(numbers) == 1
        for seq in (2, 3, 4):
            await collector.publish(seq)
        assert await anext(numbers) == 4
        assert collector.readers == 1


async def test_too_many_streams(tmp_path):
    """The 33rd reader is refused; a place that was left is free again."""
    collector = Collector()
    path = tmp_path / "ovr.sock"
    async with serve(make_app(collector), path):
        connections = []
        for _ in range(MAX_STREAMS):
            reader, writer = await asyncio.open_unix_connection(str(path))
            writer.write(b"GET /v1/stream HTTP/1.1\r\nHost: ovr\r\n\r\n")
            await reader.readuntil(b"data: ")
            connections.append(writer)
        transport = httpx.AsyncHTTPTransport(uds=str(path))
        async with httpx.AsyncClient(transport=transport, base_url="http://ovr") as client:
            assert (await client.get("/v1/stream")).status_code == 503
            connections.pop().close()
            async with asyncio.timeout(5):
                while collector.readers == MAX_STREAMS:
                    await collector.publish(collector.snapshot.seq + 1)
                    await asyncio.sleep(0.01)
            async with client.stream("GET", "/v1/stream") as answer:
                assert answer.status_code == 200
        for writer in connections:
            writer.close()


async def test_end_closes_streams(tmp_path):
    """When the collector ends, its streams end in order and its socket is gone."""
    collector = Collector()
    async with served(tmp_path, collector) as client, client.stream("GET", "/v1/stream") as answer:
        numbers = events(answer)
        assert await anext(numbers) == 1
        assert (await client.post("/v1/stop")).status_code == 202
        with pytest.raises(StopAsyncIteration):
            await anext(numbers)
    assert not (tmp_path / "ovr.sock").exists()


async def test_api_that_cannot_start(tmp_path):
    """When the socket cannot be made, whoever opens it is told why."""
    (tmp_path / "ovr.sock").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        async with asyncio.timeout(5), serve(make_app(Collector()), tmp_path / "ovr.sock"):
            pass


async def test_socket_is_for_the_group(tmp_path):
    """Operators' socket: read and write for owner and group, nothing for others; a dead
    collector's socket is replaced."""
    (tmp_path / "ovr.sock").write_text("left over")
    async with served(tmp_path, Collector()) as client:
        mode = (tmp_path / "ovr.sock").stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o660
        assert (await client.get("/v1/health")).status_code == 200


async def test_the_group_of_operators_gets_the_socket(tmp_path):
    """Where the system has the group, it owns the operators' socket; a group that is not there is
    no fault. Viewers' socket is for everybody."""
    group = grp.getgrall()[-1]
    for name, gid in ((group.gr_name, group.gr_gid), ("no-such-group", os.getgid())):
        sock = bind(tmp_path / "x.sock", 0o660, name)
        told = (tmp_path / "x.sock").stat()
        assert stat.S_IMODE(told.st_mode) == 0o660
        if os.getuid() == 0 or gid in os.getgroups():
            assert told.st_gid == gid
        sock.close()
    async with serve(make_app(Collector()), tmp_path / "v.sock", Transport.VIEWER_SOCKET):
        assert stat.S_IMODE((tmp_path / "v.sock").stat().st_mode) == 0o666
