"""SunSpec over Modbus: the chain of models, the common model, and decoding by table.

A map begins with "SunS" at 40000, 50000 or 0 (zero-based); models follow, each with its id, its
length and that many registers, until id 0xFFFF. Addresses and scale factors are not constant.
"""

from collections.abc import Sequence
from struct import unpack_from
from types import MappingProxyType
from typing import NamedTuple

from collector.errors import BadDevice, SourceError
from collector.sources.modbus.errors import IllegalAddress, Refused
from collector.sources.modbus.gateway import MAX_REGISTERS, Turn
from collector.sources.modbus.words import (
    NumberType,
    as_bytes,
    number,
    scaled,
    sunssf,
    text,
    width,
)  # fmt: skip

BASES = (40000, 50000, 0)
END = 0xFFFF
SUNS = (0x5375, 0x6E53)
MAX_MODELS = 64
CHUNK = MAX_REGISTERS - 1
"""Even, so that no 32-bit value is cut in two requests."""
COMMON = 1
COMMON_LENGTH = 65
"""As Fronius has it; others fill it up to 66."""

_NONE = 0xFFFFFFFFFFFFFFFF
_TYPES: MappingProxyType[str, tuple[NumberType, int | None]] = MappingProxyType({
    "int16": ("s16", -0x8000), "uint16": ("u16", 0xFFFF), "enum16": ("u16", 0xFFFF),
    "bitfield16": ("u16", 0xFFFF), "acc16": ("u16", 0),
    "int32": ("s32", -0x80000000), "uint32": ("u32", 0xFFFFFFFF),
    "bitfield32": ("u32", 0xFFFFFFFF), "acc32": ("u32", 0),
    "uint64": ("u64", _NONE), "acc64": ("u64", 0), "float32": ("f32", None),
})  # fmt: skip
"""How each SunSpec type lies in registers, and the value that says *not implemented*."""


class Model(NamedTuple):
    """One model in a chain; `length` without its two header registers."""

    id: int
    address: int
    length: int

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + 2 + self.length


class Common(NamedTuple):
    """Model 1: who the unit says it is. Text not cleaned."""

    maker: str
    model: str
    options: str
    version: str
    serial: str


SERIAL_TAIL = 18
"""So many registers end a common model of that length; the serial number begins at the second of
them. An even number, so that no 32-bit value behind it is cut in two requests."""


def tail_serial(block: bytes) -> str:
    """The serial number in the last `SERIAL_TAIL` registers of a common model."""
    return text(block, 1, 16)


class Point(NamedTuple):
    """One point of a model: its offset from the model's id register, and its scale factor."""

    name: str
    at: int
    kind: str
    scale: str


class Layout(NamedTuple):
    """The points of a model, and of the group that repeats behind them (none: stride 0)."""

    points: tuple[Point, ...]
    group: tuple[Point, ...] = ()
    group_at: int = 0
    stride: int = 0

    @property
    def size(self) -> int:
        """Registers that the points take, with the header, without the repeating group."""
        return max(point.at + _registers(point.kind) for point in self.points)


def points(table: str) -> tuple[Point, ...]:
    """A table with `name offset type [scale factor]` on each line."""
    rows = [line.split() for line in table.splitlines() if line.strip()]
    return tuple(Point(r[0], int(r[1]), r[2], r[3] if len(r) > 3 else "") for r in rows)


def _registers(kind: str) -> int:
    return 1 if kind == "sunssf" else width(_TYPES[kind][0])


class Decoded(NamedTuple):
    """A model's numbers in their units; None: not implemented, or no usable scale factor."""

    values: dict[str, float | None]
    factors: dict[str, int | None]
    groups: list[dict[str, float | None]]


def decode(layout: Layout, block: bytes, groups: int = 0) -> Decoded:
    """A model's registers (from its id on) as numbers. `groups`: how many repetitions to read,
    as far as the block goes. Never raises."""
    factors = {p.name: sunssf(block, p.at) for p in layout.points if p.kind == "sunssf"}
    numbers = [p for p in layout.points if p.kind != "sunssf"]
    fits = max(0, len(block) // 2 - layout.group_at) // layout.stride if layout.stride else 0
    return Decoded(
        {p.name: _value(p, block, 0, factors) for p in numbers},
        factors,
        [
            {
                p.name: _value(p, block, layout.group_at + i * layout.stride, factors)
                for p in layout.group
            }
            for i in range(min(groups, fits))
        ],
    )


def _value(point: Point, block: bytes, shift: int, factors: dict[str, int | None]) -> float | None:
    kind, nothing = _TYPES[point.kind]
    value = number(block, shift + point.at, kind)
    if value is None or value == nothing:
        return None
    return scaled(value, factors.get(point.scale)) if point.scale else value


def common(block: bytes) -> Common:
    """Model 1 from its id register on."""
    return Common(
        maker=text(block, 2, 16),
        model=text(block, 18, 16),
        options=text(block, 34, 8),
        version=text(block, 42, 8),
        serial=text(block, 50, 16),
    )


async def walk(
    turn: Turn, unit: int, *, timeout_s: float, bases: Sequence[int] = BASES
) -> list[Model]:
    """The models of a unit in their order; others may come between the requests. Raises BadDevice
    when there is no SunSpec map, and what reading raises."""
    where = f"{turn.where} unit {unit}"
    base = await find_base(turn, unit, timeout_s=timeout_s, bases=bases)
    if base is None:
        raise BadDevice(
            f"{where} has no SunSpec map at {', '.join(map(str, bases))}. "
            "Check the unit id and that the device speaks SunSpec."
        )
    found: list[Model] = []
    address = base + 2
    while len(found) < MAX_MODELS and address < 0xFFFF:
        await turn.give_way()
        try:
            model, length = await turn.read(unit, address, 2, timeout_s=timeout_s)
        except IllegalAddress:
            if found:
                return found  # some devices have no end mark
            raise
        if model == END:
            return found
        if not length:
            break
        found.append(Model(model, address, length))
        address = found[-1].end
    raise BadDevice(f"{where}: its SunSpec map has no end ({len(found)} models).")


async def find_base(
    turn: Turn, unit: int, *, timeout_s: float, bases: Sequence[int] = BASES
) -> int | None:
    """Where the SunSpec map of a unit begins; None when it has none. Raises what reading raises."""
    failed: Refused | None = None
    for base in bases:
        try:
            if tuple(await turn.read(unit, base, 2, timeout_s=timeout_s)) == SUNS:
                return base
        except IllegalAddress:
            continue
        except Refused as error:
            if error.code not in (1, 4):
                raise
            failed = error
    if failed is not None and not failed.lasting:
        raise failed  # a fault, by which some also refuse what they do not have
    return None


class MapShift(SourceError):
    """A model no longer stands where the chain said: walk again."""

    reason = "map shift"


async def read_models(
    turn: Turn, unit: int, models: Sequence[Model], *, timeout_s: float, lead: int = 0
) -> dict[int, bytes]:
    """The registers of each model from its id on, by id; neighbours share a request. With `lead`,
    that many registers before the first model are read together with it, and stand under id 0.

    Raises MapShift when a model does not begin with its id and length.
    """
    found: dict[int, bytes] = {}
    for run in runs(models):
        start = run[0].address - (0 if found else lead)
        block = await _read_span(turn, unit, start, run[-1].end, timeout_s)
        if lead and not found:
            found[0] = block[: 2 * lead]
        for model in run:
            part = block[2 * (model.address - start) : 2 * (model.end - start)]
            if unpack_from(">HH", part) != (model.id, model.length):
                raise MapShift(
                    f"{turn.where} unit {unit}: model {model.id} no longer stands at "
                    f"{model.address}. Its settings were changed; its map is read again."
                )
            found[model.id] = part
    return found


async def _read_span(turn: Turn, unit: int, start: int, end: int, timeout_s: float) -> bytes:
    step = CHUNK if end - start > MAX_REGISTERS else MAX_REGISTERS
    block = b""
    for at in range(start, end, step):
        count = min(step, end - at)
        block += as_bytes(await turn.read(unit, at, count, timeout_s=timeout_s))
    return block


def runs(models: Sequence[Model]) -> list[list[Model]]:
    """Models that follow each other without a gap and fit into one request, together."""
    grouped: list[list[Model]] = []
    for model in sorted(models, key=lambda each: each.address):
        run = grouped[-1] if grouped else None
        if run and run[-1].end == model.address and model.end - run[0].address <= CHUNK:
            run.append(model)
        else:
            grouped.append([model])
    return grouped
