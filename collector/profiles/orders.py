"""What the same registers would mean in every order of words and bytes, for who has to find out."""

from collections.abc import Mapping, Sequence
from struct import pack
from typing import NamedTuple

from msgspec import structs

from collector.profiles.items import Item
from collector.profiles.language import ModbusTable, PointTable
from collector.profiles.program import Program
from collector.profiles.registers import Raw, decoder, order_of
from collector.profiles.types import COIL_FUNCTIONS
from collector.profiles.words import ByteOrder, WordOrder

ORDERS: Mapping[str, tuple[WordOrder, ByteOrder]] = {
    "ABCD": ("big", "big"),
    "CDAB": ("little", "big"),
    "BADC": ("big", "little"),
    "DCBA": ("little", "little"),
}
"""By the names that makers use; a value of one register has ABCD and BADC only."""

Heard = Mapping[tuple[int, int], int]
"""Registers by function and address."""


class Row(NamedTuple):
    """One value of a profile as it was read: where, which registers (None: not there), what each
    order would make of them, which of these the profile means, and what it comes to."""

    name: str
    place: str
    registers: tuple[int | None, ...]
    orders: Mapping[str, Raw]
    meant: str
    value: Raw
    word: str
    unit: str
    measurement: str
    role: str


def rows(program: Program, heard: Heard) -> tuple[Row, ...]:
    """All values of a profile, computed ones at the end (without registers)."""
    modbus = program.profile.table.modbus
    found: list[Row] = []
    for step in program.steps:
        item = program.items[step.slot] if step.slot < len(program.items) else None
        if item is not None and (item.hidden or not item.pieces):
            continue
        told = _registers(item, heard) if item else ()
        orders, meant = _orders(item, told, modbus) if item else ({}, "")
        table = step.table
        found.append(
            Row(
                name=step.name,
                place=_place(item) if item else "computed",
                registers=told,
                orders=orders,
                meant=meant,
                value=program.values[step.slot],
                word=program.word(step.name),
                unit=table.unit or "",
                measurement=table.measurement or "",
                role=table.role or "",
            )
        )
    return tuple(found)


def _registers(item: Item, heard: Heard) -> tuple[int | None, ...]:
    return tuple(
        heard.get((item.function, register))
        for piece in item.pieces
        for register in range(piece.start, piece.end)
    )


def _place(item: Item) -> str:
    """`3:1024` or `3:1024-1025`: function and registers, from 0."""
    spans = [
        f"{piece.start}" if piece.size == 1 else f"{piece.start}-{piece.end - 1}"
        for piece in item.pieces
    ]
    return f"{item.function}:{'+'.join(spans)}"


def _orders(
    item: Item, told: Sequence[int | None], modbus: ModbusTable
) -> tuple[Mapping[str, Raw], str]:
    words = [word for word in told if word is not None]
    if len(words) != len(told) or item.function in COIL_FUNCTIONS:
        return {}, ""
    data = pack(f">{len(words)}H", *words)
    swap_only = len(words) == 1 or item.point.type in ("string", "nibbles", "bit")
    orders = {
        name: decoder(_turned(item.point, *order), modbus)(data)
        for name, order in ORDERS.items()
        if not (swap_only and order[0] == "little")
    }
    low_first, swap = order_of(item.point, modbus)
    wanted = ("little" if low_first and not swap_only else "big", "little" if swap else "big")
    return orders, next(name for name, order in ORDERS.items() if order == wanted)


def _turned(point: PointTable, word_order: WordOrder, byte_order: ByteOrder) -> PointTable:
    return structs.replace(point, word_order=word_order, byte_order=byte_order)
