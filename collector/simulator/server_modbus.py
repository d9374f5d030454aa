"""Modbus TCP servers for the simulated meters and inverters: the only place with pymodbus."""

from __future__ import annotations

from collections.abc import Mapping

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from pymodbus.simulator.simcore import SimCore

from collector.errors import OvrError
from collector.simulator.meters.registers import Asleep, IllegalAddress, Registers

_READ = (3, 4)
_MAX_COUNT = 125
_UNIT_AT = 6


class ServerError(OvrError):
    """A Modbus server could not listen."""


class _Units(SimCore):
    """pymodbus' store keeps every register from the first to the last in lists; this asks the
    devices instead, when somebody reads."""

    def __init__(self, units: Mapping[int, Registers]) -> None:
        super().__init__(SimDevice(0, SimData(0, values=0, datatype=DataType.REGISTERS)))
        self._units = units

    def device_ids(self) -> list[int]:
        return list(self._units)

    async def async_getValues(  # noqa: N802 - pymodbus' name
        self, device_id: int, func_code: int, address: int, count: int = 1
    ) -> list[int] | list[bool] | ExcCodes:
        unit = self._units.get(device_id)
        if unit is None:
            return ExcCodes.GATEWAY_NO_RESPONSE
        if func_code not in _READ:
            return ExcCodes.ILLEGAL_FUNCTION
        if not 1 <= count <= _MAX_COUNT:
            return ExcCodes.ILLEGAL_VALUE
        try:
            return unit.read(address, count)
        except IllegalAddress:
            return ExcCodes.ILLEGAL_ADDRESS
        except Asleep:
            return ExcCodes.GATEWAY_NO_RESPONSE

    async def async_setValues(  # noqa: N802 - pymodbus' name
        self, device_id: int, func_code: int, address: int, values: list[int] | list[bool]
    ) -> ExcCodes | None:
        del device_id, func_code, address, values
        return ExcCodes.ILLEGAL_FUNCTION


class ModbusServer:
    """Units behind one TCP port, as behind a gateway. Read only: writes get exception 1."""

    def __init__(self, units: Mapping[int, Registers]) -> None:
        self.units = dict(units)
        self._server: ModbusTcpServer | None = None

    async def start(self, port: int) -> None:
        """Listen on 127.0.0.1. Raises ServerError."""
        server = ModbusTcpServer(
            SimDevice(0, SimData(0, values=0, datatype=DataType.REGISTERS)),
            address=("127.0.0.1", port),
            trace_packet=self._mute,
        )
        server.context = _Units(self.units)
        try:
            await server.serve_forever(background=True)
        except RuntimeError as error:
            await server.shutdown()  # type: ignore[no-untyped-call]
            raise ServerError(
                f"no Modbus server on port {port}: {error} (is the port taken?)"
            ) from error
        self._server = server

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        server, self._server = self._server, None
        if server is not None:
            await server.shutdown()  # type: ignore[no-untyped-call]

    def _mute(self, sending: bool, packet: bytes) -> bytes:
        """What is sent for a silent unit is nothing at all."""
        if sending and len(packet) > _UNIT_AT:
            unit = self.units.get(packet[_UNIT_AT])
            if unit is not None and unit.silent:
                return b""
        return packet
