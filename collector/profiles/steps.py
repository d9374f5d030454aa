"""How each value of a profile comes about, worked out once: the steps of a program."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from collector.profiles.items import Item, scale_name
from collector.profiles.language import (
    ComputedTable,
    ConditionTable,
    ModbusTable,
    PointTable,
    ProfileTable,
)
from collector.profiles.profile import PLACE, expanded, placed
from collector.profiles.types import SHAPES, UNSIGNED, width

FORMULAS = ("sum", "product", "difference", "ratio")


class Limits(NamedTuple):
    """Which raw numbers mean *no value*: those in `bad`, and all from `top` on."""

    bad: frozenset[float] = frozenset()
    top: float = math.inf


class Step:
    """One value. Slots name places in the lists of raw numbers and of values.

    `earlier` are alternatives that come before it; `formula` is "" for what is read.
    """

    __slots__ = (
        "absolute", "bad", "divide", "earlier", "exponent", "factors", "formula", "guarded", "high",
        "low", "mask", "monotonic", "name", "negative", "number", "numeric", "offset", "operands",
        "plain", "scale", "shift", "slot", "some", "table", "top", "when", "when_slot",
    )  # fmt: skip

    def __init__(
        self, slot: int, name: str, table: PointTable | ComputedTable, number: int | None
    ) -> None:
        self.slot = slot
        self.name = name
        self.table = table
        self.number = number
        self.scale = table.scale
        self.divide = table.divide
        self.offset = table.offset
        self.negative = table.invert
        self.absolute = False
        self.some = False
        """Whether a sum takes the operands that have a value."""
        self.low = -math.inf if table.min is None else table.min
        self.high = math.inf if table.max is None else table.max
        self.monotonic = table.monotonic
        self.when: ConditionTable | None = table.when
        self.when_slot = -1
        self.earlier: tuple[int, ...] = ()
        self.exponent = -1
        self.factors: tuple[int, ...] = ()
        self.formula = ""
        self.operands: tuple[int, ...] = ()
        self.numeric = table_type(table) not in ("string", "nibbles")
        self.guarded = False
        self.bad: frozenset[float] = frozenset()
        self.top = math.inf
        self.mask = 0
        self.shift = 0
        self.plain = False
        """Neither scaled nor conditional: the raw number within its limits is the value."""

    @property
    def inputs(self) -> Iterator[int]:
        """The slots that must be known before it."""
        yield from self.operands
        yield from self.factors
        yield from self.earlier
        if self.exponent >= 0:
            yield self.exponent
        if self.when_slot >= 0:
            yield self.when_slot


def table_type(table: PointTable | ComputedTable) -> str:
    """The type that a table names; "" for none."""
    return (table.type or "") if isinstance(table, PointTable) else ""


def limits_of(point: PointTable, modbus: ModbusTable, *, sunspec: bool) -> Limits:
    """What means *no value* in a point: its own list, else the profile's, else SunSpec's."""
    kind = point.type
    if kind is None:
        return Limits(frozenset(map(float, point.invalid or ())))
    if kind == "string" or kind == "nibbles":
        return Limits()
    shape = SHAPES[kind]
    if not shape.whole:
        return Limits()
    bits = 16 * width(kind, point.len)
    signed = shape.code.islower() and shape.code != ""
    told = point.invalid if point.invalid is not None else modbus.invalid.get(kind)
    if told is None:
        nothing = shape.nothing if sunspec else None
        if sunspec and kind == "bits":
            nothing = (1 << bits) - 1
        told = () if nothing is None else (nothing,)
    bad = frozenset(float(_as_signed(value, bits) if signed else value) for value in told)
    count = modbus.invalid_top if point.invalid_top is None else point.invalid_top
    highest = 1 << (bits - 1 if signed else bits)
    return Limits(bad, float(highest - count) if count else math.inf)


def _as_signed(value: int, bits: int) -> int:
    """A pattern of bits as the signed number that it is."""
    return value - (1 << bits) if 1 << (bits - 1) <= value < 1 << bits else value


class Names:
    """Which slot is meant by a name: of a value, or of the choice between alternatives."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.members: dict[str, list[int]] = {}
        self._repeats: dict[str, list[str]] = {}
        for step in steps:
            self.members.setdefault(step.name, []).append(step.slot)
            if isinstance(step.table, PointTable) and step.number is not None:
                known = self._repeats.setdefault(step.table.name, [])
                if step.name not in known:
                    known.append(step.name)
        self._choice = {
            name: len(steps) + index
            for index, name in enumerate(n for n, m in self.members.items() if len(m) > 1)
        }

    @property
    def choices(self) -> Mapping[int, Sequence[int]]:
        """Slots behind the steps, each with the alternatives that it chooses from."""
        return {slot: self.members[name] for name, slot in self._choice.items()}

    def slot(self, name: str) -> int:
        """The slot of a name; −1 when this device has no such value."""
        if name in self._choice:
            return self._choice[name]
        found = self.members.get(name)
        return found[0] if found else -1

    def slots(self, name: str, number: int | None) -> tuple[int, ...]:
        """What an operand means: `{n}` one's own number, or in what does not repeat, all."""
        if PLACE not in name:
            return (self.slot(name),)
        if number is not None:
            return (self.slot(placed(name, number)),)
        return tuple(self.slot(each) for each in self._repeats.get(name, ()))

    def one(self, name: str, number: int | None) -> int:
        """The one slot that is meant; −1 when there is none."""
        return next(iter(self.slots(name, number)), -1)


def make_steps(table: ProfileTable, items: Sequence[Item]) -> tuple[list[Step], Names]:
    """The steps of all items, then of all computed values, by slot."""
    steps = [Step(item.slot, item.name, item.point, item.number) for item in items]
    for computed in table.computed:
        for name in expanded(computed):
            steps.append(Step(len(steps), name, computed, None))
    names = Names(steps)
    sunspec = table.sunspec is not None
    for item, step in zip(items, steps, strict=False):
        _read(step, item, table.modbus, names, sunspec=sunspec)
    for step in steps[len(items) :]:
        _computed(step, names)
    for step in steps:
        if step.when is not None:
            step.when_slot = names.one(step.when.point, step.number)
        same = names.members[step.name]
        step.earlier = tuple(same[: same.index(step.slot)])
        step.plain = _is_plain(step)
    return steps, names


def _read(step: Step, item: Item, modbus: ModbusTable, names: Names, *, sunspec: bool) -> None:
    point = item.point
    step.bad, step.top = limits_of(point, modbus, sunspec=sunspec)
    step.guarded = bool(step.bad) or step.top < math.inf
    if point.mask is not None and point.type in UNSIGNED:
        step.mask = point.mask
        step.shift = (point.mask & -point.mask).bit_length() - 1
    if point.scale_ref is not None:
        step.exponent = names.one(point.scale_ref, item.number)
    elif point.scale_at is not None:
        step.exponent = names.slot(scale_name(item))
    step.factors = tuple(
        slot for name in point.factor_from for slot in names.slots(name, item.number)
    )


def _computed(step: Step, names: Names) -> None:
    table = step.table
    if not isinstance(table, ComputedTable):
        return
    step.absolute, step.some = table.absolute, table.any
    for formula in FORMULAS:
        operands: tuple[str, ...] = getattr(table, formula)
        if operands:
            step.formula = formula
            step.operands = tuple(s for name in operands for s in names.slots(name, None))
    if table.bit is not None:
        step.formula, step.operands = "bit", names.slots(table.bit.point, None)
        step.shift = table.bit.bit
    if table.constant is not None:
        step.formula = "constant"


def _is_plain(step: Step) -> bool:
    point = step.table
    needed = isinstance(point, PointTable) and (
        point.scale_ref is not None or point.scale_at is not None
    )
    return (
        not step.formula
        and not needed
        and step.scale == 1
        and step.divide == 1
        and step.offset == 0
        and not step.negative
        and not step.mask
        and not step.factors
        and not step.monotonic
        and not step.earlier
        and step.when is None
        and math.isinf(step.low)
        and math.isinf(step.high)
    )


def in_order(steps: Sequence[Step], choices: Mapping[int, Sequence[int]]) -> list[int]:
    """All slots (those of choices too), each behind what it needs."""
    needs = {step.slot: [slot for slot in step.inputs if slot >= 0] for step in steps}
    needs |= {slot: list(members) for slot, members in choices.items()}
    found: list[int] = []
    done: set[int] = set()
    for start in needs:
        left = [(start, iter(needs[start]))]
        under = {start}
        while left:
            slot, inputs = left[-1]
            following = next((i for i in inputs if i not in done and i not in under), None)
            if following is not None:
                under.add(following)
                left.append((following, iter(needs[following])))
                continue
            left.pop()
            if slot not in done:
                done.add(slot)
                found.append(slot)
    return found
