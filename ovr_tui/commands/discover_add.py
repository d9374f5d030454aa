"""Adding what was found to the registry: one key for each, or all."""

import getpass
import os
import sys
import termios
import tty
from collections.abc import Mapping, Sequence
from typing import Any

from collector.config.paths import Home
from collector.model import tables as edit
from collector.model.discovery import Found
from collector.model.kinds import DeviceKind
from collector.model.tables import Tables
from ovr_tui.commands.discover_show import place
from ovr_tui.commands.registry_desk import change, keep_secret, runs

REASON = "discovered"
MOVED = "found at another address"
ENDS = ("", "\x03", "\x04")
"""End of input, ctrl-c, ctrl-d."""
MEASURES = {"l": "load", "g": "generator", "i": "grid", "p": "pv"}


def run(home: Home, found: Sequence[Found], *, everything: bool, quiet: bool = False) -> None:
    """Add what is new and can be read. Raises ConfigError, ApiError, NotPossible."""
    new = [one for one in found if one.standing == "new" and one.table]
    if new and not runs(home):
        home.ensure()  # a node that nobody has set up yet has no folders
    if everything:
        certain = [one for one in new if one.sure or one.kind is not DeviceKind.GX]
        if certain:
            change(home, lambda tables: _all(tables, certain), reason=REASON)
        if not quiet:
            _tell_all(certain, [one for one in new if one not in certain])
        return
    for one in found:
        if one.standing == "moved" and not _moved(home, one):
            return
    for number, one in enumerate(new, 1):
        key = _key(
            f"{number}/{len(new)}  {one.id}  {place(one)}  {one.title}\n"
            "add it?  y yes   n no   q no more ",
            "ynq",
        )
        if key == "q":
            return
        if key == "y":
            _add(home, one)


def _moved(home: Home, one: Found) -> bool:
    """Offer to read a device where it is now; False when no more is wanted."""
    key = _key(
        f"{one.device} was at {one.moved_from} and is at {place(one)} now\n"
        "read it there from now on?  y yes   n no   q no more ",
        "ynq",
    )
    if key == "y":
        changes = {"host": one.host, "port": one.port}
        if one.unit is not None:
            changes["unit"] = one.unit
        done = change(
            home, lambda tables: edit.set_device(tables, one.device, changes), reason=MOVED
        )
        print(f"{done.changes}.")
    return key != "q"


def _all(tables: Tables, new: Sequence[Found]) -> dict[str, Any]:
    made: dict[str, Any] = dict(tables)
    for one in new:
        made = edit.add_device(made, _named(made, one.table))
    return made


def _named(tables: Tables, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry under an id that is free now."""
    return {**entry, "id": edit.free_id(tables, str(entry["id"]))}


def _add(home: Home, one: Found) -> None:
    entry = dict(one.table)
    if one.kind is DeviceKind.ACUVIM and "asset_kind" not in entry:
        key = _key("it measures  l load   g generator   i grid   p pv ", "".join(MEASURES))
        entry["asset_kind"] = MEASURES[key]
    if one.needs_password:
        password = getpass.getpass("its password (enter: later): ")
        if password:
            keep_secret(home, str(entry["id"]), password)
            entry["password_secret"] = entry["id"]
    done = change(
        home, lambda tables: edit.add_device(tables, _named(tables, entry)), reason=REASON
    )
    print(f"{done.changes}.")


def _tell_all(new: Sequence[Found], left: Sequence[Found]) -> None:
    print(f"{len(new)} added." if new else "Nothing to add.")
    for one in left:
        print(f"{place(one)} was left out: it may be a GX, or any other broker with a password.")
    for one in new:
        if one.needs_password:
            print(f"{one.id} needs its password: ovr registry set {one.id} username=ovr --password")
        if one.kind is DeviceKind.ACUVIM and one.asset_kind is None:
            print(f"{one.id} counts as a load: ovr registry set {one.id} asset_kind=…")


def _key(question: str, allowed: str) -> str:
    """One of these keys, without enter; end of input and ctrl-c are the last of them."""
    own = sys.stdin.fileno()
    before = termios.tcgetattr(own)
    tty.setcbreak(own, termios.TCSADRAIN)  # first, so that no key is lost that comes early
    try:
        print(question, end="", flush=True)
        pressed = ""
        while not pressed or pressed not in allowed:
            pressed = os.read(own, 1).decode(errors="replace").lower()
            if pressed in ENDS:
                pressed = allowed[-1]
    finally:
        termios.tcsetattr(own, termios.TCSADRAIN, before)
    print(pressed)
    return pressed
