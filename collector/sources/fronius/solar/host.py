"""One HTTP server with a Solar API: one request at a time, whatever devices stand behind it.

An answer is good when its head says code 0; the HTTP status is 200 in any case. Some take seconds
to answer, more so when asked for several things at once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

import msgspec

from collector.errors import NotConnected, SourceError
from collector.model.text import clean
from collector.net.http import Answer, Http, Unreachable

LIMIT_S = 15.0
"""Datamanagers have needed 5 s, and clients that gave them 5 s failed every day."""
LEAST_LIMIT_S = 10.0
VERSION = "/solar_api/GetAPIVersion.cgi"
BASE = "/solar_api/v1/"
ON_AT = (
    "its Solar API is off or not there: it is switched on at Communication → Solar API (GEN24 and "
    "its kin)"
)

_MEANING: Mapping[int, str] = MappingProxyType({
    1: "is not implemented", 2: "is not initialised", 3: "is initialised, but does not run",
    4: "is running", 5: "ran out of time", 6: "got a wrong argument (is the unit right?)",
    7: "got an error from the device", 8: "got no answer from the device in time",
    9: "could not read the device's answer", 10: "has an error of its configuration",
    11: "is not supported", 12: "says that the device is not available",
    13: "got an unknown error", 255: "got an unknown error",
})  # fmt: skip
AWAY = (8, 12)
"""Codes by which a Datamanager says that it does not reach the inverter."""
_AGAIN = (7, 8, 9)
"""Codes that are worth a second try."""
_NEVER = (1, 6, 11)
NO_REQUEST = 404
MOST_CLAIMS = 500
"""More meters than this no host has."""


class NoApi(NotConnected):
    """Nobody answers there, or not as a Solar API."""

    reason = "no solar api"


class ApiError(SourceError):
    """A request that was answered with a code other than 0."""

    reason = "solar api"

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code

    @property
    def away(self) -> bool:
        """Whether the API runs and does not reach the device."""
        return self.code in AWAY

    @property
    def lasting(self) -> bool:
        """Whether the same request would be refused tomorrow too."""
        return self.code in _NEVER or self.code == NO_REQUEST


class SolarHost:
    """One server. Made by `SolarHosts`."""

    def __init__(self, host: str, port: int, http: Callable[[], Http]) -> None:
        name = f"[{host}]" if ":" in host else host
        self.where = f"http://{name}:{port}"
        self._http = http
        self._line = asyncio.Lock()
        self._claims: dict[str, str] = {}

    async def version(self, limit_s: float = LIMIT_S) -> None:
        """Find out whether there is a Solar API that is read here. Raises NoApi."""
        answer = await self._get(VERSION, limit_s)
        told = _document(answer.body) if answer.status == 200 else None
        if told is None:
            raise NoApi(f"{self.where} answers HTTP {answer.status}: {ON_AT}.")
        if told.get("APIVersion") != 1:
            raise NoApi(
                f"{self.where} has a Solar API of version {clean(str(told.get('APIVersion')))}, "
                "and only version 1 is read."
            )

    async def get(self, request: str, limit_s: float = LIMIT_S) -> Mapping[str, Any]:
        """The data of a request such as `GetMeterRealtimeData.cgi?Scope=System`. Raises NoApi,
        ApiError."""
        try:
            return await self._data(request, limit_s)
        except ApiError as error:
            if error.code not in _AGAIN:
                raise
        return await self._data(request, limit_s)

    def claim(self, thing: str, owner: str) -> bool:
        """Whether `owner` (a device id) reads `thing`, from now on if nobody did."""
        if thing not in self._claims and len(self._claims) >= MOST_CLAIMS:
            return False
        return self._claims.setdefault(thing, owner) == owner

    def release(self, owner: str) -> None:
        """`owner` reads nothing any more."""
        self._claims = {thing: who for thing, who in self._claims.items() if who != owner}

    async def _data(self, request: str, limit_s: float) -> Mapping[str, Any]:
        answer = await self._get(BASE + request, limit_s)
        name = request.partition(".")[0]
        if answer.status == NO_REQUEST:
            raise ApiError(f"{self.where}: there is no {name}.", NO_REQUEST)
        told = _document(answer.body) if answer.status == 200 else None
        if told is None:
            raise NoApi(f"{self.where} answers {name} with HTTP {answer.status} and no JSON.")
        code = _code(told)
        if code:
            meaning = _MEANING.get(code, "was answered")
            raise ApiError(f"{self.where}: {name} {meaning} (code {code}).", code)
        body = told.get("Body")
        data = body.get("Data") if isinstance(body, dict) else None
        return data if isinstance(data, dict) else {}

    async def _get(self, path: str, limit_s: float) -> Answer:
        async with self._line:
            try:
                async with asyncio.timeout(limit_s):
                    return await self._http().get(self.where + path, {})
            except Unreachable as error:
                raise NoApi(f"{error}.") from error
            except TimeoutError:
                raise NoApi(f"{self.where} gave no answer within {limit_s:g} s.") from None


class SolarHosts:
    """All Solar APIs in use, by host and port. One for the whole collector."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], SolarHost] = {}
        self._users: dict[tuple[str, int], int] = {}
        self._http: Http | None = None

    @asynccontextmanager
    async def use(self, host: str, port: int) -> AsyncIterator[SolarHost]:
        """The server at an address, shared with its other users. The last user of all closes every
        connection."""
        key = (host.lower(), port)
        if key not in self._open:
            self._open[key] = SolarHost(host, port, self._client)
        self._users[key] = self._users.get(key, 0) + 1
        try:
            yield self._open[key]
        finally:
            self._users[key] -= 1
            if not self._users[key]:
                del self._users[key], self._open[key]
            if not self._users and self._http is not None:
                http, self._http = self._http, None
                await http.aclose()

    def _client(self) -> Http:
        if self._http is None:
            self._http = Http()
        return self._http


def _document(body: bytes) -> dict[str, Any] | None:
    """A JSON object; None for anything else."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _code(told: Mapping[str, Any]) -> int:
    """`Head.Status.Code`; one that is missing or no number is the unknown error."""
    head = told.get("Head")
    status = head.get("Status") if isinstance(head, dict) else None
    code = status.get("Code") if isinstance(status, dict) else None
    return code if type(code) is int else 255
