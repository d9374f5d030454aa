"""Proposals for what was found: an id, a name, and a table that the registry takes: pure."""

from collections.abc import Collection
from typing import Any

from msgspec import structs

from collector.config.devices import GX_PORT, GX_TLS_PORT, HTTP_PORT, MODBUS_PORT
from collector.config.hosts import slug
from collector.model.discovery import Found
from collector.model.kinds import AssetKind, DeviceKind

STEMS: dict[AssetKind, str] = {
    AssetKind.BESS: "bess",
    AssetKind.GENERATOR: "genset",
    AssetKind.GRID: "grid",
    AssetKind.LOAD: "load",
    AssetKind.PV: "pv",
    AssetKind.TANK: "tank",
}
SOLAR_API_ONLY = ("solar api",)
"""What it calls an inverter need not be the serial number that Modbus tells: nothing is pinned."""
METER = "meter"
"""What measures something that nobody has said yet."""
SHORT = 40
PINS = 4
"""So many of a serial's last characters tell it from its neighbours."""


def proposed(found: Found, taken: Collection[str]) -> Found:
    """`found` with an id that is not `taken`, a name, and its table; a device that is known keeps
    its own id. What cannot be read by any kind that is known gets no table."""
    if found.standing in ("known", "moved", "swapped"):
        return structs.replace(found, id=found.device, title=found.title or _title(found))
    if not readable(found):
        return structs.replace(found, title=_title(found))
    named = structs.replace(found, id=free_id(found, taken), title=_title(found))
    return structs.replace(named, table=table(named))


def readable(found: Found) -> bool:
    """Whether a device of this kind can be added as it is."""
    if found.kind in (DeviceKind.MODBUS, DeviceKind.HTTP):
        return bool(found.profile)
    return True


def free_id(found: Found, taken: Collection[str]) -> str:
    """The device's own name as an id, if it has one; else what it is, with the next number."""
    stem = STEMS.get(found.asset_kind, METER) if found.asset_kind else METER
    told = slug(found.title)[:SHORT].strip("-") if "mqtt" in found.ways else ""
    if told and told not in taken:
        return told
    number = 1
    while f"{told or stem}-{number}" in taken:
        number += 1
    return f"{told or stem}-{number}"


def table(found: Found) -> dict[str, Any]:
    """A `[[device]]` with what differs from the usual, and with the identity that is pinned."""
    made: dict[str, Any] = {"id": found.id, "kind": found.kind.value, "host": found.host}
    if found.title:
        made["name"] = found.title
    if found.port and found.port != _usual_port(found):
        made["port"] = found.port
    if found.kind is DeviceKind.GX:
        if found.tls:
            made["tls"] = True
        if found.serial:
            made["portal_id"] = found.serial
        return made
    if found.unit is not None and found.unit != 1:
        made["unit"] = found.unit
    if found.profile:
        made["profile"] = found.profile
    if found.serial and found.ways != SOLAR_API_ONLY:
        made["serial"] = found.serial
    pv = found.kind is DeviceKind.FRONIUS and found.asset_kind is AssetKind.PV
    if found.asset_kind is not None and not pv:
        made["asset_kind"] = found.asset_kind.value
    return made


def _usual_port(found: Found) -> int:
    if found.kind is DeviceKind.GX:
        return GX_TLS_PORT if found.tls else GX_PORT
    return HTTP_PORT if found.kind is DeviceKind.HTTP else MODBUS_PORT


def _title(found: Found) -> str:
    """How the device calls itself, else what it is and the end of its serial, or where it is."""
    if found.title and "mqtt" in found.ways:
        return found.title
    what = found.model or found.title or found.maker
    return f"{what} {found.serial[-PINS:] or found.host}".strip()
