"""Numbers and text out of 16-bit registers. Registers are big-endian on the wire.

Nothing here raises for any content: what is no number, or lies behind the end, is None.
"""

import math
from collections.abc import Sequence
from struct import Struct, pack
from types import MappingProxyType
from typing import Literal

NumberType = Literal["u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64"]

_STRUCTS = MappingProxyType({
    "u16": Struct(">H"), "s16": Struct(">h"), "u32": Struct(">I"), "s32": Struct(">i"),
    "u64": Struct(">Q"), "s64": Struct(">q"), "f32": Struct(">f"), "f64": Struct(">d"),
})  # fmt: skip

SF_LIMIT = 10


def as_bytes(registers: Sequence[int]) -> bytes:
    """The registers (each 0…65535) as they were on the wire."""
    return pack(f">{len(registers)}H", *registers)


def width(kind: NumberType) -> int:
    """How many registers a number takes."""
    return _STRUCTS[kind].size // 2


def number(
    block: bytes, at: int, kind: NumberType, *, low_word_first: bool = False
) -> float | None:
    """The number at register `at` of `block`; integers stay exact. NaN, infinity and what lies
    behind the end are None."""
    layout = _STRUCTS[kind]
    raw = block[2 * at : 2 * at + layout.size] if at >= 0 else b""
    if len(raw) != layout.size:
        return None
    if low_word_first:
        raw = b"".join(raw[i : i + 2] for i in range(layout.size - 2, -1, -2))
    value: float = layout.unpack(raw)[0]
    return value if math.isfinite(value) else None


def text(block: bytes, at: int, registers: int) -> str:
    """The text in `registers` registers from `at`: up to the first NUL, without outer white space.

    Devices fill with NUL or spaces; bytes that are no UTF-8 become U+FFFD. Not cleaned.
    """
    raw = block[2 * at : 2 * (at + registers)] if at >= 0 else b""
    return raw.partition(b"\0")[0].decode("utf-8", "replace").strip()


def sunssf(block: bytes, at: int) -> int | None:
    """A SunSpec scale factor: −10…10. Anything else (0x8000: not implemented) is None."""
    value = number(block, at, "s16")
    return int(value) if value is not None and abs(value) <= SF_LIMIT else None


def scaled(value: float | None, factor: int | None) -> float | None:
    """`value`·10^`factor`, by division where that is exact to the last digit people see."""
    if value is None or factor is None:
        return None
    return value * 10.0**factor if factor >= 0 else value / 10.0**-factor
