"""A profile that was read and is sound, and the one way to ask what its keys mean."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from collector.model.catalogue import KEYS, MAIN_ENERGY, MAIN_POWER, Measurement, split_key
from collector.model.kinds import AssetKind
from collector.profiles.language import ComputedTable, PointTable, ProfileTable

MAIN = {"power_w": MAIN_POWER, "energy_kwh": MAIN_ENERGY}
"""Measurements that mean the main power or energy of whatever kind the asset has."""

PLACE = "{n}"
MOST_REPEATS = 64


class Profile(Struct, frozen=True, kw_only=True):
    """A sound profile. `name` is its file's name without `.toml`; `revision` the SHA-256 of the
    file; `shipped` tells whether it came with the program."""

    name: str
    file: str
    revision: str
    table: ProfileTable
    shipped: bool = False

    @property
    def prefix(self) -> str:
        """What the names of its raw series begin with."""
        plain = self.name.replace("-", "_").replace(".", "_").lower()
        return f"_{plain}" if plain[:1].isdigit() else plain

    @property
    def kinds(self) -> Mapping[str, AssetKind]:
        """The kind of the asset in each role; "" is the main one."""
        return {"": self.table.kind} | {role.role: role.kind for role in self.table.role}

    @property
    def values(self) -> Iterator[PointTable | ComputedTable]:
        """Points and computed ones, in the order of the file."""
        yield from self.table.point
        yield from self.table.computed


def measured(key: str, kind: AssetKind) -> str:
    """The catalogue's key for a profile's `measurement` at an asset of `kind`; "" when there is
    none. `power_w` and `energy_kwh` (with a phase too) are the main ones of the kind."""
    name, phase = split_key(key)
    if name in MAIN:
        main = MAIN[name].get(kind, "")
        key = f"{main}.{phase}" if phase else main
    return key if key in KEYS else ""


def quantity(key: str, kind: AssetKind) -> Measurement | None:
    """The catalogue's entry for a profile's `measurement`."""
    return KEYS.get(measured(key, kind))


def expanded(value: PointTable | ComputedTable) -> tuple[str, ...]:
    """The names that a value has in the end: one for each repetition that it can have."""
    repeat = value.repeat if isinstance(value, PointTable) else None
    if repeat is None:
        return (value.name,)
    count = repeat.count or MOST_REPEATS
    return tuple(placed(value.name, repeat.first + i) for i in range(count))


def placed(text: str, number: int) -> str:
    """`text` with the number of a repetition in the place of `{n}`."""
    return text.replace(PLACE, str(number))
