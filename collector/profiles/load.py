"""Profiles are found, read and judged: all that is wrong with one is told at once, by line."""

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from collector.config.document import (
    Document,
    Report,
    file_problem,
    parse_document,
    read_bytes,
    read_text,
)
from collector.config.outside import Outside
from collector.config.problems import Problem
from collector.config.tables import TableReader
from collector.config.toml_lines import Path as KeyPath
from collector.model.text import clean, nearest
from collector.profiles.check import Ground, check_whole
from collector.profiles.check_meaning import check_meaning
from collector.profiles.check_places import check_places
from collector.profiles.language import ProfileTable
from collector.profiles.profile import Profile

FOLDER = "profiles"
_REPOSITORY = Path(__file__).parents[2] / "configs" / FOLDER
_PACKAGE = Path(__file__).parent / "shipped"
SHIPPED = _REPOSITORY if _REPOSITORY.is_dir() else _PACKAGE
"""The profiles that come with the program: in a clone, else in the installed package."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_TAKEN = re.compile(r"(ovr([-_.].*)?|victron|acuvim|fronius)\Z")

REMEMBERED = 64
"""So many texts of profiles: judging one takes up to 30 ms, and each connect asks for it."""

T = TypeVar("T", bound=Struct)


class ProfileReader(TableReader):
    """Reads one profile. Nothing in it comes from the environment or from secrets; elements that
    were reported are left out, so that everything else is still judged."""

    outside_keys = False

    def __init__(self, doc: Document, report: Report) -> None:
        super().__init__(doc, Outside({}, {}), report)
        self.places: dict[int, KeyPath] = {}

    def table(self, kind: type[T], path: KeyPath, raw: Any, *, lenient: bool = False) -> T | None:
        """As `TableReader.table`, remembering where each table stands."""
        found = super().table(kind, path, raw, lenient=True)
        if found is not None:
            self.places[id(found)] = path
        return found

    def _structs(self, kind: type[Struct], shape: Any, path: KeyPath, raw: Any) -> Any:
        if shape is tuple:
            many = self.tables(kind, path, raw, lenient=True)
            return tuple(table for table in many if table is not None)
        return super()._structs(kind, shape, path, raw)


def name_wrong(name: str) -> tuple[str, str]:
    """Why no profile can have this name ("" when one can), and a hint."""
    if not _NAME.match(name):
        hint = "letters, digits, - _ and . make a name, at most 64, like dse-7310.toml"
        return f'"{clean(name, 70)}" is no name of a profile', hint
    if _TAKEN.match(name.lower()):
        hint = "rename the file: raw series begin with its name"
        return f'the name "{name}" is that of the program\'s own series', hint
    return "", ""


def parse(
    text: str, name: str, file: str, report: Report, *, shipped: bool = False
) -> Profile | None:
    """The profile `name` that stands in `text`; None when anything in it was reported."""
    profile, problems = _parsed(text, name, file, shipped)
    for problem in problems:
        report(problem)
    return profile


@lru_cache(maxsize=REMEMBERED)
def _parsed(
    text: str, name: str, file: str, shipped: bool, /
) -> tuple[Profile | None, tuple[Problem, ...]]:
    """The same, judged once for all devices and connections that read by it."""
    revision = hashlib.sha256(text.encode()).hexdigest()
    problems: list[Problem] = []
    wrong, hint = name_wrong(name)
    if wrong:
        problems.append(Problem(file=file, line=0, path="", message=wrong, hint=hint))
    doc = parse_document(file, text, revision, problems.append)
    table = None if doc is None else _judged(doc, problems.append)
    if table is None or problems:
        return None, tuple(problems)
    return Profile(name=name, file=file, revision=revision, table=table, shipped=shipped), ()


def _judged(doc: Document, report: Report) -> ProfileTable | None:
    reader = ProfileReader(doc, report)
    table = reader.table(ProfileTable, (), doc.data)
    if table is None:
        return None
    ground = Ground(table=table, raw=doc.data, places=reader.places, wrong=reader.wrong)
    for check in (check_whole, check_places, check_meaning):
        check(ground)
    return table


def read_profile(file: Path, report: Report, *, shipped: bool = False) -> Profile | None:
    """The profile in `file`; None when it is missing, or what is wrong was reported."""
    raw = read_bytes(file, report)
    text = None if raw is None else read_text(file, raw, report)
    if text is None:
        return None
    return parse(text, file.stem, str(file), report, shipped=shipped)


class Shelf:
    """All profiles that a node can use: those of the site, and those that are shipped, which the
    site's shadow by name. Each is read once, when it is first asked for."""

    def __init__(self, config: Path, shipped: Path = SHIPPED) -> None:
        self._folders = (config / FOLDER, shipped)
        self._read: dict[str, tuple[Profile | None, tuple[Problem, ...]]] = {}

    def names(self) -> tuple[str, ...]:
        """Of all profiles, sound or not."""
        return tuple(sorted(self._files()))

    def _files(self) -> Mapping[str, Path]:
        found: dict[str, Path] = {}
        for folder in reversed(self._folders):
            found |= {file.stem: file for file in sorted(folder.glob("*.toml"))}
        return found

    def find(self, name: str) -> tuple[Profile | None, tuple[Problem, ...]]:
        """The profile of this name, or all that is wrong with it."""
        if name not in self._read:
            self._read[name] = self._load(name)
        return self._read[name]

    def _load(self, name: str) -> tuple[Profile | None, tuple[Problem, ...]]:
        file = self._files().get(name)
        if file is None:
            wanted = self._folders[0] / f"{name}.toml"
            hint = nearest(name, self.names()) if self.names() else "write it"
            return None, (file_problem(wanted, "there is no such profile", hint),)
        problems: list[Problem] = []
        profile = read_profile(file, problems.append, shipped=file.parent == self._folders[1])
        return profile, tuple(problems)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with any of them."""
        return tuple(problem for name in self.names() for problem in self.find(name)[1])
