"""TOML tables become structs, with every problem of every key found in one go.

msgspec stops at the first error and hides the keys of tables in its paths, so each key is
converted by itself, at its own line.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, NoReturn, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

from collector.config.document import Document, Report
from collector.config.outside import Outside, Use, nearest
from collector.config.toml_lines import Path as KeyPath
from collector.config.words import expected, finite, hint_for, inner_path, is_secret, metas, show

Secret = Annotated[str, Meta(min_length=1, extra={"secret": True}, description="text that is set")]
"""Text that comes from the environment or from secrets.toml only, and is never shown."""

KEY_PATTERN = r"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z"
Key = Annotated[
    str,
    Meta(
        pattern=KEY_PATTERN,
        description='an id: a-z, 0-9 and - inside, at most 63 characters, like "bess-1"',
    ),
]
"""The id of a node, device or system."""

Id = Annotated[Key, Meta(extra={"plain": True})]
"""An id that other tables refer to: it stands in the file, never outside."""

Name = Annotated[str, Meta(max_length=200, description="text of at most 200 characters")]
Port = Annotated[int, Meta(ge=1, le=65535, description="a port from 1 to 65535")]

T = TypeVar("T", bound=Struct)
_SUFFIXES = ("_env", "_secret")


class Refused(Exception):
    """A value was reported; the table it belongs to gives no struct."""


class TableReader:
    """Reads the tables of one document and reports what is wrong with them."""

    def __init__(self, doc: Document, outside: Outside, report: Report) -> None:
        self.doc = doc
        self.outside = outside
        self._report = report

    def wrong(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Report a problem at `path`."""
        self._report(self.doc.problem(path, message, hint))

    def refuse(self, path: KeyPath, message: str, hint: str = "") -> NoReturn:
        """Report a problem at `path` and give its table up."""
        self.wrong(path, message, hint)
        raise Refused

    def table(self, kind: type[T], path: KeyPath, raw: Any, *, lenient: bool = False) -> T | None:
        """`raw` as a `kind`; None when anything in it was reported.

        `lenient`: keys that were reported count as not written, so that checks between tables
        still find what else is wrong; None only where a key is lost that has no default.
        """
        if not isinstance(raw, Mapping):
            self.wrong(path, f"expected a table, got {show(raw)}")
            return None
        sound, values = self.parts(kind, path, raw)
        complete = all(
            field.name in values for field in msgspec.structs.fields(kind) if field.required
        )
        return kind(**values) if sound or (lenient and complete) else None

    def parts(
        self, kind: type[Struct], path: KeyPath, raw: Mapping[str, Any]
    ) -> tuple[bool, dict[str, Any]]:
        """Whether nothing was reported, and the sound values of `kind`'s fields by their names."""
        fields = msgspec.structs.fields(kind)
        sound = self._all_known(fields, path, raw)
        values: dict[str, Any] = {}
        for field in fields:
            try:
                found, value = self._field(field, path, raw)
            except Refused:
                sound = False
                continue
            if found:
                values[field.name] = value
        return sound, values

    def tables(
        self, kind: type[T], path: KeyPath, raw: Any, *, lenient: bool = False
    ) -> tuple[T | None, ...]:
        """Each element of an array of tables; None in the place of one that was reported."""
        if not isinstance(raw, list):
            hint = f"write [[{path[-1]}]]"
            self.wrong(path, f"expected tables in double brackets, got {show(raw)}", hint)
            return ()
        return tuple(
            self.table(kind, (*path, index), part, lenient=lenient)
            for index, part in enumerate(raw)
        )

    def _all_known(
        self, fields: Iterable[FieldInfo], path: KeyPath, raw: Mapping[str, Any]
    ) -> bool:
        known = [field.encode_name for field in fields]
        outside = {key for field in fields for key in _outside_keys(field)}
        unknown = [key for key in raw if key not in known and key not in outside]
        for key in unknown:
            self.wrong((*path, key), "is no key that is known here", nearest(key, tuple(known)))
        return not unknown

    def _field(self, field: FieldInfo, path: KeyPath, raw: Mapping[str, Any]) -> tuple[bool, Any]:
        """Whether the table has a value for `field`, and the value."""
        name = field.encode_name
        given = [key for key in (name, *_outside_keys(field)) if key in raw]
        if not given:
            if field.required:
                self.refuse(path, f"{name} is missing", f"expected {expected(field.type)}")
            return False, None
        if len(given) > 1:
            self.refuse((*path, given[1]), f"says the same as {given[0]}", "keep one of them")
        key = given[0]
        if key != name:
            return True, self._from_outside(field, path, key, raw[key])
        if is_secret(field.type):
            message = "a secret does not stand in this file"
            hint = f'{name}_secret = "NAME" takes it from secrets.toml, {name}_env from a variable'
            self.refuse((*path, key), message, hint)
        return True, self._value(field.type, (*path, key), raw[key])

    def _value(self, kind: Any, path: KeyPath, raw: Any) -> Any:
        shape, struct = _shape(kind)
        if struct is None:
            return self.scalar(kind, path, raw)
        if shape is dict:
            if not isinstance(raw, Mapping):
                self.refuse(path, f"expected tables by name, got {show(raw)}")
            named = {name: self.table(struct, (*path, name), part) for name, part in raw.items()}
            return {name: table for name, table in named.items() if table is not None}
        if shape is tuple:
            many = self.tables(struct, path, raw)
            if None in many or not isinstance(raw, list):
                raise Refused
            return many
        one = self.table(struct, path, raw)
        if one is None:
            raise Refused
        return one

    def scalar(self, kind: Any, path: KeyPath, raw: Any) -> Any:
        """A plain value of type `kind`; raises Refused after reporting another one."""
        try:
            value = msgspec.convert(raw, kind, strict=True)
        except msgspec.ValidationError as why:
            inner = inner_path(str(why))
            words = expected(object if inner else kind, str(why))
            message = f"expected {words}, got {show(_within(raw, inner))}"
            self.refuse((*path, *inner), message, hint_for(kind, raw))
        if not finite(value):
            self.refuse(path, f"expected a finite number, got {show(raw)}")
        self._check(kind, path, value)
        return value

    def _check(self, kind: Any, path: KeyPath, value: Any) -> None:
        """The checks that the type of a value brings along (`checked`)."""
        for meta in metas(kind):
            check = (meta.extra or {}).get("check")
            why, hint = check(value) if check and value is not None else ("", "")
            if why:
                self.refuse(path, why, hint)

    def _from_outside(self, field: FieldInfo, table: KeyPath, key: str, raw: Any) -> Any:
        """The value that `key = "NAME"` finds in the environment or among the secrets."""
        path = (*table, key)
        if not isinstance(raw, str) or not raw:
            self.refuse(path, f"expected a name in quotes, got {show(raw)}")
        if key.endswith("_env"):
            text = self.outside.variable(Use(variable=raw, doc=self.doc, table=table, key=key))
            if text is None:
                hint = "set it in the environment of the service, or remove this line"
                self.refuse(path, f"the variable {raw} is not set", hint)
        else:
            text = self.outside.secret(raw)
            if text is None:
                self.refuse(path, f"there is no secret {raw}", self.outside.secret_hint(raw))
        try:
            value = msgspec.convert(text, field.type, strict=False)
        except msgspec.ValidationError as why:
            self.refuse(path, f"what it names is not {expected(field.type, str(why))}")
        if not finite(value):
            self.refuse(path, "what it names is no finite number")
        self._check(field.type, path, value)
        return value


def checked(check: Callable[[Any], tuple[str, str]], description: str) -> Meta:
    """Makes a type bring along a check: value → why it is wrong ("" when it is not) and a hint."""
    return Meta(extra={"check": check}, description=description)


def _within(raw: Any, inner: tuple[int, ...]) -> Any:
    for index in inner:
        raw = raw[index]
    return raw


def _outside_keys(field: FieldInfo) -> tuple[str, ...]:
    """The keys that take the value of a plain field from outside."""
    plain = any((meta.extra or {}).get("plain") for meta in metas(field.type))
    if plain or _shape(field.type)[1] is not None:
        return ()
    return tuple(field.encode_name + end for end in _SUFFIXES)


def _shape(kind: Any) -> tuple[Any, type[Struct] | None]:
    """How a type holds structs: (None, S) one, (tuple, S) many, (dict, S) by name, else no S."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        return None, kind
    origin = get_origin(kind)
    for part in get_args(kind):
        if isinstance(part, type) and issubclass(part, Struct):
            return (origin if origin in (tuple, dict) else None), part
    return None, None
