"""Identities found at first contact go into registry.toml; everything else in it stays.

One line is put in below the device's `id`, so that comments and order of a hand-written file are
kept. Only where a device is written in another way is the file written anew.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from collector.config.document import Document, parse_document, read_bytes, read_text
from collector.config.files import locked, replace_file
from collector.config.paths import Home
from collector.config.problems import ConfigError, Problem
from collector.config.write import PINNED, as_toml

_HEADER = re.compile(r"\s*\[\[\s*device\s*\]\]\s*(#.*)?\Z")
_ID_LINE = re.compile(r"(\s*)(id|\"id\"|'id')\s*=")
_VALUE = re.compile(r"\A[0-9A-Za-z][0-9A-Za-z ._:/-]{0,99}\Z")


def pin_identity(home: Home, device_id: str, field: str, value: str) -> bool:
    """Keep what a device said at first contact: `field` is portal_id, serial or fingerprint.

    True when it stands in registry.toml now; False when there is no registry.toml, no such device
    in it, or nothing to keep. No earlier version is kept for this. Raises ConfigError when another
    value stands there (a person decides then) or the file is broken, HomeError when the disk
    refuses; in each case the old registry stands.
    """
    if field not in PINNED:
        raise ValueError(f"{field} is no identity")
    if not _VALUE.match(value):
        return False
    file = home.registry_toml
    with locked(file):
        problems: list[Problem] = []
        raw = read_bytes(file, problems.append)
        text = None if raw is None else read_text(file, raw, problems.append)
        doc = None if text is None else parse_document(str(file), text, "", problems.append)
        if problems:
            raise ConfigError(problems)
        index = None if doc is None else _index(doc, device_id)
        if raw is None or text is None or doc is None or index is None:
            return False
        standing = doc.data["device"][index].get(field)
        if standing == value:
            return True
        if standing:
            problem = doc.problem(
                ("device", index, field),
                f"says {standing}, but the device says {value}",
                "is it another device? remove the line to accept it",
            )
            raise ConfigError([problem])
        content = _pinned(doc, text, index, field, value)
        replace_file(file, content.replace(b"\n", b"\r\n") if b"\r\n" in raw else content)
        return True


def _index(doc: Document, device_id: str) -> int | None:
    entries = doc.data.get("device")
    if not isinstance(entries, list):
        return None
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and entry.get("id") == device_id:
            return index
    return None


def _pinned(doc: Document, text: str, index: int, field: str, value: str) -> bytes:
    """The file with the new line in it, or written anew where no line can be put in."""
    wanted: dict[str, Any] = tomllib.loads(text)
    wanted["device"][index][field] = value
    lines = text.split("\n")
    number = doc.lines.get(("device", index, "id"), 0)
    header = doc.lines.get(("device", index), 0)
    indent = _ID_LINE.match(lines[number - 1]) if number else None
    if indent and header and _HEADER.match(lines[header - 1]):
        lines.insert(number, f'{indent[1]}{field} = "{value}"')
        edited = "\n".join(lines)
        if _reads_as(edited, wanted):
            return edited.encode()
    return as_toml(Path(doc.file), wanted)


def _reads_as(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False
