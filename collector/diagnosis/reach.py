"""Is the device's address there, and does its port open? Closed, filtered and off told apart."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

from collector.config.devices import GX_PORT, GX_TLS_PORT
from collector.diagnosis.sheet import Sheet
from collector.discovery.knock import Door, knock
from collector.model.assets import Device
from collector.model.kinds import DeviceKind

PORT_S = 4.0
SIDE_S = 1.0
RESOLVE_S = 5.0
SIDE_PORTS = (80, 443, 22, 1883, 8883, 502)
"""Where a host that is on usually says something, be it no."""
ARP = Path("/proc/net/arp")
INCOMPLETE = "00:00:00:00:00:00"

SWITCHED_ON = {
    DeviceKind.GX: "switch on Settings → Services → MQTT on LAN at the GX, or is it a GX at all?",
    DeviceKind.ACUVIM: "is Modbus TCP switched on at the meter's network module, at this port?",
    DeviceKind.FRONIUS: "switch on Modbus TCP at the inverter (Communication → Modbus, at a "
    "Datamanager Settings → Modbus → TCP)",
    DeviceKind.MODBUS: "is Modbus TCP switched on at the device, at this port?",
    DeviceKind.HTTP: "is its web interface switched on, at this port?",
}
TLS_ONLY = (
    "this GX speaks TLS only: set port = 8883 and tls = true (or take both out and set tls = true)"
)
PLAIN_ONLY = (
    "this GX does not offer TLS: set tls = false (and port = 1883), or choose another security "
    "profile at the GX"
)


async def resolved(device: Device, sheet: Sheet) -> None:
    """The step *name*. Raises Failed."""
    host = device.host
    if _is_address(host):
        sheet.skip("name", f"{host} is an address")
        return
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_S):
            told = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise sheet.fail(
            "name", f"nobody answers what address {host} has", "use the IP address instead"
        ) from None
    except (OSError, UnicodeError):
        raise sheet.fail(
            "name",
            f"the name {host} is not known in this network",
            "check its spelling, or use the IP address; names ending in .local work only where "
            "mDNS does",
        ) from None
    found = sorted({str(each[4][0]) for each in told})
    sheet.ok("name", f"{host} is {', '.join(found[:4])}")


async def opened(
    device: Device, sheet: Sheet, *, neighbour: Callable[[str], bool | None] | None = None
) -> None:
    """The step *port*. Raises Failed. `neighbour` tells whether somebody answers to an address on
    the cable (None: not known)."""
    place = f"{device.host}:{device.port}"
    door = await knock(device.host, device.port, PORT_S)
    if door is Door.OPEN:
        sheet.ok("port", f"{place} opens")
        return
    if await _by_solar_api(device, sheet):
        return
    if door is Door.CLOSED:
        advice = await _closed(device)
        raise sheet.fail("port", f"the host is there, and nothing listens at {place}", advice)
    if door is Door.NO_ROUTE:
        raise sheet.fail(
            "port",
            f"this node has no way to {device.host}",
            "is the node's own cable or Wi-Fi connected, and is its address in the same network?",
        )
    there = (neighbour or on_the_cable)(device.host)
    if door is Door.ABSENT or there is False:
        raise sheet.fail(
            "port",
            f"nobody has the address {device.host} in this network: the device is off, unplugged, "
            "or has another address",
            "check its power and cable, and its address at its own display; ovr discover looks "
            "for it",
        )
    if there or await _says_anything(device.host, device.port):
        raise sheet.fail(
            "port",
            f"the host is on, but {place} is filtered: it does not even say no",
            "a firewall on the way or on the device drops it; " + SWITCHED_ON[device.kind],
        )
    raise sheet.fail(
        "port",
        f"{place} does not answer: the device is off, or something on the way drops packets",
        "check its power, the cable or Wi-Fi, its address, and the route to its network",
    )


async def _by_solar_api(device: Device, sheet: Sheet) -> bool:
    """Whether a Fronius without Modbus has its other way open, by which it is read then."""
    if device.kind is not DeviceKind.FRONIUS or device.solar_api == "off":
        return False
    if await knock(device.host, device.solar_api_port, SIDE_S) is not Door.OPEN:
        return False
    sheet.warn(
        "port",
        f"Modbus does not answer at {device.host}:{device.port}; port {device.solar_api_port} "
        "opens, where its Solar API is read meanwhile",
        SWITCHED_ON[DeviceKind.FRONIUS],
    )
    return True


async def _closed(device: Device) -> str:
    if device.kind is DeviceKind.GX:
        other = GX_PORT if device.tls or device.port == GX_TLS_PORT else GX_TLS_PORT
        if other != device.port and await knock(device.host, other, SIDE_S) is Door.OPEN:
            return TLS_ONLY if other == GX_TLS_PORT else PLAIN_ONLY
    return SWITCHED_ON[device.kind]


async def _says_anything(host: str, but: int) -> bool:
    """Whether the host opens or refuses any other usual port."""
    ports = [port for port in SIDE_PORTS if port != but]
    doors = await asyncio.gather(*(knock(host, port, SIDE_S) for port in ports))
    return any(door in (Door.OPEN, Door.CLOSED) for door in doors)


def on_the_cable(host: str, table: Path = ARP) -> bool | None:
    """Whether the kernel has heard from an IPv4 neighbour (its ARP table, Linux); None: it is none,
    or was never looked for."""
    try:
        lines = table.read_text().splitlines()[1:]
    except OSError:
        return None
    for line in lines:
        words = line.split()
        if len(words) >= 4 and words[0] == host:
            return words[3] != INCOMPLETE
    return None


def _is_address(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return True
    return False
