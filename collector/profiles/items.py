"""The values of a profile as one device has them: repetitions counted, SunSpec models placed.

An *item* is one value that is read. Its slot is its place in the lists of raw numbers and values.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from collector.profiles.language import BlockTable, PointTable, ProfileTable
from collector.profiles.profile import MOST_REPEATS, PLACE, placed
from collector.profiles.types import COIL_FUNCTIONS, function_of, width
from collector.profiles.words import Function


class Placed(NamedTuple):
    """A SunSpec model in a device's chain: the address of its id register, and its length without
    id and length."""

    address: int
    length: int

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + 2 + self.length


class Rhythm(NamedTuple):
    """How often something is read: at connect only, else every so many seconds (0: each poll)."""

    once: bool = False
    every_s: float = 0.0


class Piece(NamedTuple):
    """Registers that belong to a value. One value may have several (`words`)."""

    start: int
    size: int

    @property
    def end(self) -> int:
        """The first register behind it."""
        return self.start + self.size


class Item(NamedTuple):
    """One value that is read. `number` counts repetitions (None: it does not repeat); without
    pieces (and without pointer) this device has no such value. `optional`: it need not have it.
    `hidden`: read for others only."""

    slot: int
    name: str
    point: PointTable
    number: int | None
    function: Function
    pieces: tuple[Piece, ...]
    pointer: str
    rhythm: Rhythm
    block: str
    optional: bool
    hidden: bool = False


Chain = Mapping[int, Placed]
"""The SunSpec models that a device has, by id."""


def expand(table: ProfileTable, counts: Mapping[str, int], chain: Chain) -> tuple[Item, ...]:
    """All items of a profile. `counts`: how often points repeat whose number a register tells, by
    the name of the point that holds it (not there: none)."""
    found: list[Item] = []
    for point in table.point:
        for number, index in _numbers(point, counts):
            found.append(_item(len(found), table, point, number, index, chain))
    found.extend(tuple(_hidden(table, found, chain)))
    return tuple(found) + tuple(_guards(table, found, chain))


def _numbers(point: PointTable, counts: Mapping[str, int]) -> Iterator[tuple[int | None, int]]:
    """The number of each repetition and how many strides it lies further on."""
    repeat = point.repeat
    if repeat is None:
        yield None, 0
        return
    count = repeat.count if repeat.count_from is None else counts.get(repeat.count_from, 0)
    for index in range(max(0, min(count or 0, MOST_REPEATS))):
        yield repeat.first + index, index


def _item(
    slot: int, table: ProfileTable, point: PointTable, number: int | None, index: int, chain: Chain
) -> Item:
    shift = index * point.repeat.stride if point.repeat else 0
    pieces = _pieces(table, point, shift, chain) if table.transport == "modbus" else ()
    block = _block(table, point, pieces)
    return Item(
        slot=slot,
        name=point.name if number is None else placed(point.name, number),
        point=point,
        number=number,
        function=function_of(point, table.modbus),
        pieces=pieces,
        pointer=(point.pointer or "").replace(PLACE, str(index)),
        rhythm=_rhythm(table, point, block),
        block=block.name if block else "",
        optional=point.optional or bool(block and block.optional),
    )


def _pieces(table: ProfileTable, point: PointTable, shift: int, chain: Chain) -> tuple[Piece, ...]:
    base = table.modbus.address_base
    size = width(point.type or "u16", point.len)
    if point.words:
        return _joined(Piece(address - base, 1) for address in point.words)
    if point.address is not None:
        return (Piece(point.address - base + shift, size),)
    model = chain.get(point.model or 0)
    if model is None or point.at is None:
        return ()
    start = model.address + point.at + shift
    return (Piece(start, size),) if start + size <= model.end else ()


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Neighbours in their order, as one."""
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].end == piece.start:
            found[-1] = Piece(found[-1].start, found[-1].size + piece.size)
        else:
            found.append(piece)
    return tuple(found)


def _block(table: ProfileTable, point: PointTable, pieces: tuple[Piece, ...]) -> BlockTable | None:
    """The explicit block in which a point stands."""
    function = function_of(point, table.modbus)
    for block in table.block:
        start = block.address - table.modbus.address_base
        end = start + block.count
        inside = all(start <= piece.start and piece.end <= end for piece in pieces)
        if pieces and inside and (block.fc or table.modbus.fc) == function:
            return block
    return None


def _rhythm(table: ProfileTable, point: PointTable, block: BlockTable | None) -> Rhythm:
    request = next((r for r in table.request if r.name == point.request), None)
    if request is None and table.request:
        request = table.request[0]
    told = block or request or point
    return Rhythm(told.once, 0.0 if told.once else told.every_s or 0.0)


def scale_name(item: Item) -> str:
    """The name of the hidden point that `scale_at` stands for; "" when there is none."""
    point = item.point
    if point.scale_at is None:
        return ""
    return f"@{item.function}:{point.model or ''}:{point.scale_at}:{item.rhythm.every_s:g}"


def _hidden(table: ProfileTable, items: list[Item], chain: Chain) -> Iterator[Item]:
    """Powers of ten that are named by their address only: each once, read with what they scale."""
    seen: set[str] = set()
    for item in items:
        name = scale_name(item)
        if not name or name in seen or not item.pieces:
            continue
        seen.add(name)
        old = item.point
        point = PointTable(
            name="sf",
            type="sunssf",
            fc=item.function if item.function not in COIL_FUNCTIONS else 3,
            address=old.scale_at if old.model is None else None,
            model=old.model,
            at=old.scale_at if old.model is not None else None,
            word_order="big",
            byte_order=old.byte_order,
            once=item.rhythm.once,
            every_s=item.rhythm.every_s or None,
        )
        made = _item(len(items) + len(seen) - 1, table, point, None, 0, chain)
        yield made._replace(name=name, hidden=True, rhythm=item.rhythm)


GUARD = "@model:"
"""What the names of items begin with that hold a model's id and length."""


def _guards(table: ProfileTable, items: list[Item], chain: Chain) -> Iterator[Item]:
    """The header of each model in use, so that a chain that has changed is seen."""
    quickest: dict[int, Rhythm] = {}
    for item in items:
        if item.point.model is not None and item.pieces:
            known = quickest.get(item.point.model, item.rhythm)
            quickest[item.point.model] = min(known, item.rhythm)
    for number, (model, rhythm) in enumerate(quickest.items()):
        point = PointTable(name="model", type="u32", model=model, at=0, word_order="big")
        made = _item(len(items) + number, table, point, None, 0, chain)
        yield made._replace(name=f"{GUARD}{model}", hidden=True, rhythm=rhythm)
