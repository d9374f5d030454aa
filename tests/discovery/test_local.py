"""The node's own networks, as the kernel tells them."""

import socket

from collector.discovery.local import interfaces


def test_own_networks() -> None:
    """Each is an address of this machine, in its network, and no loopback; it can be asked from."""
    for one in interfaces():
        assert one.address in one.network
        assert not one.address.is_loopback
        assert one.network.prefixlen <= 30
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.bind((str(one.address), 0))
