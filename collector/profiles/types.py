"""How each type of a profile lies in registers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from collector.profiles.language import ModbusTable, PointTable
from collector.profiles.words import Function, PointType


class Shape(NamedTuple):
    """`width` in registers (0: as many as `len` says), `code` of Python's `struct`, the value that
    means *not implemented* in SunSpec (as unsigned), and whether it is a whole number."""

    width: int
    code: str
    nothing: int | None
    whole: bool


SHAPES: Mapping[PointType, Shape] = MappingProxyType({
    "u16": Shape(1, "H", 0xFFFF, True),
    "s16": Shape(1, "h", 0x8000, True),
    "u32": Shape(2, "I", 0xFFFF_FFFF, True),
    "s32": Shape(2, "i", 0x8000_0000, True),
    "u64": Shape(4, "Q", 0xFFFF_FFFF_FFFF_FFFF, True),
    "s64": Shape(4, "q", 0x8000_0000_0000_0000, True),
    "f32": Shape(2, "f", None, False),
    "f64": Shape(4, "d", None, False),
    "acc16": Shape(1, "H", 0, True),
    "acc32": Shape(2, "I", 0, True),
    "acc64": Shape(4, "Q", 0, True),
    "enum16": Shape(1, "H", 0xFFFF, True),
    "enum32": Shape(2, "I", 0xFFFF_FFFF, True),
    "sunssf": Shape(1, "h", 0x8000, True),
    "bit": Shape(1, "H", None, True),
    "bits": Shape(0, "", None, True),
    "nibbles": Shape(0, "", None, True),
    "string": Shape(0, "", None, False),
})  # fmt: skip

UNSIGNED = ("u16", "u32", "u64", "acc16", "acc32", "acc64", "enum16", "enum32", "bits")
COIL_FUNCTIONS = (1, 2)


def width(kind: PointType, length: int | None) -> int:
    """How many registers (coils of function 1 and 2: 1) a value takes."""
    return SHAPES[kind].width or length or 1


def function_of(point: PointTable, modbus: ModbusTable) -> Function:
    """By which function a point is read."""
    return point.fc or modbus.fc


def span_of(point: PointTable, modbus: ModbusTable) -> tuple[int, int] | None:
    """The first register of a point and the one behind its last, counted from 0; None where it
    has no address of its own (`words`, SunSpec, HTTP)."""
    if point.address is None or point.type is None:
        return None
    start = point.address - modbus.address_base
    return start, start + width(point.type, point.len)
