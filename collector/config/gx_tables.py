"""`gx_systems.json` of the older stack as tables of registry.toml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from collector.config.gx_import import read_gx_systems
from collector.config.problems import ConfigError, Problem
from collector.model import tables as edit
from collector.model.assets import Device


class GxTables(Struct, frozen=True, kw_only=True):
    """Devices, the passwords that belong to them by secret name, and what was not understood."""

    entries: tuple[Mapping[str, Any], ...]
    secrets: Mapping[str, str]
    notes: tuple[str, ...]

    def merged(self, tables: edit.Tables, *, logins: bool = True) -> dict[str, Any]:
        """`tables` with the devices that they do not have yet, by id. Without `logins` they do
        not refer to passwords, which are not kept yet."""
        known = {one.get("id") for one in tables.get("device", ()) if isinstance(one, Mapping)}
        result = dict(tables)
        for entry in self.entries:
            if entry["id"] not in known:
                secret = entry.get("password_secret") if logins else None
                result = edit.add_device(result, {**entry, "password_secret": secret})
        return result


def gx_tables(file: Path, raw: bytes | None = None) -> GxTables:
    """The GX systems that `file` names, or that its bytes `raw` name. Raises ConfigError when it
    cannot be used at all."""
    problems: list[Problem] = []
    notes: list[Problem] = []
    found = read_gx_systems(file, problems.append, notes.append, raw)
    if problems:
        raise ConfigError(problems)
    return GxTables(
        entries=tuple(_entry(device) for device in found.devices),
        secrets={device.id: device.password for device in found.devices if device.password},
        notes=tuple(map(str, notes)),
    )


def _entry(device: Device) -> dict[str, Any]:
    said = {
        "id": device.id,
        "kind": str(device.kind),
        "host": device.host,
        "port": device.port,
        "name": device.name or None,
        "portal_id": device.portal_id or None,
        "username": device.username or None,
        "password_secret": device.id if device.password else None,
        "tls": device.tls or None,
    }
    return {key: value for key, value in said.items() if value is not None}
