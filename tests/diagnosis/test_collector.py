"""*Test connection* through a running collector: what it reads is not disturbed."""

from typing import Any

import httpx

from collector.config.paths import Home
from tests.modbus.acuvim_map import acuvim_ii
from tests.support.nodes import make_home, running
from tests.support.ports import free_port


def client(home: Home) -> httpx.AsyncClient:
    """An operator on the node."""
    transport = httpx.AsyncHTTPTransport(uds=str(home.operator_socket))
    return httpx.AsyncClient(transport=transport, base_url="http://ovr", timeout=30)


async def asked(client: httpx.AsyncClient, device: object, **more: Any) -> httpx.Response:
    """Ask for a test."""
    return await client.post("/v1/registry/test", json={"device": device, **more})


def states(answer: httpx.Response) -> dict[str, str]:
    """The state of each step."""
    assert answer.status_code == 200, answer.text
    return {step["name"]: step["state"] for step in answer.json()["diagnosis"]["steps"]}


def meter(port: int, **more: object) -> dict[str, object]:
    """A `[[device]]` table."""
    return {"id": "stage-a", "kind": "acuvim", "host": "127.0.0.1", "port": port, **more}


async def test_a_device_that_is_read(tmp_path, modbus) -> None:
    """Its source tells how it is, without a second connection; forced, it is tried beside it over
    the same connection, and misses nothing. Another entry for its address is refused as such."""
    server = await modbus({1: acuvim_ii("AH1")})
    home = make_home(tmp_path, [meter(server.port)])
    async with running(home) as node, client(home) as ask:
        await node.until(lambda: node.asset("stage-a").status == "live")
        connects = server.connects
        told = await asked(ask, "stage-a")
        assert told.json()["diagnosis"]["way"] == "collector"
        assert told.json()["diagnosis"]["serial"] == "AH1"
        assert set(states(told).values()) <= {"ok", "skipped"}
        forced = await asked(ask, "stage-a", force=True)
        assert forced.json()["diagnosis"]["way"] == "test"
        assert states(forced)["identity"] == "ok"
        assert server.connects == connects + 1, "the knock, and nothing else"
        assert node.asset("stage-a").status == "live"
        twice = await asked(ask, meter(server.port, id="stage-b"))
        assert states(twice)["identity"] == "failed"
        assert "stage-a" in twice.text
        lines = (await ask.get("/v1/audit")).json()["entries"]
        assert [line["deed"]["action"] for line in lines] == ["test device"] * 3


async def test_a_table_that_is_not_saved(tmp_path, modbus) -> None:
    """It is tried as it stands; the registry, the pins and the assets stay as they are."""
    server = await modbus({1: acuvim_ii("AH1")})
    home = make_home(tmp_path, [meter(free_port(), serial="AH1", enabled=False)])
    async with running(home) as node, client(home) as ask:
        known = await asked(ask, meter(server.port, id="new-1"))
        assert "stage-a" in known.text, "its serial is that of an entry"
        found = await asked(ask, meter(server.port))
        assert found.json()["diagnosis"]["ok"]
        await node.until(lambda: node.snapshot.seq > 0)
        assert [asset.id for asset in node.snapshot.assets] == ["stage-a"]
        assert (await ask.get("/v1/registry")).json()["registry"]["device"][0]["enabled"] is False


async def test_what_is_refused(tmp_path) -> None:
    """An id that is nobody's, a table that is none, a password in it."""
    home = make_home(tmp_path, [meter(502, enabled=False)])
    async with running(home), client(home) as ask:
        unknown = await asked(ask, "stage-q")
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "no_such_device")
        assert "stage-a" in unknown.json()["error"]["hint"]
        bad = await asked(ask, {"id": "x", "kind": "gyx", "host": "10.0.0.1"})
        assert bad.status_code == 422
        assert "did you mean gx?" in bad.text
        plain = await asked(ask, {"id": "x", "kind": "gx", "host": "h", "password": "secret"})
        assert plain.status_code == 422
        assert "secret does not stand" in plain.text
        closed = await asked(
            ask, {"id": "x", "kind": "gx", "host": "127.0.0.1", "port": free_port()}, password="p"
        )
        assert states(closed)["port"] == "failed"
