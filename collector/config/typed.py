"""Values of registry keys as people type them: in cells of a table, or as KEY=VALUE."""

import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from collector.config.assets import AssetTable
from collector.config.columns import columns
from collector.config.devices import DeviceTable
from collector.errors import NotPossible
from collector.model.text import clean, nearest

WORDS = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False,
         "off": False, "0": False}  # fmt: skip


@cache
def device_keys() -> Mapping[str, type]:
    """The keys of `[[device]]` that can be typed, and what each holds."""
    return _keys(DeviceTable)


@cache
def asset_keys() -> Mapping[str, type]:
    """The same of `[[asset]]`."""
    return _keys(AssetTable)


def typed(keys: Mapping[str, type], key: str, text: str) -> Any:
    """The value of `key` as registry.toml holds it; None for empty text: not written.

    Raises NotPossible for a key that is none of `keys`, and for text that cannot be its value.
    What the value may be beyond its type is for the registry's own check to say.
    """
    kind = keys.get(key)
    if kind is None:
        raise NotPossible(f"{clean(key)} is no key that is known here: {nearest(key, tuple(keys))}")
    text = text.strip()
    if not text:
        return None
    if kind is bool:
        if text.lower() not in WORDS:
            raise NotPossible(f"{key}: expected yes or no, got {clean(text)}")
        return WORDS[text.lower()]
    if kind is tuple:
        return text.replace(",", " ").split()
    try:
        return kind(text)
    except ValueError:
        word = "a whole number" if kind is int else "a number"
        raise NotPossible(f"{key}: expected {word}, got {clean(text)}") from None


def _keys(kind: type[Struct]) -> dict[str, type]:
    found: dict[str, type] = {}
    for column in columns(kind):
        base = _base(column.kind)
        if not column.secret and base is not None:
            found[column.name] = base
        found |= dict.fromkeys(column.outside, str) if column.secret else {}
    return found


def _base(kind: Any) -> type | None:
    """int, float, bool, str, or tuple for a list of texts; None for what is more than that."""
    while typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        some = [part for part in typing.get_args(kind) if part is not types.NoneType]
        return _base(some[0])
    if typing.get_origin(kind) is tuple:
        return tuple if _base(typing.get_args(kind)[0]) is str else None
    if isinstance(kind, type):
        return next((base for base in (bool, int, float, str) if issubclass(kind, base)), None)
    return None
