"""HTTP to receivers elsewhere and to devices: the only module of the collector's inside that knows
httpx."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from msgspec import Struct
from msgspec.structs import replace

from collector.errors import SinkError
from collector.model.text import clean
from collector.tls import verifying, why_refused

TIMEOUT = httpx.Timeout(30.0, connect=5.0, pool=5.0)
WHOLE_S = 90.0
KEEPALIVE_S = 30.0
ANSWER_BYTES = 64 << 10
LOOK_BYTES = 4 << 20
SAID_BYTES = 400
CAUSE_CELLS = 300
LONG_ENOUGH = 6

BEFORE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL)
RESETS = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


class Unreachable(SinkError):
    """No answer: network, TLS or time. The message names the cause.

    `sent`: there was a connection, and some of the request may have gone out.
    """

    sent = False


class Answer(Struct, frozen=True, kw_only=True):
    """What a receiver said. `retried` tells that the first connection broke without an answer,
    `whole` that all of the body is here, `location` where it sends us, `packed` how the body is
    compressed still."""

    status: int
    body: bytes = b""
    kind: str = ""
    retry_after: str = ""
    location: str = ""
    packed: str = ""
    retried: bool = False
    whole: bool = True

    @property
    def text(self) -> str:
        """The beginning of the body, fit to be shown."""
        return clean(self.said)

    @property
    def said(self) -> str:
        """More of it, to look for words in; never shown."""
        return self.body[:SAID_BYTES].decode("utf-8", "replace")

    def retry_after_s(self, now_s: float) -> float | None:
        """Seconds that the receiver asks to wait, from a number or a date; None: nothing asked."""
        try:
            return max(0.0, float(self.retry_after))
        except ValueError:
            pass
        try:
            return max(0.0, parsedate_to_datetime(self.retry_after).timestamp() - now_s)
        except (ValueError, TypeError, OverflowError):
            return None


class Http:
    """Connections to one receiver elsewhere, or to one device. Close it with `aclose` or
    `async with`.

    Certificates are always verified: by `context` (a device's pin), against `ca_pem`, else the
    system's store. `digest` is user and password for servers that ask for Digest. Proxies of the
    environment are not used; redirects are not followed.
    """

    def __init__(
        self,
        ca_pem: str = "",
        *,
        context: ssl.SSLContext | None = None,
        digest: tuple[str, str] | None = None,
    ) -> None:
        self._own_ca = bool(ca_pem)
        self._client = httpx.AsyncClient(
            verify=context or verifying(ca_pem),
            auth=httpx.DigestAuth(*digest) if digest else None,
            timeout=TIMEOUT,
            limits=httpx.Limits(keepalive_expiry=KEEPALIVE_S),
            headers={"User-Agent": "ovr-tele"},
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def post(
        self,
        url: str,
        body: bytes,
        headers: dict[str, str],
        *,
        limit: int = ANSWER_BYTES,
        connect: bool = True,
    ) -> Answer:
        """Post once; a connection that breaks without an answer is tried once more at once.

        Idle connections are closed by receivers, so the first break says little. Without `connect`
        it goes over a connection that is open already, or raises Cold. The login is taken out of
        what the receiver says (vmauth repeats a wrong one); at most `limit` bytes of that are read.
        Raises Unreachable.
        """
        extensions = None if connect else WARM_ONLY
        retried = False
        try:
            answer = await self._ask("POST", url, headers, body, limit, extensions=extensions)
        except _Reset:
            retried = True
            answer = await self._ask("POST", url, headers, body, limit, extensions=extensions)
        said = _without_login(answer.body, headers.get("Authorization", ""))
        return replace(answer, body=said, retried=retried)

    async def get(self, url: str, headers: dict[str, str]) -> Answer:
        """The beginning (4 MiB) of what is there. Raises Unreachable."""
        try:
            return await self._ask("GET", url, headers, None, LOOK_BYTES)
        except _Reset:
            return await self._ask("GET", url, headers, None, LOOK_BYTES)

    async def read(
        self, url: str, headers: dict[str, str], *, limit: int, within_s: float
    ) -> Answer:
        """What is there, as it was sent, within `within_s` seconds. At most `limit` bytes are
        taken (`whole` tells whether that is all), and nothing is unpacked: a small answer cannot
        become a large one. Raises Unreachable."""
        plain = {"Accept-Encoding": "identity", **headers}
        try:
            return await self._ask("GET", url, plain, None, limit, within_s - WHOLE_S)
        except _Reset:
            return await self._ask("GET", url, plain, None, limit, within_s - WHOLE_S)

    async def head(self, url: str, headers: dict[str, str]) -> Answer:
        """The status of what is there. Raises Unreachable."""
        try:
            return await self._ask("HEAD", url, headers, None, 0)
        except _Reset:
            return await self._ask("HEAD", url, headers, None, 0)

    async def put(
        self,
        url: str,
        body: bytes | AsyncIterator[bytes],
        headers: dict[str, str],
        *,
        more_s: float = 0.0,
    ) -> Answer:
        """Put once; all of it may take `more_s` seconds longer than a small request.

        An iterator wants a Content-Length among `headers`. The login is taken out of what the
        receiver says. Raises Unreachable, and what the iterator raises.
        """
        answer = await self._ask("PUT", url, headers, body, ANSWER_BYTES, more_s)
        return replace(answer, body=_without_login(answer.body, headers.get("Authorization", "")))

    async def _ask(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | AsyncIterator[bytes] | None,
        limit: int,
        more_s: float = 0.0,
        extensions: dict[str, Any] | None = None,
    ) -> Answer:
        try:
            async with (
                asyncio.timeout(WHOLE_S + more_s),
                self._client.stream(
                    method, url, content=body, headers=headers, extensions=extensions
                ) as response,
            ):
                body, whole = await _start(response, limit)
                said = response.headers
                return Answer(
                    status=response.status_code,
                    body=body,
                    kind=said.get("content-type", ""),
                    retry_after=said.get("retry-after", ""),
                    location=said.get("location", ""),
                    packed=said.get("content-encoding", ""),
                    whole=whole,
                )
        except RESETS as error:
            raise _Reset(self._explain(url, error)) from error
        except httpx.LocalProtocolError as error:
            raise Unreachable(
                f"{place(url)}: the token, user or password holds characters that HTTP forbids"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            unreachable = Unreachable(self._explain(url, error))
            unreachable.sent = not isinstance(error, BEFORE)
            raise unreachable from error

    def _explain(self, url: str, error: Exception) -> str:
        if isinstance(error, httpx.ConnectTimeout):
            why = "nobody answers; check address and network"
        elif isinstance(error, (httpx.TimeoutException, TimeoutError)):
            why = "no answer in time"
        elif isinstance(error, httpx.RemoteProtocolError) and url.startswith("http:"):
            why = f"{str(error).rstrip('.')}; if that lasts: is it https, or another port?"
        else:
            why = why_refused(error, own_ca=self._own_ca) or str(error) or type(error).__name__
        return f"{place(url)}: {clean(why, CAUSE_CELLS)}"


class Cold(Unreachable):
    """No connection is open; nothing was sent."""


async def _only_warm(event: str, info: dict[str, Any]) -> None:
    if event == "connection.connect_tcp.started":
        raise Cold("no connection is open")


WARM_ONLY = {"trace": _only_warm}


class _Reset(Unreachable):
    """The connection broke before an answer."""

    sent = True


def _without_login(said: bytes, authorization: str) -> bytes:
    """`said` without the login that was sent; short ones are taken out with their kind only, as
    they may be parts of any word."""
    kind, _, login = authorization.partition(" ")
    parts = [login.encode()]
    if kind == "Basic":
        parts.append(base64.b64decode(login).partition(b":")[2])
    for secret in (authorization.encode(), *(part for part in parts if len(part) >= LONG_ENOUGH)):
        said = said.replace(secret, b"***") if secret else said
    return said


async def _start(response: httpx.Response, limit: int) -> tuple[bytes, bool]:
    """The first `limit` bytes of the body, and whether there are no more. What was asked for
    unpacked is not unpacked here."""
    plain = response.request.headers.get("accept-encoding") == "identity"
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_raw() if plain else response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > limit:
            break
    return b"".join(parts)[:limit], size <= limit


def place(url: str) -> str:
    """Host and port of `url`, without anything secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}"
