"""A simulated festival in virtual time: the plant, its devices and faults, and the collector's real
sources, supervisor and site on it. Each station has a host of its own in one of three subnets."""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import tomli_w

from collector.alarms.scene import Scene
from collector.config.load import Loaded, load
from collector.config.paths import find_home
from collector.model.kinds import DeviceKind
from collector.model.snapshot import Total
from collector.simulator import troubles
from collector.simulator.blocks import Block
from collector.simulator.compose import compose, lay_out
from collector.simulator.faults import Fault
from collector.simulator.physics.noise import stream
from collector.simulator.physics.plant import Plant
from collector.simulator.stations import Station
from collector.simulator.truth import Truth, since, take
from collector.site.image import Image
from collector.site.site import Memory, Site
from collector.sources.acuvim import AcuvimSource
from collector.sources.base import Source
from collector.sources.fronius import FroniusSource
from collector.sources.modbus.clock import Clock
from collector.sources.modbus.gateway import Gateways
from collector.sources.profile.source import ProfileSource
from collector.sources.victron import VictronSource
from collector.supervisor import supervise
from scripts.bench.doors import MemoryGateway, MemoryGx, Net, doors
from scripts.bench.virtual import VirtualLoop

START_S = 1_782_420_000
"""A summer afternoon, 2026-06-25."""
FIRST_PORT = 20_000
SUBNETS = 3
WARM_UP_S = 60.0


class Field:
    """`scenes` gives the site's scenes, second by second, while `faults` happen by its clock."""

    def __init__(
        self,
        loop: VirtualLoop,
        site: int | Sequence[Block],
        seed: int,
        faults: Sequence[Fault],
    ) -> None:
        self._loop = loop
        self._seed = seed
        self._faults = faults
        self._net = Net()
        self._layout = (
            compose(site, seed, self._wall)
            if isinstance(site, int)
            else lay_out(site, seed, self._wall)
        )
        self._plant = Plant(self._layout.parts, seed, 16.0)
        self._plant.step(WARM_UP_S)
        self._zero = take(self._plant, self._layout.truth)
        self._stations: dict[str, Station] = {}
        self._ports: dict[str, int] = {}
        self._undo: list[tuple[float, troubles.Undo]] = []
        self.today: dict[str, Total] = {}
        """The site's energies at the newest scene."""
        self._make_stations()

    def truth(self) -> Truth:
        """The plant's true figures now; energies count from when the site was made."""
        return since(take(self._plant, self._layout.truth), self._zero)

    def _wall(self) -> float:
        return START_S + self._loop.now_s

    # -- devices -----------------------------------------------------------------------------

    def _make_stations(self) -> None:
        MemoryGx.net = MemoryGateway.net = self._net
        for spot in self._layout.gxs:
            self._stations[spot.plan.device] = MemoryGx(
                spot,
                "auto",
                stream(self._seed, f"{spot.plan.device}/reboot"),
                clock=self._loop.time,
                wall=self._wall,
            )
        for gateway in self._layout.gateways:
            self._stations[gateway.name] = MemoryGateway(gateway)
        self._ports = {name: FIRST_PORT + i for i, name in enumerate(self._stations)}

    def _registry(self) -> dict[str, Any]:
        """registry.toml of the site."""
        station_of = {
            unit.device: gateway.name
            for gateway in self._layout.gateways
            for unit in gateway.units.values()
        }
        devices = []
        for entry in self._layout.devices:
            station = station_of.get(entry["id"], entry["id"])
            number = self._ports[station] - FIRST_PORT
            host = f"10.20.{number % SUBNETS}.{20 + number}"
            devices.append({**entry, "host": host, "port": self._ports[station]})
        return {"version": 1, "device": devices, "asset": list(self._layout.assets)}

    def _loaded(self, folder: Path) -> Loaded:
        home = find_home(str(folder), {})
        home.ensure()
        node = {"node": {"id": "bench", "site": "field", "timezone": "America/Los_Angeles"}}
        home.node_toml.write_text(tomli_w.dumps(node))
        home.registry_toml.write_text(tomli_w.dumps(self._registry()))
        return load(home, {})

    def _source(self, image: Image, gateways: Gateways, config: Path) -> Source:
        device = image.device
        clock = Clock(wall=self._wall, mono=self._loop.time)
        match device.kind:
            case DeviceKind.GX:
                return VictronSource(device, clock=self._loop.time)
            case DeviceKind.ACUVIM:
                return AcuvimSource(device, gateways, clock)
            case DeviceKind.FRONIUS:
                return FroniusSource(device, gateways, clock)
            case _:
                return ProfileSource(device, gateways, config, clock)

    # -- the hour ----------------------------------------------------------------------------

    async def scenes(self, seconds: int) -> AsyncIterator[Scene]:
        """A scene a second. Faults count from the first one."""
        random.seed(self._seed)  # the supervisor's jitter
        with tempfile.TemporaryDirectory() as folder, doors(self._net):
            loaded = self._loaded(Path(folder))
            for name, station in self._stations.items():
                await station.start(self._ports[name])
            site = Site(
                node="bench",
                site="field",
                timezone="America/Los_Angeles",
                devices=loaded.devices,
                settings=loaded.settings,
                links=loaded.links,
                memory=Memory({}, "", {}, {}),
                mono=self._loop.time,
            )
            async with self._reading(site, Path(folder) / "config"):
                for second in range(seconds):
                    await self._second(second)
                    yield self._scene(site, loaded)

    @asynccontextmanager
    async def _reading(self, site: Site, config: Path) -> AsyncIterator[None]:
        """All sources under the supervisor."""
        gateways = Gateways(self._loop.time)
        tasks = []
        for name, image in site.images.items():
            run = partial(_run, self._source(image, gateways, config), image)
            watching = supervise(site.watches[name], run, mono=self._loop.time)
            tasks.append(asyncio.create_task(watching, name=name))
        self._troubles = troubles.Troubles(self._layout, self._stations, self._ports, 1.0)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _second(self, second: int) -> None:
        """Let one pass in the plant, at the devices, and for the sources."""
        await self._trouble(second)
        self._plant.step(1.0)
        for gateway in self._layout.gateways:
            for unit in gateway.units.values():
                for point in unit.points:
                    point.step(1.0)
        for station in self._gxs():
            if station.up:
                station.gx.tick()
        await asyncio.sleep(1.0 - self._loop.now_s % 1.0)

    def _gxs(self) -> Iterator[MemoryGx]:
        return (each for each in self._stations.values() if isinstance(each, MemoryGx))

    async def _trouble(self, second: int) -> None:
        for due in [item for item in self._undo if item[0] <= second]:
            self._undo.remove(due)
            await due[1]()
        for fault in self._faults:
            if int(fault.at_s) != second:
                continue
            undo = await self._troubles.apply(fault)
            lasts_s = fault.for_s or troubles.DEFAULT_S.get(fault.kind, 0.0)
            if undo is not None and lasts_s:
                self._undo.append((second + lasts_s, undo))

    def _scene(self, site: Site, loaded: Loaded) -> Scene:
        at_ms = int(self._wall()) * 1000
        taken = site.take(at_ms)
        self.today = taken.today
        return Scene(
            at_ms=at_ms,
            now_s=self._loop.now_s,
            assets=taken.assets,
            totals=taken.totals,
            sources=taken.sources,
            settings=loaded.settings,
            notices=site.notices(),
        )


async def _run(source: Source, image: Image, ready: Any) -> None:
    image.reset()
    try:
        await source.run(image, ready)
    finally:
        image.left()
