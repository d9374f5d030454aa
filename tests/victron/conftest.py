"""A source that runs against a real broker, and waiting for what it says."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from collector.model.assets import Device
from collector.model.kinds import DeviceKind
from collector.sources.victron import VictronSource
from tests.support.image import RecordingImage

PORTAL = "b827eb000001"


class HandClock:
    """Steady seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Running:
    """A source at work on an image."""

    def __init__(self, source: VictronSource, image: RecordingImage) -> None:
        self.source = source
        self.image = image
        self.ready = asyncio.Event()
        self.task = asyncio.create_task(source.run(image, self.ready.set))

    async def until(self, true: Callable[[], object], limit_s: float = 30) -> None:
        """Tick until `true`, at least once; raise what the source raises, fail when the limit
        passes. What has been heard by then is derived when this returns."""
        deadline = time.monotonic() + limit_s
        self.image.freeze()
        while not true():
            if self.task.done():
                self.task.result()
                raise AssertionError("the source returned")
            assert time.monotonic() < deadline, (
                f"waited {limit_s} s; readings {self.image.readings}, drops {self.image.drops}"
            )
            await asyncio.sleep(0.02)
            self.image.freeze()


def gx(port: int, **more: Any) -> Device:
    """A registry entry for a GX on loopback."""
    named: dict[str, Any] = {"id": "bess-1", "kind": DeviceKind.GX, "host": "127.0.0.1"}
    return Device(**(named | {"port": port} | more))


@asynccontextmanager
async def running(
    device: Device,
    *,
    image: RecordingImage | None = None,
    source: VictronSource | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Running]:
    """The device's source at work; cancelled at the end."""
    run = Running(source or VictronSource(device, clock=clock), image or RecordingImage())
    try:
        yield run
    finally:
        run.task.cancel()
        await asyncio.gather(run.task, return_exceptions=True)
