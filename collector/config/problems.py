"""What is wrong with a configuration: collected over all files, shown together."""

from collections.abc import Iterable

from msgspec import Struct

from collector.errors import OvrError
from collector.model.text import clean

EXIT_STATUS = 78
"""The exit status of a program that was given a bad configuration (EX_CONFIG of sysexits.h)."""

MAX_TEXT = 400


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong in a file. `line` counts from 1; 0 where no line is to blame."""

    file: str
    line: int
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """`FILE:LINE: path.to.key: what is wrong (hint)`, on one line and without control bytes."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        parts = [place, self.path, self.message] if self.path else [place, self.message]
        hint = f" ({clean(self.hint, MAX_TEXT)})" if self.hint else ""
        return ": ".join(clean(part, MAX_TEXT) for part in parts) + hint


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The same problems by file and line, each once."""
    return tuple(sorted(set(problems), key=lambda p: (p.file, p.line, p.path, p.message)))


class ConfigError(OvrError):
    """The configuration cannot be used. `problems` names all that is wrong; exit status 78."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class HomeError(OvrError):
    """A folder of the node cannot be made or used."""


class RegistryChanged(OvrError):
    """The registry is not the one that the change was made for: read it again and repeat."""
