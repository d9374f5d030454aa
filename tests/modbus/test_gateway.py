"""The shared connection, against real servers."""

import asyncio
import time

import pytest
from pymodbus.constants import ExcCodes

from collector.errors import NotConnected, SourceError
from collector.sources.modbus.errors import (
    Asleep,
    BadFrame,
    Busy,
    IllegalAddress,
    Lost,
    NoAnswer,
    Refused,
)
from collector.sources.modbus.gateway import Gateway, Gateways
from tests.support.modbus import Unit
from tests.support.ports import free_port


@pytest.fixture
async def gateways():
    """A pool, and a check that everything of it was closed."""
    pool = Gateways()
    yield pool
    assert not pool._open


async def test_registers_come_as_they_are(modbus, gateways):
    """Holding registers by function 3, and by 4 the same map."""
    server = await modbus({1: Unit(dict(enumerate([7, 65535, 0], 100)))})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        assert await gateway.read(1, 100, 3) == [7, 65535, 0]
        assert await gateway.read(1, 101, 1, function=4) == [65535]


async def test_units_share_one_connection(modbus, gateways):
    """Two users of one address, and twenty requests at once, make one connection."""
    server = await modbus({n: Unit({0: n}) for n in range(1, 6)})
    async with (
        gateways.use("127.0.0.1", server.port, "d1") as one,
        gateways.use("127.0.0.1", server.port, "d2") as two,
    ):
        assert one is two
        got = await asyncio.gather(*(one.read(1 + n % 5, 0, 1) for n in range(20)))
        assert got == [[1 + n % 5] for n in range(20)]
        assert server.connects == 1


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (ExcCodes.ILLEGAL_ADDRESS, IllegalAddress),
        (ExcCodes.DEVICE_BUSY, Busy),
        (ExcCodes.GATEWAY_NO_RESPONSE, Asleep),
        (ExcCodes.DEVICE_FAILURE, Refused),
    ],
)
async def test_exceptions_have_their_type_and_keep_the_connection(modbus, gateways, code, error):
    """A Modbus exception raises its own type, names the unit, and costs no connection."""
    unit = Unit({0: 1})
    unit.exception = code
    server = await modbus({9: unit})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        with pytest.raises(error, match="unit 9") as caught:
            await gateway.read(9, 0, 1)
        assert isinstance(caught.value, SourceError)
        assert f"exception {int(code)}" in str(caught.value)
        unit.exception = None
        assert await gateway.read(9, 0, 1) == [1]
        assert gateway.epoch == 1


async def test_a_gap_is_an_illegal_address(modbus, gateways):
    """A read over a register that does not exist is an illegal address."""
    server = await modbus({1: Unit({0: 1, 2: 1})})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        with pytest.raises(IllegalAddress, match="0–2"):
            await gateway.read(1, 0, 3)


async def test_too_many_registers_are_refused_before_sending(modbus, gateways):
    """126 registers are a fault of ours, not of the device."""
    async with gateways.use("127.0.0.1", free_port(), "d1") as gateway:
        with pytest.raises(ValueError, match="126"):
            await gateway.read(1, 0, 126)


async def test_silence_gives_up_the_connection(modbus, gateways):
    """After a time limit the next request goes over another connection."""
    slow = Unit({0: 1})
    server = await modbus({1: slow})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        assert await gateway.read(1, 0, 1) == [1]
        slow.delay_s = 30
        with pytest.raises(NoAnswer, match=r"unit 1 gave no answer within 0\.1 s"):
            await gateway.read(1, 0, 1, timeout_s=0.1)
        slow.delay_s = 0
        assert await gateway.read(1, 0, 1) == [1]
        assert gateway.epoch == 2


async def test_a_late_answer_is_never_anothers(modbus, gateways):
    """The late answer of a slow unit does not become the answer to the next question."""
    slow = Unit({0: 111, 1: 222})
    server = await modbus({1: slow})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        slow.delay_s = 0.15
        with pytest.raises(NoAnswer):
            await gateway.read(1, 0, 1, timeout_s=0.1)
        assert await gateway.read(1, 1, 1, timeout_s=1) == [222]


async def test_a_slow_unit_is_waited_for(modbus, gateways):
    """An answer within the unit's own time limit counts, however slow beside the others'."""
    slow = Unit({0: 5})
    slow.delay_s = 0.4
    server = await modbus({1: slow, 2: Unit({0: 6})})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        got = await asyncio.gather(
            gateway.read(1, 0, 1, timeout_s=2), gateway.read(2, 0, 1, timeout_s=0.2)
        )
        assert list(got) == [[5], [6]]


async def test_a_dead_unit_hardly_delays_its_neighbour(modbus, gateways):
    """A unit that failed before gives way as soon as a neighbour waits, not after its limit."""
    server = await modbus({1: Unit({0: 6}), 2: Unit.dead()})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        with pytest.raises(NoAnswer):
            await gateway.read(2, 0, 1, timeout_s=0.05)
        began = time.monotonic()
        dead = asyncio.create_task(gateway.read(2, 0, 1, timeout_s=20))
        await asyncio.sleep(0)
        assert await gateway.read(1, 0, 1) == [6]
        assert time.monotonic() - began < 5
        with pytest.raises(NoAnswer):
            await dead


async def test_a_unit_that_has_become_slow_is_found_again(modbus, gateways):
    """A unit that was quick, failed, and now needs longer than ever before is waited for longer
    with each failure, though a neighbour is always waiting."""
    unit = Unit({0: 5})
    server = await modbus({1: unit, 2: Unit({0: 6})})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        assert await gateway.read(1, 0, 1) == [5]
        unit.delay_s = 30
        with pytest.raises(NoAnswer):
            await gateway.read(1, 0, 1, timeout_s=0.05)
        unit.delay_s = 0.6

        async def neighbour():
            while True:
                await gateway.read(2, 0, 1, timeout_s=8)

        others = [asyncio.create_task(neighbour()) for _ in range(2)]
        got = []
        for _ in range(8):
            try:
                got = await gateway.read(1, 0, 1, timeout_s=8)
                break
            except NoAnswer:
                continue
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        assert got == [5]


@pytest.mark.parametrize("length", [2, 3])
async def test_an_exception_in_pieces_is_whole(rogue, gateways, length):
    """An exception whose code comes a little later is an exception; a gateway that counts one byte
    less means the same."""

    def reply(request):
        return request[:4] + bytes((0, length, request[6], 0x83, 6))

    server = await rogue(reply, piece=8)
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        for _ in range(2):
            with pytest.raises(Busy):
                await gateway.read(1, 0, 2, timeout_s=5)
    assert server.connects == 1


async def test_an_exception_without_code_is_none(rogue, gateways):
    """An exception frame that ends before its code is a broken frame in time, and the next answer
    is right."""
    replies = [lambda r: r[:4] + bytes((0, 2, r[6], 0x83)), lambda r: _frame(r, 3, 4, 0, 1, 0, 2)]
    server = await rogue(lambda request: replies.pop(0)(request))
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        with pytest.raises(BadFrame, match="broke off"):
            await gateway.read(1, 0, 2, timeout_s=0.3)
        assert await gateway.read(1, 0, 2, timeout_s=5) == [1, 2]


async def test_an_answer_in_pieces_is_whole(rogue, gateways):
    """An answer that comes byte by byte is one answer."""
    server = await rogue(lambda r: _frame(r, 3, 4, 0, 1, 0, 2), piece=1)
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        assert await gateway.read(1, 0, 2, timeout_s=8) == [1, 2]
        assert await gateway.read(1, 0, 2, timeout_s=8) == [1, 2]
        assert gateway.epoch == 1


async def test_a_second_copy_of_an_answer_is_not_the_next_one(rogue, gateways):
    """A gateway that sends each answer twice, the copy in a packet of its own: no copy ever
    becomes the answer to the question after it."""
    server = await rogue(lambda r: _frame(r, 3, 2, 0, r[9]), copies=2)
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        for address in range(40):
            try:
                assert await gateway.read(1, address, 1, timeout_s=8) == [address]
            except (BadFrame, Lost):
                continue
        assert server.connects > 1


async def test_a_gateway_that_resets_connections_is_tried_anew(rogue, gateways):
    """A gateway that closes after each answer costs a connection each, and no reading."""
    server = await rogue(lambda r: _frame(r, 3, 2, 0, r[9]), answers=1)
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        for address in range(10):
            assert await gateway.read(1, address, 1, timeout_s=8) == [address]
        assert server.connects == 10


async def test_a_dead_unit_alone_has_its_full_time(modbus, gateways):
    """Without neighbours a unit that failed before may take all of its limit."""
    late = Unit({0: 6})
    server = await modbus({1: late})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        late.delay_s = 30
        with pytest.raises(NoAnswer):
            await gateway.read(1, 0, 1, timeout_s=0.05)
        late.delay_s = 1.3
        assert await gateway.read(1, 0, 1, timeout_s=5) == [6]


async def test_refused_connection_says_so(gateways):
    """Nobody listening is told as such, with what to check."""
    async with gateways.use("127.0.0.1", free_port(), "d1") as gateway:
        with pytest.raises(NotConnected, match=r"refuses the connection.*Modbus TCP"):
            await gateway.read(1, 0, 1)


async def test_unknown_name_says_so(gateways):
    """A host name without address is told as such."""
    async with gateways.use("no-such-host.invalid", 502, "d1") as gateway:
        with pytest.raises(NotConnected, match=r"no-such-host.invalid cannot be resolved"):
            await gateway.read(1, 0, 1)


async def test_a_failed_connect_is_shared(gateways):
    """Requests right after a failed connect fail by it instead of trying one after another."""
    async with gateways.use("127.0.0.1", free_port(), "d1") as gateway:
        got = await asyncio.gather(
            *(gateway.read(n, 0, 1) for n in range(1, 30)), return_exceptions=True
        )
        assert all(isinstance(error, NotConnected) for error in got)
        assert gateway.epoch == 0


async def test_a_restarted_server_is_found_again(modbus, gateways):
    """After a restart of the server the next read succeeds on a new connection."""
    server = await modbus({1: Unit({0: 4})})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        assert await gateway.read(1, 0, 1) == [4]
        await server.stop()
        await server.start()
        assert await gateway.read(1, 0, 1) == [4]
        assert gateway.epoch == 2


def _frame(request: bytes, *body: int, length: int | None = None) -> bytes:
    size = len(body) + 1 if length is None else length
    return request[:2] + b"\0\0" + size.to_bytes(2) + request[6:7] + bytes(body)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (lambda r: _frame(r, 3, 2, 0, 1), "data bytes"),
        (lambda r: _frame(r, 3, 4, 0, 1, length=7), "broke off"),
        (lambda r: _frame(r, 3, 200, 0, 1, 0, 2), "data bytes"),
        (lambda r: _frame(r, 3, 3, 0, 1, 0), "data bytes"),
        (lambda r: _frame(r, 99, 1), "function 99"),
        (lambda r: b"\xff\xff" + _frame(r, 3, 4, 0, 1, 0, 2)[2:], "transaction 65535"),
        (lambda r: _frame(r, 3, 4, 0, 1, 0, 2)[:6] + b"\2" + b"\3\4\0\1\0\2", "unit 2 answers"),
        (lambda r: _frame(r, 3, 4, 0, 1, 0, 2)[:5], "broke off after 5"),
        (lambda r: b"HTTP/1.1 400 Bad Request\r\n\r\n", "not Modbus"),
        (lambda r: b"x" * 300_000, "not Modbus"),
    ],
)
async def test_garbage_is_a_bad_frame(rogue, gateways, reply, words):
    """Short, long, foreign and endless answers are bad frames at once, and cost the connection."""
    server = await rogue(reply)
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        with pytest.raises(BadFrame, match=words):
            await gateway.read(1, 0, 2, timeout_s=0.3)
        server.reply = lambda r: _frame(r, 3, 4, 0, 1, 0, 2)
        assert await gateway.read(1, 0, 2) == [1, 2]
        assert server.connects == 2


async def test_a_closing_server_is_lost_at_once(rogue, gateways):
    """A connection that ends under a request fails it now, not at its time limit."""
    server = await rogue(lambda r: None)
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        with pytest.raises(Lost):
            await gateway.read(1, 0, 1, timeout_s=30)


async def test_bytes_nobody_asked_for_end_the_connection(rogue, gateways):
    """What comes between requests cannot become an answer later."""
    server = await rogue(lambda r: _frame(r, 3, 2, 0, 9))
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        assert await gateway.read(1, 0, 1) == [9]
        assert gateway._link is not None
        gateway._link._packet(False, b"\0\1\0\0\0\5\1\3\2\0\7")
        assert await gateway.read(1, 0, 1) == [9]
        assert server.connects == 2


async def test_a_cancelled_request_gives_up_the_connection(modbus, gateways):
    """A request that is cancelled leaves no pending answer behind, and the line goes on."""
    unit = Unit({0: 3})
    server = await modbus({1: unit})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        unit.delay_s = 0.2
        task = asyncio.create_task(gateway.read(1, 0, 1, timeout_s=9))
        waiting = asyncio.create_task(gateway.read(1, 0, 1, timeout_s=9))
        await asyncio.sleep(0.05)
        task.cancel()
        waiting.cancel()
        unit.delay_s = 0
        assert await gateway.read(1, 0, 1) == [3]
        assert gateway.epoch == 2
        assert await asyncio.gather(task, waiting, return_exceptions=True)


async def test_a_cancel_that_meets_the_answer_is_obeyed(modbus, gateways):
    """A task that is cancelled in the very moment of its answer ends, and does not go on."""
    server = await modbus({1: Unit({0: 3})})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        assert await gateway.read(1, 0, 1) == [3]
        context = gateway._link._client.ctx
        judge = context.trace_packet

        def cancelling(sending, data):
            if not sending:
                task.cancel()
            return judge(sending, data)

        context.trace_packet = cancelling
        task = asyncio.create_task(gateway.read(1, 0, 1))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await gateway.read(1, 0, 1) == [3]


async def test_nobody_comes_between_the_requests_of_a_turn(modbus, gateways):
    """Requests that belong together are made together, while others wait."""
    unit = Unit({0: 1, 1: 2, 9: 3})
    server = await modbus({1: unit})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        async with gateway.turn() as turn:
            other = asyncio.create_task(gateway.read(1, 9, 1))
            await turn.read(1, 0, 1)
            await turn.read(1, 1, 1)
        assert await other == [3]
        assert unit.asked == [(0, 1), (1, 1), (9, 1)]


async def test_a_long_turn_gives_way(modbus, gateways, monkeypatch):
    """Something long lets those who wait go first, and goes on behind them; one that is cancelled
    while it waits to go on does not keep the gateway."""
    monkeypatch.setattr("collector.sources.modbus.gateway.LONG_TURN_S", 0.0)
    unit = Unit({0: 1, 1: 2, 9: 3})
    server = await modbus({1: unit})
    async with gateways.use("127.0.0.1", server.port, "d1") as gateway:
        async with gateway.turn() as turn:
            await turn.read(1, 0, 1)
            await turn.give_way()  # to nobody
            other = asyncio.create_task(gateway.read(1, 9, 1))
            await asyncio.sleep(0)
            await turn.give_way()
            await turn.read(1, 1, 1)
        assert await other == [3]
        assert unit.asked == [(0, 1), (9, 1), (1, 1)]

        async def long():
            async with gateway.turn() as turn:
                await asyncio.sleep(0)
                await turn.give_way()

        unit.delay_s = 0.05
        task = asyncio.create_task(long())
        others = [asyncio.create_task(gateway.read(1, 9, 1)) for _ in range(2)]
        while not unit.asked[3:]:  # noqa: ASYNC110  the server tells nobody
            await asyncio.sleep(0.005)
        task.cancel()
        assert await asyncio.gather(*others) == [[3], [3]]
        assert await gateway.read(1, 0, 1) == [1]


async def test_spacing_keeps_requests_apart(modbus, gateways):
    """With a spacing the second request starts that much after the first one's end."""
    server = await modbus({1: Unit({0: 3})})
    async with gateways.use("127.0.0.1", server.port, "d1", spacing_s=0.1) as gateway:
        began = time.monotonic()
        for _ in range(3):
            await gateway.read(1, 0, 1)
        assert time.monotonic() - began >= 0.2


async def test_a_thing_has_one_reader():
    """A serial belongs to who claimed it first, until that one is done with the gateway."""
    gateway = Gateway("h", 1)
    assert gateway.claim("sn", "d1") == "d1"
    assert gateway.claim("sn", "d2") == "d1"
    gateway.release("d1")
    assert gateway.claim("sn", "d2") == "d2"
