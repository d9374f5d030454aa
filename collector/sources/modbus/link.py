"""One TCP connection to a Modbus server, and one request at a time on it.

The only module that imports pymodbus. What pymodbus 3.16 does not do itself is done here: a
failed connect says why, a connection that ends fails the request at once, and bytes that are no
answer to the question fail it too instead of being skipped until the time limit.
"""

import asyncio
import logging
import socket
from functools import partial
from typing import Any, Self

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusIOException
from pymodbus.pdu import ExceptionResponse

from collector.errors import NotConnected, SourceError
from collector.sources.modbus.errors import BadFrame, Lost, refused
from collector.sources.modbus.frame import COILS, Asked, begun_exception, fault

# Every failure is raised and counted here; pymodbus would log each of them again.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

PYMODBUS_LIMIT_S = 3600.0
BUFFER_BYTES = 1 << 20


class Link:
    """An open connection. After any error but `Refused` it must be closed and not used again."""

    def __init__(self, host: str, port: int) -> None:
        self.where = f"{host}:{port}"
        self._asked: Asked | None = None
        self._bytes = 0
        self._cause: OSError | None = None
        self._client = AsyncModbusTcpClient(
            host,
            port=port,
            timeout=PYMODBUS_LIMIT_S,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._packet,
            trace_connect=self._turned,
        )
        self._client.ctx.max_buffer_size = BUFFER_BYTES
        self._client.ctx.call_create = partial(self._create, self._client.ctx.call_create)

    @classmethod
    async def open(cls, host: str, port: int, limit_s: float) -> Self:
        """Connect within `limit_s` seconds, or raise NotConnected with the reason in words."""
        link = cls(host, port)
        before = _cancels()
        try:
            async with asyncio.timeout(limit_s):
                connected = await link._client.connect()
                link._obey(before)
        except TimeoutError:
            raise NotConnected(
                f"{link.where} does not accept a connection within {limit_s:g} s. "
                "Check its power, network and address."
            ) from None
        if not connected:
            raise NotConnected(_connect_text(host, port, link._cause)) from link._cause
        return link

    @property
    def up(self) -> bool:
        """Whether the other end has not closed it."""
        return self._client.connected

    @property
    def heard(self) -> int:
        """Bytes that came since the last question."""
        return self._bytes

    def close(self) -> None:
        """Close it now."""
        self._asked = None
        self._client.close()

    async def ask(self, unit: int, function: int, address: int, count: int) -> list[int]:
        """Registers (or coils, as 0 and 1) from a unit. Raises BadFrame, Lost, Refused; waits
        without limit."""
        call = {
            1: self._client.read_coils,
            2: self._client.read_discrete_inputs,
            3: self._client.read_holding_registers,
            4: self._client.read_input_registers,
        }[function]
        self._bytes = 0
        before = _cancels()
        self._asked = Asked(0, unit, function, count)
        try:
            answer: Any = await call(address, count=count, device_id=unit)
        except ConnectionException:
            raise self._lost() from None
        except ModbusIOException as error:
            raise BadFrame(f"{self.where} unit {unit}: {error.string}.") from None
        finally:
            self._asked = None
        self._obey(before)
        if isinstance(answer, ExceptionResponse):
            asked = f"{self.where} unit {unit}, registers {address}–{address + count - 1}"
            raise refused(asked, answer.exception_code)
        if function in COILS:
            return [int(bit) for bit in answer.bits[:count]]
        registers: list[int] = answer.registers
        return registers

    def _obey(self, before: int) -> None:
        """Be cancelled, if that was asked for meanwhile: `asyncio.wait_for` of Python 3.11, on
        which pymodbus waits, forgets it when the answer came at the same moment."""
        if _cancels() > before:
            self.close()
            raise asyncio.CancelledError

    # -- what pymodbus calls -----------------------------------------------------------------

    async def _create(self, create: Any) -> Any:
        try:
            return await create()
        except OSError as error:
            self._cause = error
            raise

    def _packet(self, sending: bool, data: bytes) -> bytes:
        if sending:
            if self._asked is not None:
                self._asked = self._asked._replace(transaction=int.from_bytes(data[:2]))
            return data
        self._bytes = len(data)
        if self._asked is None:
            self._client.close()
            return b""
        wrong = fault(data, self._asked)
        if wrong:
            self._fail(BadFrame(f"{self.where} unit {self._asked.unit}: {wrong}."))
            return b""
        return b"" if begun_exception(data) else data

    def _turned(self, up: bool) -> None:
        if not up and self._asked is not None:
            self._fail(self._lost())

    def _fail(self, error: SourceError) -> None:
        future = self._client.ctx.response_future
        if not future.done():
            future.set_exception(error)

    def _lost(self) -> Lost:
        return Lost(f"{self.where} closed the connection.")


def _cancels() -> int:
    """How often the running task was asked to end."""
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0


def _connect_text(host: str, port: int, cause: OSError | None) -> str:
    if isinstance(cause, socket.gaierror):
        return (
            f"The name {host} cannot be resolved: {cause.strerror}. Check the host or use its IP."
        )
    if isinstance(cause, ConnectionRefusedError):
        return (
            f"{host}:{port} refuses the connection. Check that Modbus TCP is switched on there, "
            "and the port."
        )
    reason = (cause.strerror or str(cause)) if cause is not None else "no reason given"
    return f"{host}:{port} cannot be reached: {reason}. Check its power, network and address."
