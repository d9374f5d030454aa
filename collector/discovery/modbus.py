"""Who is behind a Modbus TCP port? Only registers that identify are read, of a few unit ids."""

import asyncio
from collections.abc import Iterable, Sequence

from msgspec import structs

from collector.discovery.by_profile import usual_units
from collector.discovery.unit import identify
from collector.errors import NotConnected, SourceError
from collector.model.discovery import Found
from collector.model.kinds import AssetKind, DeviceKind
from collector.profiles.profile import Profile
from collector.sources.fronius.meters import METER_UNITS
from collector.sources.modbus.errors import Lost, Refused
from collector.sources.modbus.gateway import Gateway, Gateways
from collector.sources.modbus.sunspec import BASES

TIMEOUT_S = 2.0
HOST_S = 45.0
SPACING_S = 0.05
MAX_UNITS = 16
FIRST_UNIT = 1
NOBODY = 231
"""A unit id that nobody sets up: who answers as it does not look at unit ids."""
METER_HINT = "its smart meter {serial} (unit {unit}) is read with it"


async def ask_modbus(
    host: str,
    port: int,
    more_units: Sequence[int] = (),
    profiles: Sequence[Profile] = (),
    *,
    timeout_s: float = TIMEOUT_S,
) -> list[Found]:
    """The devices behind this port, each once: those that are known here, and those of `profiles`.
    `more_units` are further unit ids that are likely.

    One connection, one question at a time. An empty list: nobody speaks Modbus there."""
    found: list[Found] = []
    try:
        async with (
            asyncio.timeout(HOST_S),
            Gateways().use(host, port, "search", spacing_s=SPACING_S) as gateway,
        ):
            asking = _Asking(gateway, host, port, profiles, timeout_s)
            await asking.all_units(found, (*usual_units(profiles), *more_units))
            return await asking.each_once(found)
    except (NotConnected, TimeoutError):
        return with_meters(together(found))


class _Asking:
    """One port's units."""

    def __init__(
        self,
        gateway: Gateway,
        host: str,
        port: int,
        profiles: Sequence[Profile],
        timeout_s: float,
    ) -> None:
        self._gateway = gateway
        self._profiles = profiles
        self._host, self._port = host, port
        self._timeout_s = timeout_s

    async def all_units(self, found: list[Found], more_units: Sequence[int]) -> None:
        """Ask unit after unit; what is known by then is in `found`."""
        asked: set[int] = set()
        for unit in (FIRST_UNIT, *more_units):
            if unit not in asked and len(asked) < MAX_UNITS:
                asked.add(unit)
                await self._into(found, unit)
        if not found or any(one.kind is DeviceKind.FRONIUS for one in found):
            for unit in METER_UNITS:
                if unit not in asked:
                    await self._into(found, unit)

    async def _into(self, found: list[Found], unit: int) -> None:
        try:
            async with self._gateway.turn() as turn:
                one = await identify(
                    turn, self._host, self._port, unit, self._profiles, self._timeout_s
                )
        except Lost:
            return  # some hang up on who asks for a unit that they do not have
        except NotConnected:
            raise
        except SourceError:
            return  # silent, asleep, or nobody's
        found.append(one)

    async def each_once(self, found: list[Found]) -> list[Found]:
        """The same device under several unit ids is one; so is one behind a server that does not
        look at unit ids."""
        merged = together(found)
        nameless = [one for one in merged if not one.serial]
        if len(nameless) > 1 and await self._answers_to_all():
            merged = together(merged, blind=True)
        return with_meters(merged)

    async def _answers_to_all(self) -> bool:
        try:
            await self._gateway.read(NOBODY, BASES[0], 2, timeout_s=self._timeout_s)
        except Refused as error:
            return error.lasting
        except SourceError:
            return False
        return True


def together(found: Iterable[Found], *, blind: bool = False) -> list[Found]:
    """Each device once, under its first unit id. Those without a serial count as one when they
    look alike and their server is `blind` to unit ids."""
    merged: dict[tuple[object, ...], Found] = {}
    for number, one in enumerate(found):
        alike = (one.kind, one.profile, one.model) if blind else (number,)
        key = (one.kind, one.serial) if one.serial else ("no serial", *alike)
        first = merged.get(key)
        merged[key] = (
            one if first is None else structs.replace(first, units=(*first.units, *one.units))
        )
    return list(merged.values())


def with_meters(found: Sequence[Found]) -> list[Found]:
    """Smart meters beside an inverter of the same gateway are read with the first of them."""
    inverters = [one for one in found if one.kind is DeviceKind.FRONIUS and not _is_meter(one)]
    if not inverters:
        return list(found)
    meters = [one for one in found if _is_meter(one)]
    hints = tuple(METER_HINT.format(serial=one.serial, unit=one.unit) for one in meters)
    first = inverters[0]
    return [
        structs.replace(one, hints=(*one.hints, *hints)) if one is first else one
        for one in found
        if one not in meters
    ]


def _is_meter(one: Found) -> bool:
    return one.kind is DeviceKind.FRONIUS and one.asset_kind is AssetKind.GRID
