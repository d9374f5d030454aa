"""A SnapINverter that is off the network in the dark.

Its Datamanager is fed by the solar modules unless it is set to night mode: after dusk nothing
answers at its address. In the dark an inverter without a battery delivers nothing, and that is
known; by day silence is silence.
"""

from collections.abc import Callable, Collection

from collector.model.assets import Device
from collector.model.kinds import AssetKind
from collector.sources.base import DeviceImage
from collector.sources.fronius.rest import Rest
from collector.sources.fronius.sun import Where, elevation_deg
from collector.sources.fronius.writer import Writer
from collector.sources.modbus.clock import Clock

SWITCHES_OFF = "switches_off"
"""The pinned fact: the inverter is of those that go off the network at night."""
ASLEEP = (
    "Asleep, 0 W: off the network in the dark, as its Datamanager is without night mode; whether "
    "it is still connected shows at dawn."
)
LAST_INVERTER = 100
LOW_DEG = 5.0
"""Below it an inverter that rested when it was last heard has not woken up yet."""


class Night:
    """One time off the network. `told` are the keys that the inverter had values of."""

    def __init__(
        self,
        device: Device,
        image: DeviceImage,
        rest: Rest,
        place: Where,
        clock: Clock,
        told: Collection[str],
    ) -> None:
        self._device = device
        self._image = image
        self._rest = rest
        self._place = place
        self._clock = clock
        self._told = told

    def believed(self) -> bool:
        """Whether silence means night: the device was met before and is one that switches off, the
        sun is known to be down (or low, and it rested), and it was not cut off within the hour
        while it delivered."""
        device, place = self._device, self._place()
        if place is None or device.unit > LAST_INVERTER or not self._image.pinned(SWITCHES_OFF):
            return False
        if device.asset_kind not in (None, AssetKind.PV):
            return False
        sun_deg = elevation_deg(self._clock.wall(), place)
        return sun_deg < LOW_DEG and self._rest.believed(self._clock.mono(), sun_deg)

    async def forever(self, ready: Callable[[], None]) -> None:
        """Show it asleep until that is not believed any more."""
        main = Writer(self._image, "")
        main.declare(AssetKind.PV)
        main.put(dict.fromkeys(self._told))
        while self.believed():
            main.asleep()
            self._image.present("", True)
            self._image.note("", "asleep", ASLEEP)
            self._image.alive("")
            ready()
            await self._clock.sleep(max(1.0, self._device.interval_s))
