"""One meter of AccuEnergy's: probed, scaled by its own settings, read once per interval."""

from collections.abc import Callable

from collector.model.assets import Device
from collector.sources.acuvim.hints import Hints
from collector.sources.acuvim.meter import Meter
from collector.sources.acuvim.probe import Prober, forced_family
from collector.sources.base import DeviceImage
from collector.sources.modbus.clock import SYSTEM, Clock
from collector.sources.modbus.gateway import Gateways
from collector.sources.modbus.poll import Poller

TIMEOUT_S = 1.5
"""Answers through a WEB module take 0.03–0.2 s; gateways to RS-485 need longer."""


class AcuvimSource:
    """Reads the meter that `device` names, through the shared `gateways`."""

    def __init__(self, device: Device, gateways: Gateways, clock: Clock = SYSTEM) -> None:
        self._device = device
        self._gateways = gateways
        self._clock = clock
        self._timeout_s = device.timeout_s or TIMEOUT_S
        self._hints = Hints()
        self._prober: Prober | None = None

    async def run(self, image: DeviceImage, ready: Callable[[], None]) -> None:
        """See `collector.sources.base.Source`."""
        device = self._device
        image.reset()
        if self._prober is None:
            self._prober = Prober(device.unit, forced_family(device.model), self._timeout_s)
        async with self._gateways.use(device.host, device.port, device.id) as gateway:
            meter = Meter(
                device,
                image,
                gateway,
                prober=self._prober,
                hints=self._hints,
                timeout_s=self._timeout_s,
                clock=self._clock,
            )
            poller = Poller(
                image,
                "",
                interval_s=device.interval_s,
                timeout_s=self._timeout_s,
                clock=self._clock,
            )
            await poller.run(meter.once, ready)
