"""Is it a Fronius? Its Solar API answers without a login: its version, its logger, its inverters.

Endpoints and their traps: Fronius Solar API v1 (GetAPIVersion, GetLoggerInfo, GetInverterInfo);
status 200 also stands on errors, the head of the answer says which.
"""

import asyncio
import html
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from collector.model.text import clean
from collector.net.http import Http, Unreachable

VERSION = "/solar_api/GetAPIVersion.cgi"
LOGGER = "GetLoggerInfo.cgi"
INVERTERS = "GetInverterInfo.cgi"
LIMIT_S = 10.0
"""A Datamanager may take five seconds."""
MAX_INVERTERS = 32


class Inverter(NamedTuple):
    """One inverter as the API names it. `number` is its id, which is its Modbus unit id too (0 of
    the API is unit 100)."""

    number: int
    name: str
    serial: str


class SolarApi(NamedTuple):
    """Who answers. `logger` is the model of the Datamanager, "" for those that have none."""

    logger: str
    firmware: str
    inverters: tuple[Inverter, ...]


async def ask_solar_api(host: str, port: int, *, limit_s: float = LIMIT_S) -> SolarApi | None:
    """The Fronius at this address; None when none answers with a Solar API."""
    root = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    async with Http() as http:
        version = await _get(http, root + VERSION, limit_s)
        base = version.get("BaseURL")
        if not isinstance(base, str) or not base.startswith("/solar_api/") or ".." in base:
            return None
        base = root + base.rstrip("/") + "/"
        logger = _within(await _get(http, base + LOGGER, limit_s), "Body", "LoggerInfo")
        inverters = _within(await _get(http, base + INVERTERS, limit_s), "Body", "Data")
    return SolarApi(
        logger=_text(logger.get("ProductID")),
        firmware=_text(logger.get("SWVersion")),
        inverters=tuple(_inverters(inverters)),
    )


async def _get(http: Http, url: str, limit_s: float) -> Mapping[str, Any]:
    """The object there; an empty one when nothing of use came."""
    try:
        async with asyncio.timeout(limit_s):
            answer = await http.get(url, {})
        found = msgspec.json.decode(answer.body) if answer.status == 200 else {}
    except (Unreachable, TimeoutError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _within(found: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for key in path:
        part = found.get(key)
        found = part if isinstance(part, dict) else {}
    return found


def _inverters(data: Mapping[str, Any]) -> list[Inverter]:
    found = []
    for key, told in list(data.items())[:MAX_INVERTERS]:
        if key.isdecimal() and len(key) <= 3 and isinstance(told, dict):
            number = int(key) or 100
            name = _text(told.get("CustomName"))
            found.append(Inverter(number, name, _text(told.get("UniqueID"))))
    return found


def _text(value: object) -> str:
    """Names come with each letter as an HTML entity."""
    return clean(html.unescape(value)) if isinstance(value, str) else ""
