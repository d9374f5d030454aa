"""What one run by a Solar API works with."""

from typing import NamedTuple

from collector.model.assets import Device
from collector.sources.base import DeviceImage
from collector.sources.fronius.rest import Rest
from collector.sources.fronius.solar.host import SolarHost
from collector.sources.fronius.sun import Where
from collector.sources.fronius.writer import Complaints
from collector.sources.modbus.clock import Clock
from collector.sources.modbus.gateway import Gateways

LAST_INVERTER = 100
"""Modbus units up to it are inverters, above it meters."""


class Means(NamedTuple):
    """What a run works with. `rest` outlives it; `place` tells where the device stands."""

    device: Device
    image: DeviceImage
    gateways: Gateways
    api: SolarHost
    clock: Clock
    limit_s: float
    rest: Rest
    place: Where
    complaints: Complaints


def number_of(unit: int) -> str:
    """The API's number of the inverter at a Modbus unit: its 0 is unit 100."""
    return "0" if unit == LAST_INVERTER else str(unit)
