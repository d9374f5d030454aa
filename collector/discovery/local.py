"""The IPv4 addresses of this node and the networks that they stand in, from the kernel (Linux)."""

import fcntl
import socket
import struct
from array import array
from ipaddress import IPv4Address, IPv4Network

from collector.discovery.plan import Interface

SIOCGIFCONF, SIOCGIFFLAGS, SIOCGIFNETMASK = 0x8912, 0x8913, 0x891B
IFF_UP, IFF_LOOPBACK, IFF_POINTOPOINT = 0x1, 0x8, 0x10
IFREQ = 40
"""Bytes of a `struct ifreq` with 64-bit pointers: the name in 16, then a `sockaddr_in`."""
ROOM = 128
INSIDE = (
    "docker", "br-", "veth", "virbr", "lxc", "lxd", "cni", "podman", "tun", "tap", "wg", "zt",
    "tailscale",
)  # fmt: skip
"""Interfaces, by the beginning of their names, that lead to no device on site: bridges of
containers and virtual machines, and tunnels."""


def interfaces() -> tuple[Interface, ...]:
    """Every network that devices on site may stand in; without loopback, tunnels and containers.
    Empty where the kernel does not say."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            listed = _all(asking)
        except OSError:
            return ()
        found = [_one(asking, name, address) for name, address in listed]
    return tuple(one for one in found if one is not None)


def _all(asking: socket.socket) -> list[tuple[str, bytes]]:
    """Names and addresses; one interface may have several."""
    room = array("B", bytes(IFREQ * ROOM))
    place, size = room.buffer_info()
    told = fcntl.ioctl(asking.fileno(), SIOCGIFCONF, struct.pack("iP", size, place))
    found = []
    for at in range(0, struct.unpack("iP", told)[0], IFREQ):
        name, address = struct.unpack_from("16s4x4s", room, at)
        found.append((name.partition(b"\0")[0].decode(errors="replace"), address))
    return found


def _one(asking: socket.socket, name: str, address: bytes) -> Interface | None:
    question = struct.pack("16sHH4s16x", name.encode()[:15], socket.AF_INET, 0, address)
    try:
        flags = struct.unpack_from("16xH", fcntl.ioctl(asking, SIOCGIFFLAGS, question))[0]
        mask = struct.unpack_from("20x4s", fcntl.ioctl(asking, SIOCGIFNETMASK, question))[0]
    except OSError:
        return None
    if not flags & IFF_UP or flags & (IFF_LOOPBACK | IFF_POINTOPOINT) or name.startswith(INSIDE):
        return None
    network = IPv4Network((address, str(IPv4Address(mask))), strict=False)
    if network.prefixlen > 30:
        return None
    return Interface(name=name, address=IPv4Address(address), network=network)
