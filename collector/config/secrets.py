"""Passwords and tokens by name: `secrets.toml`, mode 0600. They are read and set, never shown."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w

from collector.config.document import Report, file_problem, read_document
from collector.config.files import locked, replace_file
from collector.config.paths import Home
from collector.config.problems import ConfigError, Problem

MODE = 0o600
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_NAME_WORDS = "a name of A-Z a-z 0-9 _ . and -, at most 64 characters"


class Secrets(Mapping[str, str]):
    """Secrets by name. Its repr shows how many there are, never one of them."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = dict(values or {})

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Secrets({len(self)} names)"


def read_secrets(home: Home, report: Report) -> Secrets:
    """The secrets of the node; none without a file. Reports what is wrong with it."""
    file = home.secrets_toml
    doc = read_document(file, report)
    if doc is None:
        return Secrets()
    mode = file.stat().st_mode & 0o777
    if mode & ~MODE:
        hint = f"chmod 600 {file}"
        report(file_problem(file, f"can be read by others, its mode is {mode:04o}", hint))
    good: dict[str, str] = {}
    for name, value in doc.data.items():
        message = _wrong(name, value)
        if message:
            report(doc.problem((name,), message, 'each line is name = "secret"'))
        else:
            good[name] = value
    return Secrets(good)


def set_secret(home: Home, name: str, value: str) -> None:
    """Keep `value` as the secret `name`, durably and readable by the owner only.

    Raises ConfigError when name or value cannot be kept, or the file there is broken.
    """
    file = home.secrets_toml
    message = _wrong(name, value)
    if message:
        raise ConfigError([file_problem(file, message)])
    with locked(file):
        problems: list[Problem] = []
        doc = read_document(file, problems.append)
        if problems:
            raise ConfigError(problems)
        tables = {**(doc.data if doc else {}), name: value}
        text = tomli_w.dumps(tables)
        if tomllib.loads(text) != tables:
            raise ConfigError([file_problem(file, f"the secret {name} cannot be written as TOML")])
        replace_file(file, text.encode(), mode=MODE)


def _wrong(name: str, value: Any) -> str:
    """Why the pair is no secret, without showing it; empty when it is one."""
    if not _NAME.match(name):
        return f"expected {_NAME_WORDS}"
    if not isinstance(value, str):
        return "expected text in quotes"
    if not value:
        return "is empty"
    return ""
