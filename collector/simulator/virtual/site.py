"""A simulated site in scripted time: the plant, its devices and what goes wrong, behind the
collector's real sources and supervisor. Each station has a host of its own in one of three subnets.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from collector.model.assets import Device
from collector.model.kinds import DeviceKind
from collector.simulator import troubles
from collector.simulator.blocks import Block
from collector.simulator.compose import compose, lay_out
from collector.simulator.faults import Fault
from collector.simulator.gx.unit import Gx
from collector.simulator.layout import Layout
from collector.simulator.physics.noise import stream
from collector.simulator.physics.plant import Plant
from collector.simulator.stations import Station
from collector.simulator.truth import Truth, since, take
from collector.simulator.virtual.doors import MemoryGateway, MemoryGx, Net
from collector.simulator.virtual.loop import VirtualLoop
from collector.site.image import Image
from collector.site.site import Site
from collector.sources.acuvim import AcuvimSource
from collector.sources.base import Source
from collector.sources.fronius import FroniusSource
from collector.sources.modbus.clock import Clock
from collector.sources.modbus.gateway import Gateways
from collector.sources.profile.source import ProfileSource
from collector.sources.victron import VictronSource
from collector.supervisor import supervise

FIRST_PORT = 20_000
SUBNETS = 3
WARM_UP_S = 60.0
MAX_STEP_S = 2.0


class VirtualSite:
    """Devices that live by `loop`'s clock, which began at `start_s` UTC seconds, `start_hour` being
    the sun's hour then. What happens once more than once in `tick_s` seconds is seen once."""

    def __init__(
        self,
        loop: VirtualLoop,
        blocks: int | Sequence[Block],
        seed: int,
        *,
        start_s: int,
        start_hour: float = 16.0,
        tick_s: int = 1,
    ) -> None:
        self._loop = loop
        self._seed = seed
        self._start_s = start_s
        self.tick_s = tick_s
        self.net = Net()
        self.layout: Layout = (
            compose(blocks, seed, self.wall)
            if isinstance(blocks, int)
            else lay_out(blocks, seed, self.wall)
        )
        self.plant = Plant(self.layout.parts, seed, start_hour)
        self.plant.step(WARM_UP_S)
        self._zero = take(self.plant, self.layout.truth)
        self._stations: dict[str, Station] = {}
        self._undo: list[tuple[float, troubles.Undo]] = []
        self._make_stations()
        self._ports = {name: FIRST_PORT + i for i, name in enumerate(self._stations)}
        self._troubles = troubles.Troubles(self.layout, self._stations, self._ports, 1.0)

    def truth(self) -> Truth:
        """The plant's true figures now; energies count from when the site was made."""
        return since(take(self.plant, self.layout.truth), self._zero)

    def wall(self) -> float:
        """UTC seconds now."""
        return self._start_s + self._loop.now_s

    # -- devices -----------------------------------------------------------------------------

    def _make_stations(self) -> None:
        for spot in self.layout.gxs:
            random = stream(self._seed, f"{spot.plan.device}/reboot")
            self._stations[spot.plan.device] = MemoryGx(
                spot, random, self.net, clock=self._loop.time, wall=self.wall
            )
        for gateway in self.layout.gateways:
            self._stations[gateway.name] = MemoryGateway(gateway, self.net)

    def registry(self, said: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
        """registry.toml of the site; `said` is what it says of assets beside what the site does."""
        station_of = {
            unit.device: gateway.name
            for gateway in self.layout.gateways
            for unit in gateway.units.values()
        }
        devices = []
        for entry in self.layout.devices:
            station = station_of.get(entry["id"], entry["id"])
            number = self._ports[station] - FIRST_PORT
            where = {"host": f"10.20.{number % SUBNETS}.{20 + number}", "port": FIRST_PORT + number}
            pace = {} if entry["kind"] == "gx" else {"interval_s": float(self.tick_s)}
            devices.append({**entry, **where, **pace})
        assets = {entry["id"]: dict(entry) for entry in self.layout.assets}
        for asset, words in (said or {}).items():
            assets.setdefault(asset, {"id": asset}).update(words)
        return {"version": 1, "device": devices, "asset": list(assets.values())}

    def source(self, device: Device, gateways: Gateways, config: Path) -> Source:
        """What reads a device; profiles lie in `config`."""
        clock = Clock(wall=self.wall, mono=self._loop.time)
        match device.kind:
            case DeviceKind.GX:
                return VictronSource(device, clock=self._loop.time, connect=self.net.connect)
            case DeviceKind.ACUVIM:
                return AcuvimSource(device, gateways, clock)
            case DeviceKind.FRONIUS:
                return FroniusSource(device, gateways, clock)
            case _:
                return ProfileSource(device, gateways, config, clock)

    @asynccontextmanager
    async def reading(self, site: Site, config: Path) -> AsyncIterator[None]:
        """While it lasts all devices of `site` are served, and read under the supervisor."""
        for name, station in self._stations.items():
            await station.start(self._ports[name])
        gateways = Gateways(self._loop.time, self.net.open_link)
        tasks = []
        for name, image in site.images.items():
            run = partial(_run, self.source(image.device, gateways, config), image)
            watching = supervise(site.watches[name], run, mono=self._loop.time)
            tasks.append(asyncio.create_task(watching, name=name))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # -- time --------------------------------------------------------------------------------

    async def advance(self) -> None:
        """Let a tick's time pass in the plant, at the devices, and for the sources; returns at a
        whole multiple of it."""
        tick_s = self.tick_s
        for due in [item for item in self._undo if item[0] <= self._loop.now_s]:
            self._undo.remove(due)
            await due[1]()
        steps = -int(-tick_s // MAX_STEP_S)
        for _ in range(steps):
            self.plant.step(tick_s / steps)
            for gateway in self.layout.gateways:
                for unit in gateway.units.values():
                    for point in unit.points:
                        point.step(tick_s / steps)
        for station in self._gxs():
            if station.up:
                station.gx.tick(tick_s)
        await asyncio.sleep(tick_s - self.wall() % tick_s)

    def _gxs(self) -> Iterator[MemoryGx]:
        return (each for each in self._stations.values() if isinstance(each, MemoryGx))

    def gx(self, device: str) -> Gx:
        """The GX of that id. Raises KeyError."""
        station = self._stations[device]
        if not isinstance(station, MemoryGx):
            raise KeyError(device)
        return station.gx

    async def inject(self, fault: Fault) -> None:
        """Let a fault happen now; it ends by itself. Raises FaultScriptError."""
        troubles.check(fault, troubles.targets(self.layout))
        undo = await self._troubles.apply(fault)
        lasts_s = fault.for_s or troubles.DEFAULT_S.get(fault.kind, 0.0)
        if undo is not None and lasts_s:
            self._undo.append((self._loop.now_s + lasts_s, undo))


async def _run(source: Source, image: Image, ready: Any) -> None:
    image.reset()
    try:
        await source.run(image, ready)
    finally:
        image.left()
