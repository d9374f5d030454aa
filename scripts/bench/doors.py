"""The two doors of the collector to devices (pymodbus, aiomqtt), leading to simulated ones in the
same process: everything behind the doors is the real thing, and needs no socket."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import NoReturn
from unittest.mock import patch

import aiomqtt

from collector.errors import NotConnected
from collector.model.assets import Device
from collector.pinning import Pin
from collector.simulator.meters.registers import Asleep, IllegalAddress, Registers
from collector.simulator.stations import GxStation, ModbusStation
from collector.sources.modbus.errors import Lost, refused
from collector.sources.victron.client import Receive

ANSWER_S = 0.02
ILLEGAL_ADDRESS, NO_RESPONSE = 2, 11


class Net:
    """Who listens at which port now."""

    def __init__(self) -> None:
        self.gateways: dict[int, MemoryGateway] = {}
        self.gxs: dict[int, MemoryGx] = {}


class MemoryGateway(ModbusStation):
    """Modbus units that listen in memory."""

    net: Net
    port = 0

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

    net: Net
    port = 0

    async def start(self, port: int) -> None:
        """Serve."""
        self.port = port
        self.clients: set[MemoryClient] = set()
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

    client_id = "ovr-bench"

    def __init__(self, station: MemoryGx, receive: Receive) -> None:
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


@contextmanager
def doors(net: Net) -> Iterator[None]:
    """While it lasts the collector's doors lead to `net`."""

    class Links:
        @classmethod
        async def open(cls, host: str, port: int, limit_s: float) -> MemoryLink:
            del limit_s
            await asyncio.sleep(ANSWER_S)
            if port not in net.gateways:
                raise NotConnected(f"{host}:{port} refuses the connection.")
            return MemoryLink(net, host, port)

    @asynccontextmanager
    async def connected(device: Device, pin: Pin, receive: Receive) -> AsyncIterator[MemoryClient]:
        del pin
        await asyncio.sleep(ANSWER_S)
        station = net.gxs.get(device.port)
        if station is None:
            raise NotConnected(f"{device.host}:{device.port} refuses connections")
        client = MemoryClient(station, receive)
        station.clients.add(client)
        try:
            yield client
        finally:
            station.clients.discard(client)

    with (
        patch("collector.sources.modbus.gateway.Link", Links),
        patch("collector.sources.victron.source.connected", connected),
    ):
        yield
