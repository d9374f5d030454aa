"""What the values of a profile mean: measurement, unit, states, bits, alarms."""

from collections.abc import Iterable, Mapping

from collector.model.catalogue import CATALOGUE, KEYS, Measurement, split_key
from collector.model.kinds import AssetKind
from collector.model.text import nearest
from collector.profiles.check import Ground, alternative, operands
from collector.profiles.language import AlarmTable, ComputedTable, PointTable
from collector.profiles.profile import MAIN, PLACE, Profile, measured
from collector.profiles.spans import span, spread
from collector.profiles.units import conversion, spoken

Value = PointTable | ComputedTable
WIDEST = 2**64
_EVERY = {"states": "enum", "levels": "enum"}
_TWO = ("difference", "ratio")


def check_meaning(ground: Ground) -> None:
    """Every value can become what it is said to be."""
    _once_each(ground)
    for value in ground.values:
        _numbers(ground, value)
        _reading(ground, value)
        if isinstance(value, PointTable):
            _marks(ground, value)
        else:
            _formula(ground, value)
    for alarm in ground.table.alarm:
        _alarm(ground, alarm)
    for kind, told in ground.table.modbus.invalid.items():
        if any(abs(each) > WIDEST for each in told):
            ground.wrong(("modbus", "invalid", kind), "goes beyond 64 bits", "")


def _once_each(ground: Ground) -> None:
    """No two values fill the same measurement of an asset, but alternatives."""
    seen: dict[tuple[str, str], Value] = {}
    for value in ground.values:
        if value.measurement is None:
            continue
        for key in _expanded(value):
            other = seen.setdefault((value.role or "", key), value)
            if other.name != value.name and not (alternative(value) and alternative(other)):
                message = f'"{other.name}" gives {key} already'
                hint = "one value for each measurement of an asset, or a when at both"
                ground.wrong(ground.at(value, "measurement"), message, hint)
                break


def _numbers(ground: Ground, value: Value) -> None:
    if any(abs(each) > WIDEST for each in getattr(value, "invalid", None) or ()):
        ground.wrong(ground.at(value, "invalid"), "goes beyond 64 bits", "")
    if value.divide == 0:
        ground.wrong(ground.at(value, "divide"), "is 0", "")
    if value.scale == 0:
        ground.wrong(ground.at(value, "scale"), "is 0", "every value would be 0")
    if value.min is not None and value.max is not None and value.min > value.max:
        ground.wrong(ground.at(value, "min"), "is above max", "")
    for key in ("enum", "states", "bits", "levels"):
        _keys(ground, value, key, getattr(value, key, {}))


def _keys(ground: Ground, value: Value, key: str, table: Mapping[str, object]) -> None:
    seen: set[int] = set()
    for written in table:
        numbers = span(written)
        if numbers is None:
            hint = 'keys are numbers or ranges like 3 or "1-7"'
            ground.wrong(ground.at(value, key, written), "is no number", hint)
        elif seen & set(numbers):
            ground.wrong(ground.at(value, key, written), "is there twice", "")
        else:
            seen |= set(numbers)


def _role(ground: Ground, table: Value | AlarmTable) -> AssetKind | None:
    role = table.role or ""
    kinds = {"": ground.table.kind} | {each.role: each.kind for each in ground.table.role}
    if role in kinds:
        return kinds[role]
    hint = nearest(role, tuple(name for name in kinds if name)) if len(kinds) > 1 else ""
    ground.wrong(ground.at(table, "role"), f'there is no [[role]] "{role}"', hint or "write one")
    return None


def _reading(ground: Ground, value: Value) -> None:
    kind = _role(ground, value)
    if value.measurement is None:
        for key in ("states", "modulus"):
            if getattr(value, key):
                hint = "name a measurement, or use enum for words that are only shown"
                ground.wrong(ground.at(value, key), "needs a measurement", hint)
        return
    known = _measurement(ground, value, kind) if kind is not None else None
    if known is None:
        return
    _unit(ground, value, known)
    if (known.type == "state") != bool(value.states):
        hint = f"the program's words: {', '.join(dict.fromkeys(known.states.values()))}"
        message = "states is missing" if known.type == "state" else "states is for states"
        ground.wrong(ground.at(value), message, hint if known.type == "state" else "use enum")
    for key, word in value.states.items():
        if known.states and word not in known.states.values():
            hint = nearest(word, tuple(dict.fromkeys(known.states.values())))
            ground.wrong(ground.at(value, "states", key), f'"{word}" is no {known.name}', hint)
    if value.modulus is not None and known.type != "counter":
        ground.wrong(ground.at(value, "modulus"), f"{known.name} is no counter", "")


def _measurement(ground: Ground, value: Value, kind: AssetKind) -> Measurement | None:
    """The first entry of the catalogue that a value fills; told when it fills none."""
    path = ground.at(value, "measurement")
    found: Measurement | None = None
    for key in _expanded(value):
        name = measured(key, kind)
        if not name:
            hint = (
                nearest(key, (*MAIN, *KEYS)) if split_key(key)[0] not in CATALOGUE else _phases(key)
            )
            ground.wrong(path, f'"{key}" is no measurement of the catalogue', hint)
            return None
        found = KEYS[name]
        if kind not in found.kinds:
            hint = f"{found.name} is for {', '.join(found.kinds)}; give it a role of that kind"
            ground.wrong(path, f"a {kind.value} has no {found.name}", hint)
            return None
    return found


def _phases(key: str) -> str:
    return f"it takes {', '.join(CATALOGUE[split_key(key)[0]].keys)}"


def _expanded(value: Value) -> Iterable[str]:
    key = value.measurement or ""
    if PLACE not in key or not isinstance(value, PointTable) or value.repeat is None:
        return (key,)
    first = value.repeat.first
    return tuple(key.replace(PLACE, str(first + i)) for i in range(value.repeat.count or 1))


def _unit(ground: Ground, value: Value, known: Measurement) -> None:
    if known.type == "state":
        return
    if value.unit is None and known.unit and not _constant(value):
        hint = f"one of {', '.join(spoken(known.unit))}"
        ground.wrong(ground.at(value), f"unit is missing; {known.name} is in {known.unit}", hint)
    elif value.unit is not None and conversion(value.unit, known.unit) is None:
        hint = f"one of {', '.join(unit or 'none' for unit in spoken(known.unit))}"
        message = f'"{value.unit}" cannot become {known.unit or "a plain number"}'
        ground.wrong(ground.at(value, "unit"), message, hint)


def _constant(value: Value) -> bool:
    return isinstance(value, ComputedTable) and value.constant is not None


def _marks(ground: Ground, point: PointTable) -> None:
    """Bits, nibbles and levels of a point."""
    if point.bits and point.type not in ("bits", None):
        ground.wrong(ground.at(point, "bits"), 'needs type = "bits"', "")
    if point.nibbles and point.type != "nibbles":
        ground.wrong(ground.at(point, "nibbles"), 'needs type = "nibbles"', "")
    if len(point.nibbles) > 4 * (point.len or 1):
        ground.wrong(ground.at(point, "nibbles"), f"{4 * (point.len or 1)} are there at most", "")
    if point.severity is not None and not point.bits:
        ground.wrong(ground.at(point, "severity"), "needs bits with names", "or write an [[alarm]]")
    if point.levels and not (point.enum or point.nibbles):
        ground.wrong(ground.at(point, "levels"), "needs enum or nibbles with names", "")
    if point.enum:
        names = spread(point.enum)
        for key in point.levels:
            if any(number not in names for number in span(key) or ()):
                ground.wrong(ground.at(point, "levels", key), "has no name in enum", "")
    if point.type in ("string", "nibbles") and point.measurement is not None:
        ground.wrong(ground.at(point, "measurement"), f"a {point.type} is no reading", "")


def _formula(ground: Ground, value: ComputedTable) -> None:
    given = [key for key in ("sum", "product", *_TWO) if getattr(value, key)]
    count = len(given) + (value.bit is not None) + (value.constant is not None)
    if count != 1:
        hint = "sum, product, difference, ratio, bit or constant"
        ground.wrong(ground.at(value), "expected exactly one formula", hint)
    if value.any and not value.sum:
        ground.wrong(ground.at(value, "any"), "is for a sum", "")
    for key in _TWO:
        if getattr(value, key) and len(getattr(value, key)) != 2:
            ground.wrong(ground.at(value, key), "takes two points", "")
    texts = {p.name for p in ground.table.point if p.type in ("string", "nibbles")}
    for name in operands(value):
        if name in texts:
            ground.wrong(ground.at(value), f'"{name}" is no number', "")


def _alarm(ground: Ground, alarm: AlarmTable) -> None:
    _role(ground, alarm)
    limits = alarm.min is not None or alarm.max is not None
    nibble = alarm.nibble is not None
    ways = (alarm.bit is not None) + (nibble or bool(alarm.values)) + limits
    if ways != 1 or (nibble and not alarm.values):
        hint = "bit, or values (of a nibble too), or min and max"
        ground.wrong(ground.at(alarm), "expected one way to tell", hint)
    types = {p.type for p in ground.table.point if p.name == alarm.point}
    if types and (types == {"nibbles"}) != nibble:
        ground.wrong(ground.at(alarm), 'nibble and type = "nibbles" belong together', "")


def fits(profile: Profile, kind: AssetKind) -> bool:
    """Whether a main asset of `kind`, as the registry may name it, has anything of the profile."""
    values = (value for value in profile.values if value.measurement and not value.role)
    return any(
        (found := KEYS.get(measured(value.measurement or "", kind))) and kind in found.kinds
        for value in values
    )
