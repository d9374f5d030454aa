"""One Fronius device: an inverter (or a meter alone), and the smart meters beside it."""

from collections.abc import Callable

from collector.model.assets import Device
from collector.sources.base import DeviceImage
from collector.sources.fronius.meters import pinned_units
from collector.sources.fronius.rest import Rest
from collector.sources.fronius.run import ModbusRun
from collector.sources.fronius.session import Session
from collector.sources.fronius.sun import Where, nowhere
from collector.sources.fronius.writer import Complaints
from collector.sources.modbus.clock import SYSTEM, Clock
from collector.sources.modbus.gateway import Gateways
from collector.sources.modbus.poll import Pace

TIMEOUT_S = 3.0
"""A Datamanager asks over a serial ring; 5 s have been seen, under 1 s loses answers."""


class FroniusSource:
    """Reads `device` through `gateways`. `place` tells where it stands.

    An inverter that its gateway reaches no more, or that is silent while its meter answers, sleeps
    if it rested before or it is night (`fronius.rest`): then it is live with 0 W. Else it is gone,
    and tried slowly. When nothing answers, `run` raises.
    """

    def __init__(
        self,
        device: Device,
        gateways: Gateways,
        clock: Clock = SYSTEM,
        place: Where = nowhere,
    ) -> None:
        self.device = device
        self.clock = clock
        self.place = place
        self.timeout_s = device.timeout_s or TIMEOUT_S
        self.rest = Rest()
        self.gateways = gateways
        gateways.reserve(device.host, device.port, device.unit, device.id)

    async def run(self, image: DeviceImage, ready: Callable[[], None]) -> None:
        """See `collector.sources.base.Source`."""
        image.reset()
        device = self.device
        for unit in pinned_units(image):
            self.gateways.reserve(device.host, device.port, unit, device.id)
        async with self.gateways.use(device.host, device.port, device.id) as gateway:
            session = Session(
                device=device,
                image=image,
                gateways=self.gateways,
                gateway=gateway,
                clock=self.clock,
                timeout_s=self.timeout_s,
                pace=Pace(image, device.interval_s, self.timeout_s),
                complaints=Complaints(image),
                ready=ready,
            )
            await ModbusRun(session, self.rest, self.place).both()
