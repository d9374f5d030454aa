"""Holding on to the collector: streams snapshots, and tries again for ever when it is lost."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Protocol

from msgspec import Struct

from collector.client import Answer
from collector.errors import ApiError
from collector.model.snapshot import Snapshot
from collector.wire import HealthAnswer, HistoryAnswer

RETRY_S = (1.0, 2.0, 3.0, 5.0)
"""The pauses before the tries after a loss; the last one is repeated."""


class Reader(Protocol):
    """What the console needs of `collector.client.Client`."""

    def stream(self) -> AsyncGenerator[Snapshot, None]:
        """Each snapshot; raises ApiError."""

    async def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int = 1
    ) -> HistoryAnswer:
        """Recent values; raises ApiError."""

    async def health(self) -> HealthAnswer:
        """The collector's own state; raises ApiError."""

    async def get(self, path: str, kind: type[Answer], **query: str | int | None) -> Answer:
        """What is at `path` of the local API; raises ApiError."""

    def chunks(self, path: str, **query: str | int | None) -> AsyncGenerator[bytes, None]:
        """A file of the local API, piece by piece; raises ApiError."""

    async def post(
        self,
        path: str,
        kind: type[Answer],
        body: Struct | None = None,
        *,
        answer_s: float | None = None,
    ) -> Answer:
        """Have something done, which takes no longer than `answer_s`; raises ApiError."""

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
        """Bring content that is no body of ours; raises ApiError."""

    async def content(self, path: str, **query: str | int | None) -> bytes:
        """The bytes of what is no answer in JSON; raises ApiError."""

    async def patch(self, path: str, kind: type[Answer], body: Struct) -> Answer:
        """Change what is at `path`; raises ApiError."""

    async def put(
        self, path: str, kind: type[Answer], body: Struct, *, etag: str | None = None
    ) -> Answer:
        """Replace what is at `path`; raises ApiError."""

    async def aclose(self) -> None:
        """Close the connections."""


class LinkState(Struct, frozen=True, kw_only=True):
    """How the console stands to the collector. Times on the monotonic clock, in seconds.

    `cause` is empty while `attached`; `retry_at` is when the next try begins.
    """

    attached: bool = False
    cause: str = ""
    since: float = 0.0
    retry_at: float | None = None
    losses: int = 0


class Link:
    """Runs for as long as the console does. The callbacks are called on the event loop."""

    def __init__(
        self,
        reader: Reader,
        on_snapshot: Callable[[Snapshot], None],
        on_state: Callable[[LinkState], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.state = LinkState(since=clock())
        self._reader = reader
        self._on_snapshot = on_snapshot
        self._on_state = on_state
        self._clock = clock
        self._sleep = sleep

    async def run(self) -> None:
        """Attach, follow, and attach again, until cancelled."""
        tries = 0
        while True:
            try:
                async with aclosing(self._reader.stream()) as snapshots:
                    async for snapshot in snapshots:
                        self._on_snapshot(snapshot)
                        if not self.state.attached:
                            tries = 0
                            self._become(attached=True)
                cause = "the collector has ended"
            except ApiError as exc:
                cause = str(exc)
            pause = RETRY_S[min(tries, len(RETRY_S) - 1)]
            tries += 1
            self._become(attached=False, cause=cause, retry_at=self._clock() + pause)
            await self._sleep(pause)

    def _become(self, *, attached: bool, cause: str = "", retry_at: float | None = None) -> None:
        before = self.state
        lost = before.attached and not attached
        changed = before.attached != attached
        self.state = LinkState(
            attached=attached,
            cause=cause,
            since=self._clock() if changed else before.since,
            retry_at=retry_at,
            losses=before.losses + lost,
        )
        self._on_state(self.state)
