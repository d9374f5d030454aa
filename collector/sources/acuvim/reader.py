"""Everything that a meter says in one poll, under one set of settings."""

from typing import NamedTuple

from collector.errors import BadDevice
from collector.sources.acuvim.decode import Values, decode_block
from collector.sources.acuvim.jump import jumped
from collector.sources.acuvim.registers import Block, Family
from collector.sources.acuvim.settings import Settings, decode_settings, fixed_settings
from collector.sources.base import DeviceImage
from collector.sources.modbus.clock import Clock
from collector.sources.modbus.errors import IllegalAddress, Refused
from collector.sources.modbus.gateway import Turn
from collector.sources.modbus.words import as_bytes

SETTINGS_S = 15.0
"""In secondary mode a ratio that somebody corrects changes no value on the wire."""
SLOW_S = 60.0


class Poll(NamedTuple):
    """What a meter said. `slow` holds what is read once a minute, else nothing."""

    values: dict[str, float | None]
    slow: dict[str, float | None]
    settings: Settings


class Reader:
    """Reads the blocks of one family; remembers which of them this meter does not have."""

    def __init__(
        self, unit: int, family: Family, image: DeviceImage, where: str, timeout_s: float,
        clock: Clock,
    ) -> None:  # fmt: skip
        self.family = family
        self._unit = unit
        self._image = image
        self._where = where
        self._timeout_s = timeout_s
        self._clock = clock
        self._blocks = list(family.blocks or family.spare)
        self._slow = list(family.slow)
        self._settings: Settings | None = None
        self._settings_due = 0.0
        self._slow_due = 0.0
        self._before: tuple[float, Values] | None = None

    def doubt(self) -> None:
        """Another connection: its settings may be others."""
        self._settings_due = 0.0

    async def poll(self, turn: Turn) -> Poll:
        """All of it or nothing. Raises what reading raises, and BadDevice for settings that
        cannot be used.

        Values that moved as a change of the settings moves them are not used before the settings
        were read again.
        """
        settings = self._settings or await self._read_settings(turn)
        values = await self._read(turn, settings)
        now_s = self._clock.mono()
        if not any(values.values()):
            return Poll(values, {}, settings)  # whoever has lost the meter has lost its settings
        if now_s >= self._settings_due or self._jumped(values, now_s, settings):
            fresh = await self._read_settings(turn)
            if fresh.text != settings.text:
                settings = fresh
                values = await self._read(turn, settings)
        self._before = (now_s, values)
        slow = {}
        if now_s >= self._slow_due:
            slow = await self._read_slow(turn, settings)
            self._slow_due = now_s + SLOW_S
        return Poll(values, slow, settings)

    def _jumped(self, values: Values, now_s: float, settings: Settings) -> bool:
        if self._before is None:
            return False
        at_s, before = self._before
        return jumped(before, values, now_s - at_s, settings)

    async def _read_settings(self, turn: Turn) -> Settings:
        place = self.family.settings
        if place is None:
            settings = fixed_settings(self.family)
        else:
            settings = decode_settings(
                self.family, await self._ask_settings(turn, *place), self._where
            )
        self._settings = settings
        self._settings_due = self._clock.mono() + SETTINGS_S
        return settings

    async def _ask_settings(self, turn: Turn, address: int, count: int) -> list[int]:
        try:
            return await turn.read(self._unit, address, count, timeout_s=self._timeout_s)
        except Refused as error:
            if not error.lasting:
                raise
            raise BadDevice(
                f"{self._where} does not tell its PT/CT settings, without which its values may "
                f"be wrong by the ratio. {error} If it is the other family, set model to II or L."
            ) from None

    async def _read(self, turn: Turn, settings: Settings) -> dict[str, float | None]:
        values: dict[str, float | None] = {}
        for block in tuple(self._blocks):
            try:
                values |= await self._read_block(turn, block, settings)
            except IllegalAddress as error:
                if not await self._lacks(turn, block) or not self._without(block):
                    raise
                self._image.drop("not in this meter", str(error))
                return await self._read(turn, settings)
        return values

    async def _lacks(self, turn: Turn, block: Block) -> bool:
        """Whether the unit refuses a block again: once may have been another's answer, and what is
        left out stays out for the whole run."""
        try:
            await turn.read(self._unit, block.address, block.size, timeout_s=self._timeout_s)
        except IllegalAddress:
            return True
        return False

    async def _read_slow(self, turn: Turn, settings: Settings) -> dict[str, float | None]:
        values: dict[str, float | None] = {}
        for block in tuple(self._slow):
            try:
                values |= await self._read_block(turn, block, settings)
            except IllegalAddress:
                if await self._lacks(turn, block):
                    self._slow.remove(block)  # not every model has it, and nothing depends on it
            except Refused as error:
                self._image.drop(error.reason, str(error))
        return values

    async def _read_block(
        self, turn: Turn, block: Block, settings: Settings
    ) -> dict[str, float | None]:
        registers = await turn.read(
            self._unit, block.address, block.size, timeout_s=self._timeout_s
        )
        return decode_block(block, as_bytes(registers), settings)

    def _without(self, block: Block) -> bool:
        """Go on without a block that this meter refuses; False when it cannot be done without."""
        if block in self.family.blocks and self.family.spare:
            self._blocks = list(self.family.spare)
            return True
        if block.floats:
            return False
        self._blocks.remove(block)
        return True
