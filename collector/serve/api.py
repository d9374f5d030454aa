"""The requests of the local API, over what `Feed` gives.

Answers are the structs of `collector.wire`. A snapshot is encoded once however many readers there
are; a slow reader misses snapshots, gets the newest next, and slows nobody.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from collector import wire
from collector.model.catalogue import KEYS
from collector.model.snapshot import Snapshot
from collector.serve.feed import Feed
from collector.wire import ErrorAnswer, ErrorBody, SnapshotAnswer, StopAnswer

MAX_STREAMS = 32
MAX_POINTS = 10_000

log = structlog.get_logger("serve")


class Refused(Exception):
    """A request that cannot be done, with the answer that says why."""

    def __init__(self, status: int, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body = ErrorAnswer(error=ErrorBody(code=code, message=message, hint=hint))


def answer(body: object, status: int = 200) -> Response:
    """`body` as JSON that nobody may cache."""
    return Response(
        wire.encode(body),
        status,
        media_type="application/json",
        headers={"cache-control": "no-store"},
    )


class Api:
    """The handlers; one instance for one collector."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.streams = 0
        self._encoded: tuple[int, bytes] = (-1, b"")

    def encoded(self, snapshot: Snapshot) -> bytes:
        """The snapshot's JSON, made once."""
        if self._encoded[0] != snapshot.seq:
            self._encoded = (snapshot.seq, wire.encode(SnapshotAnswer(snapshot=snapshot)))
        return self._encoded[1]

    async def snapshot(self, _: Request) -> Response:
        """The newest snapshot."""
        return Response(
            self.encoded(self.feed.snapshot),
            media_type="application/json",
            headers={"cache-control": "no-store"},
        )

    async def stream(self, _: Request) -> Response:
        """Snapshots as server-sent events, each as soon as it exists, newest wins."""
        if self.streams >= MAX_STREAMS:
            raise Refused(
                503,
                "too_many_streams",
                f"{MAX_STREAMS} readers are streaming already",
                "close a console that nobody looks at",
            )
        return StreamingResponse(
            self._events(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    async def _events(self) -> AsyncIterator[bytes]:
        if self.streams >= MAX_STREAMS:  # two requests may pass the first check together
            return
        self.streams += 1
        self.feed.reader(+1)
        try:
            seq = -1
            while (snapshot := await self.feed.newer(seq)) is not None:
                seq = snapshot.seq
                yield b"id: %d\ndata: %b\n\n" % (seq, self.encoded(snapshot))
        finally:
            self.streams -= 1
            self.feed.reader(-1)

    async def history(self, request: Request) -> Response:
        """Recent history of one reading."""
        asset = request.path_params["asset"]
        query = request.query_params
        key = query.get("measurement", "")
        if key not in KEYS:
            raise Refused(
                400,
                "no_such_measurement",
                "measurement: the catalogue has no such key",
                "docs/measurements.md lists them; a phase follows after a dot: voltage_v.L1",
            )
        to_ms = _whole(query.get("to"), "to", self.feed.snapshot.at_ms)
        from_ms = _whole(query.get("from"), "from", to_ms - 900_000)
        step_s = _whole(query.get("step"), "step", 1, least=1)
        points = (to_ms - from_ms) // (step_s * 1000) + 1
        if not 0 < points <= MAX_POINTS:
            raise Refused(
                400,
                "too_many_points",
                f"from, to and step ask for {points} points; 1 to {MAX_POINTS} are possible",
                "ask for a shorter time or a longer step",
            )
        found = self.feed.history(asset, key, from_ms, to_ms, step_s)
        if found is None:
            raise Refused(
                404,
                "no_such_history",
                f"no asset {asset!r} with the reading {key}",
                "GET /v1/snapshot lists assets and their readings",
            )
        return answer(found)

    async def health(self, _: Request) -> Response:
        """How the collector itself is; 503 when it is not well."""
        health = self.feed.health()
        return answer(health, 200 if health.ok else 503)

    async def stop(self, _: Request) -> Response:
        """End the collector in order."""
        self.feed.stop()
        return answer(StopAnswer(), 202)


def _whole(text: str | None, name: str, default: int, least: int = 0) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 15 or int(text) < least:
        raise Refused(400, "bad_number", f"{name}: expected a whole number from {least} up")
    return int(text)


async def _refused(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, Refused)  # noqa: S101  registered for this class only
    return answer(exc.body, exc.status)


async def _http_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)  # noqa: S101  registered for this class only
    codes = {404: "no_such_path", 405: "wrong_method"}
    body = ErrorBody(
        code=codes.get(exc.status_code, "refused"),
        message=f"{request.method} {request.url.path}: {exc.detail}",
    )
    return answer(ErrorAnswer(error=body), exc.status_code)


async def _bug(request: Request, exc: Exception) -> Response:
    log.error("A request failed by a fault of ours.", path=request.url.path, exc_info=exc)
    body = ErrorBody(
        code="fault",
        message="the collector failed on this request",
        hint="its log says where; please report it",
    )
    return answer(ErrorAnswer(error=body), 500)


Handler = Callable[[Request], Awaitable[Response]]


def make_app(feed: Feed) -> Starlette:
    """The ASGI application of the local API."""
    api = Api(feed)
    routes: list[tuple[str, Handler, str]] = [
        ("/v1/snapshot", api.snapshot, "GET"),
        ("/v1/stream", api.stream, "GET"),
        ("/v1/assets/{asset}/history", api.history, "GET"),
        ("/v1/health", api.health, "GET"),
        ("/v1/stop", api.stop, "POST"),
    ]
    return Starlette(
        routes=[Route(path, handler, methods=[method]) for path, handler, method in routes],
        exception_handlers={Refused: _refused, HTTPException: _http_error, Exception: _bug},
    )
