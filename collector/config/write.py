"""Changes of `registry.toml`: whole or not at all, one at a time, and each can be taken back.

Before a change the file is kept as `registry.toml.1`, what was `.1` becomes `.2`, up to `.9`.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from collector.config.document import (
    Document,
    file_problem,
    parse_document,
    read_document,
    read_text,
)
from collector.config.files import locked, replace_file, sync_folder
from collector.config.paths import Home
from collector.config.problems import ConfigError, HomeError, Problem, RegistryChanged
from collector.errors import NotPossible

KEPT = 9
PINNED = ("portal_id", "serial", "fingerprint")
"""What is found at first contact and kept in the registry from then on."""

Tables = Mapping[str, Any]


def revision_of(home: Home) -> str:
    """The SHA-256 of registry.toml in hex, "" when there is none.

    Raises HomeError when it is there and cannot be read.
    """
    content = _content(home.registry_toml)
    return "" if content is None else _revision(content)


def read_tables(home: Home) -> tuple[dict[str, Any], str]:
    """The registry's tables as they are written, to be changed and saved, and their revision.

    Raises ConfigError when the file cannot be read as TOML.
    """
    problems: list[Problem] = []
    doc = read_document(home.registry_toml, problems.append)
    if problems:
        raise ConfigError(problems)
    doc = doc or Document(file=str(home.registry_toml))
    return dict(doc.data), doc.revision


def save_registry(home: Home, tables: Tables, expect_revision: str | None = None) -> str:
    """Make `tables` the registry and return its revision. Comments are not kept.

    The caller has validated them (`load.check_registry`). Raises RegistryChanged when the file is
    not at `expect_revision`, ConfigError when the tables cannot be written as TOML, HomeError when
    the disk refuses; in each case the old registry stands.
    """
    content = as_toml(home.registry_toml, tables)
    with locked(home.registry_toml):
        return _replaced(home, content, expect_revision)


def undo(home: Home) -> str:
    """Put the version before the last change back and return its revision.

    Again: the one before that. What is taken back is kept as `registry.toml.undone`. Identities
    that were pinned since then stay pinned. Raises NotPossible when there is no earlier version,
    HomeError for the disk, and ConfigError when that one is no TOML any more.
    """
    file = home.registry_toml
    with locked(file):
        now = _content(file)
        number, kept = _undone(file, now)
        if now is not None:
            replace_file(file.with_name(f"{file.name}.undone"), now)
        replace_file(file, kept)
        for old in range(1, number + 1):
            _version(file, old).unlink(missing_ok=True)
        for old in range(number + 1, KEPT + 1):
            if _version(file, old).exists():
                _version(file, old).replace(_version(file, old - number))
        sync_folder(file.parent)
        return _revision(kept)


def would_be(home: Home) -> dict[str, Any]:
    """The tables that `undo` would put back. Raises what `undo` raises; changes nothing."""
    file = home.registry_toml
    return dict(_lenient(_undone(file, _content(file))[1]))


def content_of(home: Home) -> bytes | None:
    """The bytes of registry.toml; None without one. Raises HomeError."""
    return _content(home.registry_toml)


def keep_version(home: Home, content: bytes) -> None:
    """Keep what somebody replaced by hand as the version before, so that it can be undone too.
    Raises HomeError."""
    file = home.registry_toml
    try:
        with locked(file):
            if content not in (_content(_version(file, 1)), _content(file)):
                _keep(file, content)
    except OSError as why:
        raise HomeError(f"{file}: the version before cannot be kept: {why.strerror}") from why


def as_toml(file: Path, tables: Tables) -> bytes:
    """`tables` as TOML; raises ConfigError when it would not read back as the same tables."""
    plain = _plain(tables)
    try:
        text = tomli_w.dumps(plain)
        same = tomllib.loads(text) == plain
    except (TypeError, ValueError, RecursionError) as why:
        raise ConfigError([file_problem(file, f"cannot be written as TOML: {why}")]) from why
    if not same:
        raise ConfigError([file_problem(file, "would not read back as it was written")])
    return text.encode()


def _plain(value: Any) -> Any:
    """Tuples as lists and enumerations as text, as TOML reads them back."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, str) else value


def _replaced(home: Home, content: bytes, expect: str | None) -> str:
    file = home.registry_toml
    now = _content(file)
    standing = "" if now is None else _revision(now)
    if expect is not None and expect != standing:
        raise RegistryChanged(
            f"{file}: somebody else has changed it meanwhile; nothing was written (look at it "
            "again, then repeat the change)"
        )
    if now is not None and now != content:
        _keep(file, now)
    if now != content:
        replace_file(file, content)
    return _revision(content)


def _keep(file: Path, now: bytes) -> None:
    """Make room at `.1` and put what stands there."""
    for number in range(KEPT, 1, -1):
        younger = _version(file, number - 1)
        if younger.exists():
            younger.replace(_version(file, number))
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
    replace_file(_version(file, 1), now, mode=mode)


def _earlier(file: Path, now: bytes | None) -> tuple[int, bytes]:
    """The youngest kept version that differs from what stands; a cut between the two steps of a
    change leaves one that does not."""
    for number in range(1, KEPT + 1):
        content = _content(_version(file, number))
        if content is not None and content != now:
            return number, content
    raise NotPossible(f"{file}: there is no earlier version to go back to")


def _undone(file: Path, now: bytes | None) -> tuple[int, bytes]:
    """Which kept version is put back, and its content with the pins of what stands."""
    number, content = _earlier(file, now)
    return number, _with_pins(file, content, now)


def _with_pins(file: Path, content: bytes, now: bytes | None) -> bytes:
    """`content` with the identities that `now` has for the same devices at the same places."""
    problems: list[Problem] = []
    text = read_text(file, content, problems.append)
    doc = None if text is None else parse_document(f"{file} (earlier)", text, "", problems.append)
    if doc is None:
        raise ConfigError(problems)
    pins = {_place(entry): entry for entry in _devices(_lenient(now))}
    changed = False
    for entry in _devices(doc.data):
        found = pins.get(_place(entry), {})
        for field in PINNED:
            if found.get(field) and not entry.get(field):
                entry[field] = found[field]
                changed = True
    return as_toml(file, doc.data) if changed else content


def _place(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(entry.get(key)) for key in ("id", "kind", "host", "port", "unit"))


def _devices(tables: Tables) -> list[dict[str, Any]]:
    found = tables.get("device")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _lenient(content: bytes | None) -> Tables:
    """The tables of a registry that may be broken: taking a broken edit back must work."""
    try:
        return tomllib.loads((content or b"").decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {}


def _version(file: Path, number: int) -> Path:
    return file.with_name(f"{file.name}.{number}")


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as why:
        raise HomeError(f"{file}: cannot be read: {why.strerror}") from why


def _revision(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
