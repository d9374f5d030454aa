"""Which source reads which kind of device."""

from collections.abc import Callable, Mapping

from collector.model.assets import Device
from collector.model.kinds import DeviceKind
from collector.sources.acuvim import AcuvimSource
from collector.sources.base import Source
from collector.sources.fronius import FroniusSource
from collector.sources.modbus.gateway import Gateways
from collector.sources.victron import VictronSource

Make = Callable[[Device, Gateways], Source]

SOURCES: Mapping[DeviceKind, Make] = {
    DeviceKind.GX: lambda device, _: VictronSource(device),
    DeviceKind.ACUVIM: AcuvimSource,
    DeviceKind.FRONIUS: FroniusSource,
}

UNREAD = "this version does not read devices of kind {kind} yet"


def make_source(device: Device, gateways: Gateways) -> Source | None:
    """The source of a device; None for a kind that this version does not read."""
    make = SOURCES.get(device.kind)
    return make(device, gateways) if make else None
