"""The node's PIN on the command line: setting it, and giving it."""

import argparse
import getpass
import re
import sys

from collector.config.paths import Home
from collector.errors import ApiError, OvrError
from collector.wire import GrantAnswer, PinAnswer, PinRequest, UnlockRequest
from ovr_tui.commands.ask import ask, print_json

PIN = re.compile(r"[0-9]{4,12}")
NO_PIN = "a PIN has 4 to 12 digits"


def grant(args: argparse.Namespace, home: Home, *, needed: bool) -> str:
    """What commands are taken with where a PIN is set, for the PIN; "" where none is needed."""
    if not needed:
        return ""
    body = UnlockRequest(pin=_given(args, "PIN of this node: "))
    return ask(home, lambda client: client.post("/v1/unlock", GrantAnswer, body)).grant


def change(args: argparse.Namespace, home: Home) -> int:
    """Set, change or remove the PIN. Raises ApiError and OvrError."""
    pin = _new(args) if args.set_pin else None
    try:
        done = _put(home, PinRequest(pin=pin))
    except ApiError as error:
        if error.code != "old_pin_needed":
            raise
        done = _put(home, PinRequest(pin=pin, old=_typed("The PIN so far: ")))
    if args.json:
        print_json(done)
    elif done.pin:
        print("The PIN is set. Commands take it from now on, those of consoles too.")
    else:
        print("Commands take no PIN any more; consoles offer none.")
    return 0


def _put(home: Home, body: PinRequest) -> PinAnswer:
    return ask(home, lambda client: client.put("/v1/pin", PinAnswer, body))


def _new(args: argparse.Namespace) -> str:
    if args.pin_file is not None:
        return _given(args, "")
    pin = _typed("The new PIN (4 to 12 digits): ")
    if _typed("Once more: ") != pin:
        raise OvrError("those were two PINs: nothing was changed")
    return pin


def _given(args: argparse.Namespace, asked: str) -> str:
    """From the file that was named, else from whoever sits there."""
    if args.pin_file is None:
        return _typed(asked)
    try:
        return _sound(args.pin_file.read_text().strip())
    except (OSError, UnicodeDecodeError) as error:
        raise OvrError(f"{args.pin_file} cannot be read: {error}") from error


def _typed(asked: str) -> str:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise OvrError("it takes the node's PIN: type it at a terminal, or name a --pin-file")
    return _sound(getpass.getpass(asked, sys.stderr))


def _sound(pin: str) -> str:
    if not PIN.fullmatch(pin):
        raise OvrError(NO_PIN)
    return pin
