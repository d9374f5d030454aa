"""Looking for devices over the API."""

import msgspec
from httpx import AsyncClient

from collector import wire
from collector.serve.access import Transport
from tests.discovery.world import desk, free_ports
from tests.modbus.acuvim_map import acuvim_ii
from tests.serve.support import served
from tests.support.modbus import Server
from tests.support.snapshots import HandFeed, site


async def followed(client: AsyncClient) -> wire.DiscoverAnswer:
    """What the newest search has found once it has ended."""
    while True:
        got = await client.get("/v1/discover")
        assert got.status_code == 200
        found = msgspec.json.decode(got.content, type=wire.DiscoverAnswer)
        if found.search.state != "running":
            return found


async def test_a_search(tmp_path) -> None:
    """It begins with 202, is followed by GET, and stands in the audit with who asked for what."""
    ports = free_ports()
    server = Server({1: acuvim_ii("AH1")}, host="127.0.11.1", port=ports.modbus)
    await server.start()
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (Transport.OPERATOR_SOCKET,)) as api:
        feed.discovery = desk(ports)
        async with api.client(Transport.OPERATOR_SOCKET) as client:
            begun = await client.post("/v1/discover", json={"targets": ["127.0.11.0/30"]})
            assert begun.status_code == 202
            assert begun.json()["search"]["state"] == "running"
            done = await followed(client)
            (found,) = done.search.found
            assert (found.serial, found.id) == ("AH1", "meter-1")
            assert found.table["host"] == "127.0.11.1"
            again = await client.post("/v1/discover/cancel")
            assert again.json()["search"]["state"] == "done"
            (line,) = (await client.get("/v1/audit")).json()["entries"]
            assert (line["deed"]["action"], line["deed"]["subject"]) == (
                "discover",
                "127.0.11.0/30",
            )
            assert done.search.person == line["deed"]["person"]
    await server.stop()


async def test_one_at_a_time_and_refusals(tmp_path) -> None:
    """409 while one runs and for what may not be searched; 400 for a body that is none; a running
    one is cancelled."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (Transport.OPERATOR_SOCKET,)) as api:
        feed.discovery = desk(free_ports())
        async with api.client(Transport.OPERATOR_SOCKET) as client:
            for targets in (["8.8.8.0/24"], ["10.0.0.0/8"], ["no host"], []):
                refused = await client.post("/v1/discover", json={"targets": targets})
                assert refused.status_code == 409, targets
                assert refused.json()["error"]["code"] == "not_possible"
            assert (await client.post("/v1/discover", json={"targets": 7})).status_code == 400
            begun = await client.post("/v1/discover", json={"targets": ["127.0.12.0/22"]})
            assert begun.status_code == 202
            second = await client.post("/v1/discover", json={"targets": ["127.0.12.1"]})
            assert "under way" in second.json()["error"]["message"]
            ended = await client.post("/v1/discover/cancel")
            assert ended.json()["search"]["state"] == "cancelled"
