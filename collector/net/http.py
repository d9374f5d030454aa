"""HTTP to receivers elsewhere: the only module of sinks and outbox that knows httpx."""

import asyncio
import ssl
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx
from msgspec import Struct

from collector.errors import SinkError
from collector.model.text import clean

TIMEOUT = httpx.Timeout(30.0, connect=5.0, pool=5.0)
WHOLE_S = 90.0
KEEPALIVE_S = 30.0
ANSWER_BYTES = 64 << 10
LOOK_BYTES = 4 << 20

SLOW = (httpx.ReadTimeout, httpx.WriteTimeout, TimeoutError)
RESETS = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


class Unreachable(SinkError):
    """No answer: network, TLS or time. The message names the cause.

    `slow`: there is a connection, but the request did not get through in time.
    """

    slow = False


class Answer(Struct, frozen=True, kw_only=True):
    """What a receiver said. `retried` tells that the first connection broke without an answer."""

    status: int
    body: bytes = b""
    kind: str = ""
    retry_after: str = ""
    retried: bool = False

    @property
    def text(self) -> str:
        """The beginning of the body, fit to be shown."""
        return clean(self.body[:400].decode("utf-8", "replace"))

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
    """Connections to receivers, shared by all who send. Close it with `aclose` or `async with`.

    Certificates are verified against the system's store (`SSL_CERT_FILE` adds an own one).
    Environment proxies are not used; redirects are not followed.
    """

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(
            verify=ssl.create_default_context(),
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

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Post once; a connection that breaks without an answer is tried once more at once.

        Idle connections are closed by receivers, so the first break says little. Raises
        Unreachable.
        """
        try:
            return await self._ask("POST", url, headers, body, ANSWER_BYTES)
        except _Reset:
            answer = await self._ask("POST", url, headers, body, ANSWER_BYTES)
            return Answer(
                status=answer.status,
                body=answer.body,
                kind=answer.kind,
                retry_after=answer.retry_after,
                retried=True,
            )

    async def get(self, url: str, headers: dict[str, str]) -> Answer:
        """The beginning (4 MiB) of what is there. Raises Unreachable."""
        try:
            return await self._ask("GET", url, headers, None, LOOK_BYTES)
        except _Reset:
            return await self._ask("GET", url, headers, None, LOOK_BYTES)

    async def _ask(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, limit: int
    ) -> Answer:
        try:
            async with (
                asyncio.timeout(WHOLE_S),
                self._client.stream(method, url, content=body, headers=headers) as response,
            ):
                return Answer(
                    status=response.status_code,
                    body=await _start(response, limit),
                    kind=response.headers.get("content-type", ""),
                    retry_after=response.headers.get("retry-after", ""),
                )
        except RESETS as error:
            raise _Reset(_explain(url, error)) from error
        except httpx.LocalProtocolError as error:
            raise Unreachable(
                f"{place(url)}: the token, user or password holds characters that HTTP forbids"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            unreachable = Unreachable(_explain(url, error))
            unreachable.slow = isinstance(error, SLOW)
            raise unreachable from error


class _Reset(Unreachable):
    """The connection broke before an answer."""


async def _start(response: httpx.Response, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size >= limit:
            break
    return b"".join(parts)[:limit]


def _explain(url: str, error: Exception) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        why = "nobody answers; check address and network"
    elif isinstance(error, (httpx.TimeoutException, TimeoutError)):
        why = "no answer in time"
    elif "CERTIFICATE_VERIFY_FAILED" in str(error):
        why = (
            f"its certificate is not trusted ({clean(str(error))}); check the URL's name and the CA"
        )
    else:
        why = clean(str(error)) or type(error).__name__
    return f"{place(url)}: {why}"


def place(url: str) -> str:
    """Host and port of `url`, without anything secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}"
