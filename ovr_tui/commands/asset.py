"""`ovr asset`: what is measured, and which of it is watched. What else can be said of assets is in
`asset_units`."""

import argparse
from collections.abc import Mapping
from typing import Literal

from collector.config.paths import Home
from collector.model.alarm import CLAMP_PCT, Clamp, Commissioning
from collector.model.rounding import decimal, signed
from collector.model.snapshot import Snapshot
from collector.wire import (
    AlarmsAnswer,
    CommissionAnswer,
    CommissionRequest,
    NoRequest,
    SnapshotAnswer,
)
from ovr_tui.commands import asset_units
from ovr_tui.commands.ask import ask, local, print_json, segment, table

Phase = Literal["L1", "L2", "L3", "N"]
PHASES: Mapping[str, Phase] = {"L1": "L1", "L2": "L2", "L3": "L3", "N": "N"}
HEAD = ("ASSET", "KIND", "SYSTEM", "STATUS", "COMMISSIONED", "NAME")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    text = "list assets; say which are in service, what stands where, and what belongs to what"
    actions = commands.add_parser("asset", help=text).add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    listing = actions.add_parser("list", help="every asset, and since when it is watched")
    commission = actions.add_parser("commission", help="in service: its alarms count from now on")
    commission.add_argument("--note", default="", help="what was checked")
    commission.add_argument(
        "--clamp",
        action="append",
        default=[],
        type=_phase,
        metavar="L1=41.2",
        help="what a clamp shows on a phase now, in A; for each phase once",
    )
    release = actions.add_parser("release", help="out of service: its alarms are over")
    for action in (commission, release):
        action.add_argument("asset", metavar="ASSET", help="its id")
    for action in (listing, commission, release):
        action.add_argument("--json", action="store_true", help="one JSON object")
    asset_units.add(actions)


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ApiError and OvrError."""
    if args.action in asset_units.RUN:
        return asset_units.run(args, home)
    if args.action == "list":
        return _list(args, home)
    path = f"/v1/assets/{segment(args.asset)}/{args.action}"
    body: CommissionRequest | NoRequest = NoRequest()
    if args.action == "commission":
        body = CommissionRequest(note=args.note, clamp=dict(args.clamp))
    done = ask(home, lambda client: client.post(path, CommissionAnswer, body))
    if args.json:
        print_json(done)
    elif done.commissioning is None:
        print(f"{done.asset} is not watched any more.")
    else:
        print(f"{done.asset} is watched {_since(done.commissioning)}.")
        for one in done.commissioning.clamps:
            print(_compared(one))
        for note in _notes(done.asset, ask(home, lambda client: client.snapshot())):
            print(f"  look at this: {note}")
    return 0


def _notes(asset: str, seen: Snapshot) -> tuple[str, ...]:
    """What the collector finds odd at an asset now: CTs, units, links."""
    return next((one.notes for one in seen.assets if one.id == asset), ())


def _phase(text: str) -> tuple[Phase, float]:
    phase, _, amps = text.partition("=")
    try:
        return PHASES[phase.strip().upper()], float(amps)
    except (KeyError, ValueError):
        message = f"{text!r}: expected a phase and amperes, like L1=41.2"
        raise argparse.ArgumentTypeError(message) from None


def _compared(one: Clamp) -> str:
    """A phase by clamp and by meter, with what to look for where they differ."""
    meter = "no value" if one.meter_a is None else f"{decimal(one.meter_a, 1)} A"
    line = f"  {one.phase}  clamp {one.clamp_a:g} A, meter {meter}"
    off = one.deviation_pct
    if off is None or abs(off) <= CLAMP_PCT:
        return line
    return f"{line}: {signed(off, 1)} %, look at ratio, phase and direction of the transformer"


def _since(one: Commissioning) -> str:
    note = f": {one.note}" if one.note else ""
    return f"since {local(one.at_ms)} ({one.person}{note})"


def _list(args: argparse.Namespace, home: Home) -> int:
    snapshot = ask(home, lambda client: client.get("/v1/snapshot", SnapshotAnswer)).snapshot
    alarms = ask(home, lambda client: client.get("/v1/alarms", AlarmsAnswer, limit=0))
    watched = {one.asset: one for one in alarms.commissioned}
    if args.json:
        print_json(
            {
                "schema": alarms.schema,
                "assets": [
                    {
                        "id": asset.id,
                        "name": asset.name,
                        "kind": asset.kind,
                        "system": asset.system,
                        "device": asset.device,
                        "status": asset.status,
                        "commissioning": watched.get(asset.id),
                    }
                    for asset in snapshot.assets
                ],
            }
        )
        return 0
    rows = [
        (
            asset.id,
            asset.kind.value,
            asset.system,
            asset.status.value,
            local(watched[asset.id].at_ms) if asset.id in watched else "—",
            asset.name,
        )
        for asset in snapshot.assets
    ]
    print(table(HEAD, rows))
    return 0
