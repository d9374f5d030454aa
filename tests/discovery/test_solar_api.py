"""The Solar API on a small real server: its answers, its traps, and what is none."""

import json

import pytest

from collector.discovery.solar_api import ask_solar_api
from tests.support.http_answers import Reply, Request, answering

VERSION = {"APIVersion": 1, "BaseURL": "/solar_api/v1/", "CompatibilityRange": "1.5-4"}
LOGGER = {
    "Body": {"LoggerInfo": {"ProductID": "fronius-datamanager-card", "SWVersion": "3.14.1-10"}}
}
INVERTERS = {
    "Body": {
        "Data": {
            "1": {"CustomName": "&#80;&#86; &#49;", "DT": 232, "UniqueID": "1234567"},
            "2": {"CustomName": None, "UniqueID": "7654321"},
            "0": {"UniqueID": "hundred"},
            "x": {},
        }
    },
    "Head": {"Status": {"Code": 0}},
}


def api(request: Request) -> Reply:
    """A Datamanager with three inverters."""
    answers = {
        "/solar_api/GetAPIVersion.cgi": VERSION,
        "/solar_api/v1/GetLoggerInfo.cgi": LOGGER,
        "/solar_api/v1/GetInverterInfo.cgi": INVERTERS,
    }
    body = answers.get(request.path)
    return Reply(404) if body is None else Reply(200, json.dumps(body).encode())


async def test_a_datamanager() -> None:
    """Logger, firmware, and each inverter with its unit id; only these three pages are asked."""
    async with answering(api) as web:
        found = await ask_solar_api("127.0.0.1", web.port)
        assert [request.path for request in web.requests] == [
            "/solar_api/GetAPIVersion.cgi",
            "/solar_api/v1/GetLoggerInfo.cgi",
            "/solar_api/v1/GetInverterInfo.cgi",
        ]
    assert found is not None
    assert (found.logger, found.firmware) == ("fronius-datamanager-card", "3.14.1-10")
    assert [tuple(one) for one in found.inverters] == [
        (1, "PV 1", "1234567"), (2, "", "7654321"), (100, "", "hundred"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b"<html>router</html>", b"", b"[]", b"null", b'{"BaseURL": 7}', b"[" * 100_000,
        b'{"BaseURL": "http://10.0.0.1/"}', b'{"BaseURL": "/solar_api/../admin/"}', b"\xff",
    ],
)  # fmt: skip
async def test_what_is_none(body: bytes) -> None:
    """A web server of anything else is asked one page, and not sent elsewhere by what it says."""
    async with answering(lambda _: Reply(200, body)) as web:
        assert await ask_solar_api("127.0.0.1", web.port) is None
        assert len(web.requests) == 1


async def test_a_slow_one_is_given_up() -> None:
    """No answer in time is none."""
    async with answering(lambda _: Reply(hang=True)) as web:
        assert await ask_solar_api("127.0.0.1", web.port, limit_s=0.2) is None
