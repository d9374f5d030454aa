"""`ovr registry pair`: a GX makes a login for this node, which the registry uses from then on."""

import argparse
import asyncio
import getpass
import os
import sys

from collector.config.load import load, load_registry
from collector.config.paths import Home
from collector.errors import NotPossible
from collector.model import tables as edit
from collector.model.assets import Device
from collector.model.kinds import DeviceKind
from collector.sources.victron.pairing import PORT, client_id, login_keys, pair
from ovr_tui.commands.ask import print_json
from ovr_tui.commands.registry_desk import change, keep_secret

SCHEMA = 1


def add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the action."""
    pairing = actions.add_parser(
        "pair", help="let a GX make a login for this node (its pairing mode must be on)"
    )
    pairing.add_argument("id", metavar="DEVICE")
    pairing.add_argument(
        "--password",
        action="store_true",
        help="ask for the password of its security profile, instead of pairing mode",
    )
    pairing.add_argument("--https-port", type=int, default=PORT, metavar="PORT")
    pairing.add_argument("--reason", default="", help="why, for the audit and the reports")
    pairing.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises NotConnected, Unauthorized, BadDevice, NotPossible, ConfigError, ApiError."""
    device = _gx(home, args.id)
    node = load(home, os.environ).node.id
    password = _password(args.id) if args.password else ""
    token = asyncio.run(pair(device.host, client_id(node), password=password, port=args.https_port))
    keep_secret(home, args.id, token.password)
    done = change(
        home,
        lambda tables: edit.set_device(tables, args.id, login_keys(device, token, args.id)),
        reason=args.reason or "paired",
    )
    if args.json:
        told = {"schema": SCHEMA, "device": args.id, "username": token.name}
        print_json({**told, "fingerprint": token.fingerprint, "changes": done.changes})
        return 0
    print(f"{args.id} is paired: it logs in as {token.name}, the password is kept.")
    print(f"The GX's page has the certificate {token.fingerprint}.")
    return 0


def _gx(home: Home, name: str) -> Device:
    devices = load_registry(home, os.environ).devices
    device = next((each for each in devices if each.id == name), None)
    if device is None:
        raise NotPossible(f"there is no device {name} in the registry: add it first")
    if device.kind is not DeviceKind.GX:
        raise NotPossible(f"{name} is no GX: only a GX pairs")
    return device


def _password(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass(f"Password of the security profile of {name}: ")
