"""A site on loopback: many addresses, the same ports on each, as devices have them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from collector.discovery.desk import DiscoveryDesk
from collector.discovery.hosts import Ports
from collector.discovery.mark import Known
from collector.discovery.search import World
from collector.model.kinds import DeviceKind
from collector.model.reading import Identity


def free_ports() -> Ports:
    """Five ports that are free on every loopback address now, for TCP and UDP."""
    held: list[socket.socket] = []
    try:
        for _ in Ports():
            sock = socket.socket()
            held.append(sock)
            sock.bind(("0.0.0.0", 0))
        return Ports(*(sock.getsockname()[1] for sock in held))
    finally:
        for sock in held:
            sock.close()


class Doorbell:
    """A port that counts who comes, and says nothing."""

    def __init__(self) -> None:
        self.visits = 0

    async def serve(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Count and close."""
        self.visits += 1
        writer.close()


@asynccontextmanager
async def doorbells(host: str, ports: Sequence[int]) -> AsyncIterator[Doorbell]:
    """All these ports of a host, listened at by one bell."""
    bell = Doorbell()
    servers = [await asyncio.start_server(bell.serve, host, port) for port in ports]
    try:
        yield bell
    finally:
        for server in servers:
            server.close()
            await server.wait_closed()


def known(device: str, host: str, port: int, **more: object) -> Known:
    """A device of the registry; heard when `serial` answers."""
    serial = str(more.pop("serial", ""))
    named: dict[str, object] = {
        "kind": DeviceKind.ACUVIM,
        "unit": 1,
        "serial": serial,
        "who": Identity(serial=serial, maker="Accuenergy", model="Acuvim IIR"),
        "heard": True,
    }
    return Known(device, host=host, port=port, **(named | more))  # type: ignore[arg-type]


def desk(ports: Ports, devices: Sequence[Known] = (), **more: object) -> DiscoveryDesk:
    """A desk that searches loopback fast."""
    world = World(rate=2000.0, ports=ports, group="127.0.0.1")
    named: dict[str, object] = {"known": lambda: devices, "world": world, "interfaces": tuple}
    return DiscoveryDesk(**(named | more))  # type: ignore[arg-type]
