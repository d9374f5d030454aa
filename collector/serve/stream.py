"""Snapshots as server-sent events: the newest wins, and a slow reader costs nobody anything."""

import asyncio
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from collector.model.snapshot import Snapshot
from collector.serve.access import Role
from collector.serve.answers import HEADERS, Refused
from collector.serve.feed import Feed

MAX_STREAMS = 32
VIEWER_STREAMS = 24
"""Of these viewers may take so many: operators always find a place."""
HEARTBEAT_S = 10.0
"""Without a snapshot for so long a comment is sent, so that a dead peer is noticed."""
STOPPED_S = 60.0
"""A reader that takes nothing for so long is let go; it can come again."""
HEARTBEAT = b": no news\n\n"


class Streams:
    """The places for streams, all sockets and roles together."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.taken: dict[Role, int] = {Role.OPERATOR: 0, Role.VIEWER: 0}
        self.let_go = 0
        """Readers that took nothing any more."""

    @property
    def open(self) -> int:
        """How many there are now."""
        return sum(self.taken.values())

    def take(self, role: Role) -> None:
        """Take a place until `leave`. Raises Refused when there is none."""
        viewers_full = role is Role.VIEWER and self.taken[Role.VIEWER] >= VIEWER_STREAMS
        if self.open >= MAX_STREAMS or viewers_full:
            limit = VIEWER_STREAMS if viewers_full else MAX_STREAMS
            raise Refused(
                503,
                "too_many_streams",
                f"{limit} {'viewers' if viewers_full else 'readers'} are streaming already",
                "close a console that nobody looks at",
            )
        self.taken[role] += 1
        self._feed.reader(+1)

    def leave(self, role: Role) -> None:
        """Give the place back."""
        self.taken[role] -= 1
        self._feed.reader(-1)


class StreamResponse(Response):
    """One reader's stream, in a place that was taken for it and is given back at its end.

    At most one snapshot waits for a reader: the next one is chosen when the last has been taken
    off by the kernel, and is the newest then.
    """

    def __init__(
        self, feed: Feed, streams: Streams, role: Role, encode: Callable[[Snapshot], bytes]
    ) -> None:
        super().__init__(None, 200, HEADERS, "text/event-stream")
        del self.headers["content-length"]
        self._feed = feed
        self._streams = streams
        self._role = role
        self._encode = encode

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the reader leaves or the collector ends."""
        tasks = (
            asyncio.create_task(self._send_all(send), name="stream"),
            asyncio.create_task(_left(receive), name="stream's reader"),
        )
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._streams.leave(self._role)
            for task in tasks:
                task.cancel()
            done = await asyncio.gather(*tasks, return_exceptions=True)
        if isinstance(done[0], _Stopped):
            self._streams.let_go += 1
            scope["state"]["abort"]()
        elif isinstance(done[0], Exception):
            raise done[0]

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        seq = -1
        while True:
            await _taken_off(send)
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    snapshot = await self._feed.newer(seq)
            except TimeoutError:
                await send(_body(HEARTBEAT))
                continue
            if snapshot is None:
                break
            seq = snapshot.seq
            await send(_body(b"id: %d\ndata: %b\n\n" % (seq, self._encode(snapshot))))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Stopped(Exception):
    """The reader takes nothing any more."""


async def _taken_off(send: Send) -> None:
    """Wait until what was sent has left: uvicorn lets an empty part wait for that."""
    try:
        async with asyncio.timeout(STOPPED_S):
            await send(_body(b""))
    except TimeoutError:
        raise _Stopped from None


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(data: bytes) -> dict[str, object]:
    return {"type": "http.response.body", "body": data, "more_body": True}
