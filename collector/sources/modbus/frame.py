"""Is what came an answer to what was asked? Judged before anything decodes it.

Modbus TCP frame: transaction (2 bytes), protocol 0 (2), length of the rest (2), unit (1),
function (1), then the byte count and the registers (functions 1 and 2: eight coils to a byte), or
the exception code.
"""

from typing import NamedTuple

HEADER = 8
COILS = (1, 2)
"""The functions that read single bits: coils and discrete inputs."""


class Asked(NamedTuple):
    """The one request that is under way."""

    transaction: int
    unit: int
    function: int
    registers: int

    @property
    def due(self) -> int:
        """How many bytes of data the answer has."""
        return (self.registers + 7) // 8 if self.function in COILS else 2 * self.registers


def fault(data: bytes, asked: Asked) -> str:
    """Why `data`, all bytes since the request, cannot become its answer; empty while it can."""
    if len(data) < HEADER:
        return ""
    transaction = int.from_bytes(data[0:2])
    length = int.from_bytes(data[4:6])
    unit, function = data[6], data[7]
    if any(data[2:4]):
        return "the answer is not Modbus TCP"
    if transaction not in (asked.transaction, 0):  # some gateways always say 0
        return f"the answer bears transaction {transaction} instead of {asked.transaction}"
    if unit != asked.unit:
        return f"unit {unit} answers instead of {asked.unit}"
    if function == asked.function | 0x80:
        # Some gateways say 2 and send 3.
        return "" if length in (2, 3) and len(data) <= HEADER + 1 else "a malformed exception"
    if function != asked.function:
        return f"function {function} answered instead of {asked.function}"
    return _length_fault(data, length, asked.due)


def begun_exception(data: bytes) -> bool:
    """Whether the code of an exception is still missing: pymodbus takes a frame of length 2, as
    some gateways send it, for whole without."""
    return len(data) == HEADER and data[7] >= 0x80


def _length_fault(data: bytes, length: int, due: int) -> str:
    told = data[HEADER] if len(data) > HEADER else due
    if told != due or length != due + 3:
        return f"{told} data bytes in a frame of {length} instead of {due} in {due + 3}"
    if len(data) > 6 + length:
        return f"{len(data) - 6 - length} bytes more than the answer"
    return ""
