"""One SunSpec unit of a Fronius device: who it is, and its models as they stand now."""

from collections.abc import Mapping

from collector.errors import BadDevice, SourceError
from collector.model.text import clean
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
    COMMON_LENGTH,
    SERIAL_TAIL,
    Common,
    MapShift,
    Model,
    common,
    read_models,
    tail_serial,
    walk,
)

FAST = (*INVERTERS, *METERS, STATUS, STORAGE, MPPT)
LONGEST_MODEL = 1000
"""Registers. Thirty MPPT modules take 608; what claims more is no model that is read here."""
SLOW = (NAMEPLATE, SETTINGS, CONTROLS)


class AnothersAnswer(SourceError):
    """The answer bears another serial number than the unit that was identified."""

    reason = "another's answer"


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
        self._tells_serial = False
        self.model = 0
        """The model with the AC measurements: an inverter's, else a meter's."""

    async def open(self, turn: Turn) -> None:
        """Walk the chain and read who it is. Raises BadDevice when it is neither inverter nor
        meter, and what reading raises."""
        await turn.connect()
        self.forget()
        epoch = turn.epoch
        chain = await walk(turn, self.number, timeout_s=self._timeout_s)
        table: dict[int, Model] = {}
        for model in chain:
            if model.length <= LONGEST_MODEL:
                table.setdefault(model.id, model)
        known = [m for m in table if m in INVERTERS] + [m for m in table if m in METERS]
        if not known or COMMON not in table:
            raise BadDevice(
                f"{self.where} is neither a SunSpec inverter nor a meter "
                f"(models {', '.join(str(m.id) for m in chain) or 'none'}). Check the unit id."
            )
        self._chain = table  # only one that has what is read: a chain may be misread
        self.model = known[0]
        self.who = common((await self._read(turn, (COMMON,)))[COMMON])
        who, what = self._chain[COMMON], self._chain[self.model]
        self._tells_serial = who.length == COMMON_LENGTH and who.end == what.address
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
        """The models that change, and with `slow` the ratings and settings too.

        The serial number is read together with the first of them, for some gateways answer with
        what another unit said. Raises AnothersAnswer, and what reading raises.
        """
        wanted = tuple(m for m in (FAST + SLOW if slow else FAST) if m in self._chain)
        if not self._tells_serial:
            return await self._read(turn, wanted)
        try:
            blocks = await self._read(turn, wanted, SERIAL_TAIL)
        except IllegalAddress:
            self._tells_serial = False  # a map that cannot be read across its models
            return await self._read(turn, wanted)
        serial = tail_serial(blocks.pop(0))
        if serial != self.who.serial:
            raise AnothersAnswer(
                f"{self.where}: the answer bears the serial {clean(serial)!r} instead of "
                f"{clean(self.who.serial)!r}: the gateway mixes its units up."
            )
        return blocks

    async def _read(self, turn: Turn, models: tuple[int, ...], lead: int = 0) -> dict[int, bytes]:
        chosen = [self._chain[m] for m in models]
        return await read_models(turn, self.number, chosen, timeout_s=self._timeout_s, lead=lead)
