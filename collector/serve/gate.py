"""What stands before every handler: who asks, which schema he speaks, and what went wrong."""

import math
from collections import Counter
from difflib import get_close_matches

import structlog
from msgspec import structs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from collector import wire
from collector.config.problems import ConfigError, HomeError, RegistryChanged
from collector.errors import (
    BadClock,
    JournalError,
    NotPossible,
    OvrError,
    PinNeeded,
    PinWaits,
    RecordChanged,
    StoreError,
    UnknownAlarm,
    UnknownRecord,
    WrongPin,
)
from collector.ingest import BadPost, NotNow, UnknownMeter
from collector.model.text import clean
from collector.serve.access import Caller, Transport, who_may
from collector.serve.answers import SCHEMA_HEADER, Refused, answer, refusal
from collector.serve.endpoint import Endpoint
from collector.serve.link import Link
from collector.serve.pace import Pace
from collector.serve.protocol import HEAD_BYTES
from collector.wire import ErrorAnswer, ErrorBody

MAX_MESSAGE = 600
MAX_PATH = 200
"""So much of a path is repeated in an error."""

log = structlog.get_logger("serve")


class Tally:
    """What the API has done since the start."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        """By transport."""
        self.refused: Counter[str] = Counter()
        """By the code of the error."""


class Gate:
    """Lets requests through to `app` whose sender is known, with `caller` in their state."""

    def __init__(self, app: ASGIApp, tally: Tally) -> None:
        self._app = app
        self._tally = tally
        self._pace = Pace()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            raise RuntimeError(f"the local API speaks HTTP only, not {scope['type']}")
        link: Link = scope["state"]["link"]
        self._tally.requests[link.transport.value] += 1
        request = Request(scope, receive)
        try:
            _head_fits(scope)
            if link.transport is not Transport.OPERATOR_SOCKET:
                await self._pace.take(link.peer)
            scope["state"]["caller"] = await link.caller(request.headers.get("authorization"))
            _same_schema(request)
        except Refused as refused:
            self._tally.refused[refused.body.error.code] += 1
            await refusal(refused)(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        except Exception:  # noqa: BLE001, S110  `fault` has told it already
            pass

    async def refused(self, _: Request, error: Exception) -> Response:
        """The answer to what a handler has refused."""
        assert isinstance(error, Refused)  # noqa: S101  registered for this class only
        self._tally.refused[error.body.error.code] += 1
        return refusal(error)

    async def not_done(self, request: Request, error: Exception) -> Response:
        """The answer to what could not be done now, for a reason in words."""
        assert isinstance(error, OvrError)  # noqa: S101  registered for this class only
        return await self.refused(request, _in_words(error))

    async def http_error(self, request: Request, error: Exception) -> Response:
        """The answer to what the router has refused."""
        assert isinstance(error, HTTPException)  # noqa: S101  registered for this class only
        codes = {404: "no_such_path", 405: "wrong_method"}
        code = codes.get(error.status_code, "refused")
        self._tally.refused[code] += 1
        where = clean(f"{request.method} {request.url.path}", MAX_PATH)
        body = ErrorBody(code=code, message=f"{where}: {error.detail}")
        return answer(ErrorAnswer(error=body), error.status_code, error.headers)

    async def fault(self, request: Request, error: Exception) -> Response:
        """The answer to a request that failed by a fault of ours."""
        self._tally.refused["fault"] += 1
        where = clean(request.url.path, MAX_PATH)
        log.error(
            "A request ({path}) has failed by a fault of ours",
            path=where,
            exc_info=error,
        )
        body = ErrorBody(
            code="fault",
            message="the collector failed on this request",
            hint="its log says where; please report it",
        )
        return answer(ErrorAnswer(error=body), 500)


def _in_words(error: OvrError) -> Refused:
    """Status and code of an error that people are told about."""
    if isinstance(error, ConfigError):
        told = tuple(str(problem) for problem in error.problems)
        count = f"{len(told)} problem{'s' if len(told) != 1 else ''}"
        refused = Refused(422, "bad_config", f"{count}: nothing was written", "see details")
        error_body = structs.replace(refused.body.error, details=told)
        refused.body = structs.replace(refused.body, error=error_body)
        return refused
    if isinstance(error, NotNow):
        again = {"retry-after": str(error.after_s)}
        return Refused(503, "not_now", clean(str(error), MAX_MESSAGE), headers=again)
    if isinstance(error, PinWaits):
        again = {"retry-after": str(math.ceil(error.after_s))}
        return Refused(429, "pin_waits", str(error), headers=again)
    for kind, status, code in (
        (BadPost, 400, "bad_post"),
        (UnknownMeter, 404, "no_such_meter"),
        (BadClock, 409, "bad_clock"),
        (PinNeeded, 403, "pin_needed"),
        (WrongPin, 403, "wrong_pin"),
        (UnknownAlarm, 404, "no_such_alarm"),
        (UnknownRecord, 404, "no_such_record"),
        (RecordChanged, 412, "record_changed"),
        (NotPossible, 409, "not_possible"),
        (RegistryChanged, 412, "registry_changed"),
        (StoreError, 503, "not_kept"),
        (JournalError, 503, "not_kept"),
        (HomeError, 503, "not_kept"),
    ):
        if isinstance(error, kind):
            return Refused(status, code, clean(str(error), MAX_MESSAGE))
    return Refused(503, "not_now", clean(str(error), MAX_MESSAGE))


def check_access(endpoint: Endpoint, caller: Caller) -> None:
    """Raises Refused when this endpoint is not for the caller."""
    if (caller.role, caller.transport) not in endpoint.access:
        raise Refused(
            403,
            "not_allowed",
            f"{endpoint.method} {endpoint.path} is for {who_may(endpoint.access)} only; "
            f"this is a {caller.role.value} on {caller.transport.value}",
        )


def check_query(endpoint: Endpoint, request: Request) -> None:
    """Raises Refused for a parameter that the endpoint does not have, or that stands there twice:
    a mistyped one would be answered as if it had not been asked."""
    known = [param.name for param in endpoint.params if param.place == "query"]
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise Refused(
                400,
                "no_such_parameter",
                f"{endpoint.path} has no parameter '{clean(name)}'",
                f"did you mean {near[0]}?" if near else takes,
            )
        if given.count(name) > 1:
            raise Refused(400, "parameter_twice", f"{name} is given twice")


def _head_fits(scope: Scope) -> None:
    """What came in one piece is held to the same limit as what came in many."""
    size = len(scope["raw_path"]) + len(scope["query_string"])
    size += sum(len(name) + len(value) for name, value in scope["headers"])
    if size > HEAD_BYTES:
        raise Refused(
            431, "head_too_large", f"the head of a request takes at most {HEAD_BYTES // 1024} KiB"
        )


def _same_schema(request: Request) -> None:
    told = request.headers.get(SCHEMA_HEADER)
    if told is not None and told.strip() != str(wire.SCHEMA):
        raise Refused(
            400,
            "other_schema",
            f"API versions differ (collector {wire.SCHEMA}, client {clean(told, 20)})",
            "restart the older of the two after an update",
        )
