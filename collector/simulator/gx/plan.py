"""What a GX is attached to, as its services need to know it."""

from msgspec import Struct, field

from collector.simulator.physics.bess import Bess


class GxPlan(Struct, kw_only=True):
    """One GX and its devices. A serial left empty means that the GX has no such device; a
    generator without one is started by relay 0.

    `position` is what its GPS receiver says, None where it has none.
    `gone` names the services that have vanished from D-Bus: systemcalc does without them.
    """

    device: str
    name: str
    portal_id: str
    bess: Bess
    mppt_serials: tuple[str, ...] = ()
    pv_inverter_serial: str = ""
    genset_serial: str = ""
    grid_serial: str = ""
    tank: bool = False
    door_open: bool = False
    position: tuple[float, float] | None = None
    battery_serial: str = ""
    genset_gain: float = 1.0
    lifetime_kwh: float = 4000.0
    gone: set[str] = field(default_factory=set)
    relays: list[int] = field(default_factory=lambda: [0, 0])

    @property
    def by_relay(self) -> bool:
        """Whether relay 0 starts a generator, and nothing else may switch it."""
        return self.bess.genset is not None and not self.genset_serial
