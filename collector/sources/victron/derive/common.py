"""What all groups share: readings, counters, and picking values by table."""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

Values = Mapping[str, Any]
"""One service's values by D-Bus path: float, str, list, or None for "no valid value"."""

NOTHING: Values = MappingProxyType({})
"""A service that is not there."""

Readings = dict[str, float | None]
"""By catalogue key."""

MAX_CODE = 1023
"""Victron's enums end at 261, 255 being *not available*."""

PHASES = ("L1", "L2", "L3")


class Counter(NamedTuple):
    """A counter register, in the measurement's unit. `path` names the register."""

    measurement: str
    raw: float
    path: str


class Derived(NamedTuple):
    """All that one asset says now."""

    readings: Readings
    counters: tuple[Counter, ...] = ()


def num(values: Values, path: str) -> float | None:
    """The number at `path`, if one is there."""
    value = values.get(path)
    return value if type(value) is float else None


def code(values: Values, path: str) -> float | None:
    """The number of an enum at `path`: whole and small, whether we know it or not."""
    return as_code(num(values, path))


def as_code(value: float | None) -> float | None:
    """`value`, where it can be the number of an enum."""
    fits = value is not None and value.is_integer() and 0 <= value <= MAX_CODE
    return value if fits else None


def text(values: Values, path: str) -> str:
    """The text at `path`; a number as an integer's digits; empty when there is none."""
    value = values.get(path)
    if type(value) is float and value.is_integer():
        return str(int(value))
    return value if type(value) is str else ""


def first(*candidates: float | None) -> float | None:
    """The first that is a number."""
    return next((value for value in candidates if value is not None), None)


def total(parts: Iterable[float | None]) -> float | None:
    """The sum of those that are numbers; None when none is."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def product(left: float | None, right: float | None) -> float | None:
    """Both multiplied; None when one is missing."""
    return None if left is None or right is None else left * right


def pick(values: Values, table: Mapping[str, str]) -> Readings:
    """The readings whose paths stand in `table`."""
    return {key: num(values, path) for key, path in table.items()}


def per_phase(measurement: str, path: str) -> dict[str, str]:
    """A table of the three phases: `path` with `Lx` where the phase goes."""
    return {f"{measurement}.{phase}": path.replace("Lx", phase) for phase in PHASES}


def power(
    readings: Readings, measurement: str, whole: float | None, phases: Mapping[str, float | None]
) -> None:
    """Put a power: each phase, and the whole, which is their sum where the device has none."""
    readings[measurement] = whole if whole is not None else total(phases.values())
    for phase, value in phases.items():
        readings[f"{measurement}.{phase}"] = value


@cache
def _paths(path: str) -> tuple[tuple[str, str], ...]:
    return tuple((phase, path.replace("Lx", phase)) for phase in PHASES)


def lines(values: Values, path: str) -> dict[str, float | None]:
    """The three phases' numbers at `path`, with `Lx` where the phase goes."""
    return {phase: num(values, each) for phase, each in _paths(path)}


def sum_lines(*many: Mapping[str, float | None]) -> dict[str, float | None]:
    """Phase by phase the sum of what is known."""
    return {phase: total(each.get(phase) for each in many) for phase in PHASES}


def ac_power(values: Values) -> float | None:
    """The whole active power of a meter at AC: as it says, else the sum of its phases."""
    return first(num(values, "Ac/Power"), total(lines(values, "Ac/Lx/Power").values()))


def counter(values: Values, measurement: str, path: str) -> tuple[Counter, ...]:
    """The register at `path`, if it holds a number."""
    raw = num(values, path)
    return () if raw is None else (Counter(measurement, raw, path),)


def mapped(value: float | None, table: Mapping[int, int]) -> float | None:
    """A vendor's state in our numbers; None for one that the table does not know."""
    if value is None or not value.is_integer():
        return None
    ours = table.get(int(value))
    return None if ours is None else float(ours)
