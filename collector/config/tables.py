"""TOML tables become structs, with every problem of every key found in one go.

msgspec stops at the first error and hides the keys of tables in its paths, so each key is
converted by itself, at its own line.
"""

from collections.abc import Mapping
from typing import Annotated, Any, NoReturn, TypeVar

import msgspec
from msgspec import Meta, Struct

from collector.config.columns import Column, columns
from collector.config.document import Document, Report
from collector.config.outside import Outside, Use
from collector.config.toml_lines import Path as KeyPath
from collector.config.words import expected, finite, hint_for, inner_path, show, unprintable
from collector.model.text import nearest

Secret = Annotated[
    str,
    Meta(
        min_length=1,
        extra={"secret": True, "check": unprintable},
        description="text that is set",
    ),
]
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
Login = Annotated[Name, Meta(extra={"check": unprintable})]
"""A user name: sent as it is written."""

Port = Annotated[int, Meta(ge=1, le=65535, description="a port from 1 to 65535")]

T = TypeVar("T", bound=Struct)


class Refused(Exception):
    """A value was reported; the table it belongs to gives no struct."""


class TableReader:
    """Reads the tables of one document and reports what is wrong with them."""

    outside_keys = True
    """Whether a key's value may come from elsewhere, as `…_env` and `…_secret`."""

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
        complete = all(column.name in values for column in columns(kind) if column.required)
        return kind(**values) if sound or (lenient and complete) else None

    def parts(
        self, kind: type[Struct], path: KeyPath, raw: Mapping[str, Any]
    ) -> tuple[bool, dict[str, Any]]:
        """Whether nothing was reported, and the sound values of `kind`'s fields by their names."""
        sound = self._all_known(kind, path, raw)
        values: dict[str, Any] = {}
        for column in columns(kind):
            try:
                found, value = self._read(column, path, raw)
            except Refused:
                sound = False
                continue
            if found:
                values[column.name] = value
        return sound, values

    def tables(
        self, kind: type[T], path: KeyPath, raw: Any, *, lenient: bool = False
    ) -> tuple[T | None, ...]:
        """Each element of an array of tables; None in the place of one that was reported."""
        if not isinstance(raw, list):
            hint = f"write [[{'.'.join(map(str, path))}]]"
            self.wrong(path, f"expected tables in double brackets, got {show(raw)}", hint)
            return ()
        return tuple(
            self.table(kind, (*path, index), part, lenient=lenient)
            for index, part in enumerate(raw)
        )

    def _all_known(self, kind: type[Struct], path: KeyPath, raw: Mapping[str, Any]) -> bool:
        known = tuple(column.name for column in columns(kind))
        legal = {*known, *(key for column in columns(kind) for key in self._elsewhere(column))}
        unknown = [key for key in raw if key not in legal]
        for key in unknown:
            self.wrong((*path, key), "is no key that is known here", nearest(key, known))
        return not unknown

    def _elsewhere(self, column: Column) -> tuple[str, ...]:
        return column.outside if self.outside_keys else ()

    def _read(self, column: Column, path: KeyPath, raw: Mapping[str, Any]) -> tuple[bool, Any]:
        """Whether the table has a value for `column`, and the value."""
        name = column.name
        given = [key for key in (name, *self._elsewhere(column)) if key in raw]
        if not given:
            if column.required:
                self.refuse(path, f"{name} is missing", f"expected {expected(column.kind)}")
            return False, None
        if len(given) > 1:
            self.refuse((*path, given[1]), f"says the same as {given[0]}", "keep one of them")
        key = given[0]
        if key != name:
            return True, self._from_outside(column, path, key, raw[key])
        if column.secret:
            message = "a secret does not stand in this file"
            hint = f'{name}_secret = "NAME" takes it from secrets.toml, {name}_env from a variable'
            self.refuse((*path, key), message, hint)
        if column.struct is None:
            return True, self._plain(column, (*path, key), raw[key])
        return True, self._structs(column.struct, column.shape, (*path, key), raw[key])

    def _structs(self, kind: type[Struct], shape: Any, path: KeyPath, raw: Any) -> Any:
        """The table or tables of a key; tables by name without those that were reported."""
        if shape is dict:
            if not isinstance(raw, Mapping):
                self.refuse(path, f"expected tables by name, got {show(raw)}")
            named = {name: self.table(kind, (*path, name), part) for name, part in raw.items()}
            return {name: table for name, table in named.items() if table is not None}
        if shape is tuple:
            many = self.tables(kind, path, raw)
            if None in many or not isinstance(raw, list):
                raise Refused
            return many
        one = self.table(kind, path, raw)
        if one is None:
            raise Refused
        return one

    def _plain(self, column: Column, path: KeyPath, raw: Any) -> Any:
        """A value that stands in the file."""
        try:
            value = msgspec.convert(raw, column.kind, strict=True)
        except msgspec.ValidationError as why:
            inner = inner_path(str(why))
            words = expected(object if inner else column.kind, str(why))
            message = f"expected {words}, got {show(_within(raw, inner))}"
            self.refuse((*path, *inner), message, hint_for(column.kind, raw))
        if not finite(value):
            self.refuse(path, f"expected a finite number, got {show(raw)}")
        self._check(column, path, value)
        return value

    def _check(self, column: Column, path: KeyPath, value: Any) -> None:
        for check in column.checks:
            why, hint = check(value) if value is not None else ("", "")
            if why:
                self.refuse(path, why, hint)

    def _from_outside(self, column: Column, table: KeyPath, key: str, raw: Any) -> Any:
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
            value = msgspec.convert(text, column.kind, strict=False)
        except msgspec.ValidationError as why:
            self.refuse(path, f"what it names is not {expected(column.kind, str(why))}")
        if not finite(value):
            self.refuse(path, "what it names is no finite number")
        self._check(column, path, value)
        return value


def _within(raw: Any, inner: tuple[int, ...]) -> Any:
    for index in inner:
        raw = raw[index]
    return raw
