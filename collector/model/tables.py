"""Changes of a registry as pure functions on its tables, as they are written in registry.toml.

Each takes the tables and gives changed ones; what was given stays as it is. Whether the result is
sound is for `load.check_registry` to say. Raises NotPossible when there is nothing to change.
"""

from collections.abc import Mapping
from typing import Any

from collector.errors import NotPossible
from collector.model.text import clean, nearest

Tables = Mapping[str, Any]
Entry = Mapping[str, Any]

VERSION = 1
_LINKS = ("same_as", "behind")


def add_device(tables: Tables, entry: Entry) -> dict[str, Any]:
    """A further device. `entry` holds the keys of its `[[device]]`; None: not written."""
    name = str(entry.get("id", ""))
    if _find(tables, "device", name) is not None:
        raise NotPossible(f"{clean(name)} is a device already: change it, or choose another id")
    return _with(tables, "device", [*_entries(tables, "device"), _written(entry)])


def set_device(tables: Tables, name: str, changes: Entry) -> dict[str, Any]:
    """Other keys of a device; None takes a key away."""
    return _with(tables, "device", _changed(tables, "device", name, changes))


def remove_device(tables: Tables, name: str) -> dict[str, Any]:
    """A device goes, with what the registry says of its assets and every link to them."""
    _known(tables, name)
    devices = [one for one in _entries(tables, "device") if one.get("id") != name]
    assets = [_unlinked(one, name) for one in _entries(tables, "asset") if _device_of(one) != name]
    left = _with(tables, "device", devices)
    return _with(left, "asset", [one for one in assets if set(one) != {"id"}])


def set_asset(tables: Tables, asset: str, changes: Entry) -> dict[str, Any]:
    """Other keys of what the registry says of an asset; None takes a key away, and an asset of
    which nothing is said any more has no entry."""
    _known(tables, asset.partition(".")[0])
    if _find(tables, "asset", asset) is None:
        tables = _with(tables, "asset", [*_entries(tables, "asset"), {"id": asset}])
    entries = _changed(tables, "asset", asset, changes)
    return _with(tables, "asset", [one for one in entries if set(one) != {"id"}])


def device_of(tables: Tables, name: str) -> dict[str, Any]:
    """The keys of a device as they are written."""
    _known(tables, name)
    return dict(_find(tables, "device", name) or {})


def free_id(tables: Tables, wish: str) -> str:
    """`wish`, or with a number behind it when a device has that id."""
    taken = {one.get("id") for one in _entries(tables, "device")}
    number, name = 1, wish
    while name in taken:
        number += 1
        name = f"{wish[:56]}-{number}"
    return name


def _known(tables: Tables, name: str) -> None:
    if _find(tables, "device", name) is None:
        ids = tuple(str(one.get("id")) for one in _entries(tables, "device"))
        hint = nearest(name, ids) if ids else "there are no devices yet"
        raise NotPossible(f"there is no device {clean(name)} in the registry ({hint})")


def _entries(tables: Tables, table: str) -> list[Entry]:
    found = tables.get(table)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _find(tables: Tables, table: str, name: str) -> Entry | None:
    return next((one for one in _entries(tables, table) if one.get("id") == name), None)


def _changed(tables: Tables, table: str, name: str, changes: Entry) -> list[Entry]:
    if table == "device":
        _known(tables, name)
    if "id" in changes and changes["id"] != name:
        raise NotPossible(f"the id {clean(name)} stays for ever: series and reports stand under it")
    return [
        _written({**one, **changes}) if one.get("id") == name else one
        for one in _entries(tables, table)
    ]


def _written(entry: Entry) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None}


def _with(tables: Tables, table: str, entries: list[Entry]) -> dict[str, Any]:
    changed = {"version": VERSION, **tables, table: entries}
    return {key: part for key, part in changed.items() if key == "version" or part != []}


def _device_of(entry: Entry) -> str:
    return str(entry.get("id", "")).partition(".")[0]


def _unlinked(entry: Entry, device: str) -> Entry:
    """An asset's entry without its links to assets of `device`."""

    def leads_there(other: object) -> bool:
        return str(other).partition(".")[0] == device

    kept = {k: v for k, v in entry.items() if k not in _LINKS or not leads_there(v)}
    apart = entry.get("apart_from")
    if isinstance(apart, list):
        kept["apart_from"] = [other for other in apart if not leads_there(other)]
        if not kept["apart_from"]:
            del kept["apart_from"]
    return kept
