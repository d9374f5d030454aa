"""Which requests read the items of a profile: few, and never what must not be read.

A request never crosses a page, a barrier, a cut or a missing register, is never longer than
`max_count`, and every piece of every item that the device has is in exactly one.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from collector.profiles.check_places import edges
from collector.profiles.items import Item, Piece, Rhythm
from collector.profiles.language import BlockTable, ModbusTable
from collector.profiles.types import COIL_FUNCTIONS
from collector.profiles.words import Function

COILS_AT_ONCE = 2000


class Part(NamedTuple):
    """A piece of an item in a request; `order` counts the item's pieces."""

    slot: int
    order: int
    piece: Piece
    barrier: bool = False


class Request(NamedTuple):
    """One request of Modbus, and what of its answer belongs to whom. `exact`: a block of the
    profile, to be read just so."""

    function: Function
    start: int
    size: int
    rhythm: Rhythm
    parts: tuple[Part, ...]
    exact: bool = False
    optional: bool = False


class Learned(Struct, frozen=True):
    """What a device has taught, by function and register: what it does not have, where a request
    must begin anew although nothing in the profile says so, and which blocks of the profile (by
    their first register) cannot be read as a whole."""

    missing: frozenset[tuple[int, int]] = frozenset()
    cuts: frozenset[tuple[int, int]] = frozenset()
    broken: frozenset[tuple[int, int]] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.missing or self.cuts or self.broken)

    def __or__(self, other: "Learned") -> "Learned":
        """Both."""
        return Learned(
            self.missing | other.missing, self.cuts | other.cuts, self.broken | other.broken
        )

    def lacks(self, item: Item) -> bool:
        """Whether a register of the item is missing."""
        return bool(self.missing) and any(
            (item.function, register) in self.missing
            for piece in item.pieces
            for register in range(piece.start, piece.end)
        )


NOTHING = Learned()


def plan(
    items: Iterable[Item],
    modbus: ModbusTable,
    blocks: Sequence[BlockTable] = (),
    learned: Learned = NOTHING,
) -> tuple[Request, ...]:
    """The requests for `items`; those that the device lacks are left out."""
    wanted = [item for item in items if item.pieces and not learned.lacks(item)]
    whole = {block.name for block in blocks if _place(block, modbus) not in learned.broken}
    by_block: dict[str, list[Item]] = {}
    loose: dict[tuple[Function, Rhythm], list[Part]] = {}
    for item in wanted:
        if item.block in whole:
            by_block.setdefault(item.block, []).append(item)
        else:
            loose.setdefault((item.function, item.rhythm), []).extend(_parts(item))
    exact = [
        _exact(block, by_block[block.name], modbus) for block in blocks if block.name in by_block
    ]
    found = list(exact)
    for (function, rhythm), parts in loose.items():
        runs = _runs(function, parts, modbus, learned)
        found.extend(request_of(function, rhythm, run) for run in runs)
    return tuple(sorted(found, key=lambda r: (r.rhythm.every_s, r.function, r.start)))


def _parts(item: Item) -> Iterator[Part]:
    for order, piece in enumerate(item.pieces):
        yield Part(item.slot, order, piece, item.point.barrier and order == 0)


def _exact(block: BlockTable, items: Sequence[Item], modbus: ModbusTable) -> Request:
    return Request(
        function=block.fc or modbus.fc,
        start=block.address - modbus.address_base,
        size=block.count,
        rhythm=items[0].rhythm,
        parts=tuple(part for item in items for part in _parts(item)),
        exact=True,
        optional=block.optional,
    )


def _place(block: BlockTable, modbus: ModbusTable) -> tuple[int, int]:
    """By what a block is known: its function and first register."""
    return block.fc or modbus.fc, block.address - modbus.address_base


def request_of(function: Function, rhythm: Rhythm, parts: Sequence[Part]) -> Request:
    """The shortest request that holds `parts`."""
    start = min(part.piece.start for part in parts)
    end = max(part.piece.end for part in parts)
    return Request(function, start, end - start, rhythm, tuple(parts))


def _runs(
    function: Function, parts: Iterable[Part], modbus: ModbusTable, learned: Learned
) -> Iterator[list[Part]]:
    """The parts of one function and rhythm, together as far as they may be read together."""
    longest = COILS_AT_ONCE if function in COIL_FUNCTIONS else modbus.max_count
    run: list[Part] = []
    start = end = 0
    for part in sorted(parts, key=lambda p: (p.piece.start, p.piece.end)):
        reach = max(end, part.piece.end)
        if (
            run
            and part.piece.start - end <= modbus.max_gap
            and reach - start <= longest
            and not (part.barrier and part.piece.start > start)
            and not _parted(function, start, end, part.piece.start, reach, modbus, learned)
        ):
            run.append(part)
            end = reach
            continue
        if run:
            yield run
        run, start, end = [part], part.piece.start, part.piece.end
    if run:
        yield run


def _parted(
    function: int,
    start: int,
    end: int,
    begins: int,
    reach: int,
    modbus: ModbusTable,
    learned: Learned,
) -> bool:
    """Whether what is read from `start` to `end` must not go on to `reach` with the part that
    `begins` there."""
    base = modbus.address_base
    if next(edges(modbus.barriers, base, modbus.page, start, reach), None) is not None:
        return True
    if (function, begins) in learned.cuts and begins > start:
        return True
    return bool(learned.missing) and any(
        (function, register) in learned.missing for register in range(end, begins)
    )


def halves(request: Request) -> tuple[Request, Request]:
    """A request of several parts as two."""
    parts = sorted(request.parts, key=lambda p: (p.piece.start, p.piece.end))
    middle = len(parts) // 2
    return (
        request_of(request.function, request.rhythm, parts[:middle]),
        request_of(request.function, request.rhythm, parts[middle:]),
    )
