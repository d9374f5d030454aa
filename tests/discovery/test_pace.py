"""How fast connections are opened."""

import asyncio

from collector.discovery.knock import Door, knock
from collector.discovery.pace import Pace
from tests.modbus.live import Turned
from tests.support.ports import free_port


async def test_a_bounded_rate() -> None:
    """However many want to at once, one begins each fiftieth of a second."""
    time = Turned()
    pace = Pace(50.0, time.clock)
    began: list[float] = []

    async def one() -> None:
        await pace.turn()
        began.append(time.now)

    start = time.now
    for _ in range(200):
        await one()
    assert began[0] == start
    assert abs(began[-1] - start - 199 / 50) < 1e-3
    for early, late in zip(began, began[50:], strict=False):
        assert late - early > 0.99

    time.now += 60.0
    again = time.now
    await one()
    await one()
    assert began[-1] - again > 0.019, "a pause is no credit for a burst"


async def test_doors() -> None:
    """Open, closed, nobody of that name."""
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await knock("127.0.0.1", port) is Door.OPEN
    server.close()
    await server.wait_closed()
    assert await knock("127.0.0.1", free_port()) is Door.CLOSED
    assert await knock("no-such-host.invalid", 502) is Door.UNKNOWN_NAME
