"""`ovr clock`: whether the node's clock is right, and a person's word that it is."""

import argparse
import time

from collector.config.paths import Home
from collector.errors import OvrError
from collector.wire import ClockAnswer, ClockRequest
from ovr_tui.commands.ask import ask, local, print_json


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("clock", help="whether the clock is right; say that it is")
    parser.add_argument(
        "action",
        nargs="?",
        choices=("show", "confirm"),
        default="show",
        help="confirm: you have compared it with a clock that is right",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ApiError and OvrError. Showing a clock that nobody has confirmed gives 1."""
    return _confirm(args, home) if args.action == "confirm" else _show(args, home)


def _show(args: argparse.Namespace, home: Home) -> int:
    health = ask(home, lambda client: client.health()).health
    now_ms = time.time_ns() // 1_000_000
    if args.json:
        print_json({"clock": health.clock, "confirmed": health.clock_confirmed, "at_ms": now_ms})
    else:
        print(f"{local(now_ms)}: {health.clock}")
        if not health.clock_confirmed:
            print("Samples are kept and not sent. If this time is right: ovr clock confirm")
    return 0 if health.clock_confirmed else 1


def _confirm(args: argparse.Namespace, home: Home) -> int:
    now_ms = time.time_ns() // 1_000_000
    done = ask(
        home,
        lambda client: client.post("/v1/clock/confirm", ClockAnswer, ClockRequest()),
    )
    if args.json:
        print_json(done)
    elif not done.confirmed:
        raise OvrError(f"the clock is {done.clock} still: see ovr status")
    else:
        print(f"{local(now_ms)}: {done.clock}")
    return 0
