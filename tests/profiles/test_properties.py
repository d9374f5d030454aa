"""What holds for every profile: decoding turns encoding round, plans keep their limits, missing
registers are found, and nothing that anybody writes or says breaks anything."""

import asyncio
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from struct import pack, unpack
from typing import Any

import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.model.kinds import DeviceKind
from collector.model.reading import Identity
from collector.profiles.items import Item, Piece, Rhythm
from collector.profiles.language import ModbusTable, PointTable
from collector.profiles.load import Shelf, parse
from collector.profiles.plan import NOTHING, Learned, Request, plan, request_of
from collector.profiles.program import Program
from collector.profiles.registers import Decoder, reader
from collector.profiles.types import SHAPES, width
from collector.sources.modbus.errors import IllegalAddress
from collector.sources.profile.learn import as_text, from_text, search
from collector.sources.profile.writer import Writer
from tests.support.sites import Clocked, device

CODES: dict[str, str] = {
    kind: shape.code for kind, shape in SHAPES.items() if shape.code and kind != "bit"
}


def item(slot: int, start: int, kind: str, **more) -> Item:
    """A value at a register."""
    point = PointTable(name=f"p{slot}", address=start, type=kind, **more)  # type: ignore[arg-type]
    pieces = (Piece(start, width(kind, None)),)  # type: ignore[arg-type]
    return Item(slot, point.name, point, None, 3, pieces, "", Rhythm(), "", False)


@st.composite
def numbers(draw):
    """Items one behind the other with gaps, each with an order, and the number that it holds."""
    found, at = [], draw(st.integers(0, 100))
    for slot in range(draw(st.integers(1, 30))):
        kind = draw(st.sampled_from(sorted(CODES)))
        code = CODES[kind]
        bits = 16 * width(kind, None)
        if code in "fd":
            value = draw(st.floats(allow_nan=False, width=32 if code == "f" else 64))
        elif code.islower():
            value = draw(st.integers(-(1 << bits - 1), (1 << bits - 1) - 1))
        else:
            value = draw(st.integers(0, (1 << bits) - 1))
        order = draw(st.sampled_from(["big", "little"])), draw(st.sampled_from(["big", "little"]))
        found.append((item(slot, at, kind, word_order=order[0], byte_order=order[1]), value))
        at += width(kind, None) + draw(st.integers(0, 3))
    return found


def encoded(told: Item, value: float) -> list[int]:
    """The registers of a device that has this order: written down apart from the decoder."""
    data = pack(">" + CODES[told.point.type or "u16"], value)
    words = [data[i : i + 2] for i in range(0, len(data), 2)]
    if told.point.word_order == "little":
        words.reverse()
    if told.point.byte_order == "little":
        words = [word[::-1] for word in words]
    return [unpack(">H", word)[0] for word in words]


@given(numbers())
def test_decoding_turns_encoding_round(told) -> None:
    """Every type in every order, many in one request, whatever lies between."""
    items = [each for each, _ in told]
    parts = plan(items, ModbusTable(max_gap=124, max_count=125))
    raws: list[Any] = [None] * len(items)
    registers = {
        each.pieces[0].start + i: word
        for each, value in told
        for i, word in enumerate(encoded(each, value))
    }
    decoder = Decoder(items, ModbusTable())
    for request in parts:
        words = [registers.get(request.start + i, 0xAAAA) for i in range(request.size)]
        decoder.take(reader(request, items, ModbusTable()), words, raws)
    assert raws == [value for _, value in told]


@st.composite
def wishes(draw):
    """Items anywhere, and the limits of their device."""
    starts = draw(st.lists(st.integers(0, 400), min_size=1, max_size=40))
    kinds = draw(st.lists(st.sampled_from(["u16", "u32", "u64"]), min_size=40, max_size=40))
    page = draw(st.none() | st.integers(8, 64))
    barriers = tuple(draw(st.lists(st.integers(0, 400), max_size=5)))
    limits = ModbusTable(
        max_gap=draw(st.integers(0, 124)),
        max_count=draw(st.integers(4, 125)),
        page=page,
        barriers=barriers,
    )
    items = [
        each
        for slot, start in enumerate(starts)
        if not _cut(each := item(slot, start, kinds[slot]), limits)
    ]
    missing = frozenset((3, r) for r in draw(st.lists(st.integers(0, 400), max_size=10)))
    cuts = frozenset((3, r) for r in draw(st.lists(st.integers(0, 400), max_size=10)))
    return items, limits, Learned(missing, cuts)


def _edges(limits: ModbusTable) -> set[int]:
    """Where no request may go on."""
    return (
        {*limits.barriers, *range(limits.page, 500, limits.page)}
        if limits.page
        else {*limits.barriers}
    )


def _cut(told: Item, limits: ModbusTable) -> bool:
    """What a profile must not have: a value across a page or barrier."""
    piece = told.pieces[0]
    return any(piece.start < edge < piece.end for edge in _edges(limits))


@given(wishes())
def test_plans_keep_their_limits(wish) -> None:
    """Every value that the device has is in exactly one request, none crosses a page, a barrier, a
    cut or a missing register, none is too long, and no gap in one too wide."""
    items, limits, learned = wish
    requests = plan(items, limits, (), learned)
    slots = sorted(part.slot for request in requests for part in request.parts)
    assert slots == [each.slot for each in items if not learned.lacks(each)]
    for request in requests:
        end = request.start + request.size
        assert request.size <= limits.max_count
        assert not any(request.start < edge < end for edge in _edges(limits))
        assert not any((3, r) in learned.missing for r in range(request.start, end))
        begins = {part.piece.start for part in request.parts}
        assert not any((3, r) in learned.cuts for r in begins - {request.start})
        reached = request.start
        for part in sorted(request.parts, key=lambda p: p.piece.start):
            assert request.start <= part.piece.start
            assert part.piece.end <= end
            assert part.piece.start - reached <= limits.max_gap
            reached = max(reached, part.piece.end)
        assert reached == end


@given(st.integers(1, 120), st.sets(st.integers(0, 119), max_size=4))
def test_missing_registers_are_found_by_halving(count, gone) -> None:
    """Exactly what is missing, in at most two reads for each halving and missing register; what is
    there is taken; what is kept is read back the same."""
    gone = {register for register in gone if register < count}
    items = [item(slot, slot, "u16") for slot in range(count)]
    request = request_of(
        3, Rhythm(), [part for r in plan(items, ModbusTable()) for part in r.parts]
    )
    asked: list[Request] = []
    taken: set[int] = set()

    async def take(part: Request) -> None:
        asked.append(part)
        if any(r in gone for r in range(part.start, part.start + part.size)):
            raise IllegalAddress("no", 2)
        taken.update(each.slot for each in part.parts)

    finds = asyncio.run(search(request, 2, take)) if gone else None
    if finds is None:
        return
    assert finds.missing == {(3, register) for register in gone}
    assert taken == set(range(count)) - gone
    assert len(asked) <= 2 * len(gone) * math.ceil(math.log2(count)) if count > 1 else not asked
    learned = finds.learned(NOTHING)
    assert from_text(as_text(learned)) == learned


@given(wishes(), st.data())
def test_what_was_learned_is_not_asked_for_again(wish, data) -> None:
    """Whichever requests a device refuses for what lies in them or for their length: after the
    search a plan has none that it would refuse."""
    items, limits, _ = wish
    gone = data.draw(st.sets(st.integers(0, 400), max_size=60))
    longest = data.draw(st.integers(2, 125))

    def refuses(request: Request) -> bool:
        return request.size > longest or any(
            r in gone for r in range(request.start, request.start + request.size)
        )

    async def take(part: Request) -> None:
        if refuses(part):
            raise IllegalAddress("no", 2)

    learned = NOTHING
    for _ in range(3):
        refused = [r for r in plan(items, limits, (), learned) if refuses(r)]
        for request in refused:
            learned = asyncio.run(search(request, 2, take)).learned(learned)
    assert not [r for r in plan(items, limits, (), learned) if refuses(r)]


SHELF = Shelf(Path("/none"))
SHIPPED = {name: profile for name in SHELF.names() if (profile := SHELF.find(name)[0]) is not None}
ANY = st.recursive(
    st.none().map(lambda _: 0)
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(table: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    found = [path] if path else []
    inner = enumerate(table) if isinstance(table, list) else ()
    for key, value in table.items() if isinstance(table, Mapping) else inner:
        found += places(value, (*path, key))
    return found


@settings(max_examples=30)
@given(st.data())
def test_no_mistake_in_a_profile_breaks_the_reader(data) -> None:
    """Whatever stands in the place of one or two values of a shipped profile is told, or sound
    enough to be worked with."""
    profile = SHIPPED[data.draw(st.sampled_from(sorted(SHIPPED)))]
    table = tomllib.loads(Path(profile.file).read_text())
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.sampled_from(places(table)))
        holder = table
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = data.draw(ANY)
        if not places(table):
            return
    problems: list[Any] = []
    found = parse(tomli_w.dumps(table), "any", "any.toml", problems.append)
    assert (found is None) == bool(problems)
    if found is not None:
        Program(found).run()


RAWS = st.none() | st.integers(-(2**63), 2**64 - 1) | st.floats(width=32)


@settings(max_examples=60)
@given(st.sampled_from(sorted(SHIPPED)), st.data())
def test_whatever_a_device_says(name, data) -> None:
    """No number makes a program or what writes its values fail; none is infinite or NaN."""
    profile = SHIPPED[name]
    program = Program(profile)
    for each in program.items:
        if each.point.type == "string":
            program.raws[each.slot] = data.draw(st.text(max_size=5))
        elif each.point.type == "nibbles":
            program.raws[each.slot] = tuple(data.draw(st.lists(st.integers(0, 15), max_size=8)))
        elif each.point.type in ("bits", "bit"):
            program.raws[each.slot] = data.draw(st.none() | st.integers(0, 2**16 - 1))
        else:
            program.raws[each.slot] = data.draw(RAWS)
    site = Clocked(device(kind=DeviceKind(profile.table.transport), profile=name))
    writer = Writer(site.image().device, profile, site.image(), {"unit": "1"})
    writer.begin(program, Identity(serial="1"), range(len(program.steps)))
    writer.write(program.run())
    site.tick()
    for value in program.values:
        assert not isinstance(value, float) or math.isfinite(value)
    assert "not in the catalogue" not in site.image().drops
