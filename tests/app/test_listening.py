"""A whole collector whose TCP address is taken: it collects, says so, and listens when it can."""

import socket

import pytest

from tests.support.nodes import make_home, running
from tests.support.ports import free_port

pytestmark = pytest.mark.timeout(150)


async def test_an_address_that_is_taken_costs_nothing_else(tmp_path) -> None:
    """Ticks go on, the problem stands where people look, and goes when the port is free."""
    port = free_port()
    home = make_home(tmp_path, node={"listen": {"address": f"127.0.0.1:{port}"}})
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        async with running(home) as node:

            def told() -> bool:
                problems = node.snapshot.health.problems
                return any("no API over TCP" in one and str(port) in one for one in problems)

            await node.until(told)
            await node.ticks(2)
            assert home.viewer_socket.is_socket()
            other.close()
            await node.until(lambda: not told(), 90)
    assert not home.viewer_socket.exists()
    assert not home.operator_socket.exists()
