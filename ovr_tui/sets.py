"""Generators of a baseline as people write them: `100`, `2x100`, `night=60@22:00-06:00`."""

import re
from collections.abc import Sequence

from msgspec import structs

from collector.model.terms import BaselineSet

EXAMPLES = "100, 2x100, night=60@22:00-06:00"
_SET = re.compile(
    r"\A(?:(?P<name>[^=]+)=)?(?:(?P<count>\d{1,4})x)?(?P<kw>\d{1,6}(?:\.\d+)?)"
    r"(?:@(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d))?\Z"
)


def read_set(text: str) -> BaselineSet:
    """One set. Raises ValueError, in words."""
    found = _SET.match(text.strip())
    if not found:
        raise ValueError(f"{text}: expected a set like {EXAMPLES}")
    named = found["name"] or f"{found['kw']} kW"
    one = BaselineSet(name=named, rated_kw=float(found["kw"]), count=int(found["count"] or 1))
    if found["start"]:
        one = structs.replace(one, start=found["start"], end=found["end"])
    return one


def write_set(one: BaselineSet) -> str:
    """A set as it would be written."""
    count = f"{one.count}x" if one.count != 1 else ""
    named = f"{one.name}=" if one.name != f"{one.rated_kw:g} kW" else ""
    hours = f"@{one.start}-{one.end}" if (one.start, one.end) != ("00:00", "24:00") else ""
    return f"{named}{count}{one.rated_kw:g}{hours}"


def read_sets(text: str, known: Sequence[BaselineSet] = ()) -> tuple[BaselineSet, ...]:
    """Several, apart by commas; those of `known` that are written as they were stay as they are
    (with a curve of their own). Raises ValueError."""
    same = {write_set(one): one for one in known}
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(same.get(part) or read_set(part) for part in parts)


def write_sets(sets: Sequence[BaselineSet]) -> str:
    """Several as they would be written."""
    return ", ".join(write_set(one) for one in sets)
