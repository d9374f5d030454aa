"""Registers become raw numbers and texts, by a plan that is made once.

What lies plainly in a request (numbers, high word first) is unpacked by one `struct` for all of
it; everything else value by value.
"""

import struct
from collections.abc import Callable, Sequence
from struct import Struct as Layout
from typing import NamedTuple

from collector.profiles.items import Item
from collector.profiles.language import ModbusTable, PointTable
from collector.profiles.plan import Part, Request
from collector.profiles.types import COIL_FUNCTIONS, SHAPES, width

Raw = float | int | str | tuple[int, ...] | None
"""A number, a text, or the nibbles of a value."""
Decode = Callable[[bytes], Raw]


class Reader(NamedTuple):
    """How the answer to a request is taken apart."""

    request: Request
    layout: Layout
    slots: tuple[int, ...]
    others: tuple[tuple[int, int, int, int], ...]
    """(first byte, byte behind the last, slot, order of the piece)."""


def order_of(point: PointTable, modbus: ModbusTable) -> tuple[bool, bool]:
    """Whether the low word comes first, and whether bytes are swapped."""
    return (
        (point.word_order or modbus.word_order) == "little",
        (point.byte_order or modbus.byte_order) == "little",
    )


def swapped(data: bytes) -> bytes:
    """With the two bytes of each register changed over."""
    found = bytearray(data)
    found[0::2], found[1::2] = data[1::2], data[0::2]
    return bytes(found)


def reversed_words(data: bytes) -> bytes:
    """With the last register first."""
    return b"".join(data[i : i + 2] for i in range(len(data) - 2, -1, -2))


def ordered(data: bytes, *, low_first: bool, swap: bool) -> bytes:
    """Registers as they would be, high word and high byte first."""
    data = swapped(data) if swap else data
    return reversed_words(data) if low_first else data


def decoder(point: PointTable, modbus: ModbusTable) -> Decode:
    """How the registers of one value are read."""
    low_first, swap = order_of(point, modbus)
    kind = point.type or "u16"
    if kind == "string":
        return lambda data: _text(swapped(data) if swap else data)
    if kind == "nibbles":
        return lambda data: _nibbles(swapped(data) if swap else data)
    if kind == "bits":
        return lambda data: int.from_bytes(ordered(data, low_first=low_first, swap=swap))
    if kind == "bit":
        number = point.bit or 0
        return lambda data: int.from_bytes(swapped(data) if swap else data) >> number & 1
    layout = Layout(">" + SHAPES[kind].code)
    size = layout.size

    def read(data: bytes) -> Raw:
        if len(data) != size:
            return None
        value: Raw = layout.unpack(ordered(data, low_first=low_first, swap=swap))[0]
        return value

    return read


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _nibbles(data: bytes) -> tuple[int, ...]:
    return tuple(nibble for byte in data for nibble in (byte >> 4, byte & 15))


def plain(item: Item, modbus: ModbusTable) -> bool:
    """Whether an item is one number, high word and high byte first."""
    return (
        len(item.pieces) == 1
        and item.function not in COIL_FUNCTIONS
        and bool(SHAPES[item.point.type or "u16"].code)
        and item.point.type != "bit"
        and order_of(item.point, modbus) == (False, False)
    )


def reader(request: Request, items: Sequence[Item], modbus: ModbusTable) -> Reader:
    """How the answer to `request` is taken apart; `items` by their slots."""
    code, at, slots = [">"], request.start, []
    others: list[tuple[int, int, int, int]] = []
    for part in sorted(request.parts, key=lambda p: p.piece.start):
        item = items[part.slot]
        if plain(item, modbus) and part.piece.start >= at:
            code.append(f"{2 * (part.piece.start - at)}x{SHAPES[item.point.type or 'u16'].code}")
            slots.append(part.slot)
            at = part.piece.end
        else:
            others.append(_other(request, part))
    code.append(f"{2 * (request.start + request.size - at)}x")
    return Reader(request, Layout("".join(code)), tuple(slots), tuple(others))


def _other(request: Request, part: Part) -> tuple[int, int, int, int]:
    first = part.piece.start - request.start
    return 2 * first, 2 * (first + part.piece.size), part.slot, part.order


class Decoder:
    """Takes answers apart into the raw values of `items`, by slot."""

    def __init__(self, items: Sequence[Item], modbus: ModbusTable) -> None:
        self._decode = {item.slot: decoder(item.point, modbus) for item in items if item.pieces}
        self._whole = {
            item.slot: width(item.point.type or "u16", item.point.len)
            if not item.point.words
            else len(item.point.words)
            for item in items
        }
        self._pieces: dict[int, dict[int, bytes]] = {}

    def take(self, told: Reader, registers: Sequence[int], raws: list[Raw]) -> None:
        """Write what an answer says into `raws`. Coils count as registers of 0 and 1."""
        data = struct.pack(f">{len(registers)}H", *registers)
        for slot, value in zip(told.slots, told.layout.unpack(data), strict=True):
            raws[slot] = value
        for first, behind, slot, order in told.others:
            raws[slot] = self._other(slot, order, data[first:behind])

    def _other(self, slot: int, order: int, data: bytes) -> Raw:
        """A value whose pieces may come one after the other."""
        whole = 2 * self._whole[slot]
        if len(data) != whole:
            known = self._pieces.setdefault(slot, {})
            known[order] = data
            data = b"".join(known[i] for i in sorted(known))
            if len(data) != whole:
                return None
        return self._decode[slot](data)
