"""Which source reads which kind of device."""

from collections.abc import Callable, Mapping

from collector.config.node import NodeConfig
from collector.model.assets import Device
from collector.model.kinds import DeviceKind
from collector.sources.acuvim import AcuvimSource
from collector.sources.base import Source
from collector.sources.fronius import FroniusSource, Place
from collector.sources.modbus.gateway import Gateways
from collector.sources.victron import VictronSource

Make = Callable[[Device, Gateways, Place | None], Source]

SOURCES: Mapping[DeviceKind, Make] = {
    DeviceKind.GX: lambda device, _gateways, _place: VictronSource(device),
    DeviceKind.ACUVIM: lambda device, gateways, _place: AcuvimSource(device, gateways),
    DeviceKind.FRONIUS: lambda device, gateways, place: FroniusSource(
        device, gateways, place=place
    ),
}

UNREAD = "this version does not read devices of kind {kind} yet"


def place_of(node: NodeConfig) -> Place | None:
    """Where the node stands; None when nobody has said."""
    if node.latitude is None or node.longitude is None:
        return None
    return Place(node.latitude, node.longitude)


def make_source(device: Device, gateways: Gateways, place: Place | None = None) -> Source | None:
    """The source of a device that stands at `place` (None: not known); None for a kind that this
    version does not read."""
    make = SOURCES.get(device.kind)
    return make(device, gateways, place) if make else None
