"""What is read at connect: who the device is, and what everything else depends on."""

from collections.abc import Iterable

from collector.model.reading import Identity
from collector.profiles.program import Program
from collector.profiles.registers import Raw


def identity_slots(program: Program) -> frozenset[int]:
    """The items that tell who the device is."""
    told = program.profile.table.identity
    names = (*told.serial, *filter(None, (told.model, told.firmware)))
    members = program.names.members
    return _closure(program, (slot for name in names for slot in members.get(name, ())))


def connect_slots(program: Program) -> frozenset[int]:
    """The items that are read at connect: identity, what is read once, what conditions and counts
    ask for, and what these need."""
    asked = [slot for step in program.steps if (slot := step.when_slot) >= 0]
    names = [
        point.repeat.count_from
        for point in program.profile.table.point
        if point.repeat is not None and point.repeat.count_from is not None
    ]
    asked += [slot for name in names for slot in program.names.members.get(name, ())]
    once = frozenset(item.slot for item in program.items if item.rhythm.once)
    return identity_slots(program) | _closure(program, asked) | once


def _closure(program: Program, slots: Iterable[int]) -> frozenset[int]:
    """The items from which the values in these slots follow."""
    left = list(slots)
    seen: set[int] = set()
    while left:
        slot = left.pop()
        if slot in seen or slot < 0:
            continue
        seen.add(slot)
        members = program.choice(slot)
        left.extend(members if members else program.steps[slot].inputs)
    return frozenset(slot for slot in seen if slot < len(program.items))


def identity_of(program: Program) -> Identity:
    """Who the device says it is; an empty serial when it does not say."""
    table = program.profile.table
    told = table.identity
    parts = [_text(program.value(name)) for name in told.serial]
    return Identity(
        serial="-".join(parts) if all(parts) else "",
        maker=table.maker or "",
        model=_shown(program, told.model),
        firmware=_text(program.value(told.firmware)) if told.firmware else "",
    )


def _shown(program: Program, name: str | None) -> str:
    """A value in words, where its point has some."""
    if name is None:
        return ""
    value = program.value(name)
    return program.word(name) or _text(value)


def _text(value: Raw) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float | int):
        return f"{value:.10g}" if isinstance(value, float) else str(value)
    return ""


def counts_of(program: Program) -> dict[str, int]:
    """How often points repeat now, by the point that tells it."""
    found: dict[str, int] = {}
    for point in program.profile.table.point:
        name = point.repeat.count_from if point.repeat else None
        if name is not None:
            value = program.value(name)
            found[name] = max(0, int(value)) if isinstance(value, float | int) else 0
    return found
