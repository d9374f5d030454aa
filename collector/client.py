"""The client of the local API: what consoles and scripts use to talk to the node's collector."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import httpx
import msgspec
from msgspec import UNSET, Struct

from collector.errors import ApiError
from collector.model.snapshot import AssetView, Snapshot
from collector.wire import (
    SCHEMA,
    ErrorAnswer,
    HealthAnswer,
    HistoryAnswer,
    SnapshotAnswer,
    StopAnswer,
)

ANSWER_S = 5.0
"""How long an answer, or the next snapshot of a stream, may take."""

MAX_EVENT_BYTES = 64 * 1024 * 1024
"""A longer server-sent event is no snapshot of ours."""

NONE_RUNS = "no collector runs"
"""How the cause begins where nobody listens on the socket."""

SLICE = 25
"""How many assets of a streamed snapshot are decoded at a stretch: about half a millisecond."""


class _Numbered(Protocol):
    @property
    def schema(self) -> int: ...


Answer = TypeVar("Answer", bound=_Numbered)


class _Envelope(msgspec.Struct):
    schema: int


_Shell = msgspec.defstruct(
    "_Shell",
    [
        (field.name, tuple[msgspec.Raw, ...] if field.name == "assets" else field.type)
        for field in msgspec.structs.fields(Snapshot)
    ],
)
"""A snapshot whose assets are not decoded yet."""

_decode_shell: Callable[[bytes], Any] = msgspec.json.Decoder(
    msgspec.defstruct("_ShellAnswer", [("schema", int), ("snapshot", _Shell)])
).decode
_decode_asset = msgspec.json.Decoder(AssetView).decode


def decode(body: bytes, kind: type[Answer]) -> Answer:
    """`body` as an answer of `kind`. Raises ApiError for another schema number or no such JSON."""
    try:
        answer = msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as exc:
        number = _schema_of(body)
        if number not in (SCHEMA, None):
            raise ApiError(_other_schema(number)) from exc
        raise ApiError(
            f"the collector's answer cannot be read ({exc}): is it another version?"
        ) from (exc)
    if answer.schema != SCHEMA:
        raise ApiError(_other_schema(answer.schema))
    return answer


async def decode_gently(body: bytes) -> Snapshot:
    """`body` as a snapshot, like `decode`; other tasks have their turn every SLICE assets."""
    try:
        answer = _decode_shell(body)
        if answer.schema != SCHEMA:
            raise ApiError(_other_schema(answer.schema))
        shell = msgspec.structs.asdict(answer.snapshot)
        raw: tuple[msgspec.Raw, ...] = shell.pop("assets")
        views: list[AssetView] = []
        for start in range(0, len(raw), SLICE):
            await asyncio.sleep(0)
            views.extend(map(_decode_asset, raw[start : start + SLICE]))
    except msgspec.MsgspecError:
        return decode(body, SnapshotAnswer).snapshot  # which says what is wrong with it
    return Snapshot(assets=tuple(views), **shell)


def _schema_of(body: bytes) -> int | None:
    try:
        return msgspec.json.decode(body, type=_Envelope).schema
    except msgspec.MsgspecError:
        return None


def _other_schema(number: int | None) -> str:
    return f"API versions differ (collector {number}, this program {SCHEMA}): restart the older one"


class Client:
    """One reader of the collector that listens on the Unix socket `socket`.

    Every method raises ApiError, with what to do, when the collector does not answer as it
    should. Used as a context manager, or ended with `aclose`.
    """

    def __init__(self, socket: Path, *, answer_s: float = ANSWER_S) -> None:
        self.socket = socket
        self._answer_s = answer_s
        self._http = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(socket)),
            base_url="http://collector",
            timeout=httpx.Timeout(answer_s),
            headers={"ovr-schema": str(SCHEMA)},
            trust_env=False,
        )

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        return (await self._ask("GET", "/v1/snapshot", SnapshotAnswer)).snapshot

    async def stream(self) -> AsyncGenerator[Snapshot, None]:
        """Each snapshot as it comes; who is slow misses some and gets the newest.

        Ends when the collector ends in order. Raises ApiError when it falls silent for longer
        than `answer_s`. Close the iterator (`aclose`) when leaving it early.
        """
        async with self._plainly(), self._http.stream("GET", "/v1/stream") as response:
            if response.status_code != httpx.codes.OK:
                raise _refusal(response.status_code, await response.aread())
            pending = bytearray()
            async for chunk in response.aiter_raw():
                looked = max(0, len(pending) - 1)
                pending += chunk
                if (end := pending.rfind(b"\n\n", looked)) >= 0:
                    start = pending.rfind(b"\n\n", 0, end) + 1
                    event = bytes(pending[start:end])
                    del pending[: end + 2]
                    if data := _data_of(event):
                        yield await decode_gently(data)
                elif len(pending) > MAX_EVENT_BYTES:
                    raise ApiError("the collector's stream sends no end of a snapshot")

    async def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int = 1
    ) -> HistoryAnswer:
        """Recent values of one reading, UTC ms rising, one for each step; None is a gap."""
        query: dict[str, str | int] = {
            "measurement": key,
            "from": from_ms,
            "to": to_ms,
            "step": step_s,
        }
        path = f"/v1/assets/{quote(asset, safe='')}/history"
        return await self._ask("GET", path, HistoryAnswer, query)

    async def health(self) -> HealthAnswer:
        """How the collector is, well or not."""
        async with self._plainly():
            response = await self._http.get("/v1/health")
        if response.status_code not in (httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE):
            raise _refusal(response.status_code, response.content)
        return decode(response.content, HealthAnswer)

    async def stop(self) -> None:
        """Ask the collector to end in order; returns once it has begun."""
        await self._ask("POST", "/v1/stop", StopAnswer)

    async def get(self, path: str, kind: type[Answer], **query: str | int | None) -> Answer:
        """What is at `path`; parameters that are None are left out."""
        known = {name.rstrip("_"): value for name, value in query.items() if value is not None}
        return await self._ask("GET", path, kind, known)

    async def content(self, path: str, **query: str | int | None) -> bytes:
        """The bytes of what is no answer in JSON: a file of a report, a template."""
        known = {name.rstrip("_"): value for name, value in query.items() if value is not None}
        async with self._plainly():
            response = await self._http.get(path, params=known)
        if not response.is_success:
            raise _refusal(response.status_code, response.content)
        return response.content

    async def chunks(self, path: str, **query: str | int | None) -> AsyncGenerator[bytes, None]:
        """The file at `path`, piece by piece. Close the iterator when leaving it early."""
        known = {name: value for name, value in query.items() if value is not None}
        async with self._plainly(), self._http.stream("GET", path, params=known) as response:
            if not response.is_success:
                raise _refusal(response.status_code, await response.aread())
            async for chunk in response.aiter_raw():
                yield chunk

    async def post(
        self,
        path: str,
        kind: type[Answer],
        body: Struct | None = None,
        *,
        answer_s: float | None = None,
    ) -> Answer:
        """Have something done; `body` is one of `collector.wire`'s requests. `answer_s`: what takes
        longer than other answers may."""
        return await self._ask("POST", path, kind, body=body, answer_s=answer_s)

    async def send(
        self,
        path: str,
        kind: type[Answer],
        content: bytes,
        media: str,
        *,
        etag: str | None = None,
        **query: str | int | None,
    ) -> Answer:
        """Bring content that is no body of ours, if what is there still is what `etag` names."""
        known = {name: value for name, value in query.items() if value is not None}
        return await self._ask("POST", path, kind, known, content=content, media=media, etag=etag)

    async def patch(self, path: str, kind: type[Answer], body: Struct) -> Answer:
        """Change what is at `path`."""
        return await self._ask("PATCH", path, kind, body=body)

    async def put(
        self, path: str, kind: type[Answer], body: Struct, *, etag: str | None = None
    ) -> Answer:
        """Replace what is at `path`, if it still is what `etag` names."""
        return await self._ask("PUT", path, kind, body=body, etag=etag)

    async def _ask(
        self,
        method: str,
        path: str,
        kind: type[Answer],
        query: dict[str, str | int] | None = None,
        body: Struct | None = None,
        etag: str | None = None,
        content: bytes | None = None,
        media: str = "application/json",
        answer_s: float | None = None,
    ) -> Answer:
        if body is not None:
            content = msgspec.json.encode(body)
        headers = {} if content is None else {"content-type": media}
        if etag is not None:
            headers["if-match"] = etag
        limit_s = self._answer_s if answer_s is None else answer_s
        async with self._plainly(limit_s):
            response = await self._http.request(
                method, path, params=query, content=content, headers=headers, timeout=limit_s
            )
        if not response.is_success:
            raise _refusal(response.status_code, response.content)
        return decode(response.content, kind)

    @asynccontextmanager
    async def _plainly(self, limit_s: float | None = None) -> AsyncIterator[None]:
        """Turn what the transport raises into words."""
        try:
            yield
        except httpx.ConnectError as exc:
            raise ApiError(self._not_reached(exc)) from exc
        except httpx.TimeoutException as exc:
            raise ApiError(
                f"the collector has said nothing for {limit_s or self._answer_s:.0f} s on "
                f"{self.socket}"
            ) from exc
        except (httpx.RemoteProtocolError, httpx.ReadError) as exc:
            raise ApiError(
                "the collector broke the connection off: it was ended, or it crashed"
            ) from exc
        except httpx.HTTPError as exc:
            raise ApiError(
                f"the collector broke the connection off ({exc or 'no reason'})"
            ) from exc

    def _not_reached(self, exc: BaseException) -> str:
        cause: BaseException | None = exc
        while cause is not None and not isinstance(cause, OSError):
            cause = cause.__cause__ or cause.__context__
        if isinstance(cause, PermissionError):
            return f"{self.socket} may not be opened by this user: join the group that owns it"
        if isinstance(cause, (FileNotFoundError, ConnectionRefusedError)):
            return f"{NONE_RUNS}: nobody listens on {self.socket}"
        return f"{self.socket} cannot be reached ({cause or exc})"


def _data_of(event: bytes) -> bytes:
    lines = event.split(b"\n")
    return b"\n".join(line[5:].strip() for line in lines if line.startswith(b"data:"))


def _refusal(status: int, body: bytes) -> ApiError:
    try:
        answer = msgspec.json.decode(body, type=ErrorAnswer)
    except msgspec.MsgspecError:
        number = _schema_of(body)
        if number not in (SCHEMA, None):
            return ApiError(_other_schema(number))
        return ApiError(f"the collector answered with status {status} and no reason")
    if answer.schema != SCHEMA:
        return ApiError(_other_schema(answer.schema))
    error = answer.error
    hint = f" ({error.hint})" if error.hint else ""
    details = () if error.details is UNSET else error.details
    message = "\n".join([f"the collector refused: {error.message}{hint}", *details])
    return ApiError(message, error.code)
