"""What a wrong value is told, in words for people."""

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, time
from difflib import get_close_matches
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from msgspec import Meta

from collector.model.text import clean

SHOWN = 48
_AT = re.compile(r" - at `\$(?P<path>[^`]*)`\Z")
_INDEX = re.compile(r"\[(\d+)\]")
_INDICES = re.compile(r"(\[\d+\])*\Z")
_EXPECTED = re.compile(r"Expected `(?P<type>[^`]+)`")
_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text in quotes",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}


def metas(kind: Any) -> list[Meta]:
    """Every `msgspec.Meta` within a type annotation, the outermost first."""
    found = [part for part in getattr(kind, "__metadata__", ()) if isinstance(part, Meta)]
    for part in get_args(kind):
        if not isinstance(part, Meta | str | int):
            found += metas(part)
    return found


def is_secret(kind: Any) -> bool:
    """Whether values of this type must never be shown, nor stand in a file for all to read."""
    return any(meta.extra and meta.extra.get("secret") for meta in metas(kind))


def choices(kind: Any) -> tuple[str, ...]:
    """The words that an enumeration or a Literal allows; none for other types."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(member.value) for member in kind)
    if get_origin(kind) is Literal:
        return tuple(str(word) for word in get_args(kind))
    return next(
        (found for part in get_args(kind) if (found := choices(part))),
        (),
    )


def expected(kind: Any, error: str = "") -> str:
    """What a value of type `kind` looks like; `error` is what msgspec says of a wrong one."""
    words = choices(kind)
    if words:
        return f"one of {', '.join(words)}"
    described = next((meta.description for meta in metas(kind) if meta.description), "")
    if described:
        return described
    said = _EXPECTED.search(error)
    names = said["type"].split(" | ") if said else []
    shown = [_WORDS.get(name, name) for name in names if name != "null"]
    return " or ".join(shown) or "another kind of value"


def inner_path(error: str) -> tuple[int, ...]:
    """The indices of the list element that msgspec blames, when it blames one of a list (and not
    of a table's list, whose key it does not tell)."""
    place = _AT.search(error)
    if not place or not _INDICES.match(place["path"]):
        return ()
    return tuple(int(index) for index in _INDEX.findall(place["path"]))


def hint_for(kind: Any, value: Any) -> str:
    """Which of the allowed words may have been meant."""
    near = get_close_matches(value.lower(), choices(kind), n=1) if isinstance(value, str) else []
    return f"did you mean {near[0]}?" if near else ""


def show(value: Any) -> str:
    """A value in a message: short, on one line, harmless."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{clean(value, SHOWN)}"'
    if isinstance(value, int | float):
        text = repr(value) if not isinstance(value, int) or value.bit_length() < 128 else "huge"
        return text[:SHOWN]
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return "a date or time" if isinstance(value, date | time) else "something else"


def unprintable(text: str) -> tuple[str, str]:
    """Why no login can be made of a text, without showing it, and a hint."""
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in text):
        hint = "copied with a line end? Set it again without"
        return "holds a line end or another control character", hint
    return "", ""


def finite(value: Any) -> bool:
    """Whether no number in `value` is infinite or NaN, which TOML can write."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, tuple | list):
        return all(finite(part) for part in value)
    return True
