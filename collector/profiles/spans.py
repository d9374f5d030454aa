"""Numbers and ranges of numbers as keys of a profile's tables: `"3"`, `"1-7"`, `"0x1F"`."""

import re
from collections.abc import Mapping
from typing import TypeVar

_SPAN = re.compile(r"\A(-?(?:0x[0-9a-fA-F]+|\d+))(?:-(0x[0-9a-fA-F]+|\d+))?\Z")
WIDEST = 4096

T = TypeVar("T")


def span(key: str) -> range | None:
    """The numbers that a key means; None when it is none, or more than 4096."""
    found = _SPAN.match(key)
    if not found or len(key) > 24:
        return None
    low = int(found[1], 0)
    high = int(found[2], 0) if found[2] else low
    return range(low, high + 1) if 0 <= high - low < WIDEST else None


def spread(table: Mapping[str, T]) -> dict[int, T]:
    """The table with one entry for each number; keys that mean none are left out."""
    return {number: value for key, value in table.items() for number in span(key) or ()}
