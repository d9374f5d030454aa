"""Whatever the door let through goes through everything that decodes it. None of it may raise, and
nothing that is not finite may come out."""

import math
import random
from collections.abc import Iterable
from struct import pack

from collector.errors import BadDevice
from collector.model.kinds import AssetKind
from collector.sources.acuvim.channels import channel_readings, decode_channel
from collector.sources.acuvim.check import sizes
from collector.sources.acuvim.decode import ENERGIES, decode_block, readings
from collector.sources.acuvim.facing import direction
from collector.sources.acuvim.jump import jumped
from collector.sources.acuvim.others import ACUDC, ACUREV, STRIDE, dc_readings
from collector.sources.acuvim.registers import ACUVIM_II, ACUVIM_L, Wiring
from collector.sources.acuvim.settings import Settings, decode_settings
from collector.sources.fronius.models import INVERTERS, LAYOUTS, METERS
from collector.sources.fronius.readings import inverter, meter
from collector.sources.modbus.sunspec import common, decode
from collector.sources.modbus.words import NumberType, as_bytes, number, text
from scripts.fuzz.by_profile import ByProfile

FAMILIES = (ACUVIM_II, ACUVIM_L, ACUREV)
KINDS = tuple(ENERGIES)


class Decoders:
    """Takes the registers of accepted answers in turn."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._profiles = ByProfile(rng)
        self._before: dict[str, float | None] = {}
        self.taken = 0

    def take(self, words: tuple[int, ...]) -> None:
        """Decode these registers as everything that they could be. Raises what is wrong."""
        self.taken += 1
        block = as_bytes(words)
        self._finite(self._acuvim(block))
        self._finite(self._sunspec(block))
        kinds: tuple[NumberType, ...] = ("u16", "s32", "f32", "f64", "u64")
        self._finite(number(block, self._rng.randrange(130), kind) for kind in kinds)
        self._finite(self._profiles.take(words))
        text(block, 0, len(words))
        common(block)

    def _acuvim(self, block: bytes) -> Iterable[float | None]:
        family = self._rng.choice(FAMILIES)
        settings = self._settings(family is ACUVIM_L, block)
        values: dict[str, float | None] = {}
        for each in (*(family.blocks or family.spare), *family.slow):
            values |= decode_block(each, block, settings)
        kind = self._rng.choice(KINDS)
        sizes(values, settings)
        direction(kind, values, settings)
        jumped(self._before, values, 1.0, settings)
        self._before = values
        yield from values.values()
        if family is not ACUREV:
            told = {**dict.fromkeys(NAMES), **values}
            yield from (value for _, value in readings(kind, settings.wiring, told))
        yield from (value for _, value in channel_readings(decode_channel(block[: 2 * STRIDE])))
        dc = dict.fromkeys(("u_dc", "i_dc", "p_total"))
        for each in ACUDC.blocks:
            dc |= decode_block(each, block, settings)
        yield from (value for _, value in dc_readings(AssetKind.BESS, dc))

    def _settings(self, of_l: bool, block: bytes) -> Settings:
        family = ACUVIM_L if of_l else ACUVIM_II
        assert family.settings is not None
        count = family.settings[1]
        words = [int.from_bytes(block[2 * n : 2 * n + 2]) for n in range(count)]
        try:
            return decode_settings(family, words, "fuzz")
        except BadDevice:
            return Settings(Wiring.STAR, 1.0, 1.0, 0.1, False, 400, "fuzz")

    def _sunspec(self, block: bytes) -> Iterable[float | None]:
        model = self._rng.choice(tuple(LAYOUTS))
        told = decode(LAYOUTS[model], pack(">HH", model, 60) + block, groups=4)
        yield from told.values.values()
        if model in INVERTERS:
            yield from inverter(model, told.values).values()
        if model in METERS:
            yield from meter(model, AssetKind.GRID, told.values).values()

    @staticmethod
    def _finite(values: Iterable[float | None]) -> None:
        for value in values:
            if value is not None and not math.isfinite(value):
                raise ArithmeticError(f"{value} came out of a decoder")


NAMES = tuple(
    point.name
    for family in FAMILIES
    for block in (*family.blocks, *family.spare)
    for points in (block.floats, block.energies, block.percents)
    for point in points
)
