"""The two ways of the collector to devices (pymodbus, aiomqtt), leading to simulated ones in the
same process: everything behind them is the real thing, and needs no socket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import NoReturn

import aiomqtt

from collector.errors import NotConnected
from collector.model.assets import Device
from collector.pinning import Pin
from collector.simulator.layout import Gateway, GxSpot
from collector.simulator.meters.registers import Asleep, IllegalAddress, Registers
from collector.simulator.stations import GxStation, ModbusStation
from collector.sources.modbus.errors import Lost, refused
from collector.sources.victron.client import Connection, Receive

ANSWER_S = 0.02
ILLEGAL_ADDRESS, NO_RESPONSE = 2, 11


class Net:
    """Who listens at which port now, and the ways there: `open_link` for `Gateways`, `connect` for
    `VictronSource`."""

    def __init__(self) -> None:
        self.gateways: dict[int, MemoryGateway] = {}
        self.gxs: dict[int, MemoryGx] = {}

    async def open_link(self, host: str, port: int, limit_s: float) -> "MemoryLink":
        """A connection to Modbus units. Raises NotConnected."""
        del limit_s
        await asyncio.sleep(ANSWER_S)
        if port not in self.gateways:
            raise NotConnected(f"{host}:{port} refuses the connection.")
        return MemoryLink(self, host, port)

    @asynccontextmanager
    async def connect(
        self, device: Device, pin: Pin, receive: Receive
    ) -> AsyncIterator[Connection]:
        """A connection to a GX. Raises NotConnected."""
        del pin
        await asyncio.sleep(ANSWER_S)
        station = self.gxs.get(device.port)
        if station is None:
            raise NotConnected(f"{device.host}:{device.port} refuses connections")
        client = MemoryClient(station, receive)
        station.clients.add(client)
        try:
            yield client
        finally:
            station.clients.discard(client)


class MemoryGateway(ModbusStation):
    """Modbus units that listen in memory."""

    def __init__(self, gateway: Gateway, net: Net) -> None:
        super().__init__(gateway)
        self.net = net
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen."""
        self.port = port
        self.net.gateways[port] = self

    async def stop(self) -> None:
        """Listen no more."""
        self.net.gateways.pop(self.port, None)

    def unit(self, number: int) -> Registers | None:
        """A unit's registers."""
        found = self.gateway.units.get(number)
        return None if found is None else found.registers


class MemoryGx(GxStation):
    """A GX whose broker is a set of clients."""

    def __init__(
        self,
        spot: GxSpot,
        random: Random,
        net: Net,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        super().__init__(spot, "auto", random, clock=clock, wall=wall)
        self.net = net
        self.port = 0
        self.clients: set[MemoryClient] = set()

    async def start(self, port: int) -> None:
        """Serve."""
        self.port = port
        self.clients.clear()
        self.net.gxs[port] = self
        self.gx.connected()

    async def stop(self) -> None:
        """Every connection ends."""
        self.net.gxs.pop(self.port, None)
        for client in self.clients:
            client.lost.set()
        self.clients.clear()

    @property
    def up(self) -> bool:
        """Whether it serves."""
        return self.net.gxs.get(self.port) is self

    def _send(self, topic: str, payload: bytes, retain: bool) -> None:
        del retain
        for client in tuple(self.clients):
            client.receive(topic, payload, False)

    def _flush(self) -> None:
        """Nothing waits."""


class MemoryClient:
    """What `GxClient` is to a session."""

    def __init__(self, station: MemoryGx, receive: Receive) -> None:
        self.client_id = "ovr-virtual"
        self.receive = receive
        self.lost = asyncio.Event()
        self._station = station

    async def listen(self, topics: Sequence[str]) -> list[str]:
        """The retained serial comes at once."""
        await asyncio.sleep(ANSWER_S)
        portal = self._station.plan.portal_id
        if any(topic.endswith("system/0/Serial") for topic in topics):
            self.receive(f"N/{portal}/system/0/Serial", f'{{"value":"{portal}"}}'.encode(), True)
        return []

    async def ignore(self, topics: Sequence[str]) -> None:
        """Nothing to do."""

    async def say(self, topic: str, payload: str) -> None:
        """To the GX."""
        if self.lost.is_set():
            raise aiomqtt.MqttError("the connection was closed")
        self._station.gx.received(topic, payload.encode())

    def last_word(self, topic: str, payload: str) -> None:
        """To the GX, while it is there."""
        if not self.lost.is_set():
            self._station.gx.received(topic, payload.encode())

    async def until_lost(self) -> NoReturn:
        """Wait until the connection ends."""
        await self.lost.wait()
        raise aiomqtt.MqttError("the connection was closed")


class MemoryLink:
    """What `Link` is to a gateway."""

    heard = 0

    def __init__(self, net: Net, host: str, port: int) -> None:
        self.where = f"{host}:{port}"
        self._net = net
        self._port = port
        self._open = True

    @property
    def up(self) -> bool:
        """Whether the other end is there."""
        return self._open and self._port in self._net.gateways

    def close(self) -> None:
        """Close it."""
        self._open = False

    async def ask(self, unit: int, function: int, address: int, count: int) -> list[int]:
        """Registers of a unit; none from one that is silent."""
        del function
        await asyncio.sleep(ANSWER_S)
        station = self._net.gateways.get(self._port)
        if station is None:
            raise Lost(f"{self.where} closed the connection.")
        registers = station.unit(unit)
        if registers is not None and registers.silent:
            await asyncio.Event().wait()
        asked = f"{self.where} unit {unit}"
        if registers is None:
            raise refused(asked, NO_RESPONSE)
        try:
            return registers.read(address, count)
        except IllegalAddress:
            raise refused(asked, ILLEGAL_ADDRESS) from None
        except Asleep:
            raise refused(asked, NO_RESPONSE) from None
