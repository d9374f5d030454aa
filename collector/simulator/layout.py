"""A site on paper: its parts, what measures them, and how the registry names it all."""

from collections.abc import Callable
from random import Random
from typing import Any

from msgspec import Struct, field

from collector.simulator.gx.plan import GxPlan
from collector.simulator.meters.fronius_solar import SolarApi
from collector.simulator.meters.point import Point
from collector.simulator.meters.registers import Registers
from collector.simulator.physics.plant import Part
from collector.simulator.truth import Read


class GxSpot(Struct, kw_only=True):
    """A GX to be served: its plan, and which services each of its assets comes from."""

    plan: GxPlan
    services: dict[str, tuple[str, ...]]


class Unit(Struct, kw_only=True):
    """A Modbus unit to be served, and the metering points whose registers can restart."""

    device: str
    registers: Registers
    points: tuple[Point, ...]


class Gateway(Struct, kw_only=True):
    """Modbus units behind one TCP port, and the Solar API beside them."""

    name: str
    units: dict[int, Unit]
    solar: SolarApi | None = None


class Layout(Struct, kw_only=True):
    """Everything of a site but its ports. `truth` gives the true figures of each asset."""

    seed: int
    random: Random
    wall: Callable[[], float]
    parts: list[Part] = field(default_factory=list)
    gxs: list[GxSpot] = field(default_factory=list)
    gateways: list[Gateway] = field(default_factory=list)
    devices: list[dict[str, Any]] = field(default_factory=list)
    assets: list[dict[str, Any]] = field(default_factory=list)
    truth: dict[str, Read] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, word: str) -> int:
        """The next number of devices called `word`."""
        self.numbers[word] = self.numbers.get(word, 0) + 1
        return self.numbers[word]

    def serial(self, prefix: str, digits: int) -> str:
        """A serial number that nobody else on the site has."""
        wide = digits - 3
        return f"{prefix}{self.random.randrange(10**wide):0{wide}}{self.number('serial'):03}"
