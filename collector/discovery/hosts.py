"""One host: which of its doors are open, and who answers behind them."""

import asyncio
from collections.abc import Collection, Sequence
from typing import NamedTuple

from msgspec import structs

from collector.discovery import modbus as by_modbus
from collector.discovery.by_http import ask_http
from collector.discovery.gx import ask_gx
from collector.discovery.knock import Door, knock
from collector.discovery.modbus import MAX_UNITS, ask_modbus
from collector.discovery.pace import Pace
from collector.discovery.solar_api import SolarApi, ask_solar_api
from collector.model.discovery import Found
from collector.model.kinds import AssetKind, DeviceKind
from collector.profiles.profile import Profile

GX_PROFILE = "victron-gx"
TLS_ONLY = "its security profile allows TLS only"
NO_MODBUS = (
    "Modbus TCP is off at it: switch it on (Communication → Modbus, at a Datamanager Settings → "
    "Modbus); until then it is read by its Solar API"
)

ASLEEP = "it does not answer at unit {unit} by Modbus: asleep, or its number is another one"


class Ports(NamedTuple):
    """Where devices listen."""

    mqtt: int = 1883
    mqtts: int = 8883
    modbus: int = 502
    http: int = 80
    ssdp: int = 1900


class Means(NamedTuple):
    """What asking a host takes: ports, pace, places to talk in, and the profiles that are known."""

    ports: Ports
    pace: Pace
    slots: asyncio.Semaphore
    profiles: Sequence[Profile] = ()


async def ask_host(host: str, port: int, busy: Collection[int], means: Means) -> list[Found]:
    """Who answers at a host, at one `port` only when it is not 0. `busy` ports are left alone."""
    ports = means.ports
    usual = (ports.mqtt, ports.mqtts, ports.modbus, ports.http)
    wanted = [one for one in ((port,) if port else usual) if one not in busy]

    async def door(number: int) -> bool:
        await means.pace.turn()
        return await knock(host, number) is Door.OPEN

    answers = await asyncio.gather(*(door(number) for number in wanted))
    opened = {number for number, is_open in zip(wanted, answers, strict=True) if is_open}
    if not opened:
        return []
    async with means.slots:
        await means.pace.turn()
        if port and port not in ports:
            return await _at_odd_port(host, port, means.profiles)
        brokers = await _broker(host, opened, ports)
        if any(one.sure for one in brokers):
            return brokers  # whatever else it offers: a GX is read by MQTT
        return as_gx(brokers, await _meters(host, opened, means))


def as_gx(brokers: Sequence[Found], meters: Sequence[Found]) -> list[Found]:
    """A broker that wants a password is a GX when Modbus behind the same address says so; then it
    is one device."""
    told = next((one for one in meters if one.profile == GX_PROFILE), None)
    if told is None or not brokers:
        return [*brokers, *meters]
    sure = [structs.replace(one, sure=True, serial=one.serial or told.serial) for one in brokers]
    return [*sure, *(one for one in meters if one.profile != GX_PROFILE)]


async def _at_odd_port(host: str, port: int, profiles: Sequence[Profile]) -> list[Found]:
    """A person named the port: Modbus, or else a broker."""
    found = await ask_modbus(host, port, (), profiles, timeout_s=by_modbus.TIMEOUT_S)
    if found:
        return found
    return await ask_gx(host, port, tls=False) or await ask_gx(host, port, tls=True)


async def _broker(host: str, opened: Collection[int], ports: Ports) -> list[Found]:
    plain: list[Found] = []
    if ports.mqtt in opened:
        plain = await ask_gx(host, ports.mqtt, tls=False)
        if plain and not plain[0].needs_password:
            return plain
    if ports.mqtts not in opened:
        return plain
    secured = await ask_gx(host, ports.mqtts, tls=True)
    if ports.mqtt not in opened:
        secured = [structs.replace(one, hints=(*one.hints, TLS_ONLY)) for one in secured]
    return secured or plain


async def _meters(host: str, opened: Collection[int], means: Means) -> list[Found]:
    ports = means.ports
    solar, pages = None, []
    if ports.http in opened:
        solar = await ask_solar_api(host, ports.http)
        pages = [] if solar else await ask_http(host, ports.http, means.profiles)
    numbers = [one.number for one in solar.inverters] if solar else []
    found: list[Found] = pages
    if ports.modbus in opened:
        found += await ask_modbus(
            host,
            ports.modbus,
            numbers[:MAX_UNITS],
            means.profiles,
            timeout_s=by_modbus.TIMEOUT_S,
        )
    return [*found, *_by_solar_api(host, ports.modbus, solar, found)] if solar else found


def _by_solar_api(host: str, port: int, solar: SolarApi, modbus: Collection[Found]) -> list[Found]:
    """The inverters that the Solar API names; those that Modbus has not told get a hint."""
    heard = {unit for one in modbus if one.kind is DeviceKind.FRONIUS for unit in one.units}
    return [
        Found(
            kind=DeviceKind.FRONIUS,
            host=host,
            port=port,
            unit=one.number,
            units=(one.number,),
            maker="Fronius",
            model=solar.logger,
            serial="" if one.number in heard else one.serial,
            firmware=solar.firmware,
            title=one.name,
            asset_kind=AssetKind.PV,
            ways=("solar api",),
            hints=_why_silent(one.number, heard, modbus),
        )
        for one in solar.inverters
    ]


def _why_silent(unit: int, heard: Collection[int], modbus: Collection[Found]) -> tuple[str, ...]:
    """What to do about an inverter that only the Solar API tells of."""
    if not modbus:
        return (NO_MODBUS,)
    return () if unit in heard else (ASLEEP.format(unit=unit),)
