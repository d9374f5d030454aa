"""`ovr asset`: which unit stands where, what belongs to what, and what counters were refused."""

import argparse
from collections.abc import Callable, Sequence

from collector.config.paths import Home
from collector.errors import OvrError
from collector.model.assignment import NUMBER, Fact, Held
from collector.model.catalogue import unit_of
from collector.model.refused import RefusedCount
from collector.model.rounding import digits
from collector.wire import (
    AcceptRequest,
    AssignmentsAnswer,
    AssignRequest,
    DecidedAnswer,
    DismissRequest,
    FactSaid,
    ForgetAnswer,
    MoveAnswer,
    MoveRequest,
    ReasonRequest,
    RefusedAnswer,
    SwapAnswer,
    SwapRequest,
    TwinsAnswer,
)
from ovr_tui.commands.ask import ask, at_ms, local, print_json, segment, table

LINKS = {"same-as": "same_as", "behind": "behind", "apart-from": "apart_from"}
RUN: dict[str, Callable[[argparse.Namespace, Home], int]] = {}
"""The actions of this module, by name."""


def add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the actions."""
    moving = actions.add_parser("move", help="into another system, or to another address")
    where = moving.add_mutually_exclusive_group(required=True)
    where.add_argument("--system", metavar="SYSTEM", help="it belongs to this one now")
    where.add_argument("--address", metavar="HOST[:PORT]", help="the device is reached there now")
    where.add_argument(
        "--seek", action="store_true", help="look for the device that is pinned, and go there"
    )
    moving.add_argument("--unit", type=int, metavar="N", help="with --address: its Modbus unit")
    swapping = actions.add_parser("swap", help="another unit stands there now")
    swapping.add_argument("--unit", default="", metavar="NO", help="its fleet number")
    swapping.add_argument("--serial", default="", help="left out: of whoever answers there")
    forgetting = actions.add_parser("forget", help="forget who it was: pin whoever answers next")
    linking = actions.add_parser("link", help="measures the same flow, is fed by, or is another")
    linking.add_argument("asset", metavar="ASSET")
    linking.add_argument("link", choices=sorted(LINKS))
    linking.add_argument("other", metavar="OTHER")
    unlinking = actions.add_parser("unlink", help="nothing is said of the two any more")
    unlinking.add_argument("asset", metavar="ASSET")
    unlinking.add_argument("other", metavar="OTHER")
    rating = actions.add_parser("rate", help="what is on its plate: rated_kva=250 nominal_v=230")
    for action in (moving, swapping, forgetting, rating):
        action.add_argument("asset", metavar="ASSET", help="its id")
    rating.add_argument("pairs", nargs="+", metavar="KEY=VALUE", help="KEY= takes it away")
    for action in (moving, swapping, linking, unlinking, rating):
        action.add_argument(
            "--at", type=at_ms, metavar="TIME", help='since when: 14:00, "2026-11-26 14:00", 2h ago'
        )
    for action in (moving, swapping, forgetting, linking, unlinking, rating):
        action.add_argument("--reason", default="", help="why, for reports and the audit")
    _add_lists(actions)
    for name, action in actions.choices.items():
        if name in RUN:
            action.add_argument("--json", action="store_true", help="one JSON object")


def _add_lists(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    past = actions.add_parser("assignments", help="which unit, system, link … it had, and when")
    past.add_argument("asset", metavar="ASSET", nargs="?")
    past.add_argument("--what", choices=[fact.value for fact in Fact])
    actions.add_parser("twins", help="pairs that seem to measure one flow; ovr asset link decides")
    refused = actions.add_parser("refused", help="what counters were not given")
    refused.add_argument("--all", action="store_true", help="also what was decided")
    accepting = actions.add_parser("accept", help="add to the total what was refused, once")
    accepting.add_argument(
        "--amount", type=float, metavar="N", help="so much of it, in the counter's unit"
    )
    dismissing = actions.add_parser("dismiss", help="leave for good what was refused")
    for action in (accepting, dismissing):
        action.add_argument("refused", metavar="ID", help="its id, or the end of it")
        action.add_argument("--note", default="", help="how you know")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ApiError and OvrError."""
    return RUN[args.action](args, home)


def _move(args: argparse.Namespace, home: Home) -> int:
    if args.system is not None:
        return _assign(args, home, [FactSaid(what=Fact.SYSTEM, value=args.system)])
    if args.at is not None:
        raise OvrError("--at is for --system: an address is what it is now")
    host, port = _place(args.address) if args.address else ("", None)
    body = MoveRequest(host=host, port=port, unit=args.unit, reason=args.reason)
    path = f"/v1/assets/{segment(args.asset)}/move"
    done = ask(home, lambda client: client.post(path, MoveAnswer, body))
    if args.json:
        print_json(done)
    else:
        for device, place in done.places.items():
            print(f"{device} is at {place}.")
    return 0


def _place(text: str) -> tuple[str, int | None]:
    host, colon, port = text.rpartition(":")
    if not colon or "]" in port or (":" in host.strip("[]") and not host.startswith("[")):
        return text.strip("[]"), None
    if not port.isdigit():
        raise OvrError(f"{text}: expected HOST or HOST:PORT")
    return host.strip("[]"), int(port)


def _swap(args: argparse.Namespace, home: Home) -> int:
    body = SwapRequest(unit_no=args.unit, serial=args.serial, at_ms=args.at, reason=args.reason)
    path = f"/v1/assets/{segment(args.asset)}/swap"
    done = ask(home, lambda client: client.post(path, SwapAnswer, body))
    if args.json:
        print_json(done)
        return 0
    number = f" is unit {done.unit_no}" if done.unit_no else " is another unit"
    who = f"{done.serial} is pinned" if done.serial else "whoever answers next is pinned"
    print(f"{done.asset}{number} now; {who}. Its counters begin with what they show next.")
    return 0


def _forget(args: argparse.Namespace, home: Home) -> int:
    path = f"/v1/assets/{segment(args.asset)}/forget"
    body = ReasonRequest(reason=args.reason)
    done = ask(home, lambda client: client.post(path, ForgetAnswer, body))
    print_json(done) if args.json else print(f"Whoever answers next is pinned as {done.device}.")
    return 0


def _link(args: argparse.Namespace, home: Home) -> int:
    value = LINKS[args.link] if args.action == "link" else ""
    return _assign(args, home, [FactSaid(what=Fact.LINK, key=args.other, value=value)])


def _rate(args: argparse.Namespace, home: Home) -> int:
    facts = []
    for pair in args.pairs:
        key, sign, value = pair.partition("=")
        if not sign:
            raise OvrError(f"{pair}: expected KEY=VALUE, like rated_kva=250")
        what = Fact.UNIT if key == "unit_no" else Fact.ACCOUNT if key == "account" else Fact.RATING
        named = NUMBER if what is Fact.UNIT else key if what is Fact.RATING else ""
        facts.append(FactSaid(what=what, key=named, value=value))
    return _assign(args, home, facts)


def _assign(args: argparse.Namespace, home: Home, facts: Sequence[FactSaid]) -> int:
    body = AssignRequest(asset=args.asset, facts=tuple(facts), from_ms=args.at, reason=args.reason)
    done = ask(home, lambda client: client.post("/v1/assignments", AssignmentsAnswer, body))
    if args.json:
        print_json(done)
    else:
        said = {(one.what, one.key) for one in facts}
        _print_held([one for one in done.held if (one.what, one.key) in said])
    return 0


def _assignments(args: argparse.Namespace, home: Home) -> int:
    done = ask(
        home,
        lambda client: client.get(
            "/v1/assignments", AssignmentsAnswer, asset=args.asset, what=args.what
        ),
    )
    print_json(done) if args.json else _print_held(done.held)
    return 0


def _print_held(held: Sequence[Held]) -> None:
    rows = [
        (
            one.asset,
            " ".join(filter(None, (one.what.value, one.key))),
            one.value or "—",
            local(one.from_ms or None),
            local(one.to_ms),
            one.person or "—",
            one.reason,
        )
        for one in held
    ]
    print(table(("ASSET", "WHAT", "IS", "SINCE", "UNTIL", "SAID BY", "WHY"), rows))


def _twins(args: argparse.Namespace, home: Home) -> int:
    done = ask(home, lambda client: client.get("/v1/twins", TwinsAnswer))
    if args.json:
        print_json(done)
        return 0
    for twin in done.twins:
        one, other = twin.asset, twin.other
        print(f"{one} and {other} seem to measure one flow since {local(twin.since_ms)}")
        print(f"  ({', '.join(twin.quantities)}). Which is it?")
        print(f"  one flow, {other} counts:  ovr asset link {one} same-as {other}")
        print(f"  {one} is fed by {other}:   ovr asset link {one} behind {other}")
        print(f"  two flows:                 ovr asset link {one} apart-from {other}")
    if not done.twins:
        print("No two assets seem to measure one flow.")
    return 0


def _refused(args: argparse.Namespace, home: Home) -> int:
    limit = 1000 if args.all else 0
    done = ask(home, lambda client: client.get("/v1/refused", RefusedAnswer, limit=limit))
    if args.json:
        print_json(done)
        return 0
    rows = [_row(one) for one in (*done.open, *done.decided)]
    if rows:
        print(table(("ID", "AT", "ASSET", "COUNTER", "AMOUNT", "REGISTER", "WHY"), rows))
        print("ovr asset accept ID adds it to the total; ovr asset dismiss ID leaves it for good.")
    else:
        print("Nothing was refused.")
    return 0


def _row(one: RefusedCount) -> tuple[str, ...]:
    times = f" ({one.times}×)" if one.times > 1 else ""
    added = "nothing" if one.accepted is None else f"+{_counted(one.accepted, one)}"
    decided = "" if one.decided_ms is None else f"; {added} by {one.person} {local(one.decided_ms)}"
    return (
        one.id[-8:],
        local(one.at_ms),
        one.asset,
        one.measurement,
        _counted(one.amount, one) if one.amount else "?",
        f"{digits(one.raw_before)} → {_counted(one.raw_after, one)}",
        f"{one.why}{times}{decided}",
    )


def _counted(value: float, one: RefusedCount) -> str:
    return f"{digits(value)} {unit_of(one.measurement)}".rstrip()


def _decide(args: argparse.Namespace, home: Home) -> int:
    known = ask(home, lambda client: client.get("/v1/refused", RefusedAnswer, limit=0)).open
    found = [one.id for one in known if one.id.endswith(args.refused)]
    if len(found) != 1:
        why = "is the end of several ids: write more of it" if found else "is nothing that is open"
        raise OvrError(f"{args.refused} {why}; ovr asset refused lists them")
    path = f"/v1/refused/{segment(found[0])}/{args.action}"
    body: AcceptRequest | DismissRequest = DismissRequest(note=args.note)
    if args.action == "accept":
        body = AcceptRequest(amount=args.amount, note=args.note)
    done = ask(home, lambda client: client.post(path, DecidedAnswer, body)).refused
    if args.json:
        print_json(done)
    elif done.accepted is None:
        print(f"Nothing is added to {done.asset} {done.measurement}.")
    else:
        print(f"{_counted(done.accepted, done)} are added to {done.asset} {done.measurement}.")
    return 0


RUN |= {
    "move": _move,
    "swap": _swap,
    "forget": _forget,
    "link": _link,
    "unlink": _link,
    "rate": _rate,
    "assignments": _assignments,
    "twins": _twins,
    "refused": _refused,
    "accept": _decide,
    "dismiss": _decide,
}
