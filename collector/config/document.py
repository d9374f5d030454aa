"""A configuration file as it was read: its values, and on which line each stands."""

import hashlib
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from collector.config.problems import Problem
from collector.config.toml_lines import Path as KeyPath
from collector.config.toml_lines import line_index

MAX_BYTES = 1 << 20
_AT_LINE = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)\Z")
_SYNTAX_HINT = 'each line is a [table], a key = value, or # a comment; text stands in "quotes"'
_PLAIN = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}\Z")

Report = Callable[[Problem], None]


class Document(Struct, frozen=True, kw_only=True):
    """The tables of one file. `revision` is the SHA-256 of its bytes, in hex; "" without a file."""

    file: str
    data: Mapping[str, Any] = {}
    lines: Mapping[KeyPath, int] = {}
    revision: str = ""

    def line(self, path: KeyPath) -> int:
        """The line of `path`, else of the nearest table around it; 0 where lines are unknown."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return 1 if self.lines else 0

    def show(self, path: KeyPath) -> str:
        """`path` for people: `device[bess-1].port`; entries without an id count from `#1`."""
        shown = ""
        value: Any = self.data
        for key in path:
            value = _child(value, key)
            if isinstance(key, int):
                shown += f"[{_entry_name(value) or f'#{key + 1}'}]"
            else:
                name = key or '""'
                shown += f".{name}" if shown else name
        return shown

    def problem(self, path: KeyPath, message: str, hint: str = "") -> Problem:
        """A problem at `path`."""
        return Problem(
            file=self.file,
            line=self.line(path),
            path=self.show(path),
            message=message,
            hint=hint,
        )


def read_bytes(file: Path, report: Report) -> bytes | None:
    """The bytes of a regular file of at most 1 MiB; None when it is missing or was reported."""
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "a folder" if stat.S_ISDIR(found.st_mode) else "no regular file"
            report(file_problem(file, f"is {what}", "move it away and put a file there"))
            return None
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        if file.is_symlink():
            report(file_problem(file, "is a link to a file that is not there", "mend the link"))
        return None
    except OSError as why:
        report(file_problem(file, f"cannot be read: {why.strerror}", "check owner and mode"))
        return None
    if len(raw) > MAX_BYTES:
        message = f"is larger than {MAX_BYTES // 1024} KiB, which no configuration is"
        report(file_problem(file, message, "is it the right file?"))
        return None
    return raw


def read_text(file: Path, raw: bytes, report: Report) -> str | None:
    """`raw` as UTF-8 text with `\\n` line ends; a byte order mark is left out."""
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as why:
        line = raw.count(b"\n", 0, why.start) + 1
        hint = "save the file as UTF-8 text"
        report(file_problem(file, "is no UTF-8 text", hint, line))
        return None


def read_document(file: Path, report: Report) -> Document | None:
    """The TOML file; None when it is missing, or when what is wrong with it was reported."""
    raw = read_bytes(file, report)
    text = None if raw is None else read_text(file, raw, report)
    if raw is None or text is None:
        return None
    return parse_document(str(file), text, hashlib.sha256(raw).hexdigest(), report)


def parse_document(name: str, text: str, revision: str, report: Report) -> Document | None:
    """TOML `text` of the file called `name`; None when it is no TOML, which was reported."""
    try:
        data = tomllib.loads(text)
        return Document(file=name, data=data, lines=line_index(text), revision=revision)
    except tomllib.TOMLDecodeError as why:
        report(_syntax_problem(name, text, str(why)))
    except RecursionError:
        report(Problem(file=name, line=0, path="", message="is nested too deeply to be read"))
    except ValueError as why:  # a whole number of thousands of digits
        report(Problem(file=name, line=0, path="", message=f"cannot be read: {why}"))
    return None


def file_problem(file: Path, message: str, hint: str = "", line: int = 0) -> Problem:
    """A problem of the file as a whole."""
    return Problem(file=str(file), line=line, path="", message=message, hint=hint)


def _syntax_problem(name: str, text: str, message: str) -> Problem:
    place = _AT_LINE.search(message)
    line = int(place[1]) if place and place[1] else text.count("\n") + 1
    said = _AT_LINE.sub("", message)
    return Problem(file=name, line=line, path="", message=f"is no TOML: {said}", hint=_SYNTAX_HINT)


def _child(value: Any, key: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(str(key))
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None


def _entry_name(value: Any) -> str:
    """The id (or name) of a table in an array, when it is fit to be shown."""
    if not isinstance(value, Mapping):
        return ""
    name = value.get("id", value.get("name"))
    return name if isinstance(name, str) and _PLAIN.match(name) else ""
