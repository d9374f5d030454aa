"""`ovr control`: what a device can be told, telling it, and lockouts."""

import argparse
import secrets
import sys
import time
from pathlib import Path

from collector.config.paths import Home
from collector.errors import OvrError
from collector.model.control import ControlValue, Danger, Offer, Outcome
from collector.wire import (
    ControlAnswer,
    ControlRequest,
    GrantRequest,
    LockoutAnswer,
    LockoutRequest,
    OffersAnswer,
)
from ovr_tui.commands import pins
from ovr_tui.commands.ask import ask, local, print_json, segment, span_s, table

HEAD = ("COMMAND", "NOW", "TAKES", "DANGER", "WHAT IT IS")
LOCK, UNLOCK = "lock", "unlock"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "control",
        help="what a device can be told, and telling it",
        description=(
            "Without COMMAND: what the asset offers now. COMMAND lock (VALUE is the reason) and "
            "unlock: nobody commands the asset while somebody works there. --set-pin: commands, "
            "also those of consoles, take a PIN from then on; consoles offer none without one."
        ),
    )
    parser.add_argument("asset", metavar="ASSET", nargs="?", help="its id")
    parser.add_argument("command_", metavar="COMMAND", nargs="?", help="one that it offers")
    parser.add_argument("value", metavar="VALUE", nargs="?", help="a word or a number")
    parser.add_argument(
        "--for", dest="seconds", type=span_s, metavar="30m", help="for how long (90s, 30m, 2h)"
    )
    parser.add_argument(
        "--confirm", metavar="NAME", help="the asset's name, for what can drop a load"
    )
    parser.add_argument("--seen", metavar="VALUE", help="do it only if it is set like this now")
    parser.add_argument("--name", default="", help="who works there (lock)")
    parser.add_argument(
        "--pin-file", type=Path, metavar="FILE", help="the PIN, for scripts; else it is asked for"
    )
    pin = parser.add_mutually_exclusive_group()
    pin.add_argument("--set-pin", action="store_true", help="set or change this node's PIN")
    pin.add_argument("--remove-pin", action="store_true", help="commands take none any more")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(misused=parser.error)


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ApiError and OvrError."""
    if args.set_pin or args.remove_pin:
        return pins.change(args, home)
    if args.asset is None:
        args.misused("say which asset")
    where = f"/v1/assets/{segment(args.asset)}"
    if args.command_ is None:
        return _list(args, ask(home, lambda client: client.get(f"{where}/control", OffersAnswer)))
    if args.command_ == UNLOCK:
        return _unlocked(args, home, where)
    if args.value is None:
        args.misused(f"{args.command_} takes a value: ovr control {args.asset} lists them")
    if args.command_ == LOCK:
        return _locked(args, home, where)
    return _command(args, home, where)


# -- commands --------------------------------------------------------------------------------


def _command(args: argparse.Namespace, home: Home, where: str) -> int:
    told = ask(home, lambda client: client.get(f"{where}/control", OffersAnswer))
    began_s = time.monotonic()
    offer = next((each for each in told.offers if each.command == args.command_), None)
    if offer is None:
        known = ", ".join(each.command for each in told.offers)
        why = told.why_not or (f"it offers {known}" if known else "it offers nothing")
        raise OvrError(f"{args.asset} offers no command {args.command_}: {why}")
    confirm = _confirmed(args, told, offer)
    grant = pins.grant(args, home, needed=told.pin)
    request = ControlRequest(
        id=secrets.token_hex(16),
        command=offer.command,
        value=value_of(args.value, offer),
        seen=offer.value if args.seen is None else value_of(args.seen, offer),
        made_ms=told.at_ms + round((time.monotonic() - began_s) * 1000),
        for_s=args.seconds,
        confirm=confirm,
        grant=grant,
    )
    done = ask(home, lambda client: client.post(f"{where}/control", ControlAnswer, request))
    if args.json:
        print_json(done)
    else:
        print(words(done, offer))
    return 0 if done.outcome == Outcome.CONFIRMED.value else 1


def _confirmed(args: argparse.Namespace, told: OffersAnswer, offer: Offer) -> str:
    """The name as somebody typed it. The server judges it."""
    if args.confirm is not None or offer.danger is not Danger.DANGEROUS:
        return args.confirm or ""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise OvrError(
            f"this can drop a load or start an engine: confirm with --confirm '{told.name}'"
        )
    now = _value(offer.value, offer)
    effect = f" ({offer.effect})" if offer.effect else ""
    for_s = f" for {args.seconds} s" if args.seconds else ""
    print(f"{told.name}: {offer.label} is {now}{effect}.", file=sys.stderr)
    print(
        f"{_value(value_of(args.value, offer), offer)}{for_s} can drop a load or start an engine.",
        file=sys.stderr,
    )
    print("Type the asset's name to do it: ", end="", file=sys.stderr, flush=True)
    typed = sys.stdin.readline().strip()
    if not typed:
        raise OvrError("nothing was done")
    return typed


def value_of(text: str, offer: Offer) -> ControlValue:
    """What somebody wrote as the command takes it: one of its words, else a number."""
    word = text.strip().lower()
    if word in offer.choices:
        return word
    try:
        return float(word)
    except ValueError:
        return word


def words(done: ControlAnswer, offer: Offer) -> str:
    """How a command ended, for people."""
    now = _value(done.value, offer)
    told = {
        Outcome.CONFIRMED.value: f"Confirmed: {offer.label} is {now}.",
        Outcome.INSTEAD.value: f"The device set {now} instead.",
        Outcome.NO_REPLY.value: f"No reply: look at the device. As far as is known it is {now}.",
    }
    lines = [told.get(done.outcome, done.outcome)]
    lines += [f"    {text}" for text in (done.effect, done.reason) if text]
    return "\n".join(lines)


# -- lockouts --------------------------------------------------------------------------------


def _locked(args: argparse.Namespace, home: Home, where: str) -> int:
    body = LockoutRequest(reason=args.value, name=args.name)
    done = _post(home, f"{where}/lockout", body)
    if args.json:
        print_json(done)
    elif done.lockout is not None:
        print(f"{done.asset} is locked out by {done.lockout.name}: {done.lockout.reason}.")
        print("This does not replace the physical lock.")
    return 0


def _unlocked(args: argparse.Namespace, home: Home, where: str) -> int:
    told = ask(home, lambda client: client.get(f"{where}/control", OffersAnswer))
    body = GrantRequest(grant=pins.grant(args, home, needed=told.pin))
    done = _post(home, f"{where}/unlock", body)
    if args.json:
        print_json(done)
    else:
        print(f"{done.asset} is not locked out any more.")
    return 0


def _post(home: Home, path: str, body: LockoutRequest | GrantRequest) -> LockoutAnswer:
    return ask(home, lambda client: client.post(path, LockoutAnswer, body))


# -- the list --------------------------------------------------------------------------------


def _list(args: argparse.Namespace, told: OffersAnswer) -> int:
    if args.json:
        print_json(told)
        return 0
    print(f"{told.name} ({told.asset})")
    if told.lockout is not None:
        lock = told.lockout
        print(f"LOCKED OUT by {lock.name} since {local(lock.at_ms)}: {lock.reason}")
    if told.why_not:
        print(f"Nothing can be done now: {told.why_not}")
    if not told.offers:
        print("It offers no command.")
        return 0
    print(table(HEAD, [_row(offer) for offer in told.offers]))
    for offer in told.offers:
        for remark in _remarks(offer, told):
            print(f"{offer.command}: {remark}")
    return 0


def _row(offer: Offer) -> tuple[str, ...]:
    return (
        offer.command,
        _value(offer.value, offer),
        takes(offer),
        offer.danger.value,
        offer.label,
    )


def takes(offer: Offer) -> str:
    """Which values a command takes, and for how long."""
    ways = [" | ".join(offer.choices)] if offer.choices else []
    if offer.low is not None and offer.high is not None:
        step = f" in steps of {offer.step:g}" if offer.step and offer.step != 1 else ""
        ways.insert(0, f"{offer.low:g} to {offer.high:g} {offer.unit}{step}")
    lasting = {"may": " [--for]", "must": " --for"}.get(offer.lasting, "")
    return " | ".join(ways) + lasting


def _remarks(offer: Offer, told: OffersAnswer) -> list[str]:
    found = [offer.holds] if offer.holds else []
    if offer.why_not and offer.why_not != told.why_not:
        found.append(f"not now: {offer.why_not}")
    return found + [f"not {word} now: {why}" for word, why in offer.impossible.items()]


def _value(value: ControlValue | None, offer: Offer) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, str):
        return value
    return f"{value:g} {offer.unit}".rstrip()
