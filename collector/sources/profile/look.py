"""One poll of one device by a profile, with every register that was heard."""

from collections.abc import Mapping
from typing import NamedTuple

from collector.model.assets import Device
from collector.pinning import Pin
from collector.profiles.language import HttpTable
from collector.profiles.orders import Row, rows
from collector.profiles.profile import Profile
from collector.sources.http.client import HttpDevice
from collector.sources.http.reader import Reader
from collector.sources.modbus.clock import SYSTEM
from collector.sources.modbus.gateway import Gateways
from collector.sources.profile.source import using
from collector.sources.profile.unit import ModbusUnit
from collector.sources.sheet import Sheet


class Looked(NamedTuple):
    """What one poll has found: everything that would be collected, and for Modbus each value with
    its registers."""

    sheet: Sheet
    rows: tuple[Row, ...]


async def look(device: Device, profile: Profile) -> Looked:
    """One poll. Raises SourceError."""
    sheet = Sheet(device.serial, device.asset_kind)
    if profile.table.transport == "http":
        await _http(device, profile, sheet)
        return Looked(sheet, ())
    return Looked(sheet, await _modbus(device, profile, sheet))


async def _modbus(device: Device, profile: Profile, sheet: Sheet) -> tuple[Row, ...]:
    heard: dict[tuple[int, int], int] = {}

    def listen(words: Mapping[tuple[int, int], int]) -> None:
        heard.update(words)

    timeout_s = device.timeout_s or profile.table.modbus.timeout_s
    async with using(Gateways(), device, profile) as gateway:
        unit = ModbusUnit(device, profile, sheet, gateway, timeout_s, SYSTEM, listen)
        await unit.once()
    return rows(unit.program, heard)


async def _http(device: Device, profile: Profile, sheet: Sheet) -> None:
    http = profile.table.http or HttpTable()
    pin = Pin(device.fingerprint)
    client = HttpDevice(device, http, device.timeout_s or http.timeout_s, pin)
    try:
        await Reader(device, profile, sheet, client, pin, SYSTEM).once()
    finally:
        await client.aclose()
