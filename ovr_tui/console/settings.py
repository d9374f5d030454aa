"""What a person chose on this console, kept in a small TOML file of their own."""

import os
import tempfile
import tomllib
from pathlib import Path

import msgspec
import tomli_w
from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """What is kept. Empty text or zero: as the program, or the terminal, would have it.

    `keys` maps the names of actions (`site.order`; the help page lists them) to keys.
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


def read(text: str) -> tuple[Settings, list[str]]:
    """The settings of a file, and in words what in it could not be used; the rest counts."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Settings(), [f"it is no TOML: {error}"]
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
    """The file of one person. `problems` says what is wrong with it, for the person to see. A
    choice counts at once; `write`, which waits for the disk, is for a thread or for the end."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.problems: list[str] = []
        self.settings = Settings()
        self.unwritten = False
        if path is None:
            return
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as error:
            self.problems = [f"{path} cannot be read: {error}"]
            return
        self.settings, problems = read(text)
        self.problems = [f"{path}: {problem}" for problem in problems]

    def change(self, **fields: object) -> None:
        """Other choices."""
        wanted = msgspec.structs.replace(self.settings, **fields)
        if wanted != self.settings:
            self.settings, self.unwritten = wanted, self.path is not None

    def write(self) -> None:
        """Keep what was chosen since. A file that cannot be written is a problem, and nothing
        else."""
        if self.path is None or not self.unwritten:
            return
        self.unwritten = False
        try:
            self._write(self.path)
        except OSError as error:
            self.problems = [f"settings are not kept: {self.path}: {error}"]

    def _write(self, path: Path) -> None:
        table = msgspec.to_builtins(self.settings)
        default = msgspec.to_builtins(Settings())
        kept = {name: value for name, value in table.items() if value != default[name]}
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".console-")
        try:
            with os.fdopen(handle, "wb") as file:
                tomli_w.dump(kept, file)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
