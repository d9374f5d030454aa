"""A profile of plain registers, for who has a register list and no profile yet."""

import re
from collections.abc import Iterator

from collector.model.kinds import AssetKind
from collector.profiles.language import SCHEMA, ModbusTable, PointTable, ProfileTable
from collector.profiles.profile import Profile
from collector.profiles.types import COIL_FUNCTIONS
from collector.profiles.words import Function, PointType

_SPAN = re.compile(r"(?:([1-4]):)?(0x[0-9a-fA-F]{1,4}|\d{1,5})(?:-(0x[0-9a-fA-F]{1,4}|\d{1,5}))?\Z")
MOST = 125
_PAIRS: tuple[tuple[str, PointType], ...] = (("int", "s32"), ("float", "f32"))


def bare(span: str) -> Profile | None:
    """The registers `3:100-107` (function 3 if left out, addresses from 0) as a profile: each as a
    number, each pair as a whole number and as a float. None for anything else, and for more than
    125 registers."""
    found = _SPAN.match(span)
    if not found:
        return None
    first = int(found[2], 0)
    last = int(found[3] or found[2], 0)
    if not 0 <= last - first < MOST or last > 0xFFFF:
        return None
    function: Function = int(found[1] or 3)  # type: ignore[assignment]  # 1 to 4 by the pattern
    table = ProfileTable(
        schema=SCHEMA,
        title="plain registers",
        kind=AssetKind.LOAD,
        modbus=ModbusTable(fc=function),
        point=tuple(_points(first, last, coils=function in COIL_FUNCTIONS)),
    )
    return Profile(name=f"registers {span}", file="no profile", revision="", table=table)


def _points(first: int, last: int, *, coils: bool) -> Iterator[PointTable]:
    for register in range(first, last + 1):
        kind: PointType = "bit" if coils else "u16"
        yield PointTable(name=f"r{register}", address=register, type=kind)
        if not coils and (register - first) % 2 == 0 and register < last:
            for name, pair in _PAIRS:
                yield PointTable(name=f"r{register}_{name}", address=register, type=pair)
