"""What must fit together in a profile: names, references, the transport."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from collector.config.toml_lines import Path as KeyPath
from collector.model.text import nearest
from collector.profiles.language import ComputedTable, PointTable, ProfileTable
from collector.profiles.profile import PLACE, expanded

Wrong = Callable[[KeyPath, str, str], None]
MOST_POINTS = 2000
MOST_VALUES = 5000
_OPERANDS = ("sum", "product", "difference", "ratio")
_ONLY_HTTP = ("http", "request")
_ONLY_MODBUS = ("modbus", "sunspec", "block")


class Ground(Struct, frozen=True, kw_only=True):
    """What checks stand on: the sound tables, where each stands in the file, and the way to say
    what is wrong."""

    table: ProfileTable
    raw: Mapping[str, Any]
    places: Mapping[int, KeyPath]
    wrong: Wrong

    def at(self, struct: Struct, *keys: str) -> KeyPath:
        """The place of a table, or of a key in it."""
        return (*self.places.get(id(struct), ()), *keys)

    @property
    def values(self) -> tuple[PointTable | ComputedTable, ...]:
        """Points and computed ones."""
        return (*self.table.point, *self.table.computed)

    @property
    def owners(self) -> dict[str, str]:
        """Every name by which a value can be meant, and the name that is written in its table:
        `{n}` for all repetitions, a number for one."""
        found: dict[str, str] = {}
        for value in self.values:
            for name in (value.name, *expanded(value)):
                found.setdefault(name, value.name)
        return found


def check_whole(ground: Ground) -> None:
    """Transport, names, references of a profile."""
    _transport(ground)
    _names(ground)
    owners = ground.owners
    for path, name in references(ground):
        if name not in owners:
            ground.wrong(path, f'there is no point "{name}"', nearest(name, tuple(owners)))
    _circles(ground, owners)


def _transport(ground: Ground) -> None:
    table, raw = ground.table, ground.raw
    http = table.transport == "http"
    for key in _ONLY_MODBUS if http else _ONLY_HTTP:
        if key in raw:
            hint = f'transport is "{table.transport}"; remove it, or change transport'
            ground.wrong((key,), "is for the other transport", hint)
    if not ground.values:
        ground.wrong((), "has no points", "each [[point]] takes a name and a place")
    if len(ground.values) > MOST_POINTS:
        ground.wrong(("point",), f"are more than {MOST_POINTS}", "leave out what nobody needs")
    if not http:
        return
    path = table.http.path if table.http else None
    if table.http is None:
        ground.wrong((), "http is missing", "[http] says how the device is asked")
    elif (path is None) == (not table.request):
        ground.wrong(("http",), "expected either path or [[request]] tables", "")


def _names(ground: Ground) -> None:
    for kind in ("role", "request", "block"):
        _once(ground, getattr(ground.table, kind), "role" if kind == "role" else "name")
    first: dict[str, PointTable | ComputedTable] = {}
    for value in ground.values:
        if PLACE in value.name and not (isinstance(value, PointTable) and value.repeat):
            ground.wrong(ground.at(value, "name"), "{n} stands only where the point repeats", "")
        others = {name: first.setdefault(name, value) for name in expanded(value)}
        taken = [
            name
            for name, other in others.items()
            if other is not value and not (alternative(value) and alternative(other))
        ]
        if taken:
            hint = "alternatives of one name each need a when or a model"
            message = f'"{taken[0]}" is the name of another point'
            ground.wrong(ground.at(value, "name"), message, hint)
    if len(first) > MOST_VALUES:
        message = f"are {len(first)} values with all repetitions, {MOST_VALUES} are the most"
        ground.wrong(("point",), message, "leave out what nobody needs")


def alternative(value: PointTable | ComputedTable) -> bool:
    """Whether another value may stand for this one: it does not always apply."""
    return value.when is not None or getattr(value, "model", None) is not None


def _once(ground: Ground, tables: tuple[Any, ...], key: str) -> None:
    seen: set[str] = set()
    for table in tables:
        name = getattr(table, key)
        if name in seen:
            ground.wrong(ground.at(table, key), f'"{name}" is there twice', "choose another name")
        seen.add(name)


def operands(value: ComputedTable) -> tuple[str, ...]:
    """The points that a computed value is made of."""
    named = tuple(name for key in _OPERANDS for name in getattr(value, key))
    return named if value.bit is None else (*named, value.bit.point)


def needs(value: PointTable | ComputedTable) -> Iterator[tuple[str, str]]:
    """What a value must know before it has one: (key, name of the other)."""
    if value.when is not None:
        yield "when", value.when.point
    if isinstance(value, ComputedTable):
        yield from (("", name) for name in operands(value))
        return
    yield from (("factor_from", name) for name in value.factor_from)
    if value.scale_ref is not None:
        yield "scale_ref", value.scale_ref
    if value.repeat is not None and value.repeat.count_from is not None:
        yield "repeat", value.repeat.count_from


def references(ground: Ground) -> Iterator[tuple[KeyPath, str]]:
    """Every name of a value that a table mentions, and where."""
    for value in ground.values:
        for key, name in needs(value):
            yield ground.at(value, *([key] if key else [])), name
    for alarm in ground.table.alarm:
        yield ground.at(alarm, "point"), alarm.point
    identity = ground.table.identity
    for key, names in (
        ("serial", identity.serial),
        ("model", (identity.model,)),
        ("firmware", (identity.firmware,)),
    ):
        yield from ((("identity", key), name) for name in names if name is not None)


def _circles(ground: Ground, owners: Mapping[str, str]) -> None:
    """No value may need itself, be it by way of others."""
    graph: dict[str, set[str]] = {}
    for value in ground.values:
        needed = {owners[name] for _, name in needs(value) if name in owners}
        graph.setdefault(value.name, set()).update(needed)
    done: set[str] = set()
    for value in ground.values:
        circle = _circle(graph, value.name, done)
        if circle:
            ground.wrong(
                ground.at(value), f"needs itself: {' → '.join(circle)}", "break the circle"
            )
            return


def _circle(graph: Mapping[str, set[str]], start: str, done: set[str]) -> list[str]:
    """The way from `start` back to a name on it; empty when there is none."""
    way: list[str] = []
    left: list[Iterator[str]] = [iter((start,))]
    while left:
        name = next(left[-1], "")
        if not name:
            left.pop()
            if way:
                done.add(way.pop())
        elif name in way:
            return [*way[way.index(name) :], name]
        elif name not in done:
            way.append(name)
            left.append(iter(sorted(graph.get(name, ()))))
    return []
