"""Which meter of AccuEnergy's answers at an address, and who it is. Nothing is assumed from the
registry alone."""

import re
from typing import NamedTuple

from collector.errors import BadDevice, SourceError
from collector.model.reading import Identity
from collector.model.text import clean
from collector.sources.acuvim.by_sunspec import ACUREV_1300, BASE
from collector.sources.acuvim.check import FREQUENCY_HZ
from collector.sources.acuvim.others import ACUDC, ACUREV
from collector.sources.acuvim.registers import ACUVIM_II, ACUVIM_L, EXTRA_SERIAL, IDENTITY, Family
from collector.sources.acuvim.settings import decode_settings
from collector.sources.modbus.errors import Refused
from collector.sources.modbus.gateway import Turn
from collector.sources.modbus.sunspec import SUNS, common
from collector.sources.modbus.words import as_bytes, number, text

FORCED = {
    "": None, "CL": None, "AL": None, "BL": None, "EL": None,
    "II": ACUVIM_II, "IIR": ACUVIM_II, "IIE": ACUVIM_II, "IIW": ACUVIM_II, "L": ACUVIM_L,
    "ACUREV": ACUREV, "ACUREV2000": ACUREV, "ACUREV2010": ACUREV, "ACUREV2100": ACUREV,
    "ACUREV1300": ACUREV_1300, "ACUDC": ACUDC, "ACUDC240": ACUDC,
}  # fmt: skip
"""By the registry's `model`. A CL and its sisters have the map of the II or of the L: probe."""
BY_PROBE = (ACUVIM_II, ACUVIM_L, ACUREV)
LARGEST_V = 1e6
EXTRA_TRIES = 2
_SERIAL = re.compile(r"\A(?=(?:.*\d){4})[A-Z0-9]{6,12}\Z")


class Probed(NamedTuple):
    """The map of a meter; who it is, when it can say so."""

    family: Family
    identity: Identity | None


def forced_family(model: str) -> Family | None:
    """The family that the registry's `model` forces; None: probe. Raises BadDevice."""
    short = re.sub(r"[ _-]", "", model.upper()).removeprefix("ACUVIM")
    if short not in FORCED:
        raise BadDevice(
            f"model = {model!r} is no meter of AccuEnergy that is known: leave it out, or say II, "
            "L, AcuRev or AcuDC."
        )
    return FORCED[short]


async def probe(turn: Turn, unit: int, forced: Family | None, timeout_s: float) -> Probed:
    """Ask a unit once; see `Prober.probe`."""
    return await Prober(unit, forced, timeout_s).probe(turn)


class Prober:
    """Asks one unit what it is. One for the life of a source: it remembers whether the unit can
    bear being asked for what few have."""

    def __init__(self, unit: int, forced: Family | None, timeout_s: float) -> None:
        self._unit = unit
        self._forced = forced
        self._timeout_s = timeout_s
        self._extra_failed = 0
        self._extra_known = False

    async def probe(self, turn: Turn) -> Probed:
        """What the unit is. Raises BadDevice when it is no meter that is known, and what reading
        raises.

        SunSpec block → II; else a mains frequency where a family has it, and settings that make
        sense (a dead supply reads 0 Hz). One that has the frequency but refuses its settings is
        taken when no other family fits.
        """
        if self._forced is not None:
            return Probed(self._forced, await self.identity(turn, self._forced))
        told = await read_identity(turn, self._unit, self._timeout_s)
        if told is not None:
            rev = "acurev" in told.model.lower()
            return Probed(ACUREV if rev else ACUVIM_II, told)
        family = await self._family(turn)
        if family is not None:
            return Probed(family, await self._extra(turn) if family is ACUVIM_II else None)
        told = await read_identity(turn, self._unit, self._timeout_s, base=BASE)
        if told is not None:
            return Probed(ACUREV_1300, told)
        raise BadDevice(
            f"{turn.where} unit {self._unit} answers, but neither as ACUVIM II nor as ACUVIM L "
            "nor as AcuRev. Check the unit id; set model to II, L, AcuRev or AcuDC if you are sure."
        )

    async def _family(self, turn: Turn) -> Family | None:
        perhaps = None
        for family in BY_PROBE:
            answer = await self._speaks(turn, family)
            if answer:
                return family
            perhaps = perhaps or (family if answer is None else None)
        return perhaps

    async def identity(self, turn: Turn, family: Family) -> Identity | None:
        """Who a meter of `family` says it is: by the SunSpec block of its WEB module, else by its
        firmware; None when it says nothing. Raises BadDevice when it is something else, and what
        reading raises."""
        if family is ACUREV_1300:
            return await read_identity(turn, self._unit, self._timeout_s, base=BASE)
        if family not in (ACUVIM_II, ACUREV):
            return None
        told = await read_identity(turn, self._unit, self._timeout_s)
        return told or (await self._extra(turn) if family is ACUVIM_II else None)

    async def _extra(self, turn: Turn) -> Identity | None:
        """By the registers that firmware 3 is said to have. A meter that is put out by them is
        asked twice and never again."""
        if self._extra_failed >= EXTRA_TRIES and not self._extra_known:
            return None
        address, count = EXTRA_SERIAL
        try:
            registers = await turn.read(self._unit, address, count, timeout_s=self._timeout_s)
        except Refused as error:
            if error.lasting:
                return None
            self._extra_failed += 1
            raise
        except SourceError:
            self._extra_failed += 1
            raise
        serial = text(as_bytes(registers), 0, count)
        if not _SERIAL.match(serial):
            return None
        self._extra_known = True
        return Identity(serial=serial, maker="Accuenergy", model=ACUVIM_II.name)

    async def _speaks(self, turn: Turn, family: Family) -> bool | None:
        """Whether the unit has a family's map; None: its frequency, but not its settings."""
        try:
            registers = await turn.read(self._unit, family.probe, 4, timeout_s=self._timeout_s)
        except Refused as error:
            if not error.lasting:
                raise
            return False
        block = as_bytes(registers)
        hz, volts = number(block, 0, "f32"), number(block, 2, "f32")
        if hz is None or volts is None or not 0 <= volts < LARGEST_V:
            return False
        mains = FREQUENCY_HZ[0] <= hz <= FREQUENCY_HZ[1]
        if not mains and hz != 0.0:
            return False
        if family.settings is None:
            return mains
        if await self._has_settings(turn, family, family.settings):
            return True
        return None if mains else False

    async def _has_settings(self, turn: Turn, family: Family, place: tuple[int, int]) -> bool:
        try:
            words = await turn.read(self._unit, *place, timeout_s=self._timeout_s)
            decode_settings(family, words, turn.where)
        except BadDevice:
            return False
        except Refused as error:
            if not error.lasting:
                raise
            return False
        return True


async def read_identity(
    turn: Turn, unit: int, timeout_s: float, *, base: int = IDENTITY[0]
) -> Identity | None:
    """Who the meter says it is; None when it has no SunSpec block at `base`. Raises BadDevice when
    it is something else, and what reading raises."""
    try:
        registers = await turn.read(unit, base, IDENTITY[1], timeout_s=timeout_s)
    except Refused as error:
        if not error.lasting:
            raise  # who it is stays open: nothing of it may be used
        registers = await _again(turn, unit, base, timeout_s)
    if tuple(registers[:2]) != SUNS:
        return None
    who = common(as_bytes(registers[2:]))
    words = f"{who.maker} {who.model}".lower()
    if not any(word in words for word in ("accuenergy", "acuvim", "acurev")):
        raise BadDevice(
            f"{turn.where} unit {unit} is {clean(f'{who.maker} {who.model}')}, not an ACUVIM. "
            "Check host, unit and kind in the registry."
        )
    told = who.options in who.model
    model = who.model if told else f"{who.model} {who.options}".strip()
    return Identity(serial=who.serial, maker=who.maker, model=model, firmware=who.version)


async def _again(turn: Turn, unit: int, base: int, timeout_s: float) -> list[int]:
    """The same once more, for a refusal may have been another's answer, and a meter that cannot say
    who it is where it could before is a wrong device. Nothing when it is refused again."""
    try:
        return await turn.read(unit, base, IDENTITY[1], timeout_s=timeout_s)
    except Refused as error:
        if not error.lasting:
            raise
        return []
