"""How wide the columns of a printed table are."""

import re
from typing import NamedTuple

from collector.model.report_document import Table

TEXT_PT = 493.2
"""Between the margins of A4 (210 mm less twice 18)."""
MANY = 8
"""A table of more columns is set smaller."""
BROKEN = 12
"""Signs of a word after which it may be broken (`t` of the template, in cells)."""
LONGEST = 60
"""Signs of a line that a column is made wide for; what is longer becomes several lines."""


_KEEPING = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"


class _Column(NamedTuple):
    word: float
    line: float


def widths(table: Table) -> list[float | None]:
    """Of columns of text the shares of what is left by those of numbers, which are as wide as they
    need (None): each has room for its longest word, and of the rest as its lines are longer."""
    dense = len(table.columns) > MANY
    size, inset = (7.2, 3.0) if dense else (8.2, 4.5)
    left = TEXT_PT
    texts: dict[int, _Column] = {}
    for at, column in enumerate(table.columns):
        cells = [column.title, column.unit, *(row.cells[at] for row in table.rows)]
        if column.align == "right":
            left -= 2 * inset + size * max(map(_em, cells))
        else:
            words = (word for cell in cells for word in _words(cell))
            word = size * max(map(_em, words), default=0.0)
            line = size * max(_em(cell[:LONGEST]) for cell in cells)
            texts[at] = _Column(2 * inset + word, 2 * inset + line)
    spare = max(0.0, left - sum(one.word for one in texts.values()))
    wanted = sum(one.line for one in texts.values()) or 1.0
    return [
        None if (one := texts.get(at)) is None else round(one.word + spare * one.line / wanted, 1)
        for at in range(len(table.columns))
    ]


def _words(cell: str) -> list[str]:
    """What a line cannot be broken in; a time of day is kept together by its spaces."""
    return [
        word if any(space in word for space in _KEEPING) else word[:BROKEN]
        for word in re.split(r"[ \n]", cell)
    ]


def _em(text: str) -> float:
    """About how wide a text is in Inter, in its size; rather too wide."""
    return sum(_sign(c) for c in text)


def _sign(sign: str) -> float:
    if sign in "MWmw%@—":
        return 1.0
    if sign.isupper():
        return 0.71
    if sign.isdigit():
        return 0.64
    return 0.57 if sign.isalpha() else 0.34 if sign.isascii() else 0.6
