"""JSON documents: parsed with limits, and what a pointer finds in them. Pure functions.

Devices say numbers as numbers, as text, as text with a unit, as null, or leave them out; a value
that is none of it is no value.
"""

import math
import re
from typing import Any

import msgspec

from collector.profiles.language import PointTable
from collector.profiles.registers import Raw

_NUMBER = re.compile(r"\A([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?)\s*(\S{0,16})\Z")
MOST = 1e300
"""No device measures more; whole numbers in JSON know no limit."""


class NoDocument(ValueError):
    """What came is no JSON."""


def parse(body: bytes) -> Any:
    """The document in `body`. Raises NoDocument."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise NoDocument(str(error)) from error


def find(document: Any, pointer: str) -> Any:
    """What stands at a JSON pointer (RFC 6901); None where nothing does."""
    found = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(key)
        elif isinstance(found, list) and key.isascii() and key.isdigit() and len(key) < 10:
            found = found[int(key)] if int(key) < len(found) else None
        else:
            return None
    return found


def number(told: Any, unit: str = "") -> float | None:
    """A number, true and false as 1 and 0, or a text that is a number with or without `unit`."""
    if isinstance(told, str):
        match = _NUMBER.match(told.strip())
        if match is None or match[2] not in ("", unit):
            return None
        told = float(match[1])
    if not isinstance(told, int | float) or not -MOST < told < MOST:
        return None
    return float(told) if math.isfinite(told) else None


def text(told: Any) -> str | None:
    """A text, or a number as one."""
    if isinstance(told, str):
        return told.strip() or None
    if isinstance(told, int | float) and not isinstance(told, bool):
        return str(told)
    return None


def usable(told: Any, point: PointTable) -> Raw:
    """What a point makes of what stands at its pointer."""
    if point.type == "string":
        return text(told)
    if isinstance(told, str) and told.strip() in point.codes:
        return point.codes[told.strip()]
    return number(told, point.unit or "")
