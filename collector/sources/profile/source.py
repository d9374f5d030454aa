"""One Modbus device that is read by profile."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from collector.errors import BadDevice
from collector.model.assets import Device
from collector.profiles.load import Shelf
from collector.profiles.profile import Profile
from collector.sources.base import DeviceImage
from collector.sources.modbus.clock import SYSTEM, Clock
from collector.sources.modbus.errors import Asleep, NoAnswer
from collector.sources.modbus.gateway import Gateway, Gateways
from collector.sources.modbus.poll import Poller
from collector.sources.profile.unit import ModbusUnit

MILLISECOND = 0.001


def usable(shelf: Shelf, device: Device, transport: str) -> Profile:
    """The profile that `device` names. Raises BadDevice with everything that is wrong with it."""
    profile, problems = shelf.find(device.profile)
    if profile is None:
        told = "; ".join(str(problem) for problem in problems)
        raise BadDevice(f"Its profile cannot be used: {told}")
    if profile.table.transport != transport:
        raise BadDevice(
            f"The profile {profile.name} is for {profile.table.transport}: set kind = "
            f'"{profile.table.transport}" for {device.id}, or choose another profile.'
        )
    return profile


def using(
    gateways: Gateways, device: Device, profile: Profile
) -> AbstractAsyncContextManager[Gateway]:
    """The gateway at the device's address, used as the profile asks for."""
    modbus = profile.table.modbus
    return gateways.use(
        device.host,
        device.port,
        device.id,
        spacing_s=modbus.message_spacing_ms * MILLISECOND,
        connect_delay_s=modbus.connect_delay_ms * MILLISECOND,
        alone=not modbus.one_connection_per_host,
    )


class ProfileSource:
    """Reads the Modbus device that `device` names, through the shared `gateways`, by its profile:
    of the node's folder `config`, or a shipped one. Each run reads the profile anew."""

    def __init__(
        self, device: Device, gateways: Gateways, config: Path, clock: Clock = SYSTEM
    ) -> None:
        self._device = device
        self._gateways = gateways
        self._config = config
        self._clock = clock

    async def run(self, image: DeviceImage, ready: Callable[[], None]) -> None:
        """See `collector.sources.base.Source`."""
        device = self._device
        profile = usable(Shelf(self._config), device, "modbus")
        modbus = profile.table.modbus
        timeout_s = device.timeout_s or modbus.timeout_s
        image.reset()
        async with using(self._gateways, device, profile) as gateway:
            unit = ModbusUnit(device, profile, image, gateway, timeout_s, self._clock)
            poller = Poller(
                image,
                "",
                interval_s=max(device.interval_s, modbus.min_interval_s),
                timeout_s=timeout_s,
                clock=self._clock,
            )
            try:
                await poller.run(unit.once, ready)
            except (NoAnswer, Asleep) as error:
                if not unit.met and device.unit != modbus.unit:
                    usual = f"{error} Devices of this profile usually are unit {modbus.unit}."
                    error.args = (usual,)
                raise
