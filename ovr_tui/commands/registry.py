"""`ovr registry`: list what is registered, take the last change back."""

import argparse
import os
import sys
from typing import Any

import msgspec

from collector.config.load import LoadedRegistry, load_registry
from collector.config.paths import Home
from collector.config.write import undo
from collector.model.assets import Device

SCHEMA = 1
COLUMNS = ("DEVICE", "KIND", "ADDRESS", "SYSTEM", "IDENTITY", "NAME")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    text = "list the registry, or take back its last change"
    actions = commands.add_parser("registry", help=text).add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    listing = actions.add_parser("list", help="every device that is registered")
    listing.add_argument("--json", action="store_true", help="one JSON object")
    actions.add_parser("undo", help="put back registry.toml as it was before its last change")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ConfigError when the registry is broken."""
    if args.action == "undo":
        return _undo(home)
    registry = load_registry(home, os.environ)
    if args.json:
        print(msgspec.json.encode(as_object(registry)).decode())
    else:
        _print_table(registry)
    return 0


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


def _print_table(registry: LoadedRegistry) -> None:
    rows = [COLUMNS, *(_row(device) for device in registry.devices)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    if registry.devices:
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            print("  ".join(cells).rstrip())
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


def _undo(home: Home) -> int:
    undo(home)
    print(f"{home.registry_toml} is as it was before its last change.")
    print(f"What was taken back is kept as {home.registry_toml.name}.undone.")
    return 0
