"""A search for devices as `ovr discover` shows it: a line of progress, a table, hints."""

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from collector.model.discovery import Found, Search
from ovr_tui.commands.ask import table

HEAD = ("", "KIND", "ADDRESS", "MODEL", "SERIAL", "ID", "NAME")
WORDS = {"new": "new", "known": "known", "moved": "MOVED", "swapped": "SWAPPED"}
ENDS = {
    "cancelled": "The search was ended before all had been asked.",
    "failed": "The search failed",
}


class Progress:
    """One line on the terminal that is written over; nothing where there is none."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._wide = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the line empty."""
        self._write("")

    def tell(self, search: Search) -> None:
        """How far it is now."""
        count = len(search.found)
        self._write(f"{search.asked} of {search.hosts} asked, {count} found  {search.doing}")

    def _write(self, text: str) -> None:
        if self._shown:
            text = text[:78]
            sys.stderr.write(f"\r{text.ljust(self._wide)}\r{text}")
            sys.stderr.flush()
            self._wide = len(text)


def lines(search: Search) -> list[str]:
    """Everything that a person should know about a search that has ended."""
    shown = sorted(search.found, key=lambda one: (one.standing == "known", _order(one)))
    found = [table(HEAD, [_row(one) for one in shown])] if shown else ["Nothing was found."]
    for one in shown:
        found += [f"{place(one)}: {hint}" for hint in (*_standing(one), *one.hints)]
    found += [f"Note: {note}" for note in search.notes]
    end = ENDS.get(search.state, "")
    if end:
        found.append(f"{end}: {search.cause}" if search.cause else end)
    else:
        found.append(summary(search.found, search.asked))
    return found


def summary(found: Sequence[Found], asked: int) -> str:
    """What it came to, in one line."""
    new = sum(one.standing == "new" for one in found)
    hint = "; add them with --add" if any(one.table for one in found) else ""
    return f"{asked} addresses asked, {len(found)} devices, {new} of them new{hint}."


def place(one: Found) -> str:
    """Where a device was found."""
    host = f"[{one.host}]" if ":" in one.host else one.host
    units = f" unit {'/'.join(map(str, one.units))}" if one.units else ""
    return f"{host}:{one.port}{units}" + (" TLS" if one.tls else "")


def _row(one: Found) -> tuple[str, ...]:
    sure = "" if one.sure else "?"
    name = one.title if one.standing == "new" else ""
    return (
        WORDS[one.standing],
        f"{one.profile or one.kind.value}{sure}",
        place(one),
        one.model or one.maker or "-",
        one.serial or "-",
        one.id or "-",
        name,
    )


def _standing(one: Found) -> list[str]:
    if one.standing == "moved":
        return [
            f"it is {one.device}, which the registry has at {one.moved_from}: "
            f"ovr registry set {one.device} host={one.host}, if it shall be read here"
        ]
    if one.standing == "swapped":
        return [
            f"the registry expects another device here as {one.device}: look where that one is, or "
            f"ovr asset swap {one.device}"
        ]
    return []


def _order(one: Found) -> tuple[object, ...]:
    parts = one.host.split(".")
    numbers = [int(part) if part.isdecimal() else 0 for part in parts] if len(parts) == 4 else []
    return (numbers, one.host, one.port, one.unit or 0)
