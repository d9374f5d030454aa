"""Where each value of a profile goes: its raw series, and its reading of the catalogue."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from collector.model.catalogue import KEYS
from collector.model.kinds import AssetKind
from collector.profiles.language import ComputedTable, PointTable
from collector.profiles.profile import PLACE, measured, placed
from collector.profiles.program import Program
from collector.profiles.spans import spread
from collector.profiles.steps import Step, table_type
from collector.profiles.types import SHAPES
from collector.profiles.units import SAME, Conversion, conversion

ROLLING = ("u16", "u32", "acc16", "acc32")
"""Counters of these types start anew at the end of the type's range."""


class Target(NamedTuple):
    """One value's ways out. `series` "": no raw series; `key` "": no reading."""

    slot: int
    name: str
    series: str
    told_unit: str
    """Of the raw series."""
    role: str
    key: str
    type: str
    unit: Conversion
    states: Mapping[int, int] | None
    path: str
    modulus: float | None
    moving: tuple[int, ...]
    """Slots of what it is multiplied by, which may be another tomorrow."""
    exponent: int

    def reading(self, value: float) -> float | None:
        """The value in the catalogue's unit; None: a state that the profile does not know."""
        if self.states is not None:
            return self.states.get(int(value)) if value == int(value) else None
        return value * self.unit.factor + self.unit.offset


def targets(
    program: Program, kind_of: Callable[[str], AssetKind], shown: frozenset[int]
) -> tuple[tuple[Target, ...], ...]:
    """The targets of all values in `shown` slots, alternatives of one name together."""
    found: dict[str, list[Target]] = {}
    for step in program.steps:
        if step.slot in shown:
            made = _target(program, step, kind_of)
            if made.series or made.key:
                found.setdefault(step.name, []).append(made)
    return tuple(tuple(group) for group in found.values())


def _target(program: Program, step: Step, kind_of: Callable[[str], AssetKind]) -> Target:
    table = step.table
    role = table.role or ""
    key = _key(step, kind_of(role)) if table.measurement else ""
    quantity = KEYS.get(key)
    unit = (conversion(table.unit or quantity.unit, quantity.unit) if quantity else None) or SAME
    return Target(
        slot=step.slot,
        name=step.name,
        series=f"{program.profile.prefix}_{step.name}" if step.numeric else "",
        told_unit=table.unit or (quantity.unit if quantity else ""),
        role=role,
        key=key,
        type=quantity.type if quantity else "",
        unit=unit,
        states=_states(table, quantity.states) if quantity and quantity.type == "state" else None,
        path=f"{program.profile.name} {step.name} x{_factor(step) * unit.factor:g}",
        modulus=_modulus(step, unit),
        moving=step.factors,
        exponent=step.exponent,
    )


def _key(step: Step, kind: AssetKind) -> str:
    """The catalogue's key, if an asset of this kind has it."""
    written = step.table.measurement or ""
    if PLACE in written and step.number is not None:
        written = placed(written, step.number)
    key = measured(written, kind)
    return key if key and kind in KEYS[key].kinds else ""


def _states(table: PointTable | ComputedTable, known: Mapping[int, str]) -> Mapping[int, int]:
    by_word: dict[str, int] = {}
    for number, word in known.items():
        by_word.setdefault(word, number)
    return {told: by_word[word] for told, word in spread(table.states).items() if word in by_word}


def _factor(step: Step) -> float:
    return step.scale / step.divide


def _modulus(step: Step, unit: Conversion) -> float | None:
    """Where a counter starts anew, in the catalogue's unit but for what moves."""
    kind = table_type(step.table)
    raw: float | None = step.table.modulus
    if raw is None and kind in ROLLING:
        raw = float(1 << 16 * SHAPES[kind].width)  # type: ignore[index]  # one of ROLLING
    return None if raw is None else raw * abs(_factor(step)) * unit.factor
