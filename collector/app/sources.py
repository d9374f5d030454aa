"""Which source reads which kind of device."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from collector.config.paths import Home
from collector.model.assets import Device
from collector.model.kinds import AssetKind, DeviceKind
from collector.profiles.load import Shelf
from collector.sources.acuvim import AcuvimSource
from collector.sources.base import Source
from collector.sources.fronius import FroniusSource, SolarHosts, Where, nowhere
from collector.sources.http import HttpSource
from collector.sources.modbus.gateway import Gateways
from collector.sources.profile.source import ProfileSource
from collector.sources.victron import VictronSource


class Means(NamedTuple):
    """What sources share: the Modbus servers, where the node stands (None while that is not known),
    where its files are, and the Solar APIs."""

    home: Home
    gateways: Gateways
    place: Where = nowhere
    solar: SolarHosts | None = None


Make = Callable[[Device, Means], Source]

SOURCES: Mapping[DeviceKind, Make] = {
    DeviceKind.GX: lambda device, _means: VictronSource(device),
    DeviceKind.ACUVIM: lambda device, means: AcuvimSource(device, means.gateways),
    DeviceKind.FRONIUS: lambda device, means: FroniusSource(
        device, means.gateways, place=means.place, hosts=means.solar
    ),
    DeviceKind.MODBUS: lambda device, means: ProfileSource(
        device, means.gateways, means.home.config
    ),
    DeviceKind.HTTP: lambda device, means: HttpSource(device, means.home.config),
}


def make_source(device: Device, means: Means) -> Source:
    """The source of a device."""
    return SOURCES[device.kind](device, means)


def kind_by_profile(config: Path, device: Device) -> AssetKind | None:
    """What the profile of a device (in the folder `config`, or a shipped one) says that it is."""
    profile = Shelf(config).find(device.profile)[0] if device.profile else None
    return None if profile is None else profile.table.kind
