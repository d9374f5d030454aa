"""The cloud API as a node uses it: docs/cloud-api.md in code."""

import asyncio
import gzip
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

import msgspec

from collector.config.services import CloudSettings
from collector.errors import OvrError
from collector.model.cloud import (
    BLOBS_PATH,
    RECORDS_PATH,
    SCHEMA,
    ErrorAnswer,
    RecordResult,
    RecordsAnswer,
    RecordsRequest,
)
from collector.model.text import clean
from collector.net.http import Answer, Http, Unreachable, place

LONGEST_WAIT_S = 3600.0
ANSWER_BYTES = 1 << 20
GZIP_FROM_BYTES = 512
LOOK_FIRST_BYTES = 256 << 10
SLOWEST_BYTES_S = 4 << 10
"""An upload may take as long as its bytes need at this rate, and a minute and a half on top."""
ADVICE = {
    401: "check the token of [cloud]",
    403: "the token has no right to this: check it and its node",
    404: "no cloud API answers at this path: check the URL of [cloud]",
    409: "another installation that runs now has this node's id: give each its own",
    429: "the cloud asks to slow down",
}


class Held(OvrError):
    """Not now: what was to be sent waits.

    `unconnected`: there is no connection, so nothing else gets through either. `slow`: there was
    one, but no answer; less may get through. `wait_s`: the cloud asked to be left alone so long.
    """

    def __init__(
        self,
        message: str,
        *,
        unconnected: bool = False,
        slow: bool = False,
        wait_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.unconnected = unconnected
        self.slow = slow
        self.wait_s = None if wait_s is None else min(wait_s, LONGEST_WAIT_S)


class Refused(OvrError):
    """The request as a whole is not wanted as it is. `proven`: nobody but the API says so, or it is
    too large: it is about the request, not about who sends it."""

    def __init__(self, message: str, *, proven: bool) -> None:
        super().__init__(message)
        self.proven = proven


class Door:
    """Requests to the cloud API. `sent_bytes` counts bodies as they went over the wire."""

    def __init__(
        self, http: Http, settings: CloudSettings, *, wall: Callable[[], float] = time.time
    ) -> None:
        self._http = http
        self._base = settings.url.rstrip("/")
        self._login = {"Authorization": f"Bearer {settings.token}"} if settings.token else {}
        self._wall = wall
        self.sent_bytes = 0

    async def records(self, request: RecordsRequest) -> tuple[RecordResult, ...]:
        """What became of the first records of `request`. Raises Held or Refused."""
        body, headers = await packed(msgspec.json.encode(request))
        headers |= {"Content-Type": "application/json", **self._login}
        try:
            url = self._base + RECORDS_PATH
            answer = await self._http.post(url, body, headers, limit=ANSWER_BYTES)
        except Unreachable as error:
            raise _no_answer(error) from error
        self.sent_bytes += len(body) * (2 if answer.retried else 1)
        check(answer, place(self._base), self._wall())
        try:
            found = msgspec.json.decode(answer.body, type=RecordsAnswer)
        except msgspec.DecodeError as error:
            raise Held(
                f"{place(self._base)}: what answers is not the cloud API ({clean(str(error))}); "
                "check the URL of [cloud]"
            ) from error
        if found.schema != SCHEMA:
            raise Held(
                f"{place(self._base)}: the cloud speaks schema {found.schema}, this node {SCHEMA}: "
                "update the older one"
            )
        return found.results

    async def blob(self, sha256: str, content: bytes) -> None:
        """Bring a content that is in memory. Raises Held or Refused."""
        if len(content) > LOOK_FIRST_BYTES and await self._has(sha256):
            return
        body, headers = await packed(content)
        await self._put(sha256, body, headers, len(body))

    async def stream(
        self, sha256: str, size: int, content: Callable[[], AsyncGenerator[bytes, None]]
    ) -> None:
        """Bring a content of `size` bytes piece by piece. Raises Held or Refused, and what
        `content` raises."""
        if not await self._has(sha256):
            async with aclosing(content()) as pieces:
                await self._put(sha256, pieces, {"Content-Length": str(size)}, size)

    async def _has(self, sha256: str) -> bool:
        """Whether the cloud has the content already."""
        try:
            answer = await self._http.head(self._base + BLOBS_PATH + sha256, self._login)
        except Unreachable as error:
            raise _no_answer(error) from error
        if answer.status in (404, 405):
            return False
        check(answer, place(self._base), self._wall())
        return True

    async def _put(
        self, sha256: str, body: bytes | AsyncIterator[bytes], headers: dict[str, str], size: int
    ) -> None:
        headers = {"Content-Type": "application/octet-stream", **headers, **self._login}
        try:
            answer = await self._http.put(
                self._base + BLOBS_PATH + sha256, body, headers, more_s=size / SLOWEST_BYTES_S
            )
        except Unreachable as error:
            raise _no_answer(error) from error
        self.sent_bytes += size
        check(answer, place(self._base), self._wall())


async def packed(content: bytes) -> tuple[bytes, dict[str, str]]:
    """`content` compressed if that is worth it, and the headers that say so."""
    if len(content) < GZIP_FROM_BYTES:
        return content, {}
    small = await asyncio.to_thread(gzip.compress, content, 6, mtime=0)
    return (small, {"Content-Encoding": "gzip"}) if len(small) < len(content) else (content, {})


def check(answer: Answer, where: str, now_s: float) -> None:
    """Return for an answer of success; raise Held or Refused for any other one.

    `now_s` is the wall clock, for dates.
    """
    if 200 <= answer.status < 300:
        if "text/html" not in answer.kind.lower():
            return
        raise Held(
            f"{where}: a web page answers instead of the cloud: log in to the network's portal"
        )
    said, by_api = _said(answer)
    if answer.status == 413:
        raise Refused(f"{where}: too large for the cloud{said}", proven=True)
    if answer.status in (400, 422):
        raise Refused(f"{where}: HTTP {answer.status}{said}", proven=by_api)
    advice = ADVICE.get(answer.status, "trying again")
    if 300 <= answer.status < 400:
        advice = "it has moved: set the new URL of [cloud]"
    wait_s = answer.retry_after_s(now_s)
    raise Held(f"{where}: HTTP {answer.status}{said}; {advice}", wait_s=wait_s)


def _no_answer(error: Unreachable) -> Held:
    return Held(str(error), unconnected=not error.sent, slow=error.sent)


def _said(answer: Answer) -> tuple[str, bool]:
    """What the answer says in words, and whether it is in the API's own form."""
    try:
        error = msgspec.json.decode(answer.body, type=ErrorAnswer).error
    except msgspec.DecodeError:
        return (f" ({answer.text})" if answer.text else ""), False
    return f" ({clean(str(error), 300)})", True
