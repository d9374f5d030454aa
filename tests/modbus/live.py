"""A source at work against a real server, on a site whose clocks the test turns."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from collector.model.catalogue import KEYS
from collector.model.series import decode_series
from collector.sources.modbus.clock import Clock


class Turned:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_780_000_000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Pass the time at once, and let others run."""
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0.002)

    @property
    def clock(self) -> Clock:
        """For a source."""
        return Clock(lambda: self.now, lambda: self.now, self.sleep)


class Running:
    """A running source."""

    def __init__(self, task: asyncio.Task[None], calls: list[int]) -> None:
        self.task = task
        self._calls = calls

    @property
    def ready(self) -> int:
        """How often it said that it is ready."""
        return len(self._calls)

    async def until(self, condition: Callable[[], object], limit_s: float = 60.0) -> None:
        """Return once `condition` holds; fail when the source ends first, or the limit passes."""
        deadline = time.monotonic() + limit_s
        while not condition():
            if self.task.done():
                self.task.result()
            assert not self.task.done(), "the source ended"
            assert time.monotonic() < deadline, "it did not come"
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(source, image) -> AsyncIterator[Running]:
    """Run a source on an image; it is cancelled at the end."""
    calls: list[int] = []
    task = asyncio.create_task(source.run(image, lambda: calls.append(1)))
    run = Running(task, calls)
    try:
        yield run
    finally:
        run.task.cancel()
        await asyncio.gather(run.task, return_exceptions=True)


def values(site, role="", device="d1"):
    """What the source put into a role, by catalogue key; every key is legal for its kind."""
    image = site.image(device)
    assert "not in the catalogue" not in image.drops
    found = image.roles[role]
    for key in found.cells:
        assert found.asset.kind in KEYS[key].kinds, f"{key} is nothing of a {found.asset.kind}"
    return {key: cell.value for key, cell in found.cells.items()}


def raw(site, device="d1"):
    """Raw series with a value: (name, module) → value."""
    found = {}
    for series, cell in site.image(device).raw.items():
        name, labels = decode_series(series)
        if cell.value == cell.value:
            found[name, labels.get("module", "")] = cell.value
    return found
