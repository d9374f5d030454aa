"""What a device complains of by its profile: bits, nibbles and numbers with a severity."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from collector.model.alarm import Notice, Severity
from collector.model.text import clean
from collector.profiles.language import AlarmTable, PointTable
from collector.profiles.program import Program
from collector.profiles.registers import Raw
from collector.profiles.spans import spread
from collector.profiles.steps import Step


class Sign(NamedTuple):
    """One thing that a value may say: `bit` of it is set, its nibble number `nibble`, or it itself,
    is one of `levels` (which tells how bad that is), or it lies within `low`…`high`."""

    slot: int
    fact: str
    role: str
    text: str
    severity: Severity
    bit: int = -1
    nibble: int = -1
    levels: dict[int, Severity] | None = None
    low: float | None = None
    high: float | None = None


def signs(program: Program) -> tuple[Sign, ...]:
    """Everything that can be complained of."""
    found: list[Sign] = []
    for step in program.steps:
        if isinstance(step.table, PointTable):
            found.extend(_of_point(step, step.table))
    for number, alarm in enumerate(program.profile.table.alarm):
        slots = program.names.members.get(alarm.point, ())
        found.extend(_of_alarm(number, alarm, slot) for slot in slots)
    return tuple(found)


def _of_point(step: Step, point: PointTable) -> Iterator[Sign]:
    role = point.role or ""
    if point.severity is not None:
        for bit, text in spread(point.bits).items():
            yield Sign(step.slot, f"{step.name} {bit}", role, text, point.severity, bit=bit)
    if not point.levels:
        return
    levels = spread(point.levels)
    for place, text in enumerate(point.nibbles):
        if text:
            fact = f"{step.name} {place}"
            yield Sign(step.slot, fact, role, text, Severity.WARNING, nibble=place, levels=levels)
    for number, text in spread(point.enum).items() if point.enum else ():
        if number in levels:
            only = {number: levels[number]}
            yield Sign(step.slot, f"{step.name} {number}", role, text, levels[number], levels=only)


def _of_alarm(number: int, alarm: AlarmTable, slot: int) -> Sign:
    levels = dict.fromkeys(alarm.values, alarm.severity) if alarm.values else None
    return Sign(
        slot,
        f"{alarm.point} alarm {number}",
        alarm.role or "",
        alarm.text,
        alarm.severity,
        bit=-1 if alarm.bit is None else alarm.bit,
        nibble=-1 if alarm.nibble is None else alarm.nibble,
        levels=levels,
        low=alarm.min,
        high=alarm.max,
    )


def notices(told: Sequence[Sign], values: Sequence[Raw]) -> tuple[Notice, ...]:
    """What is complained of now, the worst first."""
    found: list[Notice] = []
    for sign in told:
        severity = _said(sign, values[sign.slot])
        if severity is not None:
            found.append(
                Notice(role=sign.role, fact=sign.fact, severity=severity, text=clean(sign.text))
            )
    return tuple(sorted(found, key=lambda notice: -notice.severity.rank))


def _said(sign: Sign, value: Raw) -> Severity | None:
    """How bad what a value says is; None when it says nothing of it."""
    if sign.nibble >= 0:
        if not isinstance(value, tuple) or sign.nibble >= len(value):
            return None
        value = value[sign.nibble]
    if not isinstance(value, float | int):
        return None
    if sign.bit >= 0:
        return sign.severity if int(value) >> sign.bit & 1 else None
    if sign.levels is not None:
        return sign.levels.get(int(value)) if value == int(value) else None
    inside = (sign.low is None or value >= sign.low) and (sign.high is None or value <= sign.high)
    return sign.severity if inside else None
