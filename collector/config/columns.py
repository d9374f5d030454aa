"""What a struct of the configuration asks of a table: its keys, worked out once for each struct."""

from collections.abc import Callable
from functools import cache
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

from collector.config.words import is_secret, metas

Check = Callable[[Any], tuple[str, str]]
"""A value → why it is wrong ("" when it is not) and a hint."""

SUFFIXES = ("_env", "_secret")


class Column(Struct, frozen=True, kw_only=True):
    """One key. `outside` are the keys that take its value from elsewhere; `struct` is the type of
    the tables that it holds, if it does, and `shape` how: None one, tuple many, dict by name."""

    name: str
    kind: Any
    required: bool
    secret: bool
    outside: tuple[str, ...]
    shape: Any
    struct: type[Struct] | None
    checks: tuple[Check, ...]


def checked(check: Check, description: str) -> Meta:
    """Makes a type bring along a check."""
    return Meta(extra={"check": check}, description=description)


@cache
def columns(kind: type[Struct]) -> tuple[Column, ...]:
    """The keys of a table that is read as `kind`."""
    return tuple(_column(field) for field in msgspec.structs.fields(kind))


def _column(field: FieldInfo) -> Column:
    shape, struct = _shape(field.type)
    extras = [meta.extra or {} for meta in metas(field.type)] if struct is None else []
    plain = struct is not None or any(extra.get("plain") for extra in extras)
    return Column(
        name=field.name,
        kind=field.type,
        required=field.required,
        secret=is_secret(field.type),
        outside=() if plain else tuple(field.name + end for end in SUFFIXES),
        shape=shape,
        struct=struct,
        checks=tuple(extra["check"] for extra in extras if "check" in extra),
    )


def _shape(kind: Any) -> tuple[Any, type[Struct] | None]:
    """How a type holds structs: (None, S) one, (tuple, S) many, (dict, S) by name, else no S."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        return None, kind
    origin = get_origin(kind)
    for part in get_args(kind):
        if isinstance(part, type) and issubclass(part, Struct):
            return (origin if origin in (tuple, dict) else None), part
    return None, None
