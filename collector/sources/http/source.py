"""One HTTP device that is read by profile."""

from collections.abc import Callable
from pathlib import Path

from collector.model.assets import Device
from collector.pinning import Pin
from collector.profiles.language import HttpTable
from collector.profiles.load import Shelf
from collector.sources.base import DeviceImage
from collector.sources.http.client import HttpDevice
from collector.sources.http.reader import CERTIFICATE, Reader
from collector.sources.modbus.clock import SYSTEM, Clock
from collector.sources.modbus.poll import Poller
from collector.sources.profile.source import usable


class HttpSource:
    """Reads the HTTP device that `device` names by its profile: of the node's folder `config`, or
    a shipped one. Each run reads the profile anew."""

    def __init__(self, device: Device, config: Path, clock: Clock = SYSTEM) -> None:
        self._device = device
        self._config = config
        self._clock = clock

    async def run(self, image: DeviceImage, ready: Callable[[], None]) -> None:
        """See `collector.sources.base.Source`."""
        device = self._device
        profile = usable(Shelf(self._config), device, "http")
        http = profile.table.http or HttpTable()
        timeout_s = device.timeout_s or http.timeout_s
        image.reset()
        pin = Pin(device.fingerprint or image.pinned(CERTIFICATE))
        client = HttpDevice(device, http, timeout_s, pin)
        try:
            poller = Poller(
                image,
                "",
                interval_s=max(device.interval_s, http.min_interval_s),
                timeout_s=timeout_s,
                clock=self._clock,
            )
            reader = Reader(device, profile, image, client, pin, self._clock)
            await poller.run(reader.once, ready)
        finally:
            await client.aclose()
