"""The simulated site as a whole: plant, devices on their ports, faults, the true figures."""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from collector.errors import OvrError
from collector.simulator import troubles
from collector.simulator.blocks import Block
from collector.simulator.broker import BrokerError, Kind
from collector.simulator.compose import compose, lay_out
from collector.simulator.faults import Fault
from collector.simulator.physics.noise import stream
from collector.simulator.physics.plant import Plant
from collector.simulator.server_http import HttpError
from collector.simulator.server_modbus import ServerError
from collector.simulator.stations import (
    GxStation,
    ModbusStation,
    SolarStation,
    Station,
    beside,
    stop_all,
)
from collector.simulator.truth import Truth, since, take

_SLOTS = 4
_PORT_TRIES = 5
_LONGEST_STEP_S = 5.0
_WARM_UP_S = 30.0
_log = logging.getLogger(__name__)


class SimulatedSite:
    """A festival site of `assets` assets behind true protocols on 127.0.0.1.

    The same `seed` gives the same site and the same weather. `speed` runs the plant faster than
    the clock (protocol times stay real); `start_hour` is the sun's hour at the start. `base_port`
    0 takes free ports, else consecutive ones. `faults` run by the plant's clock. `blocks` make the
    site what they say, whatever `assets` says. Raises ValueError for what makes no site,
    BrokerError and ServerError when nothing can listen.
    """

    def __init__(
        self,
        assets: int = 20,
        seed: int = 1,
        speed: float = 1.0,
        start_hour: float = 13.0,
        faults: tuple[Fault, ...] = (),
        base_port: int = 0,
        broker: Kind = "auto",
        *,
        blocks: Sequence[Block] = (),
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        if not 0 < speed <= 10000:
            raise ValueError(f"the speed is a factor above 0 up to 10000, not {speed}")
        self.speed = speed
        self.faults = faults
        self._layout = lay_out(blocks, seed, wall) if blocks else compose(assets, seed, wall)
        self._plant = Plant(self._layout.parts, seed, start_hour)
        self._plant.step(_WARM_UP_S)
        self._zero = take(self._plant, self._layout.truth)
        self._base_port = base_port
        self._broker: Kind = broker
        self._clock, self._wall = clock, wall
        self._stations: dict[str, Station] = {}
        self._ports: dict[str, int] = {}
        self._device_ports: dict[str, int] = {}
        self._solar_ports: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._troubles: troubles.Troubles | None = None
        self._check(faults)

    def _check(self, faults: Sequence[Fault]) -> None:
        known = troubles.targets(self._layout)
        for fault in faults:
            troubles.check(fault, known)

    # --- what it is -------------------------------------------------------------------------

    @property
    def devices(self) -> tuple[dict[str, Any], ...]:
        """The registry's `[[device]]` tables."""
        if not self._device_ports:
            raise OvrError("the simulated site has no ports before it is entered")
        return tuple({**entry, **self._where(entry["id"])} for entry in self._layout.devices)

    def _where(self, device: str) -> dict[str, Any]:
        where: dict[str, Any] = {"host": "127.0.0.1", "port": self._device_ports[device]}
        solar = self._solar_ports.get(device)
        return where if solar is None else {**where, "solar_api_port": solar}

    @property
    def assets(self) -> tuple[dict[str, Any], ...]:
        """The registry's `[[asset]]` tables: links and ratings."""
        return tuple(dict(entry) for entry in self._layout.assets)

    @property
    def portal_ids(self) -> dict[str, str]:
        """The portal id of each GX, also of those whose registry entry leaves it out."""
        return {spot.plan.device: spot.plan.portal_id for spot in self._layout.gxs}

    @property
    def dropped(self) -> int:
        """Messages that a broker did not take."""
        return sum(s.dropped for s in self._stations.values() if isinstance(s, GxStation))

    def truth(self) -> Truth:
        """The plant's true figures now; energies count from when the site was made."""
        return since(take(self._plant, self._layout.truth), self._zero)

    # --- its life ---------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._make_stations()
        for left in range(_PORT_TRIES - 1, -1, -1):
            self._assign(ports(len(self._stations), self._base_port))
            try:
                await self._start()
                break
            except (BrokerError, HttpError, ServerError):
                await stop_all(list(self._stations.values()))
                if self._base_port or not left:
                    raise
            except BaseException:
                await stop_all(list(self._stations.values()))
                raise
        self._troubles = troubles.Troubles(self._layout, self._stations, self._ports, self.speed)
        self._spawn(self._run(), "plant")
        for fault in self.faults:
            self._spawn(self._later(fault), f"fault-{fault.kind}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await stop_all(list(self._stations.values()))

    async def inject(self, fault: Fault) -> None:
        """Let `fault` happen now, whatever its `at_s`. Returns when it has; it ends by itself."""
        self._check([fault])
        if self._troubles is None:
            raise OvrError("nothing can go wrong on a site before it is entered")
        undo = await self._troubles.apply(fault)
        seconds = fault.for_s or troubles.DEFAULT_S.get(fault.kind, 0.0)
        if undo is not None and seconds:
            self._spawn(self._end(undo, seconds / self.speed), f"end-{fault.kind}")

    async def _later(self, fault: Fault) -> None:
        await asyncio.sleep(fault.at_s / self.speed)
        await self.inject(fault)

    async def _end(self, undo: troubles.Undo, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await undo()

    def _spawn(self, work: Any, name: str) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work, name=f"simulator-{name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("%s failed", task.get_name(), exc_info=task.exception())

    def _make_stations(self) -> None:
        layout = self._layout
        for spot in layout.gxs:
            device = spot.plan.device
            self._stations[device] = GxStation(
                spot,
                self._broker,
                stream(layout.seed, f"{device}/reboot"),
                clock=self._clock,
                wall=self._wall,
            )
        for gateway in layout.gateways:
            self._stations[gateway.name] = ModbusStation(gateway)
        for gateway in layout.gateways:
            if gateway.solar is not None:
                station = SolarStation(gateway.name, gateway.solar)
                self._stations[beside(gateway.name)] = station

    def _assign(self, numbers: list[int]) -> None:
        self._ports = dict(zip(self._stations, numbers, strict=True))
        self._device_ports, self._solar_ports = {}, {}
        for name, station in self._stations.items():
            if isinstance(station, GxStation):
                self._device_ports[name] = self._ports[name]
            elif isinstance(station, ModbusStation):
                for unit in station.gateway.units.values():
                    self._device_ports[unit.device] = self._ports[name]
            else:
                self._solar_ports[station.device] = self._ports[name]

    async def _start(self) -> None:
        started = await asyncio.gather(
            *(station.start(self._ports[name]) for name, station in self._stations.items()),
            return_exceptions=True,
        )
        for result in started:
            if isinstance(result, BaseException):
                raise result

    async def _run(self) -> None:
        """Step the plant once a second, and a quarter of the GX each quarter of a second."""
        gxs = [s for s in self._stations.values() if isinstance(s, GxStation)]
        points = [p for g in self._layout.gateways for u in g.units.values() for p in u.points]
        last = self._clock()
        slot = 0
        while True:
            await asyncio.sleep(1 / _SLOTS - self._clock() % (1 / _SLOTS))
            if slot == 0:
                now = self._clock()
                step_s = min(now - last, _LONGEST_STEP_S) * self.speed
                last = now
                if step_s > 0:
                    self._plant.step(step_s)
                    for point in points:
                        point.step(step_s)
            for station in gxs[slot::_SLOTS]:
                station.tick()
            slot = (slot + 1) % _SLOTS


def ports(count: int, base: int) -> list[int]:
    """`count` consecutive ports from `base`, or free ones for base 0."""
    if base:
        if base + count > 65536:
            raise ValueError(f"{count} ports from {base} do not exist: choose a lower base port")
        return list(range(base, base + count))
    sockets = [socket.socket() for _ in range(count)]
    try:
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in sockets]
    finally:
        for sock in sockets:
            sock.close()
