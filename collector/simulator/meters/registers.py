"""Register maps: blocks of words that are made when they are read."""

import struct
from collections.abc import Callable, Sequence

from msgspec import Struct


class IllegalAddress(Exception):
    """A register outside the map, or a read across a gap: Modbus exception 2."""


class Asleep(Exception):
    """The device behind the gateway sleeps: Modbus exception 11."""


class Block(Struct, frozen=True):
    """`count` registers from `start`, held by what `build` returns."""

    start: int
    count: int
    build: Callable[[], list[int]]


class Registers:
    """One unit's holding registers.

    `silent` answers nothing; `frozen` repeats the words of the moment when it was set; `asleep`
    says whether the unit answers with exception 11.
    """

    def __init__(self, blocks: Sequence[Block], asleep: Callable[[], bool] | None = None) -> None:
        self.blocks = tuple(blocks)
        self.silent = False
        self._asleep = asleep
        self._frozen: dict[int, list[int]] | None = None

    @property
    def frozen(self) -> bool:
        """Whether the words stand still."""
        return self._frozen is not None

    @frozen.setter
    def frozen(self, frozen: bool) -> None:
        self._frozen = {b.start: b.build() for b in self.blocks} if frozen else None

    def read(self, address: int, count: int) -> list[int]:
        """`count` words from `address`. Raises IllegalAddress and Asleep."""
        if self._asleep is not None and self._asleep():
            raise Asleep
        for block in self.blocks:
            if block.start <= address and address + count <= block.start + block.count:
                words = block.build() if self._frozen is None else self._frozen[block.start]
                first = address - block.start
                return words[first : first + count]
        raise IllegalAddress(f"{address} + {count}")


def words(raw: bytes) -> list[int]:
    """Bytes as 16-bit words, high byte first."""
    return list(struct.unpack(f">{len(raw) // 2}H", raw))


def floats(values: Sequence[float]) -> list[int]:
    """32-bit floats, two registers each, high word first."""
    return words(struct.pack(f">{len(values)}f", *values))


def u32(value: float, modulus: int = 1 << 32) -> list[int]:
    """An unsigned counter in two registers, high word first, rolled over at `modulus`."""
    return list(divmod(int(value) % modulus, 0x10000))


def s16(value: float) -> int:
    """A signed number as one word, held within its range."""
    return max(-0x7FFF, min(0x7FFF, round(value))) & 0xFFFF


def u16(value: float) -> int:
    """An unsigned number as one word, held within its range."""
    return max(0, min(0xFFFE, round(value)))


def string(text: str, registers: int) -> list[int]:
    """ASCII text, padded with zeros."""
    return words(text.encode("ascii", "replace")[: registers * 2].ljust(registers * 2, b"\0"))
