"""`gx_systems.json`, the older stack's GX registry: taken over where there is no registry.toml.

It is never written. Passwords in it stay in memory. An entry that cannot be used is named and
left out; the others work.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from collector.config.devices import DeviceReader
from collector.config.document import Document, Report, file_problem, read_bytes, read_text
from collector.config.gx_words import (
    CONTAINERS,
    PORTAL,
    Entry,
    read_entry,
    simple,
    top_meanings,
)
from collector.config.outside import Outside
from collector.config.problems import Problem
from collector.config.registry import Registry
from collector.model.assets import Device
from collector.model.hosts import canonical_host

_HINT = "left out; ovr reads name, host, port, portal_id, user, password, tls"


def read_gx_systems(file: Path, report: Report, note: Report, raw: bytes | None = None) -> Registry:
    """The GX devices that `file` names. `report` takes what makes all of it useless, `note` what
    was not understood in an entry. With `raw` the disk is not asked."""
    raw = read_bytes(file, report) if raw is None else raw
    text = None if raw is None else read_text(file, raw, report)
    if raw is None or text is None:
        return Registry()
    twice: list[str] = []
    try:
        data = json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, twice))
    except json.JSONDecodeError as why:
        hint = "mend it, or write a registry.toml, which is read instead"
        report(file_problem(file, f"is no JSON: {why.msg}", hint, why.lineno))
        return Registry()
    except (RecursionError, ValueError) as why:
        report(file_problem(file, f"cannot be read: {why}"))
        return Registry()
    if not isinstance(data, list | dict):
        report(file_problem(file, "holds neither a list nor an object of GX systems"))
        return Registry()
    for key in twice:
        note(_at(file, key, "stands twice in one object; the last one is used"))
    devices = tuple(_devices(file, data, note))
    if not devices:
        note(file_problem(file, "names no GX that can be read, hence there is no device"))
    return Registry(devices=devices)


def _object(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice += sorted({key for key in keys if keys.count(key) > 1})
    return found


def _entries(file: Path, data: Any, note: Report, path: str = "") -> Iterator[tuple[str, str, Any]]:
    """Path, key and value of each entry, whatever holds them."""
    if isinstance(data, list):
        for index, value in enumerate(data):
            yield f"{path}[#{index + 1}]", "", value
        return
    says = top_meanings(data)
    inside = [
        key for key in data if simple(key) in CONTAINERS and isinstance(data[key], list | dict)
    ]
    if inside and "host" not in says:
        for key in data:
            if key in inside:
                yield from _entries(file, data[key], note, f"{path}.{key}" if path else key)
            else:
                note(_at(file, key, "is not understood", "left out"))
    elif says:
        yield path or "the entry", "", data
    else:
        only_hosts = all(isinstance(value, str) for value in data.values())
        for key, value in data.items():
            if isinstance(value, str) and not PORTAL.match(key) and not only_hosts:
                note(_at(file, f"{path}[{key}]", "is no object", "left out"))
            else:
                yield f"{path}[{key}]", key, value


def _devices(file: Path, data: Any, note: Report) -> Iterator[Device]:
    taken: dict[str, str] = {}
    ids: set[str] = set()
    for path, key, value in _entries(file, data, note):
        if not isinstance(value, dict | str):
            note(_at(file, path, "is no object", _HINT))
            continue
        entry = read_entry(key, value)
        entry.table["id"] = _free(entry.table["id"], ids)
        device = _device(file, path, entry, note)
        if device is None:
            continue
        if entry.strange:
            names = ", ".join(entry.strange[:12])
            note(_at(file, path, f"not understood and left out: {names}"))
        twin = _taken(taken, device, path)
        if twin:
            note(_at(file, path, f"is the GX of {twin} again", "left out"))
            continue
        ids.add(device.id)
        yield device


def _device(file: Path, path: str, entry: Entry, note: Report) -> Device | None:
    """The device of one entry by the rules of the registry; None after a note why not."""
    if not entry.table.get("host"):
        note(_at(file, path, "names no host", _HINT))
        return None
    name = entry.table["id"]
    if entry.password:
        entry.table["password_secret"] = name
    doc = Document(file=str(file), data={"device": [entry.table]})
    problems: list[Problem] = []
    outside = Outside({}, {name: entry.password})
    found = DeviceReader(doc, outside, problems.append, lambda _: None).devices([entry.table])
    for problem in problems:
        field = problem.path.rpartition(".")[2]
        note(_at(file, path, f"{field}: {problem.message}", problem.hint or _HINT))
    return found.get(0) if not problems else None


def _taken(taken: dict[str, str], device: Device, path: str) -> str:
    """Where the same GX stood before; "" when it is new."""
    keys = [f"{canonical_host(device.host)}:{device.port}"]
    if device.portal_id:
        keys.append(device.portal_id.lower())
    before = next((taken[key] for key in keys if key in taken), "")
    if not before:
        taken.update(dict.fromkeys(keys, path))
    return before


def _free(name: str, ids: set[str]) -> str:
    """`name`, with a number behind it when it is in use."""
    number, free = 2, name
    while free in ids:
        free = f"{name[:58].rstrip('-')}-{number}"
        number += 1
    return free


def _at(file: Path, path: str, message: str, hint: str = "") -> Problem:
    return Problem(file=str(file), line=0, path=path, message=message, hint=hint)
