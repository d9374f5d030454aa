"""One SunSpec unit of a Fronius device: who it is, and its models as they stand now."""

from collections.abc import Mapping

from collector.errors import BadDevice
from collector.sources.fronius.models import (
    CONTROLS,
    INVERTERS,
    METERS,
    MPPT,
    NAMEPLATE,
    SETTINGS,
    STATUS,
    STORAGE,
)
from collector.sources.modbus.errors import IllegalAddress
from collector.sources.modbus.gateway import Turn
from collector.sources.modbus.sunspec import (
    COMMON,
    Common,
    MapShift,
    Model,
    common,
    read_models,
    walk,
)

FAST = (*INVERTERS, *METERS, STATUS, STORAGE, MPPT)
SLOW = (NAMEPLATE, SETTINGS, CONTROLS)


class Unit:
    """A unit id behind the gateway at `where`. Nothing is known of it before `open`."""

    def __init__(self, where: str, number: int, timeout_s: float) -> None:
        self.number = number
        self.where = f"{where} unit {number}"
        self._timeout_s = timeout_s
        self._chain: dict[int, Model] = {}
        self.opened_on = 0
        """The connection (`Turn.epoch`) on which it was opened last; 0: on none that counts."""
        self.who = Common("", "", "", "", "")
        self.model = 0
        """The model with the AC measurements: an inverter's, else a meter's."""

    async def open(self, turn: Turn) -> None:
        """Walk the chain and read who it is. Raises BadDevice when it is neither inverter nor
        meter, and what reading raises."""
        await turn.connect()
        self.forget()
        epoch = turn.epoch
        chain = await walk(turn, self.number, timeout_s=self._timeout_s)
        for model in chain:
            self._chain.setdefault(model.id, model)
        known = [m.id for m in chain if m.id in INVERTERS] + [m.id for m in chain if m.id in METERS]
        if not known or COMMON not in self._chain:
            raise BadDevice(
                f"{self.where} is neither a SunSpec inverter nor a meter "
                f"(models {', '.join(str(m.id) for m in chain) or 'none'}). Check the unit id."
            )
        self.model = known[0]
        self.who = common((await self._read(turn, (COMMON,)))[COMMON])
        self.opened_on = epoch if turn.epoch == epoch else 0

    def forget(self) -> None:
        """Its map is not what it was: `same` says no until it was opened again."""
        self._chain = {}
        self.opened_on = 0

    async def same(self, turn: Turn) -> bool:
        """Whether the unit that was opened before answers, by its common model alone."""
        if COMMON not in self._chain:
            return False
        try:
            return common((await self._read(turn, (COMMON,)))[COMMON]) == self.who
        except (IllegalAddress, MapShift):
            return False

    @property
    def is_meter(self) -> bool:
        """Whether it measures and does not produce."""
        return self.model in METERS

    async def fetch(self, turn: Turn, *, slow: bool) -> Mapping[int, bytes]:
        """The models that change, and with `slow` the ratings and settings too."""
        wanted = FAST + SLOW if slow else FAST
        return await self._read(turn, tuple(m for m in wanted if m in self._chain))

    async def _read(self, turn: Turn, models: tuple[int, ...]) -> dict[int, bytes]:
        chosen = [self._chain[m] for m in models]
        return await read_models(turn, self.number, chosen, timeout_s=self._timeout_s)
