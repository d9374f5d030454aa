"""`ovr correct`: measured data that is to be read otherwise when a report is made of it."""

import argparse
from collections.abc import Sequence
from typing import Any

import msgspec

from collector.config.paths import Home
from collector.errors import OvrError
from collector.events.words import spoken
from collector.model.catalogue import unit_of
from collector.model.kinds import AssetKind
from collector.model.said import Correction, CorrectionKind
from collector.wire import CorrectionAnswer, CorrectionRequest, CorrectionsAnswer, ReasonRequest
from ovr_tui.commands.ask import ask, print_json, segment, table
from ovr_tui.commands.event_find import find
from ovr_tui.commands.log import one_of
from ovr_tui.commands.moment import at, moment

HEAD = ("ID", "ASSET", "WHAT", "FROM", "TO", "BY", "WHY")
NEEDS = {
    CorrectionKind.FACTOR: "a factor: ovr correct add stage-a factor 1.5",
    CorrectionKind.PHASE_SWAP: "phases: ovr correct add stage-a phase-swap L2,L1,L3",
    CorrectionKind.ROLE: "a kind: ovr correct add stage-a role load",
    CorrectionKind.READING: "a register: ovr correct add stage-a reading load_energy_kwh=5120.4",
}


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("correct", help="how measured data is to be read otherwise")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    adding = actions.add_parser("add", help="ovr correct add stage-a sign --event J-1 --reason …")
    adding.add_argument("asset", metavar="ASSET")
    adding.add_argument("kind", choices=[one.value for one in CorrectionKind])
    adding.add_argument(
        "how", nargs="?", metavar="HOW", help="factor, phases, kind, or MEASUREMENT=VALUE"
    )
    adding.add_argument("--phase", default="", choices=["", "L1", "L2", "L3"], help="only this one")
    adding.add_argument("--from", dest="from_", type=moment, metavar="TIME", help="since when")
    adding.add_argument("--to", type=moment, metavar="TIME", help="default: on and on")
    adding.add_argument("--event", metavar="EVENT", help="over this event, in its zone")
    adding.add_argument("--at", type=moment, metavar="TIME", help="when a register was read")
    adding.add_argument("--reason", required=True, help="why; it is in the reports")
    listing = actions.add_parser("list", help="all, also what was withdrawn")
    listing.add_argument("asset", metavar="ASSET", nargs="?")
    removing = actions.add_parser("remove", help="it does not count any more; it stays listed")
    removing.add_argument("correction", metavar="ID", help="its id, or the end of it")
    removing.add_argument("--reason", default="")
    for action in (adding, listing, removing):
        action.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ApiError and OvrError."""
    if args.action == "list":
        return _list(args, home)
    if args.action == "remove":
        ids = [one.id for one in _found(home, None)]
        id_ = one_of(ids, args.correction, "ovr correct list")
        where = f"/v1/corrections/{segment(id_)}/withdraw"
        body = ReasonRequest(reason=args.reason)
        done = ask(home, lambda client: client.post(where, CorrectionAnswer, body)).correction
    else:
        request = _request(args, home)
        done = ask(
            home, lambda client: client.post("/v1/corrections", CorrectionAnswer, request)
        ).correction
    if args.json:
        print_json(done)
    else:
        print(table(HEAD, [_row(done, _zone(home))]))
    return 0


def _request(args: argparse.Namespace, home: Home) -> CorrectionRequest:
    event = find(home, args.event).event if args.event else None
    zone = _zone(home) if event is None else event.timezone
    from_ms, to_ms = at(args.from_, zone), at(args.to, zone)
    if event is not None:
        from_ms = event.from_ms if from_ms is None else from_ms
        to_ms = event.to_ms if to_ms is None else to_ms
    read_ms = at(args.at, zone)
    from_ms = read_ms if from_ms is None else from_ms
    if from_ms is None:
        raise OvrError("say since when (--from), or over which event that has begun (--event)")
    said = {
        "asset": args.asset,
        "kind": args.kind,
        "from_ms": from_ms,
        "to_ms": to_ms,
        "phase": args.phase,
        "at_ms": read_ms,
        "reason": args.reason,
    }
    try:
        return msgspec.convert(said | _how(args), CorrectionRequest)
    except msgspec.ValidationError as error:
        raise OvrError(str(error)) from None


def _how(args: argparse.Namespace) -> dict[str, Any]:
    kind, how = CorrectionKind(args.kind), args.how
    if kind not in NEEDS:
        if how is not None:
            raise OvrError(f"{kind.value} takes nothing: {how} says more than it can")
        return {}
    try:
        if kind is CorrectionKind.FACTOR:
            return {"factor": float(how)}
        if kind is CorrectionKind.PHASE_SWAP:
            one, other, third = how.upper().split(",")
            return {"phases": (one, other, third)}
        if kind is CorrectionKind.ROLE:
            return {"role": AssetKind(how)}
        measurement, _, value = how.partition("=")
        return {"measurement": measurement, "value": float(value)}
    except (AttributeError, TypeError, ValueError):
        raise OvrError(f"{kind.value} needs {NEEDS[kind]}") from None


def _zone(home: Home) -> str:
    return ask(home, lambda client: client.snapshot()).timezone


def _found(home: Home, asset: str | None) -> Sequence[Correction]:
    return ask(
        home, lambda client: client.get("/v1/corrections", CorrectionsAnswer, asset=asset)
    ).corrections


def _list(args: argparse.Namespace, home: Home) -> int:
    found = _found(home, args.asset)
    if args.json:
        print_json(CorrectionsAnswer(corrections=tuple(found)))
    elif not found:
        print("Nothing is corrected.")
    else:
        zone = _zone(home)
        print(table(HEAD, [_row(one, zone) for one in found]))
    return 0


def _row(one: Correction, zone: str) -> tuple[str, ...]:
    gone = f" (withdrawn by {one.withdrawn_by})" if one.withdrawn_ms is not None else ""
    until = "on and on" if one.to_ms is None else spoken(one.to_ms, zone)
    since = spoken(one.from_ms, zone)
    return (one.id[-8:], one.asset, what(one), since, until, one.person, f"{one.reason}{gone}")


def what(one: Correction) -> str:
    """What a correction says, in few words."""
    how = {
        CorrectionKind.FACTOR: f"× {one.factor:g}" if one.factor is not None else "",
        CorrectionKind.PHASE_SWAP: ",".join(one.phases or ()),
        CorrectionKind.ROLE: "" if one.role is None else one.role.value,
        CorrectionKind.READING: f"{one.measurement} = {one.value} {unit_of(one.measurement)}",
    }.get(one.kind, "")
    return " ".join(filter(None, (one.kind.value, how, one.phase)))
