"""`ovr read`: one poll of one device, what it said beside what that means."""

import argparse
import asyncio
import os
from pathlib import Path

from msgspec import structs

from collector.app.sources import Means, make_source
from collector.config.load import load
from collector.config.paths import Home
from collector.config.problems import ConfigError, Problem
from collector.errors import NotPossible, SourceError
from collector.model.assets import Device
from collector.model.kinds import DeviceKind
from collector.profiles.bare import bare
from collector.profiles.load import Shelf, read_profile
from collector.profiles.profile import Profile
from collector.sources.base import Source
from collector.sources.modbus.gateway import Gateways
from collector.sources.profile.look import Looked, look
from collector.sources.sheet import Sheet
from ovr_tui.commands.ask import print_json
from ovr_tui.commands.read_show import as_object, shown

LISTEN_S = 30.0
"""How long a GX or meter may take until its first values; a GX then has `SETTLE_S` to say the
rest."""
SETTLE_S = 3.0
MODBUS_PORT, HTTP_PORT, HTTPS_PORT = 502, 80, 443


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "read",
        help="one poll of one device, raw beside decoded",
        description="Reads a device once and shows what it says. Nothing is written, kept or "
        "sent; a running collector goes on beside it.",
    )
    parser.add_argument(
        "device", metavar="DEVICE|HOST[:PORT]", help="an id of the registry, or an address"
    )
    parser.add_argument(
        "--profile",
        metavar="NAME|FILE",
        help="read it by this profile: registers, every word order and values side by side",
    )
    parser.add_argument(
        "--registers",
        metavar="[FC:]FIRST[-LAST]",
        help="these registers of a Modbus device, without a profile: 3:100-107",
    )
    parser.add_argument("--unit", type=int, metavar="N", help="the Modbus unit")
    parser.add_argument("--timeout", type=float, metavar="S", help="for one answer")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises SourceError when it cannot be read, ConfigError for a broken profile."""
    device, means = _device(args, home)
    profile = _profile(args, home, device)
    if profile is not None:
        kind = DeviceKind(profile.table.transport)
        unit = args.unit if args.unit is not None else _unit(device, profile)
        port = device.port or _port(profile)
        device = structs.replace(device, kind=kind, profile=profile.name, unit=unit, port=port)
        looked = asyncio.run(look(device, profile))
    else:
        looked = Looked(asyncio.run(_listened(make_source(device, means), device)), ())
    if args.json:
        print_json(as_object(device, looked))
    else:
        print("\n".join(shown(device, profile, looked)))
    return 0


def _device(args: argparse.Namespace, home: Home) -> tuple[Device, Means]:
    """The registry's entry, else a device at the address that was written."""
    means = Means(home, Gateways())
    found = next((each for each in _devices(args, home) if each.id == args.device), None)
    changes = {"timeout_s": args.timeout} if args.timeout else {}
    if found is not None:
        if args.unit is not None:
            changes["unit"] = args.unit
        return structs.replace(found, **changes), means
    if not args.profile and not args.registers:
        raise NotPossible(
            f"{args.device} is no device of the registry. By its address it is read with --profile "
            "or --registers."
        )
    host, _, port = args.device.rpartition(":")
    if not host or not port.isdecimal() or host.count(":") not in (0, 7):
        host, port = args.device, "0"
    found = Device(id="device", kind=DeviceKind.MODBUS, host=host, port=int(port), unit=-1)
    return structs.replace(found, **changes), means


def _devices(args: argparse.Namespace, home: Home) -> tuple[Device, ...]:
    """Those of the registry; an address with a profile is read though the registry be broken."""
    try:
        return load(home, os.environ).devices
    except ConfigError:
        if (args.profile or args.registers) and ("." in args.device or ":" in args.device):
            return ()
        raise


def _unit(device: Device, profile: Profile) -> int:
    return profile.table.modbus.unit if device.unit < 0 else device.unit


def _port(profile: Profile) -> int:
    http = profile.table.http
    if http is None:
        return profile.table.modbus.port
    return http.port or (HTTPS_PORT if http.tls else HTTP_PORT)


def _profile(args: argparse.Namespace, home: Home, device: Device) -> Profile | None:
    """The profile that was named, else that of a device that is read by one."""
    if args.registers:
        plain = bare(args.registers)
        if plain is None:
            raise NotPossible(
                f"{args.registers}: registers are written 3:100-107, function 1 to 4, at most 125."
            )
        return plain
    name = args.profile or device.profile
    if not name:
        return None
    if "/" in name or name.endswith(".toml"):
        file = Path(name)
        if not file.exists():
            raise NotPossible(f"{name}: there is no such file.")
        problems: list[Problem] = []
        profile = read_profile(file, problems.append)
        told = tuple(problems)
    else:
        profile, told = Shelf(home.config).find(name)
    if profile is None:
        raise ConfigError(told)
    return profile


async def _listened(source: Source, device: Device) -> Sheet:
    """What a source has said once it was ready."""
    sheet = Sheet(device.portal_id or device.serial, device.asset_kind)
    ready = asyncio.Event()
    task = asyncio.ensure_future(source.run(sheet, ready.set))
    first = asyncio.ensure_future(ready.wait())
    try:
        await asyncio.wait({task, first}, timeout=LISTEN_S, return_when="FIRST_COMPLETED")
        if task.done():
            await task
        if not ready.is_set():
            raise SourceError(f"{device.id} said nothing usable within {LISTEN_S:g} s.")
        if device.kind is DeviceKind.GX:
            await asyncio.sleep(SETTLE_S)
        sheet.freeze()
    finally:
        first.cancel()
        task.cancel()
        await asyncio.gather(task, first, return_exceptions=True)
    return sheet
