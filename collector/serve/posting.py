"""The handler of what meters post."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from collector.model.text import clean
from collector.serve import bodies
from collector.serve.answers import Refused, answer
from collector.serve.feed import Feed
from collector.wire import PostedAnswer

AT_ONCE = 3
"""Posts whose bodies are read or kept at a time: so much memory they take together at most."""
BUSY_S = 10


class Posting:
    """Posts of AXM-WEB2 modules."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._room = asyncio.Semaphore(AT_ONCE)

    async def axm(self, request: Request) -> Response:
        """Keep one post."""
        coding = request.headers.get("content-encoding", "identity").strip().lower()
        if coding != "identity":
            raise Refused(
                415,
                "coding",
                f"a body in the coding '{clean(coding, 40)}' is not taken",
                "send it plain",
            )
        if self._room.locked():
            raise Refused(
                503,
                "not_now",
                "other posts are being taken: post again later",
                headers={"retry-after": str(BUSY_S)},
            )
        async with self._room:
            body = await bodies.read(request, bodies.MAX_POST)
            kind = request.headers.get("content-type", "")
            serial = request.query_params.get("serial", "").strip()
            kept = await self._feed.ingest.take(kind, body, serial[:64])
        done = PostedAnswer(
            device=kept.device,
            rows=kept.rows,
            samples=kept.samples,
            repeated=kept.repeated,
            left_out=kept.left_out,
        )
        return answer(done)
