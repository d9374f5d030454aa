"""A collector without a socket, for tests of what is drawn."""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

from msgspec import Struct
from textual import events
from textual.app import App
from textual.pilot import Pilot

from collector.client import Answer
from collector.errors import ApiError
from collector.model.snapshot import Snapshot
from collector.wire import HealthAnswer, HistoryAnswer
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.leaving import Leave
from ovr_tui.console.profile import Profile
from ovr_tui.console.settings import SettingsFile
from tests.support.snapshots import START_MS


class HandReader:
    """Streams what is put in; `lose` breaks the stream off."""

    def __init__(self, *first: Snapshot) -> None:
        self._queue: asyncio.Queue[Snapshot | ApiError] = asyncio.Queue()
        self._first = first
        self.asked: list[tuple[str, str]] = []
        self.answers: dict[str, Struct] = {}
        """What is answered: to `get` by path, to others by method and path (`POST /v1/…`)."""
        self.contents: dict[str, bytes] = {}
        """What `chunks` gives, by path."""
        self.sent: list[tuple[str, str, Struct | None]] = []
        """What was to be done."""
        self.got: list[tuple[str, dict[str, str | int | None]]] = []
        self.history_fails = False
        self.closed = False

    def push(self, snapshot: Snapshot) -> None:
        """The next snapshot."""
        self._queue.put_nowait(snapshot)

    def lose(self, why: str) -> None:
        """Break off."""
        self._queue.put_nowait(ApiError(why))

    async def stream(self) -> AsyncGenerator[Snapshot, None]:
        first, self._first = self._first, ()
        for snapshot in first:
            yield snapshot
        while True:
            item = await self._queue.get()
            if isinstance(item, ApiError):
                raise item
            yield item

    async def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int = 1
    ) -> HistoryAnswer:
        self.asked.append((asset, key))
        if self.history_fails:
            raise ApiError("no history")
        times = tuple(range(from_ms, to_ms + 1, step_s * 1000))
        phase = sum(map(ord, asset + key)) if step_s > 1 else 0
        if key.endswith("_kwh"):  # some kWh an hour, up to what a snapshot may show at START_MS
            grown = tuple(200 + (t - START_MS) / 1_000_000 for t in times)
            return HistoryAnswer(asset=asset, measurement=key, times=times, values=grown)
        slow = 250_000 if step_s < 60 else 9_000_000
        wave = tuple(40_000 + 20_000 * math.sin(t / slow + phase) for t in times)
        least = tuple(value - 4_000 for value in wave) if step_s >= 60 else ()
        greatest = tuple(value + 5_000 for value in wave) if step_s >= 60 else ()
        return HistoryAnswer(
            asset=asset, measurement=key, times=times, values=wave, least=least, greatest=greatest
        )

    async def post(
        self,
        path: str,
        kind: type[Answer],
        body: Struct | None = None,
        *,
        answer_s: float | None = None,
    ) -> Answer:
        del answer_s
        return self._done("POST", path, kind, body)

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
        del content, media, etag, query
        return self._done("POST", path, kind, None)

    async def content(self, path: str, **query: str | int | None) -> bytes:
        del query
        raise ApiError(f"this reader has no {path}")

    async def patch(self, path: str, kind: type[Answer], body: Struct) -> Answer:
        return self._done("PATCH", path, kind, body)

    async def put(
        self, path: str, kind: type[Answer], body: Struct, *, etag: str | None = None
    ) -> Answer:
        del etag
        return self._done("PUT", path, kind, body)

    def _done(self, method: str, path: str, kind: type[Answer], body: Struct | None) -> Answer:
        self.sent.append((method, path, body))
        answer = self.answers.get(f"{method} {path}")
        if not isinstance(answer, kind):
            raise ApiError(f"the collector refused: this reader does not {method} {path}")
        return answer

    async def get(self, path: str, kind: type[Answer], **query: str | int | None) -> Answer:
        self.got.append((path, query))
        answer = self.answers.get(path)
        if not isinstance(answer, kind):
            raise ApiError(f"this reader has no {path}")
        return answer

    async def chunks(self, path: str, **query: str | int | None) -> AsyncGenerator[bytes, None]:
        self.got.append((path, query))
        if path not in self.contents:
            raise ApiError(f"this reader has no {path}")
        yield self.contents[path]

    async def health(self) -> HealthAnswer:
        answer = self.answers.get("/v1/health")
        if not isinstance(answer, HealthAnswer):
            raise ApiError("this reader has no health")
        return answer

    async def aclose(self) -> None:
        self.closed = True


class Clock:
    """A steady clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def make_app(
    *snapshots: Snapshot,
    profile: Profile | None = None,
    hosted: bool = False,
    clock: Callable[[], float] | None = None,
    wall: Callable[[], float] = lambda: START_MS / 1000,
    reader: HandReader | None = None,
    settings: SettingsFile | None = None,
) -> tuple[ConsoleApp, HandReader]:
    """An app on a hand-fed reader, at a fixed time."""
    reader = reader or HandReader(*snapshots)
    app = ConsoleApp(
        lambda: reader,
        profile=profile or Profile(),
        hosted=hosted,
        clock=clock or Clock(),
        wall=wall,
        backfill_pause_s=0,
        usage=lambda: (64_000_000, 1.5),
        settings=settings,
    )
    return app, reader


def screen_text(app: App[Any]) -> str:
    """What the screen shows, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def pass_seconds(app: ConsoleApp, clock: Clock, seconds: int) -> None:
    """Time goes by second by second, as for a console that does not stand still."""
    for _ in range(seconds):
        clock.at += 1
        app._second()
    app.redraw()


def burst(app: ConsoleApp, *keys: str) -> None:
    """Keys that come all at once, as from a slow line or a paste."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


async def settle(pilot: Pilot[Leave]) -> None:
    """Let snapshots arrive, charts be drawn and the screen be painted: until nothing has been
    under way for some rounds."""
    quiet = 0
    while quiet < 4:
        await pilot.pause()
        await asyncio.sleep(0.005)
        under_way = [w for w in pilot.app.workers if w.group in ("chart", "backfill", "load")]
        quiet = 0 if under_way else quiet + 1
        for worker in under_way:
            await worker.wait()


async def shows(pilot: Pilot[Leave], text: str, limit_s: float = 60) -> str:
    """The screen, once it shows `text`: for what comes after a pause of the app's own."""
    deadline = time.monotonic() + limit_s
    while text not in (screen := screen_text(pilot.app)):
        assert time.monotonic() < deadline, f"no {text!r} within {limit_s:g} s:\n{screen}"
        await pilot.pause(0.05)
    return screen
