"""What commands share that ask the running collector."""

import argparse
import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec
from rich.cells import cell_len, set_cell_size

from collector.client import Client
from collector.config.paths import Home
from collector.errors import OvrError
from collector.model.local_time import read_ms
from ovr_tui.foreign import PROSE, shown

T = TypeVar("T")

_SPAN = re.compile(r"\A(\d+(?:\.\d+)?)([smhd])\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def ask(home: Home, question: Callable[[Client], Awaitable[T]]) -> T:
    """What the node's collector answers. Raises ApiError."""

    async def asked() -> T:
        async with Client(home.operator_socket, answer_s=30.0) as client:
            return await question(client)

    return asyncio.run(asked())


def segment(text: str) -> str:
    """`text` as one part of a path."""
    return quote(text, safe="")


def print_json(found: object) -> None:
    """One JSON object on one line, as scripts want it."""
    print(msgspec.json.encode(found).decode())


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns, each as wide as its widest cell; foreign text in them is made fit for terminals."""
    lines = [head, *([shown(cell, PROSE) for cell in row] for row in rows)]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(head))]
    return "\n".join("  ".join(map(set_cell_size, line, widths)).rstrip() for line in lines)


def local(at_ms: int | None) -> str:
    """A time as people read it, in this machine's zone; a dash where there is none."""
    if at_ms is None:
        return "—"
    return datetime.fromtimestamp(at_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def span_s(text: str) -> int:
    """`90s`, `30m`, `2h`, `1d` in seconds; for argparse."""
    found = _SPAN.match(text.strip())
    if not found or (seconds := round(float(found[1]) * _SECONDS[found[2]])) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration: write 90s, 30m, 2h or 1d")
    return seconds


def since_ms(seconds: int | None) -> int | None:
    """UTC ms that many seconds ago."""
    return None if seconds is None else int((time.time() - seconds) * 1000)


def at_ms(text: str, now_ms: int | None = None) -> int:
    """A moment that is past, as UTC ms; for argparse. `14:00` (the last one), `2026-11-26 14:00`
    in this machine's zone, with an offset behind it if need be, or `2h ago`."""
    told = text.strip()
    present_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    if told.endswith(" ago"):
        return present_ms - span_s(told.removesuffix(" ago")) * 1000
    try:
        return read_ms(told, present_ms, None)
    except (ValueError, OverflowError):
        example = '14:00, "2026-11-26 14:00" or "2h ago"'
        raise argparse.ArgumentTypeError(f"{text!r} is no time: write {example}") from None


def numbers(words: Sequence[int], *, everything: bool) -> tuple[int, ...] | None:
    """The ids that were named; None for all. Raises OvrError when neither was said."""
    if everything == bool(words):
        raise OvrError("say which by their ids, or --all")
    return None if everything else tuple(words)
