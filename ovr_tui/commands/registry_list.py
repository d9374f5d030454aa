"""The registry as `ovr registry list` shows it."""

import sys
from typing import Any

import msgspec

from collector.config.load import LoadedRegistry
from collector.model.assets import Device
from ovr_tui.commands.ask import table

SCHEMA = 1
COLUMNS = ("DEVICE", "KIND", "ADDRESS", "SYSTEM", "IDENTITY", "NAME")


def as_object(registry: LoadedRegistry) -> dict[str, Any]:
    """The registry for scripts: everything but secrets."""
    return {
        "schema": SCHEMA,
        "revision": registry.revision,
        "devices": [_device(device) for device in registry.devices],
        "assets": [
            {"id": name, **_said(msgspec.to_builtins(settings))}
            for name, settings in sorted(registry.settings.items())
        ],
        "links": [
            {"asset": link.asset, "type": link.type, "other": link.other} for link in registry.links
        ],
        "notes": registry.notes,
    }


def _device(device: Device) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(device)
    fields["password_set"] = bool(fields.pop("password"))
    return fields


def _said(settings: dict[str, Any]) -> dict[str, Any]:
    """Only what the registry says, ratings beside the rest."""
    ratings = settings.pop("ratings")
    return {key: value for key, value in {**settings, **ratings}.items() if value}


def print_table(registry: LoadedRegistry) -> None:
    """One line for each device, and the hints."""
    if registry.devices:
        print(table(COLUMNS, [_row(device) for device in registry.devices]))
    for note in registry.notes:
        print(note, file=sys.stderr)


def _row(device: Device) -> tuple[str, ...]:
    unit = f" unit {device.unit}" if device.kind.value in ("acuvim", "fronius", "modbus") else ""
    return (
        device.id if device.enabled else f"{device.id} (off)",
        device.kind.value,
        f"{device.host}:{device.port}{unit}",
        device.system,
        device.portal_id or device.serial or "-",
        device.name,
    )
