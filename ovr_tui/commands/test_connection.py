"""`ovr registry test`: why does a device not answer, or does it answer right? Step by step."""

import argparse
import asyncio
import getpass
import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import structs

from collector.client import Client
from collector.config.load import check_registry, load
from collector.config.paths import Home
from collector.errors import NotPossible, OvrError
from collector.log import setup
from collector.model.assets import Device
from collector.model.diagnosis import Diagnosis, Step
from collector.model.text import nearest
from collector.wire import RegistryAnswer, TestAnswer, TestRequest
from ovr_tui.commands.ask import print_json
from ovr_tui.commands.registry_desk import runs

ANSWER_S = 60.0
WORDS = {"ok": "ok", "warning": "LOOK", "failed": "FAILED", "skipped": "-"}

Wanted = str | dict[str, Any]
"""A device's id, or its table."""


def add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the action."""
    text = "test connection: name, port, TLS, login, identity, first value, plausible"
    parser = actions.add_parser("test", help=text, description=text)
    parser.add_argument("device", nargs="?", metavar="DEVICE", help="its id in the registry")
    parser.add_argument("--file", metavar="F", help="[[device]] tables that are not saved (TOML)")
    parser.add_argument("--all", action="store_true", help="every device that is enabled")
    parser.add_argument("--password", action="store_true", help="ask for the password to try")
    parser.add_argument(
        "--force", action="store_true", help="try it also beside the collector that reads it now"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """1 when a step of any device failed. Raises ConfigError, NotPossible, ApiError."""
    if sum((args.device is not None, args.file is not None, args.all)) != 1:
        raise OvrError("say which: a DEVICE, --file F, or --all")
    password = _password() if args.password else ""
    found = asyncio.run(_tested(args, home, password))
    if args.json:
        print_json({"schema": 1, "diagnoses": found})
    else:
        print("\n\n".join("\n".join(lines(one)) for one in found) or "There are no devices yet.")
    return 0 if all(one.ok for one in found) else 1


async def _tested(args: argparse.Namespace, home: Home, password: str) -> list[Diagnosis]:
    if runs(home):
        return await _through_collector(args, home, password)
    return await _by_ourselves(args, home, password)


async def _through_collector(
    args: argparse.Namespace, home: Home, password: str
) -> list[Diagnosis]:
    async with Client(home.operator_socket, answer_s=ANSWER_S) as client:
        if args.all:
            tables = (await client.get("/v1/registry", RegistryAnswer)).registry
            entries = tables.get("device", [])
            wanted: list[Wanted] = [one["id"] for one in entries if one.get("enabled", True)]
        else:
            wanted = [args.device] if args.device else list(_tables(args.file))
        found = []
        for one in wanted:
            body = TestRequest(device=one, password=password, force=args.force)
            answer = await client.post("/v1/registry/test", TestAnswer, body)
            found.append(answer.diagnosis)
        return found


async def _by_ourselves(args: argparse.Namespace, home: Home, password: str) -> list[Diagnosis]:
    from collector.app.sources import Means, make_source
    from collector.diagnosis.desk import DiagnosisDesk, Nowhere
    from collector.sources.modbus.gateway import Gateways

    setup(level="error")  # what goes wrong is told by us
    registered = load(home, os.environ).devices
    means = Means(home, Gateways())
    desk = DiagnosisDesk(Nowhere(lambda device: make_source(device, means), registered))
    found = []
    for device in _devices(args, home, registered):
        tried = structs.replace(device, password=password) if password else device
        found.append(await desk.test(tried))
    return found


def _devices(args: argparse.Namespace, home: Home, registered: tuple[Device, ...]) -> list[Device]:
    if args.all:
        return [device for device in registered if device.enabled]
    if args.file:
        tables = {"device": list(_tables(args.file))}
        return list(check_registry(home, os.environ, tables).devices)
    known = {device.id: device for device in registered}
    if args.device not in known:
        hint = nearest(args.device, tuple(known)) if known else "there are no devices yet"
        raise NotPossible(f"there is no device {args.device} in the registry ({hint})")
    return [known[args.device]]


def _tables(file: str) -> list[dict[str, Any]]:
    """The `[[device]]` tables of a file, or the one that it is itself."""
    try:
        told: Mapping[str, Any] = tomllib.loads(Path(file).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise OvrError(f"{file} cannot be read as TOML: {error}") from error
    entries = told.get("device", [dict(told)])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise OvrError(f"{file} holds no [[device]]")
    return entries


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass("Password to try: ")


def lines(one: Diagnosis) -> list[str]:
    """A test for people."""
    way = "by the collector that reads it" if one.way == "collector" else f"{one.took_s:.1f} s"
    end = "well" if one.ok else "NOT WELL"
    found = [f"{one.device}  {one.kind}  {one.address}  {end}  ({way})"]
    for step in one.steps:
        found += _step(step)
    return found


def _step(step: Step) -> list[str]:
    found = [f"  {WORDS[step.state]:7} {step.name:12} {step.seen}"]
    return [*found, f"  {'':7} {'':12} → {step.advice}"] if step.advice else found
