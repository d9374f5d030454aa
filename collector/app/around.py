"""What *test connection* needs to know of a running collector."""

from collections.abc import Callable, Mapping

from collector.app.fleet import Fleet
from collector.app.sources import make_source
from collector.config.devices import MODBUS_KINDS
from collector.diagnosis.desk import stated
from collector.diagnosis.running import Running
from collector.discovery.mark import one_gx
from collector.model.assets import AssetSettings, Device
from collector.model.hosts import canonical_host
from collector.model.kinds import DeviceKind
from collector.model.snapshot import Snapshot
from collector.site.identities import Pin
from collector.site.site import Site
from collector.sources.base import Source


class Around:
    """`collector.diagnosis.Surroundings` of a collector. `newest` gives the newest snapshot."""

    def __init__(self, site: Site, fleet: Fleet, newest: Callable[[], Snapshot]) -> None:
        self._site = site
        self._fleet = fleet
        self._newest = newest

    def source(self, device: Device) -> Source:
        """A source of its own, over the connections that others use too."""
        means = self._fleet.means
        lent = means.gateways.lent()
        lent.free(device.id)
        return make_source(device, means._replace(gateways=lent))

    def running(self, device: Device) -> Running | None:
        """What is read at the device's address now."""
        for name, image in self._site.images.items():
            if self._site.watches[name].state == "running" and _same_place(image.device, device):
                break
        else:
            return None
        snapshot = self._newest()
        source = next((one for one in snapshot.sources if one.device == name), None)
        if source is None:
            return None  # it has come since the last tick
        return Running(
            device=image.device,
            source=source,
            identity=image.identity,
            expected=self._site.expected(image.device),
            assets=tuple(one for one in snapshot.assets if one.device == name),
        )

    def pins(self, device: str) -> Mapping[str, Pin]:
        """What is known of a device from earlier contacts."""
        return {
            key: pin
            for key, pin in self._site.identities.pins.items()
            if key.partition(" ")[0] == device
        }

    def settings(self) -> Mapping[str, AssetSettings]:
        """What the registry in force says of assets."""
        return self._fleet.registry.settings

    def elsewhere(self, device: Device, serial: str) -> str:
        """Which other device has this identity."""
        return stated(self._fleet.registry.devices, device, serial, self._site.expected)


def _same_place(one: Device, other: Device) -> bool:
    if canonical_host(one.host) != canonical_host(other.host):
        return False
    if one.kind is DeviceKind.GX and other.kind is DeviceKind.GX:
        return one_gx(one.port, other.port)
    same_unit = one.kind not in MODBUS_KINDS or one.unit == other.unit
    return one.port == other.port and same_unit
