"""Bodies of requests: read within a limit, and decoded with a reason for what is wrong."""

import re
from typing import TypeVar

import msgspec
from starlette.requests import Request

from collector.model.text import clean
from collector.serve.answers import Refused

MAX_BODY = 1_000_000
MAX_POST = 8_000_000
"""Of a meter's records."""
MAX_DEPTH = 16
"""How deep lists and objects may lie within each other."""

T = TypeVar("T")

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")


async def read(request: Request, limit: int = MAX_BODY) -> bytes:
    """The whole body. Raises Refused when it is larger than `limit` bytes."""
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told[:15]) > limit:
        raise _too_large(limit)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


async def decode(request: Request, kind: type[T]) -> T:
    """The body as JSON of this kind. Raises Refused with what is wrong and where."""
    return decoded(await read(request), kind)


def decoded(body: bytes, kind: type[T]) -> T:
    """The same of bytes."""
    deep = Refused(400, "too_deep", f"the body nests deeper than {MAX_DEPTH} levels")
    if too_deep(body):
        raise deep
    try:
        return msgspec.json.decode(body, type=kind)
    except RecursionError:
        raise deep from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused(
            400,
            "bad_body",
            f"the body is not what is expected: {clean(str(error), 300)}",
            "docs/openapi.json describes it",
        ) from error


def too_deep(body: bytes) -> bool:
    """Whether JSON nests deeper than MAX_DEPTH. (What is no JSON is the decoder's business.)"""
    brackets = _STRING.sub(b"", body).translate(_ONE_KIND, _NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return b"[]" in brackets


def _too_large(limit: int) -> Refused:
    return Refused(
        413, "too_large", f"a body takes at most {limit // 1_000_000} MB", "send it in parts"
    )
