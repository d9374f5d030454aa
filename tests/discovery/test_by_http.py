"""Devices that are read over HTTP by profile."""

import json
from pathlib import Path

import pytest

from collector.config.load import check_registry
from collector.discovery.by_http import ask_http
from collector.discovery.propose import proposed
from collector.discovery.search import shelved
from collector.model.kinds import AssetKind, DeviceKind
from tests.config.homes import make_home
from tests.profiles.golden_device import cases
from tests.support.http_answers import Reply, Request, answering
from tests.support.ports import free_port

PROFILES = shelved(Path("/nonexistent"))


def pages(documents: dict[str, object]):
    """A server of these documents."""

    def script(request: Request) -> Reply:
        known = documents.get(request.path)
        return Reply(404) if known is None else Reply(200, json.dumps(known).encode())

    return script


async def test_a_shelly_is_found(tmp_path: Path) -> None:
    """By the one page that its profile's fingerprint names; with serial, model and firmware."""
    case = json.loads(cases(".json")[0].read_text())
    async with answering(pages(case["documents"])) as web:
        (found,) = await ask_http("127.0.0.1", web.port, PROFILES)
        assert {request.path for request in web.requests} == {"/shelly"}
        assert {request.method for request in web.requests} == {"GET"}
    assert (found.kind, found.profile) == (DeviceKind.HTTP, "shelly-pro-3em")
    assert (found.serial, found.firmware) == ("34987A46BC6C", "1.7.1")
    assert found.asset_kind is AssetKind.GRID
    assert proposed(found, set()).table == {
        "id": "grid-1", "kind": "http", "host": "127.0.0.1", "port": web.port,
        "profile": "shelly-pro-3em", "serial": "34987A46BC6C", "asset_kind": "grid",
        "name": "SPEM-003CEBEU BC6C",
    }  # fmt: skip
    table = dict(proposed(found, set()).table)
    assert check_registry(make_home(tmp_path), {}, {"device": [table]}).devices[0].profile


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"{}", b'{"app": null}', b'{"app": "Plug"}', b"[" * 70_000, b"\xff"]
)
async def test_what_is_none(body: bytes) -> None:
    """A router, another device of the maker, hostile answers."""
    async with answering(lambda _: Reply(200, body)) as web:
        assert await ask_http("127.0.0.1", web.port, PROFILES) == []
    async with answering(lambda _: Reply(hang=True)) as web:
        assert await ask_http("127.0.0.1", web.port, PROFILES, limit_s=0.2) == []
    assert await ask_http("127.0.0.1", free_port(), PROFILES) == []
