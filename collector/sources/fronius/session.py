"""What one run of a Fronius source works with, shared by inverter and meters."""

from collections.abc import Callable
from typing import NamedTuple

from collector.model.assets import Device
from collector.sources.base import DeviceImage
from collector.sources.fronius.station import Station
from collector.sources.fronius.unit import Unit
from collector.sources.fronius.writer import Complaints
from collector.sources.modbus.clock import Clock
from collector.sources.modbus.gateway import Gateway, Gateways
from collector.sources.modbus.poll import Pace, Poller

RETRY_S = (5.0, 60.0)
"""Pauses between tries to reach a unit that was read before."""


class Session(NamedTuple):
    """One run with one gateway. `ready` is called when something useful came."""

    device: Device
    image: DeviceImage
    gateways: Gateways
    gateway: Gateway
    clock: Clock
    timeout_s: float
    pace: Pace
    complaints: Complaints
    ready: Callable[[], None]

    def station(self, role: str, unit: int) -> Station:
        """The unit as the asset of a role. Nothing is asked yet."""
        asked = Unit(self.gateway.where, unit, self.timeout_s)
        return Station(
            self.image, self.device, role, self.gateway, asked, self.clock, self.complaints
        )

    async def open(self, station: Station) -> None:
        """Find out who it is. Raises what reading raises."""
        async with self.gateway.turn() as turn:
            await station.unit.open(turn)

    def poller(self, role: str) -> Poller:
        """The loop that polls the asset of a role."""
        return Poller(
            self.image,
            role,
            interval_s=self.device.interval_s,
            timeout_s=self.timeout_s,
            pace=self.pace,
            clock=self.clock,
        )

    def holds(self, unit: int) -> bool:
        """Whether no other device reads this unit."""
        holder = self.gateways.holder(self.device.host, self.device.port, unit)
        return holder in ("", self.device.id)

    def reserve(self, unit: int) -> None:
        """The unit is this device's for the life of the collector."""
        self.gateways.reserve(self.device.host, self.device.port, unit, self.device.id)
