"""Real Modbus TCP servers (pymodbus) with true register maps, and one that answers garbage."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from struct import pack, unpack
from typing import Any

import pytest_asyncio
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from tests.support.ports import free_port


class Unit:
    """One unit id: its registers, and how it misbehaves. All may be changed while it serves."""

    def __init__(self, registers: Mapping[int, int]) -> None:
        self.registers = dict(registers)
        self.answers: list[Mapping[int, int]] = []
        """Registers with which the next requests are answered, one after the other."""
        self.exception: ExcCodes | None = None
        self.refuse: dict[int, ExcCodes] = {}
        """Answers of its own to requests that begin at an address."""
        self.refuse_once: dict[int, ExcCodes] = {}
        self.delay_s = 0.0
        self.asked: list[tuple[int, int]] = []

    @classmethod
    def dead(cls) -> "Unit":
        """A unit that never answers."""
        unit = cls({})
        unit.delay_s = 600.0
        return unit

    def put(self, address: int, words: Sequence[int]) -> None:
        """Write words from an address on."""
        self.registers.update(enumerate(words, address))

    def device(self, number: int) -> SimDevice:
        """As pymodbus' simulator wants it; gaps answer exception 2, without any all exist."""
        if not self.registers:
            whole = SimData(0, count=0xFFFF, values=0, datatype=DataType.REGISTERS)
            return SimDevice(number, [whole], action=self._answer)
        blocks = []
        known = sorted(self.registers)
        start = 0
        for i in range(1, len(known) + 1):
            if i == len(known) or known[i] != known[i - 1] + 1:
                words = [self.registers[a] for a in known[start:i]]
                blocks.append(SimData(known[start], values=words, datatype=DataType.REGISTERS))
                start = i
        return SimDevice(number, blocks, action=self._answer)

    async def _answer(
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        current: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        self.asked.append((address, count))
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        told = self.answers.pop(0) if self.answers else self.registers
        for i in range(address, address + count):
            current[i - start] = told.get(i, 0)
        once = self.refuse_once.pop(address, None)
        return once or self.refuse.get(address, self.exception)


class Server:
    """One Modbus TCP server. Unit ids it does not have answer exception 4. `stop` keeps the
    port."""

    def __init__(
        self, units: Mapping[int, Unit], *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.units = dict(units)
        self.host = host
        self.port = port or free_port()
        self.connects = 0
        self._server: ModbusTcpServer | None = None

    async def start(self) -> None:
        """Listen; registers added since the last start are served from now on."""
        self._server = ModbusTcpServer(
            [unit.device(number) for number, unit in self.units.items()],
            address=(self.host, self.port),
            trace_connect=self._connected,
        )
        await self._server.serve_forever(background=True)

    async def stop(self) -> None:
        """Close the port and all connections."""
        if self._server is not None:
            await self._server.shutdown()
            self._server = None

    def _connected(self, up: bool) -> None:
        self.connects += up


Make = Callable[..., Awaitable[Server]]


@pytest_asyncio.fixture
async def modbus() -> AsyncIterator[Make]:
    """Makes running servers: `await modbus({1: Unit({0: 7})})`; with `host` and `port` elsewhere
    on loopback."""
    servers: list[Server] = []

    async def make(units: Mapping[int, Unit], **where: Any) -> Server:
        server = Server(units, **where)
        await server.start()
        servers.append(server)
        return server

    yield make
    for server in servers:
        await server.stop()


class Rogue:
    """A TCP server that answers each request with the bytes of `reply`; None: it hangs up.

    It sends them in pieces of `piece` bytes (0: whole), `copies` times, each copy by itself, and
    closes after `answers` answers (0: never).
    """

    def __init__(
        self,
        reply: Callable[[bytes], bytes | None],
        *,
        piece: int = 0,
        copies: int = 1,
        answers: int = 0,
    ) -> None:
        self.reply = reply
        self.port = 0
        self.connects = 0
        self._piece = piece
        self._copies = copies
        self._answers = answers
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connects += 1
        left = self._answers
        try:
            while request := await reader.read(300):
                answer = self.reply(request)
                if answer is None:
                    break
                for _ in range(self._copies):
                    await self._send(writer, answer)
                left -= 1
                if not left:
                    break
        except ConnectionError:
            pass  # the client has given this connection up, as it should
        finally:
            writer.close()

    async def _send(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        size = self._piece or len(answer)
        for start in range(0, len(answer), size):
            writer.write(answer[start : start + size])
            await writer.drain()
            await asyncio.sleep(0.001)


@pytest_asyncio.fixture
async def rogue() -> AsyncIterator[Callable[..., Awaitable[Rogue]]]:
    """Makes running rogue servers: `await rogue(reply, copies=2)`."""
    servers: list[Rogue] = []

    async def make(reply: Callable[[bytes], bytes | None], **ways: int) -> Rogue:
        server = Rogue(reply, **ways)
        await server.start()
        servers.append(server)
        return server

    yield make
    for server in servers:
        await server.stop()


def f32(*values: float) -> list[int]:
    """Floats as registers, high word first."""
    return [w for value in values for w in unpack(">HH", pack(">f", value))]


def u32(*values: int) -> list[int]:
    """32-bit integers as registers, high word first."""
    return [w for value in values for w in (value >> 16 & 0xFFFF, value & 0xFFFF)]


def ascii_words(text: str, registers: int) -> list[int]:
    """Text as registers, filled with NUL."""
    raw = text.encode().ljust(2 * registers, b"\0")
    return list(unpack(f">{registers}H", raw[: 2 * registers]))


def common_model(maker: str, model: str, options: str, version: str, serial: str) -> list[int]:
    """The SunSpec common model of 65 registers, with its header."""
    return [
        1, 65,
        *ascii_words(maker, 16), *ascii_words(model, 16), *ascii_words(options, 8),
        *ascii_words(version, 8), *ascii_words(serial, 16), 1,
    ]  # fmt: skip


def sunspec_map(base: int, *models: Sequence[int]) -> dict[int, int]:
    """A SunSpec map: marker, models with their headers, end mark."""
    words = [0x5375, 0x6E53, *(w for model in models for w in model), 0xFFFF, 0]
    return dict(enumerate(words, base))
