"""What a person chose on this console, kept in a small TOML file of their own."""

import os
import tempfile
import tomllib
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

import msgspec
import tomli_w
from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """What is kept. Empty text or zero: as the program, or the terminal, would have it.

    `keys` maps the names of actions (`site.group`; docs/console.md lists them) to keys.
    """

    page: str = "site"
    sort: str = "name"
    descending: bool = False
    grouping: str = ""
    columns: tuple[str, ...] = ()
    theme: str = ""
    glyphs: str = ""
    interval_s: int = 0
    range_s: int = 900
    bell_s: int = 0
    keys: dict[str, str] = {}


def read(table: Mapping[str, object]) -> tuple[Settings, list[str]]:
    """The settings of a file, and in words what in it could not be used; the rest counts."""
    problems: list[str] = []
    known: dict[str, object] = {}
    fields = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    for name, value in table.items():
        if name not in fields:
            problems.append(f"{name}: there is no such setting")
            continue
        try:
            known[name] = msgspec.convert(value, fields[name])
        except msgspec.ValidationError as error:
            problems.append(f"{name}: {error}")
    return Settings(**known), problems  # type: ignore[arg-type]  # each was converted to its type


class SettingsFile:
    """The file of one person, who may have several consoles and an editor open. `problems` says
    what is wrong with it at the start, `unsaid` why choices are not kept since, once; both are for
    the person to see. A choice counts at once; `write`, which waits for the disk, is for a thread
    or for the end."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.problems: list[str] = []
        self.unsaid = ""
        self.settings = Settings()
        self._chosen: deque[dict[str, object]] = deque()
        self._left: dict[str, object] = {}
        """What could not be written."""
        self._failing = False
        self._writing = Lock()
        if path is None:
            return
        try:
            table = _table(path)
        except (OSError, ValueError) as error:
            self.problems = [f"{error}. It stays as it is; choices are not kept until it is mended"]
            self._failing = True
            return
        self.settings, problems = read(table)
        self.problems = [f"{path}: {problem}" for problem in problems]

    @property
    def unwritten(self) -> bool:
        """Whether something was chosen since the last `write`."""
        return bool(self._chosen)

    def change(self, **fields: object) -> None:
        """Other choices."""
        wanted = msgspec.structs.replace(self.settings, **fields)
        if wanted != self.settings:
            self.settings = wanted
            if self.path is not None:
                self._chosen.append(fields)

    def write(self) -> None:
        """Keep what was chosen here since, and leave the rest of the file as others wrote it. A
        file that cannot be read stays as it is; why nothing is kept is `unsaid`, and what could not
        be written is tried again with the next choice."""
        if self.path is None:
            return
        with self._writing:
            while self._chosen:
                self._left |= self._chosen.popleft()
            if not self._left:
                return
            try:
                self._write(self.path, Settings(**self._left))  # type: ignore[arg-type]  # its fields
            except (OSError, ValueError) as error:
                if not self._failing:
                    self.unsaid = f"choices are not kept: {error}"
                self._failing = True
            else:
                self._left, self._failing = {}, False

    def _write(self, path: Path, chosen: Settings) -> None:
        table = _table(path)
        values, default = msgspec.to_builtins(chosen), msgspec.to_builtins(Settings())
        changed = {name: values[name] for name in self._left}
        wanted = {
            name: value
            for name, value in (table | changed).items()
            if name not in changed or value != default[name]
        }
        if wanted != table:
            _replace(path, wanted)


def _table(path: Path) -> dict[str, object]:
    """What stands in the file; nothing where there is none. Raises OSError, and ValueError when it
    is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is no TOML: {error}") from error


def _replace(path: Path, table: Mapping[str, object]) -> None:
    """Write the file at one stroke. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".console-")
    try:
        with os.fdopen(handle, "wb") as file:
            tomli_w.dump(table, file)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
