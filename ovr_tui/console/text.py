"""Lines of coloured text: what the pure modules make and the widgets show.

A *piece* is text with a tone, a *line* some pieces. Text is only ever text here: no markup is
read anywhere, and `foreign.shown` has taken out what a terminal would obey.
"""

import re
import textwrap
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from rich.cells import cell_len, set_cell_size

Tone = Literal[
    "text",
    "dim",
    "bold",
    "accent",
    "good",
    "warn",
    "alert",
    "head",
    "bar",
    "one",
    "two",
    "three",
    "four",
]
"""What a piece means. `one` to `four` are the series of a chart; without colour they look alike, so
each also has a sign or a name of its own."""
Piece = tuple[str, Tone]
Line = tuple[Piece, ...]

BLANK: Line = ()


@lru_cache(16384)
def fit(text: str, cells: int) -> str:
    """`text` in exactly `cells` cells: padded on the right, or cut with an ellipsis."""
    if cells <= 0:
        return ""
    length = cell_len(text)
    if length > cells:  # blanks at the end are no loss
        text = text.rstrip(" ")
        length = cell_len(text)
    if length <= cells:
        return text + " " * (cells - length)
    return set_cell_size(text, cells - 1) + "…"


def width(line: Line) -> int:
    """How many cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def plain(line: Line) -> str:
    """A line without its tones."""
    return "".join(text for text, _ in line)


def join(parts: list[Line], gap: str = "   ") -> Line:
    """Some lines beside each other."""
    out: list[Piece] = []
    for part in parts:
        if out:
            out.append((gap, "text"))
        out.extend(part)
    return tuple(out)


def wrap(text: str, cells: int, tone: Tone = "text", indent: int = 1) -> list[Line]:
    """A sentence as lines of at most `cells` cells, each indented."""
    pad = " " * indent
    parts = textwrap.wrap(text, max(10, cells - indent), break_on_hyphens=False)
    return [((pad + part, tone),) for part in parts]


def fold(line: Line, cells: int, indent: int = 1) -> list[Line]:
    """A line as lines of at most `cells` cells, broken at blanks; all but the first are indented.
    A word longer than a line stays whole."""
    if width(line) <= cells:
        return [line]
    out: list[list[Piece]] = [[]]
    used, begun = 0, False
    for text, tone in line:
        for part in re.findall(r"\s+|\S+", text):
            size = cell_len(part)
            if used + size > cells and begun and not part.isspace():
                out.append([(" " * indent, "text")])
                used, begun = indent, False
            if begun or len(out) == 1 or not part.isspace():
                out[-1].append((part, tone))
                used += size
                begun = begun or not part.isspace()
    return [tuple(pieces) for pieces in out]


def fact(name: str, *pieces: Piece) -> Line:
    """A fact below a title: its name in a column of its own, then what is so."""
    return ((f" {fit(name, 18)}", "dim"), *pieces)


def facts(told: Iterable[tuple[str, str, Tone]], cells: int, names: int = 11) -> list[Line]:
    """Names, each with what is so beside it, wrapped in `cells` cells; those without text are left
    out."""
    lines: list[Line] = []
    for name, text, tone in told:
        parts = wrap(text, cells, tone, names + 1)
        for place, ((part, _),) in enumerate(parts):
            head = f" {fit(name, names)}" if place == 0 else " " * (names + 1)
            lines.append(((head, "dim"), (part[names + 1 :], tone)))
    return lines


def ends(left: Line, right: Line, cells: int) -> Line:
    """`left` and, at the end of a line of `cells` cells, `right`; the right end always stays."""
    room = cells - width(right) - 1
    return (*cut(left, room), (" ", "text"), *right)


def cut(line: Line, cells: int) -> Line:
    """A line of exactly `cells` cells."""
    out: list[Piece] = []
    left = cells
    for text, tone in line:
        if left <= 0:
            break
        length = cell_len(text)
        out.append((text if length <= left else fit(text, left), tone))
        left -= min(length, left)
    if left > 0:
        out.append((" " * left, "text"))
    return tuple(out)
