"""Who is one Modbus unit? By its SunSpec models, the ACUVIM's probe, the profiles' fingerprints."""

from collections.abc import Sequence

from msgspec import structs

from collector.discovery.by_profile import FAULT, OTHERS, Recognised, placed, recognise, usual_units
from collector.errors import BadDevice
from collector.model.discovery import Found
from collector.model.kinds import AssetKind, DeviceKind
from collector.model.reading import Identity
from collector.model.text import clean
from collector.profiles.profile import Profile
from collector.sources.acuvim.probe import Probed, probe
from collector.sources.fronius.models import INVERTERS, METERS
from collector.sources.modbus.errors import Refused
from collector.sources.modbus.gateway import Turn
from collector.sources.modbus.sunspec import (
    BASES,
    COMMON,
    Model,
    common,
    find_base,
    read_models,
    walk,
)

SUNSPEC = (*BASES, 4096)
"""Where SunSpec maps begin; the last is AcuRev 1300's."""

OTHER_MAKER = "a SunSpec device of another maker: it is read in the way of a Fronius"
UNKNOWN = (
    "it speaks Modbus, and no profile knows it: write one (docs/profiles.md), or name kind and "
    "profile yourself"
)
KIND_HINT = "say what it measures: asset_kind = load, generator, grid or pv"


async def identify(
    turn: Turn, host: str, port: int, unit: int, profiles: Sequence[Profile], timeout_s: float
) -> Found:
    """The device at this unit, which may be one that nothing knows. Raises what reading raises."""
    blank = Found(
        kind=DeviceKind.MODBUS, host=host, port=port, unit=unit, units=(unit,), ways=("modbus",)
    )
    fault: Refused | None = None
    try:
        base = await find_base(turn, unit, timeout_s=timeout_s, bases=SUNSPEC)
    except Refused as error:
        base, fault = None, _no_such_register(error)
    if base is not None:
        chain = await walk(turn, unit, timeout_s=timeout_s, bases=(base,))
        who = await _common(turn, unit, chain, timeout_s)
        if not _is_acuvim(who):
            return await _sunspec(turn, blank, who, chain, profiles, timeout_s)
    try:
        return _acuvim(blank, await probe(turn, unit, None, timeout_s))
    except BadDevice:
        pass
    except Refused as error:
        fault = _no_such_register(error)
    if fault is not None:  # most likely nobody: only those that usually stand here are tried
        profiles = [profile for profile in profiles if unit in usual_units([profile])]
    known = await recognise(turn, unit, profiles, {}, timeout_s)
    if known is not None:
        return _by_profile(blank, known)
    if fault is not None:
        raise fault  # nothing but faults: nobody has this unit id
    return _unknown(blank)


def _no_such_register(error: Refused) -> Refused:
    """A device's fault (exception 4), by which some refuse what they do not have; any other error
    is raised."""
    if error.code != FAULT:
        raise error
    return error


async def _common(turn: Turn, unit: int, chain: Sequence[Model], timeout_s: float) -> Identity:
    first = next((model for model in chain if model.id == COMMON), None)
    if first is None:
        return Identity(serial="")
    who = common((await read_models(turn, unit, [first], timeout_s=timeout_s))[COMMON])
    return Identity(serial=who.serial, maker=who.maker, model=who.model, firmware=who.version)


def _is_acuvim(who: Identity) -> bool:
    """Whether its own map tells more than its SunSpec models."""
    return "accuenergy" in who.maker.lower() or "acuvim" in who.model.lower()


async def _sunspec(
    turn: Turn,
    blank: Found,
    who: Identity,
    chain: Sequence[Model],
    profiles: Sequence[Profile],
    timeout_s: float,
) -> Found:
    models = {model.id for model in chain}
    inverter, meter = models & set(INVERTERS), models & set(METERS)
    fronius = "fronius" in who.maker.lower() and bool(inverter or meter)
    if not fronius:
        with_chain = [profile for profile in profiles if profile.table.sunspec is not None]
        known = await recognise(turn, blank.unit or 0, with_chain, placed(chain), timeout_s)
        if known is not None:
            return _by_profile(_named(blank, who), known)
    if not inverter and not meter:
        return _named(_unknown(blank), who)
    return _named(
        structs.replace(
            blank,
            kind=DeviceKind.FRONIUS,
            asset_kind=AssetKind.PV if inverter else AssetKind.GRID,
            hints=() if fronius else (OTHER_MAKER,),
        ),
        who,
    )


def _acuvim(blank: Found, probed: Probed) -> Found:
    one = structs.replace(
        blank,
        kind=DeviceKind.ACUVIM,
        maker="AccuEnergy",
        model=probed.family.name,
        hints=(KIND_HINT,),
    )
    if probed.identity is None:
        return structs.replace(one, sure=False)
    return _named(one, probed.identity)


def _by_profile(blank: Found, known: Recognised) -> Found:
    table = known.profile.table
    hints = (OTHERS.format(names=", ".join(known.others)),) if known.others else ()
    one = structs.replace(
        blank,
        profile=known.profile.name,
        maker=blank.maker or clean(table.maker or ""),
        model=blank.model or clean(table.title),
        asset_kind=table.kind,
        hints=hints,
    )
    return _named(one, known.identity)


def _unknown(blank: Found) -> Found:
    return structs.replace(blank, sure=False, hints=(UNKNOWN,))


def _named(one: Found, who: Identity) -> Found:
    """With what the device says of itself, as far as it says it."""
    return structs.replace(
        one,
        maker=clean(who.maker) or one.maker,
        model=clean(who.model) or one.model,
        serial=clean(who.serial) or one.serial,
        firmware=clean(who.firmware) or one.firmware,
    )
