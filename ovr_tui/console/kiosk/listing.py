"""Lists that can be read from afar: a name, a figure, a bar. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from collector.model.kinds import AssetStatus
from ovr_tui.console.format import Figure, cell, inline
from ovr_tui.console.glyphs import Glyphs, gauge
from ovr_tui.console.kiosk.digits import SIZES, Size, fine
from ovr_tui.console.kiosk.draw import banner_words, fill, heading, written
from ovr_tui.console.rows import Row
from ovr_tui.console.text import BLANK, Line, Piece, Tone, cut, fit, width

NAME_SHARE, VALUE_SHARE = 0.5, 0.27
"""Of the width; bars have the rest."""
LEAST_ENTRIES = 4
"""Entries get no bigger than leaves room for so many."""


class Entry(Struct, frozen=True, kw_only=True):
    """One line: `percent` is the length of its bar, `sign` stands before the name. `old`: how old
    the value is, where it may be so no more; that stands in place of a bar."""

    name: str
    value: Figure
    decimals: int
    unit: str
    percent: float | None
    sign: Piece
    old: str = ""


def status_sign(row: Row, glyphs: Glyphs) -> Piece:
    """How an asset stands, in a sign."""
    if row.status is AssetStatus.LIVE:
        return glyphs.status[row.status], "good"
    return glyphs.status[row.status], "alert" if row.status is AssetStatus.LOST else "warn"


def listing(
    titles: Sequence[str], entries: Sequence[Entry], cells: int, rows: int, glyphs: Glyphs
) -> list[Line]:
    """The title and as many entries as fit, as big as leaves room for some of them; of the titles
    the first that fits as big."""
    size = _size(entries, cells, rows - 2, glyphs)
    spread = size is not None or rows > 2 * (len(entries) + 1)
    each = (1 if size is None else size.rows) + spread
    drawn_big = [heading(title, size, glyphs, "head") for title in titles]
    fitting = (lines for lines in drawn_big if max(map(width, lines)) <= cells - 2)
    title = next(fitting, heading(titles[-1], None, glyphs, "head"))
    top: list[Line] = [(("  ", "text"), *line) for line in title]
    fits = max(1, (rows - len(top) - 1) // each)
    more = len(entries) - fits
    lines = [*top, BLANK]
    for entry in entries[:fits]:
        drawn = _small(entry, cells, glyphs) if size is None else _tall(entry, size, cells, glyphs)
        lines += [*drawn, *[BLANK] * spread]
    if more > 0:
        lines = [*lines[: rows - 1], ((f"  and {more} more", "dim"),)]
    return fill(lines, cells, rows)


def _text(entry: Entry, glyphs: Glyphs) -> Piece:
    text, tone = inline(entry.value, entry.decimals, entry.unit, glyphs.absent)
    return text, "bold" if tone == "text" else tone


def _size(entries: Sequence[Entry], cells: int, rows: int, glyphs: Glyphs) -> Size | None:
    wanted = min(len(entries), LEAST_ENTRIES) + 1
    values = [_text(entry, glyphs)[0] for entry in entries]
    for size in SIZES[fine(glyphs)]:
        tall = (size.rows + 1) * wanted <= rows
        if tall and max(map(size.cells, values)) <= cells * VALUE_SHARE:
            return size
    return None


def _small(entry: Entry, cells: int, glyphs: Glyphs) -> list[Line]:
    room = round(cells * NAME_SHARE)
    text, tone = cell(entry.value, entry.decimals, 10, glyphs.absent)
    shown: Tone = "bold" if tone == "text" else tone
    space = max(0, cells - room - 18)
    bar = fit(entry.old, space) if entry.old else gauge(entry.percent, space, glyphs)
    name = fit(glyphs.text(entry.name), room - 4)
    unit = entry.unit if entry.value.value is not None else ""
    unit = f" {unit}" if text.endswith(")") else unit
    value: Line = ((f"{text}{unit:<4} ", shown), (bar, "dim" if entry.old else "bar"))
    return [(("  ", "text"), entry.sign, (f" {name} ", "text" if tone == "text" else tone), *value)]


def _tall(entry: Entry, size: Size, cells: int, glyphs: Glyphs) -> list[Line]:
    room, right = round(cells * NAME_SHARE), round(cells * VALUE_SHARE)
    text, tone = _text(entry, glyphs)
    name = glyphs.text(entry.name)
    named = banner_words(name, room - 5, size.rows, glyphs, "text")
    above = (size.rows - len(named)) // 2
    shown = written(text, size, glyphs)
    values = max(map(len, shown))
    lines: list[Line] = []
    for at in range(size.rows):
        sign: Piece = entry.sign if at == size.rows // 2 else (" ", "text")
        own = named[at - above] if 0 <= at - above < len(named) else BLANK
        left = cut((("  ", "text"), sign, (" ", "text"), *own), room)
        middle = (" " * (right - values) + shown[at] + "   ", tone)
        space = max(0, cells - room - right - 5)
        lines.append((*left, middle, _bar(entry, at, size, space, glyphs)))
    return lines


def _bar(entry: Entry, at: int, size: Size, cells: int, glyphs: Glyphs) -> Piece:
    """Row `at` of what stands behind a big value: a bar, or in the middle how old it is."""
    if entry.old:
        return (fit(entry.old, cells) if at == size.rows // 2 else ""), "dim"
    inside = 0 < at < size.rows - 1 or size.rows < 3
    return (gauge(entry.percent, cells, glyphs) if inside else ""), "bar"
