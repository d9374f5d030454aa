"""Answers as JSON, refusals with a reason, and what stands in every header."""

from collections.abc import Mapping

from starlette.responses import Response

from collector import wire
from collector.wire import ErrorAnswer, ErrorBody

JSON = "application/json"
SCHEMA_HEADER = "ovr-schema"
HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    SCHEMA_HEADER: str(wire.SCHEMA),
}
"""On every answer: the schema number, and that nobody keeps it or takes it for a page."""


class Refused(Exception):
    """A request that cannot be done, with the answer that says why."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        hint: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = ErrorAnswer(error=ErrorBody(code=code, message=message, hint=hint))


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` as JSON that nobody may cache."""
    return encoded(wire.encode(body), status, headers=headers)


def encoded(
    body: bytes, status: int = 200, kind: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """A body that is bytes already."""
    return Response(body, status, media_type=kind, headers={**HEADERS, **(headers or {})})


def refusal(refused: Refused) -> Response:
    """The answer to a refused request."""
    return answer(refused.body, refused.status, refused.headers)
