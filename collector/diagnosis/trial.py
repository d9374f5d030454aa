"""The device's own source at work for a short time, on a site that nobody sees.

What it logs meanwhile bears the mark `test`.
"""

import asyncio
import time
from collections.abc import Callable, Mapping

import structlog
from msgspec import Struct, structs

from collector.model.assets import AssetSettings, Device
from collector.model.kinds import DeviceKind
from collector.model.reading import Identity
from collector.model.snapshot import AssetView
from collector.site.identities import Pin
from collector.site.memory import Memory
from collector.site.site import Site
from collector.sources.base import Source

FIRST_S = 20.0
"""So long a first value is waited for: a GX publishes all within seconds, a Datamanager is slow."""
TICK_S = 0.25
HOLD_S = 2.0
"""So long a device is listened to after its first value: in it a GX publishes everything."""
HINT_POLLS = 12
"""The ACUVIM's hints about wiring and sizes take ten polls that agree; here they are faster."""
HINT_INTERVAL_S = 0.5


class Outcome(Struct, frozen=True, kw_only=True):
    """What the source said and how it ended. `error`: what it raised; None: it works, or nothing
    came in time (then `ready` is False)."""

    ready: bool
    error: Exception | None
    identity: Identity | None
    assets: tuple[AssetView, ...]
    drops: Mapping[str, int]
    waited_s: float


def quickened(device: Device) -> Device:
    """The device as it is asked in a test."""
    if device.kind is not DeviceKind.ACUVIM:
        return device
    return structs.replace(device, interval_s=min(device.interval_s, HINT_INTERVAL_S))


async def tried(
    device: Device,
    source: Source,
    *,
    pins: Mapping[str, Pin],
    settings: Mapping[str, AssetSettings],
    first_s: float = FIRST_S,
) -> Outcome:
    """Run `source` until it has said something, and a little longer. `pins` are what was met of the
    device before, as `Site` keeps it."""
    site = Site(
        node="test",
        site="test",
        timezone="UTC",
        devices=[device],
        settings=settings,
        links=(),
        memory=Memory(counters={}, day="", base={}, pins=dict(pins)),
    )
    image = site.images[device.id]
    told = asyncio.Event()

    def ready() -> None:
        site.watches[device.id].turn("running")
        told.set()

    began = time.monotonic()
    marks = structlog.contextvars.bind_contextvars(test=device.id)
    task = asyncio.create_task(source.run(image, ready), name=f"test {device.id}")
    try:
        await _first(task, told, first_s)
        waited_s = time.monotonic() - began
        identity = image.identity
        assets = site.take(_now_ms()).assets
        hold_s = HINT_POLLS * device.interval_s if device.kind is DeviceKind.ACUVIM else HOLD_S
        end = time.monotonic() + (hold_s if told.is_set() else 0.0)
        while not task.done() and time.monotonic() < end:
            await asyncio.wait([task], timeout=TICK_S)
            identity = image.identity or identity
            assets = site.take(_now_ms()).assets
        error = task.exception() if task.done() and not task.cancelled() else None
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        structlog.contextvars.reset_contextvars(**marks)
    return Outcome(
        ready=told.is_set(),
        error=error if isinstance(error, Exception) else None,
        identity=identity,
        assets=assets,
        drops=dict(image.drops),
        waited_s=waited_s,
    )


async def _first(task: "asyncio.Task[None]", told: asyncio.Event, limit_s: float) -> None:
    """Until the source has said something, has ended, or the limit has passed."""
    waiting = asyncio.create_task(told.wait())
    try:
        await asyncio.wait([task, waiting], timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


MakeSource = Callable[[Device], Source]
