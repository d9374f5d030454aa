"""The running sources of all devices, and how another registry takes their places.

What a change does not concern goes on undisturbed: a device that stays the same keeps its source,
its connection and its series; one that is called otherwise or stands in another system keeps its
source; only one that is reached otherwise is connected anew.
"""

import asyncio
from collections.abc import Callable, Collection
from functools import partial
from typing import NamedTuple

import structlog
from msgspec import structs

from collector.app.sources import Means, make_source
from collector.config.load import LoadedRegistry
from collector.model.assets import Device
from collector.site.image import Image
from collector.site.site import Site
from collector.sources.base import Source
from collector.supervisor import end, supervise

ONLY_SAID = ("name", "system", "control", "enabled")
"""Keys of a device that its source has no need to know."""

log = structlog.get_logger("collector")


class _Running(NamedTuple):
    source: Source
    task: "asyncio.Task[None]"


class Fleet:
    """Runs the sources of `registry`'s devices, of which `site` has the images.

    `registry` is the one in force. Changes wait for each other.
    """

    def __init__(self, site: Site, registry: LoadedRegistry, means: Means) -> None:
        self.registry = registry
        self._site = site
        self._means = means
        self._running: dict[str, _Running] = {}
        self._turn = asyncio.Lock()

    @property
    def means(self) -> Means:
        """What all sources share."""
        return self._means

    def start(self) -> None:
        """Run a source for each device that is enabled and has none."""
        for name, image in self._site.images.items():
            if image.device.enabled and name not in self._running:
                self._start(name, image)

    async def apply(self, registry: LoadedRegistry) -> None:
        """Make `registry` the one in force."""
        async with self._turn:
            await self._apply(registry)

    async def _apply(self, registry: LoadedRegistry) -> None:
        wanted = {device.id: device for device in registry.devices}
        gone = [
            name
            for name, image in self._site.images.items()
            if name not in wanted or not _goes_on(image.device, wanted[name])
        ]
        await self._stop(gone)
        self._site.apply(registry.devices, registry.settings, registry.links)
        self.registry = registry
        self.start()

    def source(self, device: str) -> Source | None:
        """What reads a device now; None when nothing does."""
        running = self._running.get(device)
        return running.source if running is not None else None

    async def again(self, device: str) -> None:
        """Connect a device anew, as after a change that its source must hear of."""
        async with self._turn:
            await self._stop([device])
            self.start()

    @property
    def profiles(self) -> set[str]:
        """The profiles by which devices are read."""
        devices = self.registry.devices
        return {device.profile for device in devices if device.profile and device.enabled}

    async def read_anew(self, profiles: Collection[str]) -> None:
        """Connect the devices of these profiles anew."""
        devices = self.registry.devices
        async with self._turn:
            await self._stop([device.id for device in devices if device.profile in profiles])
            self.start()

    async def end(self) -> None:
        """End all sources."""
        await self._stop(list(self._running))

    def _start(self, name: str, image: Image) -> None:
        watch = self._site.watches[name]
        source = make_source(image.device, self._means)
        watch.begin()
        run = partial(_run_source, source, image)
        task = asyncio.create_task(supervise(watch, run), name=f"source {name}")
        self._running[name] = _Running(source, task)

    async def _stop(self, names: list[str]) -> None:
        running = [self._running.pop(name) for name in names if name in self._running]
        await end(*(each.task for each in running))
        for name in names:
            self._means.gateways.free(name)


def _goes_on(before: Device, after: Device) -> bool:
    """Whether the source of a device may go on as it is."""
    said = {key: getattr(after, key) for key in ONLY_SAID}
    return after.enabled and structs.replace(before, **said) == after


async def _run_source(source: Source, image: Image, ready: Callable[[], None]) -> None:
    image.reset()
    try:
        await source.run(image, ready)
    finally:
        image.left()
