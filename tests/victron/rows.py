"""The rows of a list of Victron's D-Bus paths, and a GX that says one of them at a time."""

import asyncio
import csv
import json
import math
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiomqtt
import pytest

from collector.model.series import decode_series
from collector.model.snapshot import AssetView
from collector.site.memory import Memory
from collector.site.site import Site, Taken
from collector.sources.victron import VictronSource
from collector.sources.victron.tree import IDENTITY_PATHS
from tests.support.sites import START_MS
from tests.victron.conftest import HandClock, gx

FILE = "victron_paths.tsv"
FENCE = "system/0/Fence"
STEP_S = 3.0
"""Time passes between two steps, so that what is new settles."""

CONTEXT: dict[str, dict[str, object]] = {
    "system": {"vebus/0/ProductName": "MultiPlus", "system/0/Dc/Battery/State": 0},
    **{
        service: {
            "settings/0/Settings/SystemSetup/AcInput1": 1,
            "settings/0/Settings/SystemSetup/AcInput2": 1,
            f"{service}/0/Ac/ActiveIn/ActiveInput": 0,
        }
        for service in ("vebus", "multi", "acsystem", "inverter")
    },
    "temperature": {"vebus/0/ProductName": "MultiPlus", "temperature/0/TemperatureType": 0},
    "tank": {"tank/0/FluidType": 0},
}
"""What a GX says all the time so that a service of a kind means something."""

BESIDE: dict[tuple[str, str], dict[str, object]] = {
    ("acsystem", "Ac/In/2/"): {"Ac/ActiveIn/ActiveInput": 1},
    ("multi", "Ac/In/2/"): {"Ac/ActiveIn/ActiveInput": 1},
    ("generator", "AccumulatedRuntime"): {"State": 1},
    **{
        (service, path): {"Yield/Power": 100}
        for service in ("multi", "inverter")
        for path in ("MppOperationMode", "Yield/System", "Yield/User")
    },
}
"""What a path means nothing without, by service and the beginning of the path."""

PLAIN = {"ProductName": "Device", "Connected": 1}


class Row(NamedTuple):
    """One path of one service, phases and numbers written out."""

    service: str
    path: str
    text: bool
    """Its value is a text."""


def reference() -> Path:
    """The list, beside the recorded data; skips where it is not."""
    folder = os.environ.get("OVR_REFERENCE")
    recordings = os.environ.get("OVR_RECORDINGS")
    if folder is None and recordings is not None:
        folder = str(Path(recordings).parent / "reference")
    if folder is None or not (Path(folder) / FILE).exists():
        pytest.skip(f"no {FILE}: set OVR_REFERENCE to its folder")
    return Path(folder) / FILE


def rows() -> list[Row]:
    """All rows of the list, each path once."""
    with reference().open(encoding="utf-8") as file:
        table = list(csv.DictReader(file, delimiter="\t"))
    found = {
        Row(line["service"], path, line["type"] in ("s", "string"))
        for line in table
        for path in _written_out(line["path"].strip("/").replace("}}", "}"))
    }
    return sorted(found)


def _written_out(path: str) -> Iterator[str]:
    if "L{1-3}" in path:
        yield from (path.replace("L{1-3}", phase).replace("{n}", "1") for phase in PHASES)
    else:
        yield path.replace("L{n}", "L1").replace("{n}", "1")


PHASES = ("L1", "L2", "L3")


class Rig:
    """A GX with one service under test, its source, and the site that makes snapshots of it."""

    def __init__(self, service: str, port: int, client: aiomqtt.Client) -> None:
        self.service = service
        self.portal = f"p{service}"
        device = gx(port, id=f"gx-{service}", portal_id=self.portal)
        self.clock = HandClock()
        self.source = VictronSource(device, clock=self.clock)
        self.site = Site(
            node="n1", site="field", timezone="UTC", devices=[device], settings={}, links=(),
            memory=Memory({}, "", {}, {}), mono=lambda: self.clock.now,
        )  # fmt: skip
        self.image = self.site.images[device.id]
        self.site.watches[device.id].turn("running")
        self.raw: dict[tuple[str, str], float] = {}
        """Every raw series by name and instance: its newest sample; NaN once it has ended."""
        self._client = client
        self._fence = 0
        self._at_ms = START_MS
        self.taken: Taken

    async def send(self, tail: str, payload: str) -> None:
        """Publish anything below the portal."""
        await self._client.publish(f"N/{self.portal}/{tail}", payload)

    async def say(self, tail: str, value: object) -> None:
        """Publish a value."""
        await self.send(tail, json.dumps({"value": value}))

    async def step(self) -> None:
        """Wait until all that was said has been heard, then take a tick."""
        self._fence += 1
        self.clock.now += STEP_S
        await self.say("heartbeat", self._fence)
        await self.say(FENCE, self._fence)
        deadline = time.monotonic() + 20
        while self.raw.get(("victron_system_fence", "0")) != self._fence:
            assert time.monotonic() < deadline, f"{self.service}: nothing comes"
            await asyncio.sleep(0)
            self._tick()

    def _tick(self) -> None:
        self._at_ms += 1000
        self.taken = self.site.take(self._at_ms)
        samples = self.taken.samples
        for series, value in zip(samples.series, samples.values, strict=True):
            name, labels = decode_series(series)
            if name.startswith("victron_"):
                self.raw[name, labels["instance"]] = value

    async def begin(self) -> None:
        """What the GX says all the time."""
        for path, value in PLAIN.items():
            await self.say(f"{self.service}/0/{path}", value)
        for tail, value in CONTEXT.get(self.service, {}).items():
            await self.say(tail, value)
        await self.step()
        await self.step()

    async def beside(self, path: str, *, again: bool = False) -> None:
        """Say what a path means nothing without, or (`again`) what is said all the time."""
        for (service, start), values in BESIDE.items():
            if service == self.service and path.startswith(start):
                for each, value in values.items():
                    tail = f"{service}/0/{each}"
                    usual = CONTEXT.get(service, {}).get(tail)
                    if again and usual is None:
                        await self.send(tail, "")
                    else:
                        await self.say(tail, usual if again else value)
        if again and path in IDENTITY_PATHS:
            await self.begin()

    @property
    def assets(self) -> dict[str, AssetView]:
        """The snapshot's assets by role."""
        views = {view.id: view for view in self.taken.assets}
        return {role: views[each.asset.id] for role, each in self.image.roles.items()}

    def value(self, role: str, key: str) -> float | None:
        """A reading in the snapshot; None where there is none, or none that is good."""
        view = self.assets.get(role)
        reading = view.readings.get(key) if view is not None else None
        return reading.value if reading is not None and reading.quality == "good" else None

    def holds(self, name: str, value: float) -> bool:
        """Whether the raw series of the service under test has this value now."""
        return self.raw.get((name, "0"), math.nan) == value


@asynccontextmanager
async def rig(service: str, port: int) -> AsyncIterator[Rig]:
    """A rig whose source is connected and listens; one at a time at a broker."""
    async with aiomqtt.Client("127.0.0.1", port) as client:
        serial = f"N/p{service}/system/0/Serial"
        await client.publish(serial, json.dumps({"value": f"p{service}"}), retain=True)
        made = Rig(service, port, client)
        ready = asyncio.Event()
        made.image.reset()
        task = asyncio.create_task(made.source.run(made.image, ready.set))
        try:
            deadline = time.monotonic() + 20
            while not ready.is_set():  # heard only once it has subscribed
                assert not task.done(), task
                assert time.monotonic() < deadline, f"{service}: the source hears nothing"
                await made.say(FENCE, 0)
                await asyncio.sleep(0.02)
            await made.begin()
            yield made
            assert not task.done(), f"the source ended: {task}"
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await client.publish(serial, "", retain=True)
