"""Which ACUVIM answers at an address, and who it is. Nothing is assumed from the registry alone."""

from typing import NamedTuple

from collector.errors import BadDevice
from collector.model.reading import Identity
from collector.model.text import clean
from collector.sources.acuvim.check import FREQUENCY_HZ
from collector.sources.acuvim.registers import ACUVIM_II, ACUVIM_L, IDENTITY, Family
from collector.sources.acuvim.settings import decode_settings
from collector.sources.modbus.errors import Refused
from collector.sources.modbus.gateway import Turn
from collector.sources.modbus.sunspec import SUNS, common
from collector.sources.modbus.words import as_bytes, number

FORCED = {"": None, "II": ACUVIM_II, "L": ACUVIM_L}


class Probed(NamedTuple):
    """The map of a meter; who it is, when it has a WEB module that says so."""

    family: Family
    identity: Identity | None


def forced_family(model: str) -> Family | None:
    """The family that the registry's `model` forces; None: probe. Raises BadDevice."""
    short = model.strip().upper().removeprefix("ACUVIM").strip(" -_")
    if short not in FORCED:
        raise BadDevice(f"model = {model!r} is no ACUVIM that is known: leave it out, or II, or L.")
    return FORCED[short]


async def probe(turn: Turn, unit: int, forced: Family | None, timeout_s: float) -> Probed:
    """Ask the unit. Raises BadDevice when it is no ACUVIM, and what reading raises.

    SunSpec block → II; else a mains frequency in the II's block → II (a dead supply reads 0 Hz:
    then its settings must make sense too); else one in the L's block → L.
    """
    where = f"{turn.where} unit {unit}"
    identity = None
    if forced is not ACUVIM_L:
        identity = await read_identity(turn, unit, timeout_s)
    if forced is not None:
        return Probed(forced, identity)
    if identity is not None:
        return Probed(ACUVIM_II, identity)
    for family in (ACUVIM_II, ACUVIM_L):
        if await _speaks(turn, unit, family, timeout_s):
            return Probed(family, None)
    raise BadDevice(
        f"{where} answers, but neither as ACUVIM II nor as ACUVIM L. "
        "Check the unit id; set model to II or L if you are sure."
    )


async def read_identity(turn: Turn, unit: int, timeout_s: float) -> Identity | None:
    """Who the meter says it is; None when it has no SunSpec block. Raises BadDevice when it is
    something else, and what reading raises."""
    address, count = IDENTITY
    try:
        registers = await turn.read(unit, address, count, timeout_s=timeout_s)
    except Refused as error:
        if not error.lasting:
            raise  # who it is stays open: nothing of it may be used
        return None
    if tuple(registers[:2]) != SUNS:
        return None
    who = common(as_bytes(registers[2:]))
    if "accuenergy" not in who.maker.lower() and "acuvim" not in who.model.lower():
        raise BadDevice(
            f"{turn.where} unit {unit} is {clean(f'{who.maker} {who.model}')}, not an ACUVIM. "
            "Check host, unit and kind in the registry."
        )
    told = who.options in who.model
    model = who.model if told else f"{who.model} {who.options}".strip()
    return Identity(serial=who.serial, maker=who.maker, model=model, firmware=who.version)


async def _speaks(turn: Turn, unit: int, family: Family, timeout_s: float) -> bool:
    try:
        registers = await turn.read(unit, family.probe, 2, timeout_s=timeout_s)
        hz = number(as_bytes(registers), 0, "f32")
        if hz is None:
            return False
        if FREQUENCY_HZ[0] <= hz <= FREQUENCY_HZ[1]:
            return True
        address, count = family.settings
        settings = await turn.read(unit, address, count, timeout_s=timeout_s)
        decode_settings(family, settings, turn.where)
    except BadDevice:
        return False
    except Refused as error:
        if not error.lasting:
            raise
        return False
    return hz == 0.0
