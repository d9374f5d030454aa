"""On which line each key of a TOML document stands, which tomllib does not tell.

Scans text that tomllib has accepted already (with `\\n` line ends), so it only has to follow the
structure, not to judge it.
"""

import tomllib
from collections.abc import Mapping

Path = tuple[str | int, ...]
"""A place in the document: keys of tables, and indices of arrays."""

_BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_TRIPLE = ('"""', "'''")


def line_index(text: str) -> Mapping[Path, int]:
    """The line (from 1) of every table, key and array element of the valid TOML `text`."""
    return _Scanner(text).scan()


class _Scanner:
    """One pass over the text; `pos` only moves forward, `line` follows it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.line = 1
        self.lines: dict[Path, int] = {}
        self.table: Path = ()
        self.sizes: dict[Path, int] = {}
        """How many `[[elements]]` each array of tables has so far."""

    def scan(self) -> Mapping[Path, int]:
        while self._skip_blank():
            if self.text[self.pos] == "[":
                self._header()
            else:
                self._key_value(self.table)
        return self.lines

    def _move(self, count: int = 1) -> None:
        self.line += self.text.count("\n", self.pos, self.pos + count)
        self.pos += count

    def _skip_blank(self) -> bool:
        """Pass white space, line ends and comments; False at the end of the text."""
        while self.pos < len(self.text):
            char = self.text[self.pos]
            if char == "#":
                end = self.text.find("\n", self.pos)
                self.pos = len(self.text) if end < 0 else end
            elif char in " \t\n":
                self._move()
            else:
                return True
        return False

    def _spaces(self) -> None:
        while self.text[self.pos] in " \t":
            self.pos += 1

    def _note(self, path: Path) -> None:
        """Remember the line of `path`, and of tables above it that have none yet."""
        for depth in range(1, len(path) + 1):
            self.lines.setdefault(path[:depth], self.line)

    def _header(self) -> None:
        many = self.text.startswith("[[", self.pos)
        self.pos += 2 if many else 1
        keys = self._keys()
        self.pos += 2 if many else 1
        base: Path = ()
        for key in keys[:-1]:
            base = self._inside((*base, key))
        path: Path = (*base, keys[-1])
        if many:
            self._note(path)
            index = self.sizes.get(path, 0)
            self.sizes[path] = index + 1
            path = (*path, index)
        self._note(path)
        self.lines[path] = self.line
        self.table = path

    def _inside(self, path: Path) -> Path:
        """A header's key that names an array of tables means its last element."""
        size = self.sizes.get(path)
        return path if size is None else (*path, size - 1)

    def _keys(self) -> list[str]:
        """A dotted key; leaves `pos` at what follows it."""
        keys: list[str] = []
        while True:
            self._spaces()
            start = self.pos
            if self.text[start] in "\"'":
                self._string()
                keys.append(_unquoted(self.text[start : self.pos]))
            else:
                while self.text[self.pos] in _BARE:
                    self.pos += 1
                keys.append(self.text[start : self.pos])
            self._spaces()
            if self.text[self.pos] != ".":
                return keys
            self.pos += 1

    def _key_value(self, table: Path) -> None:
        path: Path = (*table, *self._keys())
        self._note(path)
        self.pos += 1
        self._spaces()
        self._value(path)

    def _value(self, path: Path) -> None:
        """Pass a value, noting what lies inside it."""
        char = self.text[self.pos]
        if char in "\"'":
            self._string()
        elif char == "[":
            self._array(path)
        elif char == "{":
            self._inline_table(path)
        else:
            while self.pos < len(self.text) and self.text[self.pos] not in ",]}#\n":
                self.pos += 1

    def _array(self, path: Path) -> None:
        self.pos += 1
        index = 0
        while self._skip_blank() and self.text[self.pos] != "]":
            if self.text[self.pos] == ",":
                self.pos += 1
                continue
            self._note((*path, index))
            self._value((*path, index))
            index += 1
        self.pos += 1

    def _inline_table(self, path: Path) -> None:
        self.pos += 1
        while self._skip_blank() and self.text[self.pos] != "}":
            if self.text[self.pos] == ",":
                self.pos += 1
                continue
            self._key_value(path)
        self.pos += 1

    def _string(self) -> None:
        """Pass a string of any of the four forms."""
        quote = self.text[self.pos : self.pos + 3]
        if quote not in _TRIPLE:
            quote = quote[0]
        self.pos += len(quote)
        escapes = quote[0] == '"'
        while not self.text.startswith(quote, self.pos):
            self._move(2 if escapes and self.text[self.pos] == "\\" else 1)
        self.pos += len(quote)
        if len(quote) > 1:  # up to two quotes may stand just before the closing three
            while self.text[self.pos : self.pos + 1] == quote[0]:
                self.pos += 1


def _unquoted(key: str) -> str:
    """The name that a quoted key stands for."""
    return next(iter(tomllib.loads(f"{key}=0")))
